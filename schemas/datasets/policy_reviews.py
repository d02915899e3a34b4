"""公平竞争审查台账: one row a document reviewed for fair competition."""

from datetime import date

from schemas.ledgers.model import Ledger, about, column
from schemas.ledgers.types import Category, Date, Text


class PolicyReviews(Ledger):
    document_title: Text = column("文件名称", required=True, example="某某区扬尘污染防治办法")
    kind: Category = column("文件类型", required=True, allowed=("政策措施", "合同"), example="政策措施")
    result: Category = column(
        "审查结论", required=True, allowed=("通过", "修订", "废止", "适用例外", "违背"), example="通过"
    )
    reviewed_on: Date = column("审查日期", required=True, example="2023-06-13")

    class Config(Ledger.Config):
        metadata = about(
            title="公平竞争审查台账",
            row="一份经过公平竞争审查的文件",
            natural_key="document_title+reviewed_on",
            day="reviewed_on",
            cause="kind",
            dated_by="reviewed_on",
            earliest=date(2016, 6, 1),  # 国发〔2016〕34号 introduced the review
        )

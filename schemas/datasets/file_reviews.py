"""案卷评查台账: one row a case file graded."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, Number, Text


class FileReviews(Ledger):
    case_no: Text = column(
        "案号",
        "案卷号",
        required=True,
        example="某环立〔2023〕5号",
        shown_as="number",
        year_up_to="reviewed_on",
    )
    reviewed_on: Date = column("评查日期", required=True, example="2023-06-20")
    grade: Category = column(
        "评查等次", "评查结果", required=True, allowed=("优秀", "合格", "不合格"), example="优秀"
    )
    score: Number = column("得分", minimum=0, maximum=100, example=95.5)

    class Config(Ledger.Config):
        metadata = about(
            title="案卷评查台账",
            row="一份评查过的案卷",
            natural_key="case_no+reviewed_on",
            dated_by="reviewed_on",
        )

    @row_rule("score.against_grade", Severity.WARNING, "得分与等次不符：不满 60 分却不是“不合格”，或 60 分以上却是“不合格”",
              remedy="请核对得分和等次")  # fmt: skip
    def score_against_grade(frame: pd.DataFrame) -> "pd.Series[bool]":
        is_low = frame["score"].lt(60).fillna(False).astype(bool)
        return frame["score"].notna() & (is_low != frame["grade"].eq("不合格"))

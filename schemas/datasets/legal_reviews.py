"""法制审核台账: one row a legal review of a case by one kind of reviewer; a second round is another row."""

from schemas.ledgers.model import Ledger, about, column
from schemas.ledgers.types import Boolean, Category, Date, Integer, Text

REVIEWERS = ("法制机构", "法律顾问", "公职律师")


class LegalReviews(Ledger):
    case_no: Text = column(
        "案号",
        required=True,
        refers_to="cases.case_no",
        example="某环立〔2023〕5号",
        shown_as="number",
        year_up_to="reviewed_on",
    )
    reviewed_on: Date = column("审核日期", required=True, example="2023-06-07")
    reviewer_kind: Category = column("审核主体", required=True, allowed=REVIEWERS, example="法制机构")
    round: Integer = column("审核次数", "轮次", default=1, minimum=1, maximum=50, example=1)
    is_decided: Boolean = column("是否作出处罚决定", example="是")
    opinion: Text = column("审核意见", example="事实清楚，同意处罚")

    class Config(Ledger.Config):
        metadata = about(
            title="法制审核台账",
            row="一个案件的一次审核；法制机构和法律顾问分别登记，再次审核另登一行",
            natural_key="case_no+reviewer_kind+round",
            day="reviewed_on",
            dated_by="reviewed_on",
        )

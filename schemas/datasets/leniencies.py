"""包容审慎监管台账: one row a decision not to penalise, or to penalise less."""

from schemas.ledgers.model import Ledger, about, column
from schemas.ledgers.types import Category, Date, DocumentNo, Text, Uscc


class Leniencies(Ledger):
    party_name: Text = column(
        "企业名称", "当事人", required=True, example="某某化工有限公司", shown_as="party"
    )
    party_uscc: Uscc = column("统一社会信用代码", example="91000000MA0000001R")
    kind: Category = column(
        "处理方式", required=True, allowed=("不予处罚", "从轻处罚", "减轻处罚"), example="不予处罚"
    )
    decision_no: DocumentNo = column("决定书文号", example="某环不罚〔2023〕2号", same_year_as="decided_on")
    ground: Text = column("法定事由", "理由", example="初次违法且危害后果轻微并及时改正")
    decided_on: Date = column("决定日期", required=True, example="2023-06-16")

    class Config(Ledger.Config):
        metadata = about(
            title="包容审慎监管台账",
            row="一个不予、从轻或减轻处罚的决定",
            natural_key="party_uscc|party_name+kind+decided_on",
            party="party_uscc|party_name",
            day="decided_on",
            cause="kind",
            dated_by="decided_on",
        )

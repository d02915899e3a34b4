"""罚款缴纳台账: one row a payment against a decision; fine, confiscation and surcharge are separate kinds."""

import pandas as pd

from schemas.ledgers.limits import WAITING, SumLimit
from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, DocumentNo, Integer, Money, Text

#: the kind of payments that give a fine back; their amounts are negative
REFUND = "退款"


class Payments(Ledger):
    decision_no: DocumentNo = column(
        "行政处罚决定书文号",
        "处罚决定书文号",
        "决定书文号",
        required=True,
        refers_to="penalties.decision_no",
        example="某环罚〔2023〕5号",
        year_up_to="paid_on",
    )
    paid_on: Date = column("缴款日期", "缴纳日期", "收缴日期", required=True, example="2023-06-20")
    amount_fen: Money = column(
        "缴款金额(元)",
        "缴款金额(万元)",
        "收缴金额(元)",
        "收缴金额(万元)",
        required=True,
        may_be_negative=True,
        has_usual_range=True,
        usual_yuan=(50, 10_000_000),
        example=35000,
    )
    kind: Category = column(
        "缴款类别",
        "款项类别",
        required=True,
        allowed=("罚款", "没收", "加处罚款", REFUND),
        example="罚款",
        hint="退还的罚款另填一行：类别是“退款”，金额填负数",
    )
    receipt_no: Text = column("票据号", "缴款书编号", example="000012345678", shown_as="number")
    instalment: Integer = column("分期序号", "期次", minimum=1, maximum=120, example=1)

    class Config(Ledger.Config):
        metadata = about(
            title="罚款缴纳台账",
            row="对一份决定的一笔缴款；罚款、没收、加处罚款、退款分别登记",
            natural_key="receipt_no | decision_no+paid_on+amount_fen+instalment",
            party="decision_no",
            day="paid_on",
            amount="amount_fen",
            cause="kind",
            dated_by="paid_on",
            handled_by="decision_no",
            limits=(
                SumLimit(
                    field_and_code="amount_fen.over_decided",
                    problem="这份决定累计缴纳的数额超过了决定的数额",
                    expected="不超过决定的数额",
                    remedy=f"请核对缴款与决定书；{WAITING}",
                    reference="decision_no",
                    amounts="amount_fen",
                    kinds="kind",
                    limits={"罚款": "fine_fen", "没收": "confiscated_fen"},
                    refunds={"罚款": REFUND},
                ),
                SumLimit(
                    field_and_code="amount_fen.surcharge_over_fine",
                    problem="加处罚款累计超过了罚款本身",
                    expected="不超过罚款的数额",
                    remedy="请核对缴款类别与金额",
                    source="《中华人民共和国行政处罚法》第七十二条",
                    reference="decision_no",
                    amounts="amount_fen",
                    kinds="kind",
                    limits={"加处罚款": "fine_fen"},
                ),
            ),
        )

    @row_rule("amount_fen.out_of_range", Severity.ERROR, "缴款金额不大于零",
              expected="大于零的金额；退还罚款的，缴款类别填“退款”，金额填负数",
              remedy="请核对金额；是退款的，请把缴款类别改为“退款”")  # fmt: skip
    def payment_of_nothing(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["kind"].ne(REFUND) & frame["amount_fen"].le(0).fillna(False).astype(bool)

    @row_rule("amount_fen.refund_not_negative", Severity.ERROR, "缴款类别是“退款”，金额却不是负数",
              expected="退还的金额，写成负数，如 -1000", remedy="请核对缴款类别和金额")  # fmt: skip
    def refund_of_a_payment(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["kind"].eq(REFUND) & frame["amount_fen"].ge(0).fillna(False).astype(bool)

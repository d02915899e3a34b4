"""申请强制执行台账: one row an application to the court to enforce a decision."""

import pandas as pd

from schemas.ledgers.limits import WAITING, ReachedLimit
from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, DocumentNo, Money, Text

DAYS_AFTER_URGING = 10


class CourtEnforcements(Ledger):
    decision_no: DocumentNo = column(
        "行政处罚决定书文号",
        "处罚决定书文号",
        required=True,
        refers_to="penalties.decision_no",
        example="某环罚〔2023〕5号",
        year_up_to="applied_on",
    )
    urged_on: Date = column("催告送达日期", example="2023-06-02")
    applied_on: Date = column("申请日期", required=True, example="2023-06-16")
    court: Text = column("受理法院", "法院", required=True, example="某某区人民法院", shown_as="organ")
    amount_fen: Money = column(
        "申请执行金额(万元)", "申请执行金额(元)", usual_yuan=(50, 20_000_000), example=3.5
    )
    ruling: Category = column("裁定结果", allowed=("准予", "不准予", "未裁"), example="准予")

    class Config(Ledger.Config):
        metadata = about(
            title="申请强制执行台账",
            row="一次申请法院强制执行",
            natural_key="decision_no+applied_on",
            dated_by="applied_on",
            doubted_after_months=24,
            handled_by="decision_no",
            limits=(
                ReachedLimit(
                    field_and_code="decision_no.already_paid",
                    problem="申请强制执行时，这份决定的罚款已经缴清",
                    expected="尚未缴清的决定",
                    remedy=f"请核对申请日期与缴款；{WAITING}",
                    source="《中华人民共和国行政强制法》第五十三条",
                    reference="decision_no",
                    amounts="payments.amount_fen",
                    kinds="kind",
                    limits={"罚款": "fine_fen"},
                ),
            ),
        )

    @row_rule("applied_on.before_urging", Severity.ERROR, "申请日期早于催告送达日期", expected="催告送达以后的日期",
              remedy="请核对两个日期", source="《中华人民共和国行政强制法》第五十四条")  # fmt: skip
    def applied_before_urging(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["applied_on"] < frame["urged_on"]

    @row_rule("applied_on.too_soon", Severity.WARNING, "催告送达不满 10 日就提出了申请", remedy="请核对两个日期",
              source="《中华人民共和国行政强制法》第五十四条")  # fmt: skip
    def applied_too_soon(frame: pd.DataFrame) -> "pd.Series[bool]":
        days = (frame["applied_on"] - frame["urged_on"]).dt.days
        return days.ge(0) & days.lt(DAYS_AFTER_URGING)

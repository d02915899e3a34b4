"""行政复议台账: one row a case of administrative reconsideration."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, DocumentNo, Text

OUTCOMES = ("维持", "驳回", "撤销", "部分撤销", "变更", "确认违法", "确认无效", "责令履行", "调解", "终止")
LONGEST_DAYS = 90  # 60 days, extended once by 30


class Reconsiderations(Ledger):
    case_no: Text = column(
        "复议案号",
        "案号",
        required=True,
        example="某府复〔2023〕6号",
        shown_as="number",
        same_year_as="accepted_on",
    )
    applicant: Text = column("申请人", private=True, example="某某化工有限公司")
    organ: Text = column("复议机关", required=True, example="某某市人民政府", shown_as="organ")
    decision_no: DocumentNo = column(
        "被申请处罚决定书文号",
        refers_to="penalties.decision_no",
        example="某环罚〔2023〕5号",
        year_up_to="accepted_on",
    )
    accepted_on: Date = column("受理日期", required=True, example="2023-06-02")
    closed_on: Date = column("审结日期", "结案日期", example="2023-06-29")
    outcome: Category = column("复议结果", "审理结果", allowed=OUTCOMES, example="维持")

    class Config(Ledger.Config):
        metadata = about(
            title="行政复议台账",
            row="一件行政复议案件",
            natural_key="case_no",
            party="applicant",
            day="accepted_on",
            cause="decision_no",
            dated_by="accepted_on",
            late_steps=("closed_on",),
            handled_by="decision_no",
        )

    @row_rule("closed_on.before_acceptance", Severity.ERROR, "审结日期早于受理日期", expected="受理当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def closed_before_acceptance(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"] < frame["accepted_on"]

    @row_rule("closed_on.too_late", Severity.WARNING, "从受理到审结超过 90 日（60 日，可延长 30 日）", remedy="请核对两个日期",
              source="《中华人民共和国行政复议法》规定的审理期限")  # fmt: skip
    def closed_too_late(frame: pd.DataFrame) -> "pd.Series[bool]":
        return (frame["closed_on"] - frame["accepted_on"]).dt.days.gt(LONGEST_DAYS)

    @row_rule(
        "outcome.required", Severity.ERROR, "已经审结，没有填复议结果", expected="复议结果", remedy="请补填"
    )
    def closed_without_outcome(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"].notna() & frame["outcome"].isna()

"""行政诉讼台账: one row a lawsuit at one instance."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, DocumentNo, Text

INSTANCES = ("一审", "二审", "再审")


class Lawsuits(Ledger):
    case_no: Text = column(
        "案号",
        "诉讼案号",
        required=True,
        example="(2023)某01行初12号",
        shown_as="number",
        year_up_to="accepted_on",
    )
    instance: Category = column("审级", required=True, allowed=INSTANCES, example="一审")
    court: Text = column("审理法院", "法院", required=True, example="某某区人民法院", shown_as="organ")
    plaintiff: Text = column("原告", private=True, example="某某化工有限公司")
    decision_no: DocumentNo = column(
        "被诉处罚决定书文号",
        refers_to="penalties.decision_no",
        example="某环罚〔2023〕5号",
        year_up_to="accepted_on",
    )
    accepted_on: Date = column("收案日期", "受理日期", required=True, example="2023-06-06")
    closed_on: Date = column("结案日期", example="2023-06-29")
    outcome: Text = column("裁判结果", example="驳回诉讼请求", shown_as="kind")
    platform_entered_on: Date = column("录入应诉平台日期", example="2023-06-07")

    class Config(Ledger.Config):
        metadata = about(
            title="行政诉讼台账",
            row="一件行政诉讼的一个审级",
            natural_key="case_no+instance",
            party="plaintiff",
            day="accepted_on",
            cause="decision_no",
            dated_by="accepted_on",
            late_steps=("closed_on", "platform_entered_on"),
            handled_by="decision_no",
        )

    @row_rule(
        "closed_on.before_acceptance",
        Severity.ERROR,
        "结案日期早于收案日期",
        expected="收案当天或以后的日期",
        remedy="请核对两个日期",
    )
    def closed_before_acceptance(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"] < frame["accepted_on"]

    @row_rule(
        "platform_entered_on.before_acceptance",
        Severity.WARNING,
        "录入应诉平台日期早于收案日期",
        remedy="请核对两个日期",
    )
    def entered_before_acceptance(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["platform_entered_on"] < frame["accepted_on"]

"""执法投诉台账: one row a complaint about an officer's conduct."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Boolean, Date, Text


class Complaints(Ledger):
    complaint_no: Text = column(
        "投诉编号", required=True, example="TS-2023-001", shown_as="number", year_up_to="received_on"
    )
    received_on: Date = column("收到日期", required=True, example="2023-06-05")
    closed_on: Date = column("办结日期", example="2023-06-20")
    is_upheld: Boolean = column("是否属实", example="否")

    class Config(Ledger.Config):
        metadata = about(
            title="执法投诉台账",
            row="一件对执法人员的投诉",
            natural_key="complaint_no",
            day="received_on",
            dated_by="closed_on",
        )

    @row_rule("closed_on.before_receipt", Severity.ERROR, "办结日期早于收到日期", expected="收到当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def closed_before_receipt(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"] < frame["received_on"]

    @row_rule(
        "is_upheld.required",
        Severity.ERROR,
        "已经办结，没有填是否属实",
        expected="“是”或“否”",
        remedy="请补填",
    )
    def closed_without_finding(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"].notna() & frame["is_upheld"].isna()

"""信访投诉举报台账: one row a petition, complaint or report from the public."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, derived, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Boolean, Category, Date, Text

DAYS_TO_CLOSE = 60


class Petitions(Ledger):
    petition_no: Text = column(
        "信访编号",
        "编号",
        required=True,
        example="XF-2023-0108",
        shown_as="number",
        year_up_to="accepted_on",
    )
    channel: Category = column(
        "信访渠道", "来源渠道", allowed=("12345", "网络", "来信", "来访", "微信", "电话"), example="12345"
    )
    registered_on: Date = column("登记日期", example="2023-06-01")
    accepted_on: Date = column("受理日期", required=True, example="2023-06-02")
    due_on: Date = column("应办结日期", "办理期限", may_be_in_future=True, example="2023-08-01")
    extended_to: Date = column("延期至", may_be_in_future=True, hint="批准延期的才填")
    closed_on: Date = column("办结日期", example="2023-06-28")
    satisfaction: Text = column("满意度", example="满意")

    class Config(Ledger.Config):
        metadata = about(
            title="信访投诉举报台账",
            row="一件群众信访、投诉或举报",
            natural_key="petition_no",
            day="accepted_on",
            dated_by="accepted_on",
            late_steps=("closed_on",),
        )

    @derived(Date, "应办结的最后一天：延期至，否则应办结日期，否则受理后 60 日")
    def last_day_on(frame: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
        """《信访工作条例》: 60 days from acceptance if no other date is set."""
        by_law = frame["accepted_on"] + pd.Timedelta(days=DAYS_TO_CLOSE)
        return frame["extended_to"].fillna(frame["due_on"]).fillna(by_law)

    @derived(Boolean, "是否按期办结")
    def is_on_time(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"] <= Petitions.last_day_on(frame)

    @row_rule("closed_on.before_acceptance", Severity.ERROR, "办结日期早于受理日期", expected="受理当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def closed_before_acceptance(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"] < frame["accepted_on"]

    @row_rule("due_on.before_acceptance", Severity.ERROR, "应办结日期早于受理日期", expected="受理以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def due_before_acceptance(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["due_on"] < frame["accepted_on"]

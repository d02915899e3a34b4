"""有奖举报台账: one row a reward paid. Names of informants are never read, even if submitted."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Date, Money, Text


class Rewards(Ledger):
    report_no: Text = column(
        "举报编号", required=True, example="JB-2023-007", shown_as="number", year_up_to="paid_on"
    )
    verified_on: Date = column("查实日期", example="2023-06-05")
    amount_fen: Money = column(
        "奖励金额(元)", "奖金(元)", required=True, minimum=1, usual_yuan=(5, 500_000), example=500
    )
    paid_on: Date = column("发放日期", required=True, example="2023-06-15")

    class Config(Ledger.Config):
        metadata = about(
            title="有奖举报台账",
            row="发放的一笔举报奖励；举报人的姓名一概不读取",
            natural_key="report_no",
            day="paid_on",
            amount="amount_fen",
            dated_by="paid_on",
        )

    @row_rule("paid_on.before_verification", Severity.ERROR, "发放日期早于查实日期", expected="查实当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def paid_before_verification(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["paid_on"] < frame["verified_on"]

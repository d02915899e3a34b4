"""配套办法措施台账: one row a measure beside the fine, such as daily
penalty, sealing or stopping production.
"""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, DocumentNo, Integer, Money, Text, Uscc

DAILY_PENALTY = "按日连续处罚"
SEALING_OR_SEIZURE = ("查封", "扣押")
KINDS = (DAILY_PENALTY, *SEALING_OR_SEIZURE, "限制生产", "停产整治")
LONGEST_SEIZURE_DAYS = 60  # 30 days, extended once by 30


class Measures(Ledger):
    document_no: DocumentNo = column(
        "决定书文号", "文号", required=True, example="某环查〔2023〕3号", same_year_as="decided_on"
    )
    kind: Category = column("措施类型", "措施种类", required=True, allowed=KINDS, example="查封")
    party_name: Text = column(
        "当事人", "行政相对人名称", required=True, example="某某化工有限公司", shown_as="party"
    )
    party_uscc: Uscc = column("统一社会信用代码", example="91000000MA0000001R")
    decided_on: Date = column("决定日期", required=True, example="2023-06-06")
    until_on: Date = column("期限届满日期", "期限", may_be_in_future=True, example="2023-07-05")
    released_on: Date = column("解除日期", example="2023-06-28")
    penalty_days: Integer = column("计罚日数", minimum=1, maximum=3660, hint="按日连续处罚的才填")
    amount_fen: Money = column(
        "计罚金额(万元)", "计罚金额(元)", usual_yuan=(50, 100_000_000), hint="按日连续处罚的才填"
    )

    class Config(Ledger.Config):
        metadata = about(
            title="配套办法措施台账",
            row="一项按日连续处罚、查封、扣押、限制生产或停产整治",
            natural_key="document_no",
            party="party_uscc|party_name",
            day="decided_on",
            cause="kind",
            dated_by="decided_on",
            late_steps=("released_on",),
            handled_by="document_no",
        )

    @row_rule("until_on.before_decision", Severity.ERROR, "期限届满日期早于决定日期", expected="决定当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def ends_before_decision(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["until_on"] < frame["decided_on"]

    @row_rule("released_on.before_decision", Severity.ERROR, "解除日期早于决定日期", expected="决定当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def released_before_decision(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["released_on"] < frame["decided_on"]

    @row_rule("until_on.too_long", Severity.WARNING, "查封、扣押的期限超过 60 日（30 日，可延长 30 日）",
              remedy="请核对期限；检测、检验的时间不计入", source="《中华人民共和国行政强制法》第二十五条")  # fmt: skip
    def seized_too_long(frame: pd.DataFrame) -> "pd.Series[bool]":
        days = (frame["until_on"] - frame["decided_on"]).dt.days
        return frame["kind"].isin(SEALING_OR_SEIZURE) & days.gt(LONGEST_SEIZURE_DAYS)

    @row_rule("penalty_days.required", Severity.ERROR, "措施是按日连续处罚，没有填计罚日数", expected="计罚的日数",
              remedy="请补填", source="《中华人民共和国环境保护法》第五十九条")  # fmt: skip
    def daily_penalty_without_days(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["kind"].eq(DAILY_PENALTY) & frame["penalty_days"].isna()

    @row_rule("amount_fen.required", Severity.ERROR, "措施是按日连续处罚，没有填计罚金额", expected="计罚的金额",
              remedy="请补填", source="《中华人民共和国环境保护法》第五十九条")  # fmt: skip
    def daily_penalty_without_amount(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["kind"].eq(DAILY_PENALTY) & frame["amount_fen"].isna()

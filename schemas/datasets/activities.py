"""法治活动台账: one row a study session, lecture, training or outreach."""

import pandas as pd

from schemas.ledgers.common_checks import exceeds
from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, Integer, Text


class Activities(Ledger):
    kind: Category = column(
        "活动类型",
        required=True,
        allowed=("党组研究", "理论学习", "专题讲座", "法治培训", "普法活动"),
        example="法治培训",
    )
    title: Text = column("活动名称", "主题", required=True, example="行政处罚法专题培训")
    held_on: Date = column("活动日期", required=True, example="2023-06-16")
    expected: Integer = column("应到人数", maximum=100_000, example=30)
    attended: Integer = column("实到人数", maximum=100_000, example=28)

    class Config(Ledger.Config):
        metadata = about(
            title="法治活动台账",
            row="一次党组研究、理论学习、讲座、培训或普法活动",
            natural_key="kind+title+held_on",
            dated_by="held_on",
        )

    @row_rule(
        "attended.more_than_expected",
        Severity.ERROR,
        "实到人数多于应到人数",
        expected="不多于应到人数",
        remedy="请核对两个数",
    )
    def attended_more_than_expected(frame: pd.DataFrame) -> "pd.Series[bool]":
        return exceeds(frame["attended"], frame["expected"])

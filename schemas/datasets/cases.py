"""立案台账: one row a case that an office opened."""

import pandas as pd

from schemas.ledgers.common_checks import PARTY_TYPES, lacks_uscc
from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, Text, Uscc

SOURCES = ("双随机", "专项", "日常", "信访", "移送", "督察", "其他")


class Cases(Ledger):
    case_no: Text = column(
        "案号",
        "立案号",
        "案件编号",
        required=True,
        example="某环立〔2023〕5号",
        shown_as="number",
        same_year_as="filed_on",
    )
    party_name: Text = column(
        "当事人",
        "行政相对人名称",
        "当事人名称",
        required=True,
        example="某某化工有限公司",
        shown_as="party",
    )
    party_type: Category = column("行政相对人类别", "当事人类别", required=True, allowed=PARTY_TYPES)
    party_uscc: Uscc = column(
        "统一社会信用代码", "行政相对人代码_1(统一社会信用代码)", example="91000000MA0000001R"
    )
    filed_on: Date = column("立案日期", "立案时间", required=True, example="2023-06-05")
    cause: Text = column("案由", "违法行为类型", required=True, example="超标排放水污染物", shown_as="kind")
    source: Category = column("案件来源", allowed=SOURCES, example="日常")
    stage: Text = column("办理阶段", example="调查取证", shown_as="kind")
    withdrawn_on: Date = column("撤案日期", hint="撤案的才填")
    closed_on: Date = column("结案日期")
    handling_unit: Text = column(
        "承办单位", "承办机构", names_reporter=True, example="执法一大队", shown_as="organ"
    )

    class Config(Ledger.Config):
        metadata = about(
            title="立案台账",
            row="一个立案的案件",
            natural_key="case_no",
            party="party_uscc|party_name",
            day="filed_on",
            cause="cause",
            dated_by="filed_on",
            late_steps=("closed_on", "withdrawn_on"),
            handled_by="handling_unit",
        )

    @row_rule("party_uscc.required", Severity.ERROR, "当事人是法人或非法人组织，没有填统一社会信用代码",
              expected="18 位统一社会信用代码", remedy="请对照营业执照补填",
              does_without=("party_type",))  # fmt: skip
    def organisation_without_code(frame: pd.DataFrame) -> "pd.Series[bool]":
        return lacks_uscc(frame)

    @row_rule(
        "closed_on.before_filing",
        Severity.ERROR,
        "结案日期早于立案日期",
        expected="立案当天或以后的日期",
        remedy="请核对两个日期",
    )
    def closed_before_filing(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"] < frame["filed_on"]

    @row_rule(
        "withdrawn_on.before_filing",
        Severity.ERROR,
        "撤案日期早于立案日期",
        expected="立案当天或以后的日期",
        remedy="请核对两个日期",
    )
    def withdrawn_before_filing(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["withdrawn_on"] < frame["filed_on"]

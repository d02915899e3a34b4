"""行政许可办件台账: one row an application, from acceptance to result and the applicant's rating."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, derived, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Boolean, Category, Date, DocumentNo, Integer, Text, Uscc
from schemas.reporting.working_days import working_days_between

SATISFIED = ("5", "4", "3", "非常满意", "满意", "基本满意")
RATINGS = ("5", "4", "3", "2", "1", "非常满意", "满意", "基本满意", "不满意", "非常不满意")


class Permits(Ledger):
    acceptance_no: Text = column(
        "受理号",
        "受理编号",
        required=True,
        example="SL-2023-0016",
        shown_as="number",
        same_year_as="accepted_on",
    )
    permit_no: DocumentNo = column(
        "行政许可决定文书号", example="某环审〔2023〕8号", same_year_as="closed_on"
    )
    applicant_name: Text = column(
        "申请人", "行政相对人名称", required=True, example="某某化工有限公司", shown_as="party"
    )
    applicant_uscc: Uscc = column("统一社会信用代码", example="91000000MA0000001R")
    kind: Category = column(
        "许可类别", allowed=("普通", "特许", "认可", "核准", "登记", "其他"), example="普通"
    )
    applied_on: Date = column("申请日期", example="2023-06-01")
    accepted_on: Date = column("受理日期", required=True, example="2023-06-02")
    limit_working_days: Integer = column(
        "承诺时限(工作日)", "法定时限(工作日)", required=True, minimum=1, maximum=500, example=10
    )
    extension_working_days: Integer = column("延长时限(工作日)", maximum=500)
    suspended_working_days: Integer = column("扣除时限(工作日)", maximum=2500)
    closed_on: Date = column("办结日期", example="2023-06-09")
    result: Category = column(
        "办理结果", allowed=("许可", "不予许可", "撤销", "变更", "延续"), example="许可"
    )
    rating: Category = column("满意度评价", "好差评", allowed=RATINGS, example="非常满意")

    class Config(Ledger.Config):
        metadata = about(
            title="行政许可办件台账",
            row="一件许可申请，从受理到办结和评价",
            natural_key="acceptance_no",
            party="applicant_uscc|applicant_name",
            day="accepted_on",
            cause="kind",
            dated_by="closed_on",
        )

    @derived(Integer, "办理用时（工作日，不含受理当日）")
    def used_working_days(frame: pd.DataFrame) -> "pd.Series[int]":
        """《行政许可法》第八十二条: the limit counts working days, without holidays."""
        return working_days_between(frame["accepted_on"], frame["closed_on"])

    @derived(Boolean, "是否按时办结")
    def is_on_time(frame: pd.DataFrame) -> "pd.Series[bool]":
        extra = frame["extension_working_days"].fillna(0) + frame["suspended_working_days"].fillna(0)
        return Permits.used_working_days(frame) <= frame["limit_working_days"] + extra

    @row_rule("accepted_on.before_application", Severity.ERROR, "受理日期早于申请日期", expected="申请当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def accepted_before_application(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["accepted_on"] < frame["applied_on"]

    @row_rule("closed_on.before_acceptance", Severity.ERROR, "办结日期早于受理日期", expected="受理当天或以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def closed_before_acceptance(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"] < frame["accepted_on"]

    @row_rule(
        "result.required", Severity.ERROR, "已经办结，没有填办理结果", expected="办理结果", remedy="请补填"
    )
    def closed_without_result(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["closed_on"].notna() & frame["result"].isna()

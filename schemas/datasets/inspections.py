"""执法检查台账: one row a visit (家次): one object visited once, whatever the number of officers or tasks."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Boolean, Category, Date, Integer, Text, Uscc


class Inspections(Ledger):
    party_name: Text = column(
        "检查对象", "企业名称", required=True, example="某某化工有限公司", shown_as="party"
    )
    party_uscc: Uscc = column("统一社会信用代码", example="91000000MA0000001R")
    inspected_on: Date = column("检查日期", required=True, example="2023-06-12")
    kind: Category = column(
        "检查类型", required=True, allowed=("双随机", "专项", "信访", "日常"), example="双随机"
    )
    task_no: Text = column(
        "任务编号", example="SSJ-2023-0012", shown_as="number", year_up_to="inspected_on"
    )
    officer_count: Integer = column("执法人数", maximum=500, example=2)
    result: Text = column("检查结果", example="未发现问题")
    is_mobile: Boolean = column("是否移动执法", default=True, example="是")

    class Config(Ledger.Config):
        metadata = about(
            title="执法检查台账",
            row="一家次检查：一个对象去一次，不论几名执法人员、几项任务",
            natural_key="task_no+party_uscc|party_name+inspected_on | party_uscc|party_name+inspected_on+kind",
            party="party_uscc|party_name",
            day="inspected_on",
            cause="kind",
            dated_by="inspected_on",
        )

    @row_rule("officer_count.fewer_than_two", Severity.WARNING, "执法人员少于两人", expected="不少于两人",
              remedy="请核对执法人数", source="《中华人民共和国行政处罚法》第四十二条")  # fmt: skip
    def fewer_than_two_officers(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["officer_count"].lt(2).fillna(False).astype(bool)

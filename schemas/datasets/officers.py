"""执法人员台账: the roster of a unit's officers at the end of a month; each month's roster is complete."""

import pandas as pd

from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Boolean, Date, Text


class Officers(Ledger):
    officer_no: Text = column("人员编号", required=True, example="ZF001")
    certificate_no: Text = column("执法证号", example="430000000001")
    certified_on: Date = column("发证日期", example="2023-06-01")
    valid_until: Date = column("有效期至", may_be_in_future=True, example="2028-05-31")
    is_on_duty: Boolean = column("是否在岗", required=True, example="是")

    class Config(Ledger.Config):
        metadata = about(
            title="执法人员台账",
            row="月末在册的一名执法人员",
            natural_key="officer_no+unit",
            cause="certificate_no",
            dated_by="certified_on",
            doubted_after_months=None,
        )

    @row_rule("valid_until.before_certification", Severity.ERROR, "有效期早于发证日期", expected="发证以后的日期",
              remedy="请核对两个日期")  # fmt: skip
    def expires_before_certification(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["valid_until"] < frame["certified_on"]

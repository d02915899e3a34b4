"""考试台账: one row a session of an exam, in law or for the certificate of an officer."""

import pandas as pd

from schemas.ledgers.common_checks import exceeds
from schemas.ledgers.model import Ledger, about, column, row_rule
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import Category, Date, Integer, Text


class Exams(Ledger):
    kind: Category = column("考试类别", required=True, allowed=("学法考法", "执法资格"), example="学法考法")
    session_no: Text = column(
        "考试批次", "场次", required=True, example="2023年第1次", shown_as="number", year_up_to="held_on"
    )
    held_on: Date = column("考试日期", required=True, example="2023-06-15")
    expected: Integer = column("应参考人数", maximum=100_000, example=20)
    took: Integer = column("参考人数", "实考人数", maximum=100_000, example=19)
    passed: Integer = column("合格人数", maximum=100_000, example=19)
    violations: Integer = column("违纪起数", maximum=10_000, example=0)

    class Config(Ledger.Config):
        metadata = about(
            title="考试台账",
            row="一场学法考法或执法资格考试",
            natural_key="kind+session_no+unit",
            day="held_on",
            cause="kind",
            dated_by="held_on",
        )

    @row_rule(
        "took.more_than_expected",
        Severity.ERROR,
        "参考人数多于应参考人数",
        expected="不多于应参考人数",
        remedy="请核对两个数",
    )
    def took_more_than_expected(frame: pd.DataFrame) -> "pd.Series[bool]":
        return exceeds(frame["took"], frame["expected"])

    @row_rule(
        "passed.more_than_took",
        Severity.ERROR,
        "合格人数多于参考人数",
        expected="不多于参考人数",
        remedy="请核对两个数",
    )
    def passed_more_than_took(frame: pd.DataFrame) -> "pd.Series[bool]":
        return exceeds(frame["passed"], frame["took"])

"""Findings: which rule is broken where, the cell's value, and the message for the clerk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from schemas.ledgers.rules import SUBMISSION_RULES, Rule

#: columns of a frame of findings; `row` and `cell` as in Excel, `sheet` empty for a finding on a whole file
FINDING_COLUMNS = [
    "rule_id",
    "severity",
    "file",
    "sheet",
    "row",
    "column",
    "cell",
    "value",
    "expected",
    "message",
]

#: in a batch also the index of the submission, and the amount (分) in the row of the finding
BATCH_FINDING_COLUMNS = ["submission", *FINDING_COLUMNS, "at_stake_fen"]

#: replaces the value of a private field
MASKED = "（个人信息，不显示）"

LONGEST_VALUE = 200


class Cell(NamedTuple):
    """A cell with a finding: `header` as in its sheet, `cell` empty if the sheet has no such cell."""

    file: str
    sheet: str
    row: int
    header: str
    cell: str
    written: str | None


def finding(
    rule_id: str, *, file: str, sheet: str = "", row: int | None = None, **placeholders: Any
) -> dict[str, Any]:
    """Build a finding on a whole file, sheet or row; `placeholders` fill the rule's sentence."""
    rule = SUBMISSION_RULES[rule_id]
    where = f"工作表“{sheet}”" if sheet else f"文件“{file.rsplit('/', 1)[-1]}”"
    at_row = f"第 {row} 行" if row is not None else ""
    problem = rule.problem.format_map(placeholders)
    filled = Rule(rule.rule_id, rule.severity, problem, rule.expected.format_map(placeholders), rule.remedy)
    return {
        "rule_id": rule.rule_id,
        "severity": rule.severity.value,
        "file": file,
        "sheet": sheet,
        "row": row,
        "column": None,
        "cell": None,
        "value": None,
        "expected": filled.expected,
        "message": f"{where}{at_row}：{problem}。{filled.tail()}",
    }


def cell_findings(rule: Rule, cells: Iterable[Cell], *, is_private: bool) -> Iterator[tuple[Any, ...]]:
    """Yield the findings of one rule on cells of one field, as tuples in the order of FINDING_COLUMNS."""
    tail = rule.tail()
    for file, sheet, row, header, cell, written in cells:
        value = written[:LONGEST_VALUE] if isinstance(written, str) else ""
        if value and is_private:
            value = MASKED
        cell_label = f"（{cell}）" if cell else ""
        shown = f"填的是“{value}”，" if value else ""
        message = f"第 {row} 行“{header}”{cell_label}：{shown}{rule.problem}。{tail}"
        yield (
            rule.rule_id,
            rule.severity.value,
            file,
            sheet,
            row,
            header,
            cell,
            value,
            rule.expected,
            message,
        )


def cell_finding(
    rule_id: str,
    *,
    file: str,
    sheet: str,
    row: int,
    column: str,
    cell: str,
    value: str,
    **placeholders: Any,
) -> dict[str, Any]:
    """Build a finding on a cell outside the fields of a row; `placeholders` fill the rule's sentence."""
    filled = finding(rule_id, file=file, sheet=sheet, row=row, **placeholders)
    problem = SUBMISSION_RULES[rule_id].problem.format_map(placeholders)
    rule = replace(SUBMISSION_RULES[rule_id], problem=problem, expected=filled["expected"])
    (values,) = cell_findings(rule, [Cell(file, sheet, row, column, cell, value)], is_private=False)
    return dict(zip(FINDING_COLUMNS, values, strict=True))


def findings_frame(findings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Build a frame of findings; it has all columns even without rows."""
    return pd.DataFrame(list(findings), columns=FINDING_COLUMNS)

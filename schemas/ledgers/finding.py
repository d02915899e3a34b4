"""A finding: which rule is broken where, what stands there, and the sentence that the clerk reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from schemas.ledgers.rules import SUBMISSION_RULES, Rule

#: what every frame of findings carries; `row` and `cell` as Excel counts, `sheet` empty for a finding on a whole file
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

#: within a batch: with the place of the submission in it, and the money of the row (分) that a finding is about
BATCH_FINDING_COLUMNS = ["submission", *FINDING_COLUMNS, "at_stake_fen"]

#: stands in a finding for the value of a private field
MASKED = "（个人信息，不显示）"

LONGEST_VALUE = 200


class Cell(NamedTuple):
    """A cell of which something is to be told: `header` as it stands in its sheet, `cell` empty where the sheet has none."""

    file: str
    sheet: str
    row: int
    header: str
    cell: str
    written: str | None


def finding(
    rule_id: str, *, file: str, sheet: str = "", row: int | None = None, **places: Any
) -> dict[str, Any]:
    """A finding on a file, a sheet or a row as a whole; `places` fill the rule's sentence."""
    rule = SUBMISSION_RULES[rule_id]
    where = f"工作表“{sheet}”" if sheet else f"文件“{file.rsplit('/', 1)[-1]}”"
    at_row = f"第 {row} 行" if row is not None else ""
    problem = rule.problem.format_map(places)
    filled = Rule(rule.rule_id, rule.severity, problem, rule.expected.format_map(places), rule.mend)
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
    """Findings of one rule on one field, one a cell, in the order of FINDING_COLUMNS."""
    tail = rule.tail()
    for file, sheet, row, header, cell, written in cells:
        value = written[:LONGEST_VALUE] if isinstance(written, str) else ""
        if value and is_private:
            value = MASKED
        place = f"（{cell}）" if cell else ""
        shown = f"填的是“{value}”，" if value else ""
        message = f"第 {row} 行“{header}”{place}：{shown}{rule.problem}。{tail}"
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
    rule_id: str, *, file: str, sheet: str, row: int, column: str, cell: str, value: str, **places: Any
) -> dict[str, Any]:
    """A finding on one cell that is no field of a row; `places` fill the rule's sentence."""
    filled = finding(rule_id, file=file, sheet=sheet, row=row, **places)
    problem = SUBMISSION_RULES[rule_id].problem.format_map(places)
    rule = replace(SUBMISSION_RULES[rule_id], problem=problem, expected=filled["expected"])
    (told,) = cell_findings(rule, [Cell(file, sheet, row, column, cell, value)], is_private=False)
    return dict(zip(FINDING_COLUMNS, told, strict=True))


def findings_frame(findings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The frame of single findings; with all its columns even when there are none."""
    return pd.DataFrame(list(findings), columns=FINDING_COLUMNS)

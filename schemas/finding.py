"""A finding: which rule is broken where, what stands there, and the sentence that the clerk reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from schemas.rules import SUBMISSION_RULES, Rule

#: what every frame of findings carries; `row` and `cell` as Excel counts, `sheet` empty for a finding on a whole file
FINDING_COLUMNS = ["rule_id", "severity", "file", "sheet", "row", "column", "cell", "value", "expected", "message"]

#: within a batch: with the place of the submission in it, and the money of the row (分) that a finding is about
BATCH_FINDING_COLUMNS = ["submission", *FINDING_COLUMNS, "at_stake_fen"]

#: stands in a finding for the value of a private field
MASKED = "（个人信息，不显示）"

LONGEST_VALUE = 200


def finding(rule_id: str, *, file: str, sheet: str = "", row: int | None = None, **places: Any) -> dict[str, Any]:
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


def cell_findings(rule: Rule, header: pd.Series, cells: pd.DataFrame, *, is_private: bool) -> pd.DataFrame:
    """Findings of one rule on one field, one a row of `cells` (columns file, sheet, row, cell, value; value may be NA).

    `header` is the field's header as it stands in each row's sheet.
    """
    found = cells[["file", "sheet", "row", "cell"]].copy()
    value = cells["value"].fillna("").str.slice(0, LONGEST_VALUE)
    value = value.where(value.eq(""), MASKED) if is_private else value
    shown = ("填的是“" + value + "”，").where(value.ne(""), "")
    found["rule_id"], found["severity"], found["column"] = rule.rule_id, rule.severity.value, header
    found["value"], found["expected"] = value, rule.expected
    place = ("（" + found["cell"] + "）").where(found["cell"].ne(""), "")
    found["message"] = (
        "第 " + found["row"].astype(str) + " 行“" + header + "”" + place + "：" + shown + f"{rule.problem}。{rule.tail()}"
    )
    return found[FINDING_COLUMNS]


def cell_finding(
    rule_id: str, *, file: str, sheet: str, row: int, column: str, cell: str, value: str, **places: Any
) -> dict[str, Any]:
    """A finding on one cell that is no field of a row; `places` fill the rule's sentence."""
    filled = finding(rule_id, file=file, sheet=sheet, row=row, **places)
    problem = SUBMISSION_RULES[rule_id].problem.format_map(places)
    rule = replace(SUBMISSION_RULES[rule_id], problem=problem, expected=filled["expected"])
    cells = pd.DataFrame({"file": [file], "sheet": [sheet], "row": [row], "cell": [cell], "value": [value]})
    (told,) = cell_findings(rule, pd.Series([column]), cells, is_private=False).to_dict("records")
    return {str(name): told[name] for name in FINDING_COLUMNS}


def findings_frame(findings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The frame of single findings; with all its columns even when there are none."""
    return pd.DataFrame(list(findings), columns=FINDING_COLUMNS)

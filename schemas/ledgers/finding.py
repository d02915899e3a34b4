"""Findings: which rule is broken where, the cell's value, what is wrong, what is expected, and what to do.

A finding stores these as separate columns. The sentence that JSON, CSV, reports and the terminal show is
composed from them by `compose_message`. Receipts arrange the same columns in their own way
(`transforms/receipt/marks.py`, `summary.py`); `warehouse/marts/create_views.py` composes the general texts of
rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from schemas.ledgers.rules import SUBMISSION_RULES, Rule

if TYPE_CHECKING:
    from schemas.ledgers.compiled import LedgerDefinition

#: columns of a frame of findings; `row` and `cell` as in Excel, for a CSV the number of its line; `sheet`
#: empty for a finding on a whole file. `problem`, `expected` and `remedy` are the filled-in texts of the
#: rule; what a rule lacks is an empty text, never null
FINDING_COLUMNS = [
    "rule_id",
    "severity",
    "file",
    "sheet",
    "row",
    "column",
    "cell",
    "value",
    "problem",
    "expected",
    "remedy",
]

#: in a batch also the index of the submission, and the amount (分) in the row of the finding
BATCH_FINDING_COLUMNS = ["submission", *FINDING_COLUMNS, "at_stake_fen"]

#: the keys of a finding in JSON and CSV: problem and remedy are in the sentence
PRINTED_COLUMNS = [
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

#: characters that a number, date or yes/no cell may show: enough for no name, telephone or ID number
PLAIN = "0-9.,:/ ¥%年月日元万是否"
LONGEST_PLAIN = 10
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
    """Build a finding on a whole file, sheet or row; `placeholders` fill the rule's texts."""
    rule = SUBMISSION_RULES[rule_id].fill(**placeholders)
    return {
        "rule_id": rule.rule_id,
        "severity": rule.severity.value,
        "file": file,
        "sheet": sheet,
        "row": row,
        "column": None,
        "cell": None,
        "value": None,
        "problem": rule.problem,
        "expected": rule.expected,
        "remedy": rule.remedy,
    }


def name_number_cell(
    row_finding: dict[str, Any],
    ledger: LedgerDefinition,
    letters: Mapping[str, str],
    *,
    has_number: bool = True,
) -> dict[str, Any]:
    """Return a finding on a row as one on the cell of its number; `letters` are its sheet's, by field.

    A row that has none is known by what it must have.
    """
    numbers = [field.name for field in ledger.number_fields()] if has_number else []
    required = [name for name in ledger.naming_fields() if ledger.field(name).required]
    names = [*numbers, *required, *ledger.naming_fields()]
    name = next((name for name in names if name in letters), None)
    if name is None:
        return row_finding
    cell = f"{letters[name]}{row_finding['row']}"
    return {**row_finding, "column": ledger.field(name).header, "cell": cell}


def cell_findings(rule: Rule, cells: Iterable[Cell], *, is_private: bool) -> Iterator[tuple[Any, ...]]:
    """Yield the findings of one rule on cells of one field, as tuples in the order of FINDING_COLUMNS."""
    for file, sheet, row, header, cell, written in cells:
        value = written[:LONGEST_VALUE] if isinstance(written, str) else ""
        if value and is_private:
            value = MASKED
        yield (
            rule.rule_id,
            rule.severity.value,
            file,
            sheet,
            row,
            header,
            cell,
            value,
            rule.problem,
            rule.expected,
            rule.remedy,
        )


def cell_finding(rule_id: str, cell: Cell, **placeholders: Any) -> dict[str, Any]:
    """Build a finding on a cell outside the fields of a row; `placeholders` fill the rule's texts."""
    rule = SUBMISSION_RULES[rule_id].fill(**placeholders)
    (values,) = cell_findings(rule, [cell], is_private=False)
    return dict(zip(FINDING_COLUMNS, values, strict=True))


def findings_frame(findings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Build a frame of findings; it has all columns even without rows."""
    return pd.DataFrame(list(findings), columns=FINDING_COLUMNS)


def sort_by_position(findings: pd.DataFrame, sheets: Sequence[str]) -> pd.DataFrame:
    """Sort the findings on one file as a person goes through it: sheet, row, column.

    A finding on the whole file, sheet or row stands before those on its parts. `sheets` are in the order of
    the file; findings on others follow in their own order.
    """
    in_order = list(dict.fromkeys(["", *sheets, *findings["sheet"].fillna("")]))
    cells = (
        findings["cell"].astype(object).fillna("").astype(str).str.extract(r"^(?P<letters>[A-Z]+)[0-9]+$")
    )
    letters = cells["letters"].fillna("")
    keys = pd.DataFrame(
        {
            "sheet": findings["sheet"]
            .fillna("")
            .map({sheet: index for index, sheet in enumerate(in_order)}),
            "row": pd.to_numeric(findings["row"]).astype("Float64").fillna(0).astype("int64"),
            "letters": letters.str.len(),  # AA comes after Z
            "column": letters,
        }
    )
    return findings.loc[keys.sort_values(list(keys.columns), kind="stable").index]


def compose_message(finding: Mapping[str, Any]) -> str:
    """Compose the sentence for the clerk: where, what is filled in, problem, expectation and remedy.

    `第 2 行“立案日期”（D2）：填的是“待定”，不是日期。应为日期，如 2023-05-06。请写成年-月-日。`
    What a finding lacks is None or empty.
    """
    expected = f"应为{finding['expected']}。" if finding["expected"] else ""
    remedy = f"{finding['remedy']}。" if finding["remedy"] else ""
    value = f"填的是“{finding['value']}”，" if finding["value"] else ""
    return f"{_describe_location(finding)}{value}{finding['problem']}。{expected}{remedy}"


def compose_messages(findings: pd.DataFrame) -> pd.Series:
    """Compose the sentence of each row of a frame that has FINDING_COLUMNS."""
    texts = findings[FINDING_COLUMNS].astype(object)
    texts = texts.where(texts.notna(), None)
    # column by column: pandas' own dictionaries look at the type of each value
    rows = zip(*(texts[name].tolist() for name in FINDING_COLUMNS), strict=True)
    messages = [compose_message(dict(zip(FINDING_COLUMNS, row, strict=True))) for row in rows]
    return pd.Series(messages, index=findings.index, dtype=object)


def _describe_location(finding: Mapping[str, Any]) -> str:
    """Name the cell, or the sheet or file (and row), that a finding is about.

    Empty for a finding on figures.
    """
    row = f"第 {int(finding['row'])} 行" if finding["row"] is not None else ""
    if finding["column"]:
        cell = f"（{finding['cell']}）" if finding["cell"] else ""
        return f"{row}“{finding['column']}”{cell}："
    if finding["sheet"]:
        return f"工作表“{finding['sheet']}”{row}："
    return f"文件“{finding['file'].rsplit('/', 1)[-1]}”{row}：" if finding["file"] else ""

"""Leave out tables of a file that repeat others of its ledger: a header alone, an example, a list of all
rows.

Read as they stand, they would be a second table of one report, and the file would be refused for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.ledgers.finding import finding
from schemas.ledgers.rules import NO_ROWS
from schemas.sheet_words import EXAMPLE_TAB_WORDS, SUMMARY_WORDS
from transforms.read.layout.submission import SOURCE_ROW, Submission

Rows = frozenset[tuple[Any, ...]]


def leave_out_repeated(
    submissions: Sequence[Submission],
) -> tuple[list[Submission], list[dict[str, Any]]]:
    """Return the tables to be read, and a finding on each that is left out."""
    findings: dict[int, dict[str, Any]] = {}
    reports: dict[tuple[str | None, ...], list[int]] = {}
    for index, submission in enumerate(submissions):
        if not submission.is_rejected:
            report = (submission.ledger, submission.unit_code, submission.period)
            reports.setdefault(report, []).append(index)
    for indices in reports.values():
        if len(indices) > 1:
            tables = {index: submissions[index] for index in indices}
            findings |= _find_empty(tables)
            findings |= _find_examples({i: table for i, table in tables.items() if i not in findings})
            findings |= _find_lists({i: table for i, table in tables.items() if i not in findings})
    kept = [submission for index, submission in enumerate(submissions) if index not in findings]
    return kept, [findings[index] for index in sorted(findings)]


def _describe(rule_id: str, submission: Submission, **details: Any) -> dict[str, Any]:
    return finding(rule_id, file=submission.file, sheet=submission.sheet, **details)


def _find_empty(tables: dict[int, Submission]) -> dict[int, dict[str, Any]]:
    """Find headers with nothing below them beside tables that have rows."""
    if not any(table.accepted_span.count for table in tables.values()):
        return {}
    return {
        index: _describe("sheet.only_header", table)
        for index, table in tables.items()
        if any(entry["rule_id"] == NO_ROWS for entry in table.findings)
    }


def _find_examples(tables: dict[int, Submission]) -> dict[int, dict[str, Any]]:
    """Find tables on tabs called 示例 or 说明, beside others that are not."""
    examples = {
        index: table
        for index, table in tables.items()
        if any(word in table.sheet for word in EXAMPLE_TAB_WORDS)
    }
    if len(examples) == len(tables):
        return {}
    return {index: _describe("sheet.example_tab", table) for index, table in examples.items()}


def _find_lists(tables: dict[int, Submission]) -> dict[int, dict[str, Any]]:
    """Find the parts whose rows a tab called 汇总 has all; or that tab, where it has another month's too.

    Where some rows differ nothing is left out: nobody can tell which is right.
    """
    lists = [index for index, table in tables.items() if any(word in table.sheet for word in SUMMARY_WORDS)]
    parts = [index for index in tables if index not in lists]
    if len(lists) != 1 or not parts or len({_units(table) for table in tables.values()}) > 1:
        return {}
    (whole,) = lists
    rows = {index: _rows(table) for index, table in tables.items()}
    if rows[whole] != frozenset().union(*(rows[part] for part in parts)):
        return {}
    if len(parts) == 1 or any(tables[part].is_named_for_other for part in parts):
        part_names = "、".join(f"“{tables[part].sheet}”" for part in parts)
        return {whole: _describe("sheet.in_other_sheets", tables[whole], detail=part_names)}
    name = f"“{tables[whole].sheet}”"
    return {part: _describe("sheet.in_other_sheets", tables[part], detail=name) for part in parts}


def _units(table: Submission) -> tuple[Any, ...]:
    """Return what the amounts of a table are written in: equal numbers in other units are no equal rows."""
    return table.money_unit, *sorted(
        (name, column.money_units) for name, column in table.columns.items() if column.money_units
    )


def _rows(table: Submission) -> Rows:
    span = table.accepted_span
    cells = span.block.slice(span.first, span.count).drop_columns([SOURCE_ROW])
    return frozenset(zip(*(column.to_pylist() for column in cells.columns), strict=True))

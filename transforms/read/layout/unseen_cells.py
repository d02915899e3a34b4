"""Doubt cells that a person does not see, and those whose comment speaks of another value."""

from __future__ import annotations

import re
from typing import Any

from schemas.row_marks import CORRECTION_WORDS
from transforms.read.layout.doubtful_rows import cell_of_row
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.row_kinds import compact
from transforms.read.layout.rows import SheetRows, format_rows
from transforms.read.layout.tables import SheetTable

_CORRECTION = re.compile("|".join(CORRECTION_WORDS))
#: a finding names as many columns
MOST_HEADERS = 3
_DIGIT = re.compile(r"\d")
#: kinds of field by which something is counted; others may well be hidden as nobody needs them
_COUNTED = ("money", "integer", "number", "date", "document_no", "category", "categories")


def find_unseen_cells(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], form: LedgerForm
) -> list[dict[str, Any]]:
    """Return a warning for cells of the ledger's columns that show nothing, one for those of the same rows,
    and for each column that is hidden.
    """
    grid, findings = sheet.grid, []
    if not (grid.unseen or grid.hidden_columns):
        return []
    columns_by_rows: dict[tuple[int, ...], list[HeaderColumn]] = {}
    for name, column in columns.items():
        filled = [row for row in table.rows if _text(sheet, row, column.index)]
        if unseen := tuple(row for row in filled if (row, column.index) in grid.unseen):
            columns_by_rows.setdefault(unseen, []).append(column)
        if filled and column.index in grid.hidden_columns and form.kinds[name] in _COUNTED:
            findings.append(
                cell_of_row(sheet, table, "sheet.hidden_column", table.header.row, column.index)
            )
    for rows, unseen_columns in columns_by_rows.items():
        headers = "、".join(f"“{column.header}”" for column in unseen_columns[:MOST_HEADERS])
        headers += f"等 {len(unseen_columns)} 栏" if len(unseen_columns) > MOST_HEADERS else ""
        details = {"rows": format_rows(rows), "headers": headers}
        findings.append(
            cell_of_row(sheet, table, "row.unseen", rows[0], unseen_columns[0].index, **details)
        )
    return findings


def find_comments(sheet: SheetRows, table: SheetTable) -> list[dict[str, Any]]:
    """Return a warning at each cell of a record whose comment corrects it or names a number."""
    records = set(table.rows)
    findings = []
    for (row, column), comment in sorted(sheet.grid.comments.items()):
        words = compact(comment)
        match = _CORRECTION.search(words)
        if row in records and (match or _DIGIT.search(words)):
            detail = f"“{match[0]}”" if match else "数字"
            findings.append(cell_of_row(sheet, table, "row.comment", row, column, detail=detail))
    return findings


def _text(sheet: SheetRows, row: int, column: int) -> str:
    texts = sheet.texts[row]
    return texts[column] if column < len(texts) else ""

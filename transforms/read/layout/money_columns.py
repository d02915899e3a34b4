"""Settle the unit of the amounts of a table: its header, the row below it, labels and notes must agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from schemas.money_units import UNIT_COLUMN_SIGNS, UNIT_WORDS
from transforms.normalise.money_units import is_readable, units_in, units_in_phrases, units_of_note
from transforms.read.containers.grid import UnusableFileError
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.identity import IdentityHint
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.tables import SheetTable

#: a unit with the place that names it
_Claim = tuple[str, str]


def find_money_unit(
    evidence: Sequence[IdentityHint],
    columns: Mapping[str, HeaderColumn],
    money: Collection[str],
    sheet: SheetRows,
    table: SheetTable,
) -> str | None:
    """Return the unit that stands beside the table for columns whose header names none.

    Raises UnusableFileError where a unit cannot be read, or two places name different ones. A table
    without a column of `money` has no unit. What stands among its rows and in the comments on a header must
    agree too.
    """
    headers = [columns[field] for field in money if field in columns]
    if not headers:
        return None
    beside = [(hint.origin, unit) for hint in evidence for unit in hint.money_units]
    among_rows = _units_among_rows(sheet.texts, table, columns)
    in_comments = _units_in_comments(sheet.grid.comments, table)
    for header in headers:
        own = [(f"表头“{header.header}”", unit) for unit in header.money_units]
        _require_one([*beside, *own, *among_rows, *in_comments.get(header.index, ())])
    return beside[0][1] if beside else None


def _units_among_rows(
    texts: Sequence[list[str]], table: SheetTable, columns: Mapping[str, HeaderColumn]
) -> list[_Claim]:
    """Return the units that stand in cells among the rows, each with the cell: 以下单位：万元 in a row of its
    own, or 万元 in a column of units.
    """
    known = {column.index for column in columns.values()}
    unit_columns = [
        column
        for column, header in enumerate(table.header.texts)
        if column not in known and any(sign in header.upper() for sign in UNIT_COLUMN_SIGNS)
    ]
    last = table.rows[-1] if table.rows else -1
    claims = []
    for row in (*table.rows, *table.sections, *(row for row in table.foot if row < last)):
        cells = texts[row]
        for column in unit_columns:
            if column < len(cells) and cells[column] in UNIT_WORDS:
                claims += [(xl_rowcol_to_cell(row, column) + " ", unit) for unit in units_in(cells[column])]
        if len(cells) - cells.count("") == 1:
            column, text = next((column, text) for column, text in enumerate(cells) if text)
            claims += [(xl_rowcol_to_cell(row, column) + " ", unit) for unit in units_of_note(text)]
    return claims


def _units_in_comments(
    comments: Mapping[tuple[int, int], str], table: SheetTable
) -> dict[int, list[_Claim]]:
    """Return by column the units that the comments on the cells of the header give: 本栏按万元填."""
    claims: dict[int, list[_Claim]] = {}
    for (row, column), comment in comments.items():
        if table.header.first_row <= row <= table.header.row:
            named = dict.fromkeys((*units_of_note(comment), *units_in_phrases(comment)))
            origin = f"{xl_rowcol_to_cell(row, column)} 的批注"
            claims.setdefault(column, []).extend((origin, unit) for unit in named)
    return claims


def _require_one(claims: Sequence[_Claim]) -> None:
    origins: dict[str, str] = {}
    for origin, unit in claims:
        origins.setdefault(unit, origin)
    if len(origins) > 1:
        detail = "，".join(f"{origin}是“{unit}”" for unit, origin in origins.items())
        raise UnusableFileError("submission.money_unit_conflict", detail=detail)
    for unit, origin in origins.items():
        if not is_readable(unit):
            raise UnusableFileError("submission.money_unit_unknown", origin=origin, detail=unit)

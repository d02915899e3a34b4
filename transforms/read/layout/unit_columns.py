"""Doubt tables with a column beside the ledger's that names other units in its rows."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from schemas.ledgers.finding import Cell, cell_finding
from schemas.regions import RegionTable
from schemas.sheet_words import UNIT_COLUMN_HEADERS
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.identity import is_identity_alone
from transforms.read.layout.rows import SheetRows, format_rows
from transforms.read.layout.tables import SheetTable


def find_unit_columns(header: Sequence[str], known: Container[int]) -> list[int]:
    """Return the columns that may name units and are not among the known ones, which are read otherwise.

    One without a header may hold anything.
    """
    return [
        column
        for column, text in enumerate(header)
        if column not in known and (not text or fold_header(text) in UNIT_COLUMN_HEADERS)
    ]


def doubt_unit_columns(
    sheet: SheetRows,
    table: SheetTable,
    columns: Mapping[str, HeaderColumn],
    unit: str,
    regions: RegionTable,
) -> Iterator[dict[str, Any]]:
    """Yield a warning for each such column in which rows name other units than the reporting one.

    A bureau lists the matters of its branches too. A name within that of a party names no unit.
    """
    if unit in regions.bureaus:
        return
    known = {column.index for column in columns.values()}
    for column in find_unit_columns(table.header.texts, known):
        cells = {row: _cell(sheet.texts[row], column) for row in table.rows}
        other_units = {
            text: _other_units(text, unit, regions) for text in dict.fromkeys(cells.values()) if text
        }
        rows = [row for row, text in cells.items() if other_units.get(text)]
        if rows:
            named = dict.fromkeys(code for row in rows for code in other_units[cells[row]])
            letter = xl_col_to_name(column)
            header, cell_name = table.header.texts[column] or f"{letter} 列", f"{letter}{rows[0] + 1}"
            cell = Cell(sheet.path, sheet.grid.name, rows[0] + 1, header, cell_name, cells[rows[0]])
            yield cell_finding(
                "sheet.column_of_other_units",
                cell,
                rows=format_rows(rows),
                named=regions.names_of(list(named)),
                unit=regions.name_of(unit),
            )


def _other_units(text: str, unit: str, regions: RegionTable) -> list[str]:
    """Return the units that a text names, where it names nothing else and none of the reporting unit's."""
    units = regions.find_units(text)
    if not units or not is_identity_alone(text, regions, ()):
        return []
    own = regions.units_below(unit)
    is_own = any(code in own or regions.history.are_one_line(code, unit) for code in units)
    return [] if is_own else units


def _cell(texts: Sequence[str], column: int) -> str:
    return texts[column] if column < len(texts) else ""

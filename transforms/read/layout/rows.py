"""Take the rows of a table as text in named columns: data and totals, and notices on cells outside every
column.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from xlsxwriter.utility import xl_col_to_name

from schemas.ledgers.finding import Cell, cell_finding, finding
from transforms.normalise.number_formats import shows_another_amount
from transforms.read.containers.grid import Grid, cell_text
from transforms.read.layout.header import IGNORED_HEADERS
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.row_kinds import TotalKind, says_nothing, stated_amount, states_zero, total_kind
from transforms.read.layout.submission import FIRST_ROW, LAST_ROW, SOURCE_ROW, Nothing, text_frame
from transforms.read.layout.tables import SheetTable
from transforms.read.layout.text_columns import TEXT, empty_to_missing

#: days between the day zero of a workbook that counts from 1904 and that of all others
DAYS_TO_1904 = 1462
#: the serials of days from 1954 to 2064 in such a workbook
SERIALS_OF_1904 = range(20_000 - DAYS_TO_1904, 60_000 - DAYS_TO_1904 + 1)
MOST_SPANS_LISTED = 5


@dataclass(frozen=True)
class SheetRows:
    """A sheet with its cells as text, which all steps share."""

    path: str
    grid: Grid
    texts: list[list[str]]

    def make_finding(self, rule_id: str, **placeholders: Any) -> dict[str, Any]:
        """Make a finding on this sheet."""
        return finding(rule_id, file=self.path, sheet=self.grid.name, **placeholders)


def grid_texts(grid: Grid) -> list[list[str]]:
    """Return the cells of a grid as texts, row by row."""
    return [[cell.strip() if type(cell) is str else cell_text(cell) for cell in row] for row in grid.rows]


def data_rows(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], ledger: LedgerForm
) -> pa.Table:
    """Return the data rows: a text column for each field, and `source_row`."""
    return _rows(sheet, table.rows, columns, ledger)


def control_frame(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], ledger: LedgerForm
) -> pd.DataFrame:
    """Return the total rows and the first and last row that each adds up, as Excel counts.

    小计 adds up the rows since the total before, any other all rows.
    """
    spans: list[tuple[int | None, int | None]] = []
    previous = max(table.header.row, table.above.stop - 1)
    for row in table.totals:
        kind = total_kind([text for text in sheet.texts[row] if text])
        if kind is TotalKind.BEYOND or not table.rows:
            spans.append((None, None))
        elif kind is TotalKind.GROUP:
            spans.append((previous + 2, row))
        else:
            spans.append((table.rows[0] + 1, table.rows[-1] + 1))
        previous = row
    bounds = pd.DataFrame(spans, columns=[FIRST_ROW, LAST_ROW], dtype="Int64")
    totals = text_frame(_rows(sheet, table.totals, columns, ledger))
    money = [name for name in columns if ledger.kinds[name] == "money"]
    if len(money) == 1:
        stated = [stated_amount([text for text in sheet.texts[row] if text]) for row in table.totals]
        totals[money[0]] = totals[money[0]].fillna(pd.Series(stated, dtype=totals[money[0]].dtype))
    return totals.assign(**{name: bounds[name] for name in bounds})


def no_rows(ledger: LedgerForm) -> pa.Table:
    """Return the columns of a ledger without any row."""
    columns = {field: pa.nulls(0, TEXT) for field in ledger.kinds}
    return pa.table({**columns, SOURCE_ROW: np.array([], dtype="int64")})


def _rows(
    sheet: SheetRows, rows: Sequence[int], columns: dict[str, HeaderColumn], ledger: LedgerForm
) -> pa.Table:
    cells = list(zip_longest(*(sheet.texts[row] for row in rows), fillvalue=""))
    texts: dict[str, pa.Array] = {}
    for field, kind in ledger.kinds.items():
        column = columns[field].index if field in columns else len(cells)
        if column >= len(cells):
            texts[field] = pa.nulls(len(rows), TEXT)
        elif kind == "date" and sheet.grid.is_1904:
            texts[field] = empty_to_missing(pa.array(_since_1904(sheet, rows, column, cells[column]), TEXT))
        else:
            texts[field] = empty_to_missing(pa.array(cells[column], TEXT))
    return pa.table({**texts, SOURCE_ROW: np.array(rows, dtype="int64") + 1})


def _since_1904(sheet: SheetRows, rows: Sequence[int], column: int, texts: Sequence[str]) -> list[str]:
    """Convert days of a workbook that counts from 1904."""
    return [
        _day_since_1904(sheet.grid.rows[row][column], text) if text else ""
        for row, text in zip(rows, texts, strict=True)
    ]


def _day_since_1904(cell: Any, text: str) -> str:
    """Convert a serial number of a day to the usual count from 1900; a cell that was read as a date is
    right already.
    """
    is_serial = (
        isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in SERIALS_OF_1904
    )
    return cell_text(cell + DAYS_TO_1904) if is_serial else text


def nothing_said(sheet: SheetRows, table: SheetTable) -> Nothing | None:
    """Return how a table without rows says that there is nothing; None where it does not."""
    if table.rows:
        return None
    if any(says_nothing(sheet.texts[row]) for row in (*table.above, *table.nothing, *table.foot)):
        return Nothing.WORDS
    return Nothing.SIGN if any(states_zero(sheet.texts[row]) for row in table.nothing) else None


def zero_report_notices(sheet: SheetRows, table: SheetTable) -> list[dict[str, Any]]:
    """Return a warning where neither rows nor words say what the month had, as it may have been forgotten,
    and where both do.
    """
    is_stated = any(states_zero(sheet.texts[row]) for row in table.nothing)
    is_stated = is_stated or any(says_nothing(sheet.texts[row]) for row in (*table.above, *table.foot))
    if not table.rows:
        return [] if is_stated else [sheet.make_finding("submission.no_rows")]
    sentences = [row for row in table.nothing if says_nothing(sheet.texts[row])]
    return [
        sheet.make_finding("submission.zero_with_rows", row=row + 1, rows=len(table.rows))
        for row in sentences[:1]
    ]


def cell_notices(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn]
) -> list[dict[str, Any]]:
    """Return notices on cells that were not read or are hidden, and
    errors of rows wider than their header.
    """
    findings = (
        [sheet.make_finding("sheet.hidden_rows", detail=format_rows(hidden))]
        if (hidden := _hidden(sheet, table))
        else []
    )
    known = {column.index for column in columns.values()}
    for index, text in enumerate(table.header.texts):
        if text and index not in known and fold_header(text) not in IGNORED_HEADERS:
            findings.append(
                sheet.make_finding("sheet.unknown_column", detail=f"{xl_col_to_name(index)} 列 {text}")
            )
    for index, row in _without_header(sheet, table):
        findings.append(
            sheet.make_finding("sheet.column_without_header", detail=xl_col_to_name(index), first=row + 1)
        )
    if sheet.grid.is_csv:
        findings += [*table.split.held, *_joined(sheet, table), *_ragged(sheet, table)]
    return findings


def format_warnings(
    sheet: SheetRows,
    table: SheetTable,
    columns: dict[str, HeaderColumn],
    money: Collection[str],
    money_unit: str | None,
) -> list[dict[str, Any]]:
    """Return a warning for each column of amounts whose cells show another amount than they hold."""
    formats = sheet.grid.number_formats
    if not formats:
        return []
    findings = []
    for column in (columns[field] for field in money if field in columns):
        unit = column.money_units[0] if column.money_units else money_unit
        rows = [
            row
            for row in table.rows
            if (code := formats.get((row, column.index))) and shows_another_amount(code, unit)
        ]
        if rows:
            cell = f"{column.letter}{table.header.row + 1}"
            header_cell = Cell(sheet.path, sheet.grid.name, table.header.row + 1, column.header, cell, None)
            details = {
                "rows": format_rows(rows),
                "format": formats[rows[0], column.index],
                "example": f"{column.letter}{rows[0] + 1}",
                "value": sheet.texts[rows[0]][column.index],
            }
            findings.append(cell_finding("sheet.scaled_format", header_cell, **details))
    return findings


def _hidden(sheet: SheetRows, table: SheetTable) -> list[int]:
    return [row for row in table.rows if row in sheet.grid.hidden_rows] if sheet.grid.hidden_rows else []


def format_rows(rows: Sequence[int]) -> str:
    """Format rows (from 0) in ascending order as Excel counts them: 3、5–9."""
    spans: list[list[int]] = []
    for row in (position + 1 for position in rows):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    parts = [
        str(first) if first == last else f"{first}–{last}" for first, last in spans[:MOST_SPANS_LISTED]
    ]
    return "、".join(parts) + (f"等 {len(rows)} " if len(spans) > MOST_SPANS_LISTED else "")


def _without_header(sheet: SheetRows, table: SheetTable) -> list[tuple[int, int]]:
    """Return (column, first row) of content without a header.

    In a CSV, cells beyond the header are errors of the row.
    """
    texts = table.header.texts
    widest = (
        len(texts) if sheet.grid.is_csv else max((len(sheet.texts[row]) for row in table.rows), default=0)
    )
    columns = []
    for column in range(widest):
        if column < len(texts) and texts[column]:
            continue
        first = next(
            (row for row in table.rows if column < len(sheet.texts[row]) and sheet.texts[row][column]), None
        )
        if first is not None:
            columns.append((column, first))
    return columns


def _joined(sheet: SheetRows, table: SheetTable) -> list[dict[str, Any]]:
    """Return a notice of the rows whose amount was put together again."""
    if not table.split.joined:
        return []
    rows, example = format_rows(table.split.joined), table.split.example
    return [sheet.make_finding("sheet.thousands_joined", rows=rows, example=example)]


def _ragged(sheet: SheetRows, table: SheetTable) -> list[dict[str, Any]]:
    width = len(table.header.texts)
    held = {finding["row"] - 1 for finding in table.split.held}
    extra = (
        (row, sum(map(bool, sheet.texts[row][width:])))
        for row in table.rows
        if len(sheet.texts[row]) > width and row not in held
    )
    return [sheet.make_finding("row.ragged", row=row + 1, detail=count) for row, count in extra if count]

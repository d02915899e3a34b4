"""The rows of a table as text in named columns: data, totals, and notices on cells outside every column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from xlsxwriter.utility import xl_col_to_name

from schemas.ledgers.finding import finding
from transforms.read.containers.grid import Grid, cell_text
from transforms.read.layout.header import (
    IGNORED_HEADERS,
    HeaderColumn,
    LedgerForm,
    fold_header,
)
from transforms.read.layout.row_kinds import TotalKind, says_nothing, states_zero, total_kind
from transforms.read.layout.submission import FIRST_ROW, LAST_ROW, SOURCE_ROW, text_frame
from transforms.read.layout.tables import SheetTable
from transforms.read.layout.text_columns import TEXT, empty_to_missing

#: from day zero of a workbook that counts from 1904 to that of all others
DAYS_TO_1904 = 1462
#: what days of 1954 to 2064 are there
SERIALS_OF_1904 = range(20_000 - DAYS_TO_1904, 60_000 - DAYS_TO_1904 + 1)
MOST_SPANS_TOLD = 5


@dataclass(frozen=True)
class SheetRows:
    """A sheet on its way: the grid and its cells as text, which all steps share."""

    path: str
    grid: Grid
    texts: list[list[str]]

    def tell(self, rule_id: str, **places: Any) -> dict[str, Any]:
        return finding(rule_id, file=self.path, sheet=self.grid.name, **places)


def grid_texts(grid: Grid) -> list[list[str]]:
    return [[cell.strip() if type(cell) is str else cell_text(cell) for cell in row] for row in grid.rows]


def data_rows(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], ledger: LedgerForm
) -> pa.Table:
    """The data rows: one text column a field, and `source_row`."""
    return _rows(sheet, table.rows, columns, ledger)


def control_frame(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], ledger: LedgerForm
) -> pd.DataFrame:
    """The total rows, and which rows (as Excel counts) each adds up: 小计 those since the total before, others all."""
    spans: list[tuple[int | None, int | None]] = []
    before = table.header.row
    for row in table.totals:
        kind = total_kind([text for text in sheet.texts[row] if text])
        if kind is TotalKind.BEYOND or not table.rows:
            spans.append((None, None))
        elif kind is TotalKind.GROUP:
            spans.append((before + 2, row))
        else:
            spans.append((table.rows[0] + 1, table.rows[-1] + 1))
        before = row
    bounds = pd.DataFrame(spans, columns=[FIRST_ROW, LAST_ROW], dtype="Int64")
    totals = text_frame(_rows(sheet, table.totals, columns, ledger))
    return totals.assign(**{name: bounds[name] for name in bounds})


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
    """Days of a workbook that counts from 1904."""
    return [
        _day_since_1904(sheet.grid.rows[row][column], text) if text else ""
        for row, text in zip(rows, texts, strict=True)
    ]


def _day_since_1904(cell: Any, text: str) -> str:
    """The serial of a day in a workbook that counts from 1904, as all others count; a date read as one is right already."""
    is_serial = (
        isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in SERIALS_OF_1904
    )
    return cell_text(cell + DAYS_TO_1904) if is_serial else text


def zero_report_notices(sheet: SheetRows, table: SheetTable) -> list[dict[str, Any]]:
    """A warning where neither a row nor a word says what the month held: forgotten looks the same as nothing to report."""
    is_said = any(states_zero(sheet.texts[column]) for column in table.nothing)
    is_said = is_said or any(says_nothing(sheet.texts[column]) for column in (*table.above, *table.foot))
    return [] if table.rows or is_said else [sheet.tell("submission.no_rows")]


def cell_notices(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn]
) -> list[dict[str, Any]]:
    """Notices of what was not read, or is not seen by who looks at the sheet; errors of rows wider than their header."""
    findings = (
        [sheet.tell("sheet.hidden_rows", detail=_spans(hidden))]
        if (hidden := _hidden(sheet, table))
        else []
    )
    known = {column.index for column in columns.values()}
    for index, text in enumerate(table.header.texts):
        if text and index not in known and fold_header(text) not in IGNORED_HEADERS:
            findings.append(sheet.tell("sheet.unknown_column", detail=f"{xl_col_to_name(index)} 列 {text}"))
    for index, row in _without_header(sheet, table):
        findings.append(
            sheet.tell("sheet.column_without_header", detail=xl_col_to_name(index), first=row + 1)
        )
    if sheet.grid.is_csv:
        findings += _ragged(sheet, table)
    return findings


def _hidden(sheet: SheetRows, table: SheetTable) -> list[int]:
    return (
        [row + 1 for row in table.rows if row in sheet.grid.hidden_rows] if sheet.grid.hidden_rows else []
    )


def _spans(rows: Sequence[int]) -> str:
    """3、5–9 of row numbers in order."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    parts = [str(first) if first == last else f"{first}–{last}" for first, last in spans[:MOST_SPANS_TOLD]]
    return "、".join(parts) + (f"等 {len(rows)} " if len(spans) > MOST_SPANS_TOLD else "")


def _without_header(sheet: SheetRows, table: SheetTable) -> list[tuple[int, int]]:
    """(column, first row) of content under no header. In a CSV, cells beyond the header's width shift the row instead."""
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


def _ragged(sheet: SheetRows, table: SheetTable) -> list[dict[str, Any]]:
    width = len(table.header.texts)
    extra = (
        (row, sum(map(bool, sheet.texts[row][width:])))
        for row in table.rows
        if len(sheet.texts[row]) > width
    )
    return [sheet.tell("row.ragged", row=row + 1, detail=count) for row, count in extra if count]

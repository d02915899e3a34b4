"""The receipt of what is no xlsx, or too much of one: the same rows, columns and values, drawn anew."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

import xlsxwriter

from schemas.catalogue import ledgers
from schemas.forms import RECEIPT_SHEET
from schemas.rules import Severity
from transforms.read.containers import Grid, cell_text
from transforms.read.header import ROWS_SEARCHED, HeaderIndex
from transforms.receipt.marks import (
    COMMENT_WIDTH_PX,
    Mark,
    SheetMarks,
    comment_height_px,
    comment_of,
)
from transforms.receipt.page import FONT, LOOKS, WIDTHS, Line
from transforms.receipt.subject import LAST_COLUMN, LAST_ROW
from transforms.receipt.words import AUTHOR, FORMULA_STARTS, TONES, clean, lines_of, width_of

#: with more cells than this rows are written out as they come, and only then by way of a temporary file
CELLS_IN_MEMORY = 400_000
UNNAMED_SHEET = "台账"
LONGEST_SHEET_NAME = 31
_SAMPLE_ROWS = 200
_NARROWEST, _WIDEST = 9.0, 24.0
#: General shows a whole number from here on as 1.2E+11
_GENERAL_ENDS, _DIGITS_END = 1e11, 1e15
_FIRST_DAY = date(1904, 1, 1)
#: sheets of more rows keep the usual height of a row, whose texts then do not wrap
MOST_ROWS_FITTED = 5_000
MOST_LINES = 8
_LINE_POINTS = 15
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'+|'+$")
_LIGHT_UP = 14  # xlsxwriter's number of the stripes

_BASE: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@", "text_wrap": True, "valign": "vcenter"},
    "formula_like": {"num_format": "@", "text_wrap": True, "valign": "vcenter", "quote_prefix": True},
    "general": {"valign": "vcenter"},
    "whole": {"num_format": "0", "valign": "vcenter"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "vcenter"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left", "valign": "vcenter"},
    "time": {"num_format": "hh:mm:ss", "align": "left", "valign": "vcenter"},
    "duration": {"num_format": "[h]:mm:ss", "align": "left", "valign": "vcenter"},
    "head": {"num_format": "@", "bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#D9E1F2"},
    "above": {"num_format": "@", "bold": True},
}


class _Formats:
    """Each format once for the workbook."""

    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        self.made: dict[tuple[str, Severity | None], Any] = {}

    def of_cell(self, kind: str, severity: Severity | None) -> Any:
        made = self.made.get((kind, severity))
        if made is None:
            tone = _toned(TONES[severity].fill, TONES[severity].ground) if severity else {}
            made = self.made[kind, severity] = self.workbook.add_format({**_BASE[kind], **tone})
        return made

    def of_look(self, name: str) -> Any:
        look = LOOKS[name]
        made = self.made.get((f"look {name}", None))
        if made is None:
            given = {"font_name": FONT, "font_size": look.size, "bold": look.bold, "font_color": f"#{look.colour}",
                     "align": look.align, "valign": "vcenter", "text_wrap": True,
                     "num_format": "General" if name == "number" else "@"}  # fmt: skip
            given |= _toned(look.fill, look.ground) if look.fill else {}
            given |= {"border": 1, "border_color": "#BFBFBF"} if look.border else {}
            made = self.made[f"look {name}", None] = self.workbook.add_format(given)
        return made


def _toned(fill: str, ground: str) -> dict[str, Any]:
    if ground:
        return {"pattern": _LIGHT_UP, "fg_color": f"#{fill}", "bg_color": f"#{ground}"}
    return {"pattern": 1, "bg_color": f"#{fill}"}


def draw_anew(grids: Sequence[Grid], titles: Mapping[str, str], lines: list[Line], marks: Mapping[str, SheetMarks]) -> bytes:
    """The receipt of these sheets; `titles` name those that have no name of their own."""
    written = io.BytesIO()
    is_small = sum(len(grid.rows) * len(grid.rows[0]) for grid in grids if grid.rows) <= CELLS_IN_MEMORY
    options = {"in_memory": is_small, "constant_memory": not is_small, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "date_1904": any(grid.is_1904 for grid in grids)}  # fmt: skip
    workbook = xlsxwriter.Workbook(written, options)
    workbook.set_properties({"author": AUTHOR, "created": datetime(1980, 1, 1, tzinfo=UTC)})
    formats = _Formats(workbook)
    _draw_page(workbook.add_worksheet(RECEIPT_SHEET), lines, formats)
    taken = {RECEIPT_SHEET.lower()}
    for grid in grids:
        name = _free_name(grid.name or titles.get(grid.name) or UNNAMED_SHEET, taken)
        sheet = workbook.add_worksheet(name)
        if not grid.is_visible:
            sheet.hide()
        _draw_sheet(sheet, grid, marks.get(grid.name, SheetMarks()), formats)
    workbook.close()
    return written.getvalue()


def _free_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes, and that no sheet before bears."""
    base = _NOT_IN_NAMES.sub("_", clean(wanted))[:LONGEST_SHEET_NAME] or UNNAMED_SHEET
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        name = f"{base[: LONGEST_SHEET_NAME - 5]}({number})"
    taken.add(name.lower())
    return name


def _draw_page(sheet: Any, lines: list[Line], formats: _Formats) -> None:
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.5, 0.5, 0.6, 0.75)
    sheet.center_horizontally()
    sheet.repeat_rows(0, 1)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    for row, one in enumerate(lines):
        sheet.set_row(row, one.height)
        for piece in one.pieces:
            look = formats.of_look(piece.look)
            for column in range(piece.first + 1, piece.last + 1):
                sheet.write_blank(row, column, None, look)
            if isinstance(piece.text, str):
                sheet.write_string(row, piece.first, piece.text, look)
            else:
                sheet.write_number(row, piece.first, piece.text, look)
            if piece.last > piece.first:
                sheet.merge.append([row, piece.first, row, piece.last])
    sheet.activate()


def _draw_sheet(sheet: Any, grid: Grid, marks: SheetMarks, formats: _Formats) -> None:
    first_head, last_head = _header_rows(grid)
    widths = _widths(grid)
    for column, width in widths.items():
        sheet.set_column(column, column, width)
    if severity := marks.worst():
        sheet.set_tab_color(f"#{TONES[severity].tab}")
    settled = marks.settled(lambda row: _first_column(grid, row))
    beyond = sorted({row - 1 for row, _ in settled} - set(range(len(grid.rows))))
    places = _by_row(settled)
    for row in [*range(min(len(grid.rows), LAST_ROW)), *beyond]:
        kind = "above" if row < first_head else "head" if row <= last_head else ""
        cells = grid.rows[row][:LAST_COLUMN] if row < len(grid.rows) else []
        lines = 1 if kind == "above" or len(grid.rows) > MOST_ROWS_FITTED else _lines(cells, widths)
        if lines > 1 or row in grid.hidden_rows:
            sheet.set_row(row, lines * _LINE_POINTS if lines > 1 else None, None, {"hidden": row in grid.hidden_rows})
        _draw_row(sheet, row, cells, kind, places.get(row, {}), formats)
    for first_row, first_column, last_row, last_column in grid.merged:
        sheet.merge.append([first_row, first_column, last_row, last_column])
    if last_head >= 0:
        sheet.freeze_panes(last_head + 1, 0)
        sheet.repeat_rows(first_head, last_head)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{LAST_ROW}"})
    _draw_comments(sheet, settled, marks)


def _lines(cells: Sequence[Any], widths: Mapping[int, float]) -> int:
    """Lines of the row's longest text: not every program fits the height of a row when it opens a workbook."""
    texts = ((cell, widths.get(at, _NARROWEST) - 1) for at, cell in enumerate(cells) if cell.__class__ is str)
    needed = (lines_of(text, width) for text, width in texts if 2 * len(text) > width or "\n" in text)
    return min(MOST_LINES, max(needed, default=1))


def _by_row(settled: Mapping[tuple[int, int], Mark]) -> dict[int, dict[int, Severity]]:
    places: dict[int, dict[int, Severity]] = {}
    for (row, column), mark in settled.items():
        places.setdefault(row - 1, {})[column - 1] = mark.severity
    return places


def _draw_comments(sheet: Any, settled: Mapping[tuple[int, int], Mark], marks: SheetMarks) -> None:
    comments = {place: mark.comment for place, mark in settled.items() if mark.comment}
    if marks.whole:
        comments[1, 1] = "\n\n".join(filter(None, (comment_of(marks.whole), comments.get((1, 1), ""))))
    for (row, column), text in comments.items():
        size = {"author": AUTHOR, "width": COMMENT_WIDTH_PX, "height": comment_height_px(text), "font_size": 9}
        sheet.write_comment(row - 1, column - 1, text, size)


def _draw_row(sheet: Any, row: int, cells: Sequence[Any], kind: str, marked: Mapping[int, Severity], formats: _Formats) -> None:
    for column, value in enumerate(cells):
        severity = marked.get(column) if marked else None
        if value.__class__ is str:
            if value:
                like = "formula_like" if value.startswith(FORMULA_STARTS) else "text"
                sheet.write_string(row, column, value, formats.of_cell(kind or like, severity))
            elif severity or kind == "head":
                sheet.write_blank(row, column, None, formats.of_cell(kind or "text", severity))
        elif value is not None:
            _draw_value(sheet, row, column, value, severity, formats)
        elif severity:
            sheet.write_blank(row, column, None, formats.of_cell("text", severity))
    for column in marked.keys() - set(range(len(cells))) if marked else ():
        sheet.write_blank(row, column, None, formats.of_cell("text", marked[column]))


def _draw_value(sheet: Any, row: int, column: int, value: Any, severity: Severity | None, formats: _Formats) -> None:
    """A number, a date or a yes as what it is; what Excel cannot hold as its text."""
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, formats.of_cell("general", severity))
    elif isinstance(value, int | float) and math.isfinite(value):
        is_long = _GENERAL_ENDS <= abs(value) < _DIGITS_END and float(value).is_integer()
        sheet.write_number(row, column, value, formats.of_cell("whole" if is_long else "general", severity))
    elif isinstance(value, time | timedelta):
        sheet.write_datetime(row, column, value, formats.of_cell("time" if isinstance(value, time) else "duration", severity))
    elif isinstance(value, date) and value.year >= _FIRST_DAY.year:
        has_hour = isinstance(value, datetime) and value.time() != time()
        plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        sheet.write_datetime(row, column, plain, formats.of_cell("moment" if has_hour else "date", severity))
    else:
        sheet.write_string(row, column, clean(cell_text(value)), formats.of_cell("text", severity))


@cache
def _index() -> HeaderIndex:
    return HeaderIndex(ledgers())


def _header_rows(grid: Grid) -> tuple[int, int]:
    """First and last row of the header, from 0; (0, -1) where there is none."""
    found = _index().find([[cell_text(cell) for cell in row] for row in grid.rows[: ROWS_SEARCHED + 3]])
    return (found.first_row, found.row) if found else (0, -1)


def _first_column(grid: Grid, row: int) -> int:
    cells = grid.rows[row - 1] if 0 < row <= len(grid.rows) else []
    return next((at for at, cell in enumerate(cells, 1) if cell_text(cell)), 1)


def _widths(grid: Grid) -> dict[int, float]:
    """The sheet's own widths, else what its first rows need."""
    if grid.column_widths:
        return dict(grid.column_widths)
    needed: dict[int, float] = {}
    for cells in grid.rows[:_SAMPLE_ROWS]:
        if sum(1 for cell in cells if cell not in (None, "")) < 2:
            continue  # a title over the table
        for at, cell in enumerate(cells):
            needed[at] = max(needed.get(at, _NARROWEST), min(_WIDEST, width_of(cell_text(cell)) + 2.0))
    return needed

"""Workbooks whose cells are written as text are, read back with
openpyxl, those that the libraries would write.
"""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import xlsxwriter
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

from schemas.ledgers.rules import Severity
from schemas.receipt_marks import OLD_HEADING
from tests.support.histories import EXAMPLES_TIMES
from tests.support.receipts import open_receipt, save_workbook
from transforms.read.containers.detect import Grid
from transforms.receipt.marks import COMMENT_WIDTH_PX, SheetMarks, comment_height_px, comment_of
from transforms.receipt.subject import ReceiptFinding
from transforms.receipt.words import AUTHOR, FORMULA_STARTS, TONES
from transforms.receipt.workbook.county_book import open_county_book
from transforms.receipt.workbook.fit import header_rows
from transforms.receipt.workbook.in_place import OLD_AUTHOR, mark_in_place
from transforms.receipt.workbook.redraw import redraw_workbook
from transforms.receipt.workbook.redrawn_styles import _BASE, _fill_properties

SHEET = "甲"
NO_HEADER = (0, -1)
#: what Excel's own escapes look like is tested by itself: the libraries treat it differently
TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Co", "Cn"]), max_size=8).filter(
    lambda text: "_x" not in text
) | st.sampled_from(["", "=1+1", "+1", "-", "@x", "a & b < c", " 两边 ", "一行\n又一行", "001", "#REF!"])
DAYS = st.dates(date(1950, 1, 1), date(2050, 1, 1))
NUMBERS = st.integers(-(10**15), 10**15) | st.floats(-1e12, 1e12).map(lambda number: round(number, 4))
VALUES = st.one_of(
    TEXTS,
    TEXTS,
    NUMBERS,
    st.none(),
    st.booleans(),
    DAYS,
    st.builds(datetime.combine, DAYS, st.times().map(lambda moment: moment.replace(microsecond=0))),
    st.sampled_from([time(1, 2), timedelta(hours=30)]),
)
SEVERITIES = st.sampled_from(list(Severity))


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """A sheet of up to eight rows, which may have different lengths."""
    width = draw(st.integers(1, 5))
    plain_rows = st.lists(TEXTS, min_size=width, max_size=width)
    mixed_rows = st.lists(VALUES, min_size=1, max_size=5)
    rows = draw(st.lists(plain_rows, min_size=1, max_size=8) | st.lists(mixed_rows, min_size=1, max_size=8))
    return Grid(SHEET, rows, column_widths={0: 12.0})


@st.composite
def sheet_marks(draw: st.DrawFn) -> SheetMarks:
    """Findings on up to four cells, also beyond the sheet's own, and colours without a comment."""
    positions = st.tuples(st.integers(1, 9), st.integers(1, 6))
    marks = SheetMarks()
    for row, column in draw(st.sets(positions, max_size=4)):
        severity = draw(SEVERITIES)
        finding = ReceiptFinding(
            "cases.case_no.required", severity, SHEET, row, "案号", "", "x", "错了", "y", "请改", 0
        )
        marks.placed[row, column] = [finding]
    for position in draw(st.sets(positions, max_size=2)):
        marks.silent[position] = draw(SEVERITIES)
    return marks


def describe(data: bytes, sheet: str = SHEET) -> dict[str, Any]:
    """Return each cell's value, look and comment, as openpyxl reads them."""
    cells = [cell for row in open_receipt(data)[sheet].iter_rows() for cell in row]
    return {
        cell.coordinate: (
            cell.value,
            cell.data_type if cell.value is not None else None,
            cell.number_format,
            *map(repr, (cell.font, cell.fill, cell.border, cell.alignment)),
            bool(cell.quotePrefix),
            (cell.comment.text, cell.comment.author) if cell.comment else None,
        )
        for cell in cells
        if cell.value is not None or cell.has_style or cell.comment
    }


def kind_of(value: Any) -> str:
    """Return the kind of format that a value has in a redrawn sheet."""
    if isinstance(value, str):
        return "formula_like" if value.startswith(FORMULA_STARTS) else "text"
    if isinstance(value, bool):
        return "general"
    if isinstance(value, int | float):
        is_long = 1e11 <= abs(value) < 1e15 and float(value).is_integer()
        return "whole" if is_long else "general"
    if isinstance(value, datetime):
        return "date" if value.time() == time() else "moment"
    kinds = {date: "date", time: "time", timedelta: "duration", type(None): "text"}
    return kinds[type(value)]


def write_with_xlsxwriter(grid: Grid, marks: SheetMarks) -> bytes:
    """Write the sheet by XlsxWriter's own calls, a cell at a time."""
    data = io.BytesIO()
    settled = marks.resolve(lambda row: 1)
    with xlsxwriter.Workbook(data, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet(SHEET)
        cells = {
            (row, column): value
            for row, values in enumerate(grid.rows, 1)
            for column, value in enumerate(values, 1)
        }
        for row, column in sorted(cells | settled):
            value = cells.get((row, column))
            mark = settled.get((row, column))
            if value in ("", None) and mark is None:
                continue
            tone = TONES[mark.severity] if mark else None
            fill = _fill_properties(tone.fill, tone.ground) if tone else {}
            look = workbook.add_format({**_BASE[kind_of(value)], **fill})
            position = (row - 1, column - 1)
            if value in ("", None):
                sheet.write_blank(*position, None, look)
            elif isinstance(value, str):
                sheet.write_string(*position, value, look)
            elif isinstance(value, bool):
                sheet.write_boolean(*position, value, look)
            elif isinstance(value, int | float):
                sheet.write_number(*position, value, look)
            else:
                sheet.write_datetime(*position, value, look)
            if mark and mark.comment:
                size = {
                    "width": COMMENT_WIDTH_PX,
                    "height": comment_height_px(mark.comment),
                    "font_size": 9,
                }
                sheet.write_comment(*position, mark.comment, {"author": AUTHOR, **size})
    return data.getvalue()


@settings(max_examples=20 * EXAMPLES_TIMES, deadline=None)
@given(grids(), sheet_marks())
def test_a_redrawn_sheet_is_the_one_that_xlsxwriter_writes(grid: Grid, marks: SheetMarks) -> None:
    assume(header_rows(grid) == NO_HEADER)  # a header has looks of its own
    redrawn = describe(redraw_workbook([grid], "", [], {SHEET: marks}))
    assert redrawn == describe(write_with_xlsxwriter(grid, marks))
    comments = {text for *_, comment in redrawn.values() if comment for text in comment[:1]}
    assert comments == {comment_of(findings) for findings in marks.placed.values()}


FILLS = [PatternFill(), PatternFill("solid", "FFF8B4AE"), PatternFill("lightUp", "FFFFD54A", "FFFFF6D6")]
CELLS = st.tuples(
    VALUES,
    st.sampled_from([Font(), Font("宋体", 9, bold=True, color="FF0000FF")]),
    st.sampled_from(FILLS),
    st.sampled_from([Alignment(), Alignment("center", wrap_text=True)]),
    st.none() | st.just("批注\n两行"),
)


@settings(max_examples=15 * EXAMPLES_TIMES, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5), sheet_marks())
def test_a_sheet_marked_in_place_is_the_one_that_openpyxl_marks(
    rows: list[list[tuple[Any, ...]]], marks: SheetMarks
) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = SHEET
    for row_number, row in enumerate(rows, 1):
        for column, (value, font, fill, alignment, comment) in enumerate(row, 1):
            cell = sheet.cell(row_number, column)
            cell.value = value
            if isinstance(value, str) and value:
                cell.data_type = "s"
            cell.font, cell.fill, cell.alignment = font, fill, alignment
            cell.comment = Comment(comment, "某人") if comment else None
    sheet.row_dimensions[1].height = 30
    sheet.column_dimensions["B"].width = 20
    data = save_workbook(workbook)
    book = open_county_book(data, {SHEET})
    assert book is not None
    receipt = mark_in_place(book, [], {SHEET: marks}, ())
    assert receipt is not None
    assert describe(receipt) == describe(mark_with_openpyxl(data, marks))
    marked = open_receipt(receipt)[SHEET]
    assert (marked.row_dimensions[1].height, marked.column_dimensions["B"].width) == (30, 20)


def mark_with_openpyxl(data: bytes, marks: SheetMarks) -> bytes:
    """Load a workbook, mark its cells and save it, each by the calls of openpyxl."""
    workbook = open_receipt(data)
    sheet = workbook[SHEET]
    own_fills = {f"FF{fill}" for tone in TONES.values() for fill in tone.fills()}
    for cell in [cell for row in sheet.iter_rows() for cell in row]:
        if cell.fill.fgColor.rgb in own_fills:
            cell.fill = PatternFill()
        if isinstance(cell.value, str) and cell.value.startswith(FORMULA_STARTS):
            cell.data_type, cell.quotePrefix = "s", True
        if cell.comment:
            cell.comment = Comment(f"{OLD_HEADING}\n{cell.comment.text}", OLD_AUTHOR)
    for (row, column), mark in marks.resolve(lambda _: 1).items():
        cell, tone = sheet.cell(row, column), TONES[mark.severity]
        cell.fill = (
            PatternFill("lightUp", f"FF{tone.fill}", f"FF{tone.ground}")
            if tone.ground
            else PatternFill("solid", f"FF{tone.fill}")
        )
        if mark.comment:
            below = f"\n\n{cell.comment.text}" if cell.comment else ""
            cell.comment = Comment(mark.comment + below, AUTHOR)
    return save_workbook(workbook)

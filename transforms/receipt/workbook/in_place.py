"""Mark the cells of the county's own workbook and put the first page in front of its sheets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.workbook import Workbook
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from xlsxwriter.utility import xl_col_to_name, xl_range

from schemas.forms import RECEIPT_SHEET
from transforms.read.containers.xlsx import find_unreadable_cells
from transforms.receipt.marks import COMMENT_WIDTH_PX, Mark, SheetMarks, comment_height_px, comment_of
from transforms.receipt.page import FONT, LAST, LOOKS, WIDTHS, Line
from transforms.receipt.words import AUTHOR, HEAVIEST_FIRST, TONES
from transforms.receipt.workbook.defuse import defuse
from transforms.receipt.workbook.openpyxl_package import RenderedSheet, has_formulas, save
from transforms.receipt.workbook.page_sheet import find_merges, render_lines

_COLUMNS_LOOKED_AT = 50
_GENERAL, _TEXT = 0, 49  # Excel's own numbers of these formats
_THIN = Side("thin", "BFBFBF")
_BORDER = Border(_THIN, _THIN, _THIN, _THIN)


def mark_in_place(
    workbook: Workbook,
    data: bytes,
    lines: list[Line],
    marks: Mapping[str, SheetMarks],
    withheld_sheets: Collection[str],
) -> bytes:
    """Return the receipt in the workbook that was loaded from `data`."""
    for name in (*withheld_sheets, RECEIPT_SHEET):
        if name in workbook.sheetnames:
            workbook.remove(workbook[name])
    defuse(workbook)
    if has_formulas(data):
        _fill_formulas(workbook, find_unreadable_cells(data))
    for sheet in workbook.worksheets:
        if sheet.title in marks:
            _mark_sheet(sheet, marks[sheet.title])
    _draw_page(workbook, lines)
    workbook.active = 0
    return save(workbook)


def _fill_formulas(workbook: Workbook, texts: Mapping[str, Mapping[tuple[int, int], str]]) -> None:
    """Show a formula without a saved result as the text that was read from it, not as an empty cell."""
    for name, cells in texts.items():
        for (row, column), text in cells.items() if name in workbook.sheetnames else ():
            cell = workbook[name].cell(row + 1, column + 1)
            if isinstance(cell, Cell) and cell.value is None:
                cell.value, cell.data_type = text, "s"


def _mark_sheet(sheet: Any, marks: SheetMarks) -> None:
    if severity := marks.worst():
        sheet.sheet_properties.tabColor = TONES[severity].tab
    covered = {
        position: (merged.min_row, merged.min_col)
        for merged in sheet.merged_cells.ranges
        for position in merged.cells
    }
    settled: dict[tuple[int, int], Mark] = {}
    for position, mark in marks.resolve(lambda row: _first_column(sheet, row)).items():
        shown = covered.get(position, position)
        settled[shown] = _combine(settled[shown], mark) if shown in settled else mark
    styles: dict[Any, Any] = {}
    for (row, column), mark in settled.items():
        cell = sheet.cell(row, column)
        _colour(cell, mark, styles)
        _comment(cell, mark.comment)
    if marks.whole:
        _comment(sheet.cell(1, 1), comment_of(marks.whole))


def _first_column(sheet: Any, row: int) -> int:
    cells = (sheet._cells.get((row, column)) for column in range(1, _COLUMNS_LOOKED_AT + 1))
    return next((cell.column for cell in cells if getattr(cell, "_value", None) not in (None, "")), 1)


def _combine(mark: Mark, other: Mark) -> Mark:
    severity = min(mark.severity, other.severity, key=HEAVIEST_FIRST.index)
    return Mark(severity, "\n\n".join(dict.fromkeys(filter(None, (mark.comment, other.comment)))))


def _colour(cell: Any, mark: Mark, styles: dict[Any, Any]) -> None:
    """Fill a cell; `styles` remembers the new style for cells with the same old style and severity."""
    key = (tuple(cell._style or ()), mark.severity)
    if key not in styles:
        cell.fill = _fill(TONES[mark.severity].fill, TONES[mark.severity].ground)
        styles[key] = cell._style
    else:
        cell._style = StyleArray(styles[key])


@cache
def _fill(colour: str, ground: str) -> PatternFill:
    return (
        PatternFill("lightUp", f"FF{colour}", f"FF{ground}")
        if ground
        else PatternFill("solid", f"FF{colour}")
    )


def _comment(cell: Any, text: str) -> None:
    if not text or isinstance(cell, MergedCell):
        return
    if cell.comment is not None:
        text = f"{text}\n\n{cell.comment.text}"
    comment = Comment(text, AUTHOR)
    comment.width, comment.height = COMMENT_WIDTH_PX, comment_height_px(text)
    cell.comment = comment


def _draw_page(workbook: Workbook, lines: list[Line]) -> None:
    sheet = workbook.create_sheet(RECEIPT_SHEET, 0)
    for index, width in enumerate(WIDTHS):
        sheet.column_dimensions[xl_col_to_name(index)].width = width
    rendered = render_lines(lines, _Styles(workbook).of_look)
    rows = [
        (f' ht="{line.height:g}" customHeight="1"', cells)
        for line, cells in zip(lines, rendered, strict=True)
    ]
    sheet.rendered = RenderedSheet(xl_range(0, 0, len(lines) - 1, LAST), rows)
    spans = (
        CellRange(None, left + 1, top + 1, right + 1, bottom + 1)
        for top, left, bottom, right in find_merges(lines)
    )
    sheet.merged_cells = MultiCellRange(spans)
    _set_up_page(sheet)


class _Styles:
    """The number of each look among a workbook's styles.

    They are added without openpyxl's comparison with every style already there, which takes longer than the
    page.
    """

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.numbers: dict[Any, int] = {}

    def of_look(self, name: str) -> int:
        if name not in self.numbers:
            look, style = LOOKS[name], StyleArray()
            style.fontId = self._add(self.workbook._fonts, _font(look.size, look.bold, look.colour))
            style.alignmentId = self._add(self.workbook._alignments, _alignment(look.align))
            style.fillId = (
                self._add(self.workbook._fills, _fill(look.fill, look.ground)) if look.fill else 0
            )
            style.borderId = self._add(self.workbook._borders, _BORDER) if look.border else 0
            style.numFmtId = _GENERAL if name == "number" else _TEXT
            self.numbers[name] = int(self.workbook._cell_styles.add(style))
        return self.numbers[name]

    def _add(self, collection: list[Any], item: Any) -> int:
        if id(item) not in self.numbers:
            list.append(collection, item)
            self.numbers[id(item)] = len(collection) - 1
        return self.numbers[id(item)]


@cache
def _font(size: float, is_bold: bool, colour: str) -> Font:
    return Font(FONT, size, bold=is_bold, color=colour)


@cache
def _alignment(align: str) -> Alignment:
    return Alignment(align, "center", wrap_text=True)


def _set_up_page(sheet: Any) -> None:
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.tabSelected = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.6, 0.75, 0.3
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = "1:2"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"

"""Write the first page as a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from schemas.forms import RECEIPT_SHEET
from transforms.receipt.page import LAST, WIDTHS, Line, TextRun
from transforms.receipt.workbook.cell_xml import blank_cell, column_letters, number_cell, text_cell
from transforms.receipt.workbook.package import Sheet, print_titles
from transforms.receipt.workbook.sheet_xml import SHEET_START, columns_xml, merges_xml, row_xml

_HEAD = (
    '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1:{last}"/><sheetViews><sheetView '
    'showGridLines="0" tabSelected="1" workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
)
_TAIL = (
    '<printOptions horizontalCentered="1"/><pageMargins left="0.5" right="0.5" top="0.6" bottom="0.75" header="0.3" '
    'footer="0.3"/><pageSetup paperSize="9" fitToWidth="1" fitToHeight="0" orientation="landscape"/><headerFooter><oddFooter>'
    "&amp;C第 &amp;P 页，共 &amp;N 页</oddFooter></headerFooter></worksheet>"
)


def render_page_sheet(lines: Sequence[Line], style_of: Callable[[str], int]) -> Sheet:
    """Return the first page; `style_of` returns the number of a look."""
    xml = "".join(_render(lines, style_of)).encode()
    return Sheet(RECEIPT_SHEET, xml, names=print_titles(RECEIPT_SHEET, 1, 2))


def _render(lines: Sequence[Line], style_of: Callable[[str], int]) -> Iterator[str]:
    last = f"{column_letters(LAST + 1)}{max(len(lines), 1)}"
    yield from (SHEET_START, _HEAD.format(last=last), columns_xml(tuple(enumerate(WIDTHS))), "<sheetData>")
    for number, (line, cells) in enumerate(zip(lines, render_lines(lines, style_of), strict=True), 1):
        yield row_xml(number, cells, line.height)
    yield from ("</sheetData>", merges_xml(find_merges(lines)), _TAIL)


def render_lines(lines: Sequence[Line], style_of: Callable[[str], int]) -> Iterator[str]:
    """Yield the cells of each line, from the first row down; `style_of` returns the number of a look."""
    for row, line in enumerate(lines, 1):
        yield "".join(
            _render_cell(row, column, run, style_of(run.look))
            for run in line.pieces
            for column in run.columns()
        )


def _render_cell(row: int, column: int, run: TextRun, style: int) -> str:
    if column > run.first or run.text == "":
        return blank_cell(row, column + 1, style)
    if isinstance(run.text, str):
        return text_cell(row, column + 1, style, run.text)
    return number_cell(row, column + 1, style, run.text)


def find_merges(lines: Sequence[Line]) -> list[tuple[int, int, int, int]]:
    """Return first row, first column, last row and last column of each merged range, from 0."""
    return [
        (row, run.first, row, run.last)
        for row, line in enumerate(lines)
        for run in line.pieces
        if run.last > run.first
    ]

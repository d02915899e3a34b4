"""Choose how the workbook of a receipt is made: marks in the county's own workbook, or its sheets redrawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from schemas.forms import RECEIPT_SHEET
from transforms.read.containers.archive import is_archive
from transforms.read.containers.detect import ZIP_MAGIC, UnusableFileError, open_file
from transforms.receipt.marks import SheetMarks
from transforms.receipt.page import Line
from transforms.receipt.summary import RenderMode
from transforms.receipt.workbook.county_book import is_small, open_county_book
from transforms.receipt.workbook.in_place import mark_in_place
from transforms.receipt.workbook.redraw import redraw_workbook

#: returns the lines of the first page, which says how the rest of the workbook was made
Page = Callable[[RenderMode], list[Line]]


def render_workbook(
    data: bytes, page: Page, marks: Mapping[str, SheetMarks], withheld_sheets: Collection[str], title: str
) -> bytes:
    """Render the receipt of a file; `title` names the sheet of a CSV."""
    is_xlsx = data.startswith(ZIP_MAGIC) and not is_archive(data)
    is_large = is_xlsx and not is_small(data)
    if is_xlsx and not is_large:
        book = open_county_book(data, {name for name in marks if name})
        receipt = book and mark_in_place(book, page(RenderMode.IN_PLACE), marks, withheld_sheets)
        if receipt:
            return receipt
    try:
        grids = open_file(data).grids
    except UnusableFileError:
        return render_page(page)
    shown = [grid for grid in grids if grid.name not in (*withheld_sheets, RECEIPT_SHEET)]
    mode = RenderMode.LARGE if is_large else RenderMode.CONVERTED
    return redraw_workbook(shown, title, page(mode), marks)


def render_page(page: Page) -> bytes:
    """Render the first page alone, for a file that could not be opened."""
    return redraw_workbook([], "", page(RenderMode.UNOPENED), {})

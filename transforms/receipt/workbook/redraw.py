"""Redraw the sheets of a file that is no xlsx, or a large one, with the same rows, columns and values."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from schemas.forms import RECEIPT_SHEET
from schemas.ledgers.rules import Severity
from transforms.read.containers.detect import Grid
from transforms.receipt.marks import COMMENT_WIDTH_PX, Mark, SheetMarks, comment_height_px, comment_of
from transforms.receipt.page import WIDTHS, Line
from transforms.receipt.subject import LAST_COLUMN, LAST_ROW
from transforms.receipt.words import AUTHOR, TONES, clean
from transforms.receipt.workbook.fit import Fit, first_column, header_rows
from transforms.receipt.workbook.page_cells import find_merges, render_lines
from transforms.receipt.workbook.redrawn_cells import Formats, render_rows

#: sheets with more cells are written by way of temporary files
CELLS_IN_MEMORY = 400_000
UNNAMED_SHEET = "台账"
LONGEST_SHEET_NAME = 31
#: in sheets with more rows all have the default height, and texts do not wrap
MOST_ROWS_FITTED = 5_000
_LINE_POINTS = 15
_PX = 0.75  # in points
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'+|'+$")


class _Sheet(Worksheet):  # type: ignore[misc]
    """A sheet whose rows are XML already: (row from 0, its cells)."""

    rendered_rows: Iterable[tuple[int, str]] = ()

    def _write_sheet_data(self) -> None:
        self._xml_start_tag("sheetData")
        for row, cells in self.rendered_rows:
            height_px, is_hidden = self.row_sizes.get(row, (self.default_row_height, False))
            height = (
                f' ht="{height_px * _PX:.16g}" customHeight="1"'
                if height_px != self.default_row_height
                else ""
            )
            hidden = ' hidden="1"' if is_hidden else ""
            self.fh.write(f'<row r="{row + 1}"{hidden}{height}>{cells}</row>')
        self._xml_end_tag("sheetData")

    def fit_rows(self, points: Mapping[int, float], hidden: Iterable[int] = ()) -> None:
        """Set the heights of rows, on which the position of comments depends too."""
        self.row_sizes = {row: (round(high / _PX), False) for row, high in points.items()}
        self.row_sizes |= {
            row: (self.row_sizes.get(row, (self.default_row_height, False))[0], True) for row in hidden
        }

    def set_extent(self, rows: int, columns: int) -> None:
        """Set the range that the cells fill: some readers drop cells beyond it."""
        for row, column in ((0, 0), (max(rows, 1) - 1, max(columns, 1) - 1)):
            self._check_dimensions(row, column)

    def count_days(self, value: Any) -> float:
        """Convert a date or time to a number of days, as the workbook counts them."""
        return float(self._convert_date_time(value))


def redraw_workbook(
    grids: Sequence[Grid], title: str, lines: list[Line], marks: Mapping[str, SheetMarks]
) -> bytes:
    """Draw the first page and these sheets; `title` names a sheet without a name."""
    written = io.BytesIO()
    is_small = sum(len(grid.rows) * len(grid.rows[0]) for grid in grids if grid.rows) <= CELLS_IN_MEMORY
    workbook = xlsxwriter.Workbook(
        written, {"in_memory": is_small, "date_1904": any(grid.is_1904 for grid in grids)}
    )
    workbook.worksheet_class = _Sheet
    workbook.set_properties({"author": AUTHOR, "created": datetime(1980, 1, 1, tzinfo=UTC)})
    formats = Formats(workbook)
    _draw_page(workbook.add_worksheet(RECEIPT_SHEET), lines, formats)
    used_names = {RECEIPT_SHEET.lower()}
    for grid in grids:
        sheet = workbook.add_worksheet(_choose_name(grid.name or title, used_names))
        if not grid.is_visible:
            sheet.hide()
        _draw_sheet(sheet, grid, marks.get(grid.name, SheetMarks()), formats)
    workbook.close()
    return written.getvalue()


def _choose_name(title: str, used_names: set[str]) -> str:
    """Return a name that Excel accepts and no sheet has yet, and add it to the used ones."""
    base = _NOT_IN_NAMES.sub("_", clean(title))[:LONGEST_SHEET_NAME] or UNNAMED_SHEET
    name, number = base, 1
    while name.lower() in used_names:
        number += 1
        name = f"{base[: LONGEST_SHEET_NAME - 5]}({number})"
    used_names.add(name.lower())
    return name


def _draw_page(sheet: Any, lines: list[Line], formats: Formats) -> None:
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.5, 0.5, 0.6, 0.75)
    sheet.center_horizontally()
    sheet.repeat_rows(0, 1)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    for index, width in enumerate(WIDTHS):
        sheet.set_column(index, index, width)
    sheet.fit_rows(dict(enumerate(line.height for line in lines)))
    sheet.set_extent(len(lines), len(WIDTHS))
    sheet.merge += [list(span) for span in find_merges(lines)]
    sheet.rendered_rows = enumerate(render_lines(lines, formats.of_look))
    sheet.activate()


def _draw_sheet(sheet: _Sheet, grid: Grid, marks: SheetMarks, formats: Formats) -> None:
    header = header_rows(grid)
    fit = Fit(grid, MOST_ROWS_FITTED)
    for column, width in fit.columns.items():
        sheet.set_column(column, column, width)
    if severity := marks.worst():
        sheet.set_tab_color(f"#{TONES[severity].tab}")
    settled = marks.resolve(lambda row: first_column(grid, row))
    tall = [row for row in np.flatnonzero(fit.lines > 1).tolist() if row >= header[0]]
    sheet.fit_rows({row: int(fit.lines[row]) * _LINE_POINTS for row in tall}, grid.hidden_rows)
    rows, columns = zip(*settled, (len(grid.rows), max(map(len, grid.rows), default=0)), strict=True)
    sheet.set_extent(min(LAST_ROW, max(rows)), min(LAST_COLUMN, max(columns)))
    sheet.rendered_rows = render_rows(sheet.count_days, grid, header, _severities_by_row(settled), formats)
    sheet.merge += [list(span) for span in grid.merged]
    first_head, last_head = header
    if last_head >= 0:
        sheet.freeze_panes(last_head + 1, 0)
        sheet.repeat_rows(first_head, last_head)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{LAST_ROW}"})
    _draw_comments(sheet, settled, marks)


def _severities_by_row(settled: Mapping[tuple[int, int], Mark]) -> dict[int, dict[int, Severity]]:
    severities: dict[int, dict[int, Severity]] = {}
    for (row, column), mark in settled.items():
        severities.setdefault(row - 1, {})[column - 1] = mark.severity
    return severities


def _draw_comments(sheet: Any, settled: Mapping[tuple[int, int], Mark], marks: SheetMarks) -> None:
    comments = {position: mark.comment for position, mark in settled.items() if mark.comment}
    if marks.whole:
        comments[1, 1] = "\n\n".join(filter(None, (comment_of(marks.whole), comments.get((1, 1), ""))))
    for (row, column), text in comments.items():
        size = {
            "author": AUTHOR,
            "width": COMMENT_WIDTH_PX,
            "height": comment_height_px(text),
            "font_size": 9,
        }
        sheet.write_comment(row - 1, column - 1, text, size)

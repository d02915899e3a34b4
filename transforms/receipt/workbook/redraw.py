"""Redraw the sheets of a file that is no xlsx, or a large one, with the same rows, columns and values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from schemas.forms import RECEIPT_SHEET
from schemas.ledgers.rules import Severity
from transforms.read.containers.detect import Grid
from transforms.receipt.marks import Mark, SheetMarks, comment_of
from transforms.receipt.page import Line
from transforms.receipt.subject import LAST_COLUMN, LAST_ROW
from transforms.receipt.words import AUTHOR, TONES, clean
from transforms.receipt.workbook.cell_xml import column_letters
from transforms.receipt.workbook.comment_boxes import CellComment, Edges
from transforms.receipt.workbook.fit import Fit, first_column, header_rows
from transforms.receipt.workbook.package import (
    BOXES_ID,
    COLUMN_PX,
    ROW_PX,
    Sheet,
    print_titles,
    write_package,
)
from transforms.receipt.workbook.page_sheet import render_page_sheet
from transforms.receipt.workbook.redrawn_cells import count_days, render_rows
from transforms.receipt.workbook.redrawn_styles import redrawn_styles
from transforms.receipt.workbook.sheet_xml import (
    SHEET_START,
    columns_xml,
    height_px,
    merges_xml,
    row_xml,
    width_px,
)

UNNAMED_SHEET = "台账"
LONGEST_SHEET_NAME = 31
#: in sheets with more rows all have the default height, and texts do not wrap
MOST_ROWS_FITTED = 5_000
_LINE_POINTS = 15
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'+|'+$")
#: a text that stands for a character, as `_x001B_`, is written longer than it is
_STANDS_FOR_A_CHARACTER = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORMAT = '<sheetFormatPr defaultRowHeight="15"/>'
_TAIL = (
    '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><pageSetup paperSize="9" '
    'fitToHeight="0" orientation="landscape"/><ignoredErrors><ignoredError sqref="A1:XFD1048576" '
    'numberStoredAsText="1"/></ignoredErrors>'
)


def redraw_workbook(
    grids: Sequence[Grid], title: str, lines: list[Line], marks: Mapping[str, SheetMarks]
) -> bytes:
    """Draw the first page and these sheets; `title` names a sheet without a name."""
    is_1904 = any(grid.is_1904 for grid in grids)
    styles = redrawn_styles()
    sheets = [render_page_sheet(lines, styles.of_look)]
    used_names = {RECEIPT_SHEET.lower()}
    for grid in grids:
        name = _choose_name(grid.name or title, used_names)
        sheets.append(_draw_sheet(name, grid, marks.get(grid.name, SheetMarks()), is_1904=is_1904))
    return write_package(sheets, styles.parts, is_1904=is_1904)


def _choose_name(title: str, used_names: set[str]) -> str:
    """Return a name that Excel accepts and no sheet has yet, and add it to the used ones."""
    allowed = _STANDS_FOR_A_CHARACTER.sub("-", _NOT_IN_NAMES.sub("_", clean(title)))
    base = allowed[:LONGEST_SHEET_NAME] or UNNAMED_SHEET
    name, number = base, 1
    while name.lower() in used_names:
        number += 1
        name = f"{base[: LONGEST_SHEET_NAME - 5]}({number})"
    used_names.add(name.lower())
    return name


def _draw_sheet(name: str, grid: Grid, marks: SheetMarks, *, is_1904: bool) -> Sheet:
    first_head, last_head = header = header_rows(grid)
    fit = Fit(grid, MOST_ROWS_FITTED)
    settled = marks.resolve(lambda row: first_column(grid, row))
    comments = _list_comments(settled, marks)
    points = {
        row: int(fit.lines[row]) * _LINE_POINTS
        for row in np.flatnonzero(fit.lines > 1).tolist()
        if row >= first_head
    }
    rows = render_rows(
        partial(count_days, is_1904=is_1904), grid, header, _severities_by_row(settled), redrawn_styles()
    )
    pieces = [
        _start(grid, marks.worst(), settled, last_head),
        columns_xml(tuple(fit.columns.items())),
        "<sheetData>",
    ]
    tail = ["</sheetData>", merges_xml(grid.merged), _TAIL]
    tail += [f'<legacyDrawing r:id="{BOXES_ID}"/>'] if comments else []

    def pieces_of_sheet() -> Iterator[str]:
        yield from pieces
        for row, cells in rows:
            yield row_xml(row + 1, cells, points.get(row, 0), is_hidden=row in grid.hidden_rows)
        yield from (*tail, "</worksheet>")

    return Sheet(
        name,
        pieces_of_sheet(),
        "visible" if grid.is_visible else "hidden",
        print_titles(name, first_head + 1, last_head + 1) if last_head >= 0 else (),
        comments,
        *(_edges(grid, fit.columns, points) if comments else ()),
    )


def _start(grid: Grid, worst: Severity | None, settled: Collection[tuple[int, int]], last_head: int) -> str:
    """Write what precedes the columns: the tab's colour, the filled range, and the rows that stay in view."""
    rows, columns = zip(*settled, (len(grid.rows), max(map(len, grid.rows), default=0)), strict=True)
    last_row, last_column = min(LAST_ROW, max(*rows, 1)), min(LAST_COLUMN, max(*columns, 1))
    tab = f'<tabColor rgb="FF{TONES[worst].tab}"/>' if worst else ""
    below = last_head + 1
    pane = (
        f'<pane ySplit="{below}" topLeftCell="A{below + 1}" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft"/>'
    )
    view = f'<sheetView workbookViewId="0">{pane if below else ""}</sheetView>'
    return (
        f'{SHEET_START}<sheetPr>{tab}<pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{column_letters(last_column)}{last_row}"/><sheetViews>{view}</sheetViews>{_FORMAT}'
    )


def _edges(grid: Grid, widths: Mapping[int, float], points: Mapping[int, int]) -> tuple[Edges, Edges]:
    """Return where columns and rows begin, by which the boxes of comments are placed."""
    columns = [
        width_px(widths[column]) if column in widths else COLUMN_PX
        for column in range(max(widths, default=-1) + 1)
    ]
    rows = [ROW_PX] * len(grid.rows)
    for row, high in points.items():
        rows[row] = height_px(high)
    for row in grid.hidden_rows:
        if row < len(rows):
            rows[row] = 0
    return Edges(columns, COLUMN_PX), Edges(rows, ROW_PX)


def _severities_by_row(settled: Mapping[tuple[int, int], Mark]) -> dict[int, dict[int, Severity]]:
    severities: dict[int, dict[int, Severity]] = {}
    for (row, column), mark in settled.items():
        severities.setdefault(row - 1, {})[column - 1] = mark.severity
    return severities


def _list_comments(settled: Mapping[tuple[int, int], Mark], marks: SheetMarks) -> list[CellComment]:
    comments = {position: mark.comment for position, mark in settled.items() if mark.comment}
    if marks.whole:
        comments[1, 1] = "\n\n".join(filter(None, (comment_of(marks.whole), comments.get((1, 1), ""))))
    return [CellComment(row, column, text, AUTHOR) for (row, column), text in sorted(comments.items())]

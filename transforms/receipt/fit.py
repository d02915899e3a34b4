"""How wide the columns and how high the rows of a sheet must be that is drawn anew, and where its header is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from schemas.catalogue import ledgers
from transforms.read.containers import Grid, cell_text
from transforms.read.header import ROWS_SEARCHED, HeaderIndex
from transforms.receipt.words import lines_of, width_of

_SAMPLE_ROWS = 200
_NARROWEST, _WIDEST = 9.0, 24.0
_MARGIN = 2.0
MOST_LINES = 8


@cache
def _index() -> HeaderIndex:
    return HeaderIndex(ledgers())


def header_rows(grid: Grid) -> tuple[int, int]:
    """First and last row of the header, from 0; (0, -1) where there is none."""
    found = _index().find([[cell_text(cell) for cell in row] for row in grid.rows[: ROWS_SEARCHED + 3]])
    return (found.first_row, found.row) if found else (0, -1)


def first_column(grid: Grid, row: int) -> int:
    """The first filled cell of a row; both count from 1."""
    cells = grid.rows[row - 1] if 0 < row <= len(grid.rows) else []
    return next((at for at, cell in enumerate(cells, 1) if cell_text(cell)), 1)


def column_widths(grid: Grid) -> dict[int, float]:
    """The sheet's own widths, else what its first rows need."""
    if grid.column_widths:
        return dict(grid.column_widths)
    sample = grid.rows[:_SAMPLE_ROWS]
    needed = dict.fromkeys(range(max(map(len, sample), default=0)), _NARROWEST)
    for cells in sample:
        if len(cells) - cells.count("") - cells.count(None) < 2:
            continue  # a title over the table
        for at, cell in enumerate(cells):
            if needed[at] < _WIDEST and (cell.__class__ is not str or 2 * len(cell) + _MARGIN > needed[at]):
                needed[at] = max(needed[at], min(_WIDEST, width_of(cell_text(cell)) + _MARGIN))
    return needed


def lines_needed(cells: Sequence[Any], widths: Mapping[int, float]) -> int:
    """Lines of the row's longest text: not every program fits the height of a row when it opens a workbook."""
    most = 1
    for at, cell in enumerate(cells):
        if cell.__class__ is str and cell:
            width = widths.get(at, _NARROWEST) - 1
            if len(cell) * (1 if cell.isascii() else 2) > width or "\n" in cell:
                most = max(most, lines_of(cell, width))
    return min(MOST_LINES, most)

"""Find the column widths, row heights and header of a sheet that is redrawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np

from schemas.catalogue import ledgers
from transforms.read.containers.detect import Grid, cell_text
from transforms.read.layout.header import ROWS_SEARCHED, HeaderIndex
from transforms.text_width import lines_of, widths_of

_SAMPLE_ROWS = 200
_NARROWEST, _WIDEST = 9.0, 24.0
_MARGIN = 2.0
MOST_LINES = 8


@cache
def _index() -> HeaderIndex:
    return HeaderIndex(ledgers())


def header_rows(grid: Grid) -> tuple[int, int]:
    """Return the first and last row of the header, from 0; (0, -1) where there is none."""
    header_match = _index().find(
        [[cell_text(cell) for cell in row] for row in grid.rows[: ROWS_SEARCHED + 3]]
    )
    return (header_match.first_row, header_match.row) if header_match else (0, -1)


def first_column(grid: Grid, row: int) -> int:
    """Return the column of the first filled cell of a row; both count from 1."""
    cells = grid.rows[row - 1] if 0 < row <= len(grid.rows) else []
    return next((column for column, cell in enumerate(cells, 1) if cell_text(cell)), 1)


class Fit:
    """The widths and heights of a grid.

    All texts are measured at once: singly, each would take as long as its cell.
    """

    def __init__(self, grid: Grid, most_rows: int) -> None:
        rows = grid.rows[: most_rows if len(grid.rows) <= most_rows else _SAMPLE_ROWS]
        cells = list(chain.from_iterable(rows))
        self.is_text = np.array([cell.__class__ is str for cell in cells], dtype=bool)
        texts = (
            cells
            if self.is_text.all()
            else [cell if cell.__class__ is str else cell_text(cell) for cell in cells]
        )
        counts = np.array([len(cells) for cells in rows], dtype=np.int64)
        self.row_of = np.repeat(np.arange(len(rows)), counts)
        self.column_of = np.arange(len(texts)) - np.repeat(np.cumsum(counts) - counts, counts)
        self.text_widths = widths_of(texts)
        self.columns = self._columns(grid, rows)
        self.lines = self._lines(len(rows), texts) if len(grid.rows) <= most_rows else np.ones(0, np.int64)

    def _columns(self, grid: Grid, rows: Sequence[Sequence[Any]]) -> dict[int, float]:
        """Return the sheet's own widths, else those that its first rows need."""
        if grid.column_widths:
            return dict(grid.column_widths)
        sample = rows[:_SAMPLE_ROWS]
        in_table = [
            len(cells) - cells.count("") - cells.count(None) > 1 for cells in sample
        ]  # others are titles above it
        counted = np.array(in_table + [False] * (len(rows) - len(sample)), dtype=bool)[self.row_of]
        widest = np.zeros(max(map(len, sample), default=0))
        np.maximum.at(widest, self.column_of[counted], self.text_widths[counted])
        return dict(enumerate(np.clip(widest + _MARGIN, _NARROWEST, _WIDEST).tolist()))

    def _lines(self, rows: int, texts: Sequence[str]) -> np.ndarray:
        """Count the lines of each row's longest text, as not every program fits the heights of rows by
        itself.
        """
        last = int(self.column_of.max(initial=0))
        widths = np.array(
            [max(1, int(self.columns.get(index, _NARROWEST) - 1)) for index in range(last + 1)]
        )
        needed = np.where(self.is_text, -(-self.text_widths // widths[self.column_of]), 1)
        for index in (index for index, text in enumerate(texts) if "\n" in text):
            needed[index] = lines_of(texts[index], float(widths[self.column_of[index]]))
        lines = np.ones(rows, np.int64)
        np.maximum.at(lines, self.row_of, needed)
        return np.minimum(lines, MOST_LINES)

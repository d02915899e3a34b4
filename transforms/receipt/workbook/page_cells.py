"""Write the first page as cells, for each of the two libraries that write workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from transforms.receipt.page import Line, TextRun
from transforms.receipt.workbook.cell_xml import blank_cell, number_cell, text_cell


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

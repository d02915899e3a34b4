"""The sheets of several workbooks at once: those of one header have their rows looked at together, others each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.forms import OWN_SHEETS
from transforms.read.bulk.arrow_columns import TEXT
from transforms.read.bulk.block import ROWS_SHOWN, Block
from transforms.read.containers.detect import open_file
from transforms.read.containers.grid import Grid, OpenedFile, UnusableFileError, cell_text
from transforms.read.layout.header import MOST_HEADER_ROWS, HeaderIndex, HeaderRow
from transforms.read.layout.read_file import SheetLayout, Source, read_opened, reject_file
from transforms.read.layout.rows import SheetRows, grid_texts
from transforms.read.layout.submission import FileRead
from transforms.read.layout.tables import HeaderMark

#: a header that begins further down is looked for in the whole sheet
LAST_START = 5
#: a sheet with more cells than that is worth its own look, and its memory is wanted back
MOST_CELLS_TOGETHER = 200_000
#: fewer rows are sooner looked at one by one
FEWEST_ROWS_TOGETHER = 300
_BETWEEN = "\0"


@dataclass(frozen=True)
class _Headed:
    """A sheet that may be plain: the file and the grid by their places, its first rows as text, and its header."""

    file: int
    grid_index: int
    grid: Grid
    texts: list[list[str]]
    header: HeaderRow

    @property
    def rows(self) -> list[list[object]]:
        return self.grid.rows[self.header.row + 1 :]

    @property
    def key(self) -> tuple[tuple[str, ...], ...]:
        """The same for sheets whose header is written alike."""
        return tuple(map(tuple, self.texts[self.header.first_row : self.header.row + 1]))


def read_workbooks(sources: Sequence[Source], datas: Iterable[bytes]) -> list[FileRead]:
    """What each file holds, in order."""
    read: dict[int, FileRead] = {}
    waiting: dict[int, OpenedFile] = {}
    for file, (source, data) in enumerate(zip(sources, datas, strict=True)):
        try:
            opened = open_file(data)
        except UnusableFileError as unusable:
            read[file] = reject_file(source, unusable)
            continue
        if (
            sum(len(grid.rows) * len(grid.rows[0]) for grid in opened.grids if grid.rows)
            > MOST_CELLS_TOGETHER
        ):
            read[file] = read_opened(source, opened)
        else:
            waiting[file] = opened
    pages = _pages(sources, waiting)
    return [
        read.get(file) or read_opened(source, waiting[file], pages.get(file, {}))
        for file, source in enumerate(sources)
    ]


def _pages(sources: Sequence[Source], waiting: dict[int, OpenedFile]) -> dict[int, dict[int, SheetLayout]]:
    """By file and place of its grid, the sheets that are plain."""
    by_header: dict[tuple[tuple[str, ...], ...], list[_Headed]] = {}
    for sheet in _headed(sources, waiting):
        by_header.setdefault(sheet.key, []).append(sheet)
    pages: dict[int, dict[int, SheetLayout]] = {}
    for sheets in by_header.values():
        if sum(len(sheet.grid.rows) for sheet in sheets) < FEWEST_ROWS_TOGETHER:
            continue
        block = _block(sheets)
        for number, sheet in enumerate(sheets):
            source = sources[sheet.file]
            shown = sheet.texts[: sheet.header.row + 1 + ROWS_SHOWN]
            if page := block.page(number, source, SheetRows(source.path, sheet.grid, shown), sheet.header):
                pages.setdefault(sheet.file, {})[sheet.grid_index] = page
    return pages


def _headed(sources: Sequence[Source], waiting: dict[int, OpenedFile]) -> Iterator[_Headed]:
    for file, opened in waiting.items():
        for index, grid in enumerate(opened.grids):
            if grid.name in OWN_SHEETS or not _may_be_plain(grid):
                continue
            texts = grid_texts(Grid(grid.name, grid.rows[: LAST_START + MOST_HEADER_ROWS + ROWS_SHOWN]))
            header = _header(texts, sources[file].index)
            if header is not None and header.row + 1 < len(texts):
                yield _Headed(file, index, grid, texts, header)


def _may_be_plain(grid: Grid) -> bool:
    """Whether nothing about the sheet as a whole asks for a look at each row."""
    is_whole = (
        grid.refused is None and grid.is_visible and not (grid.is_csv or grid.is_1904 or grid.hidden_rows)
    )
    return is_whole and len(set(map(len, grid.rows))) == 1


def _header(texts: Sequence[list[str]], index: HeaderIndex) -> HeaderRow | None:
    """The header that is found in the whole sheet too: one that surely is one, by rows that are all at hand."""
    for row in range(min(LAST_START + 1, len(texts))):
        header = index.find_at(texts, row)
        if header is not None and index.is_sure(header):
            return header
    return None


def _block(sheets: Sequence[_Headed]) -> Block:
    first = sheets[0]
    rows = [sheet.rows for sheet in sheets]
    columns = [_column(cells) for cells in zip(*chain.from_iterable(rows), strict=True)]
    mark = HeaderMark(first.texts[first.header.first_row])
    return Block(
        columns, first.header.texts, mark, [*map(len, rows)], [sheet.header.row + 2 for sheet in sheets]
    )


def _column(cells: Sequence[Any]) -> pa.Array:
    """Cells as text, written one behind the other: Arrow takes four times as long over a list of them."""
    try:
        signs = np.frombuffer(f"{_BETWEEN.join(cells)}{_BETWEEN}".encode(), np.uint8)
    except TypeError:  # they are not all text
        return _column([cell_text(cell) if type(cell) is not str else cell for cell in cells])
    ends = np.flatnonzero(signs == ord(_BETWEEN))
    if len(ends) != len(cells):  # it stands in a cell
        return pa.array(cells, TEXT)
    offsets = np.concatenate([[0], ends - np.arange(len(ends))])
    return pa.Array.from_buffers(
        TEXT, len(cells), [None, pa.py_buffer(offsets), pa.py_buffer(signs[signs != ord(_BETWEEN)])]
    )

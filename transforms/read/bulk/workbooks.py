"""Read workbooks together: the rows of regular sheets with the same header are searched as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.forms import OWN_SHEETS
from transforms.read.bulk.block import ROWS_SHOWN, Block
from transforms.read.containers.detect import open_file
from transforms.read.containers.grid import Grid, OpenedFile, UnusableFileError, cell_text
from transforms.read.layout.evidence import Source
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.header_match import HeaderRow
from transforms.read.layout.header_windows import MOST_HEADER_ROWS
from transforms.read.layout.read_file import SheetLayout, read_opened, reject_file
from transforms.read.layout.rows import SheetRows, grid_texts
from transforms.read.layout.submission import FileRead
from transforms.read.layout.tables import HeaderMark
from transforms.read.layout.text_columns import TEXT

#: a header that begins further down is searched for in the whole sheet
LAST_START = 6
#: a file with more cells is read at once and by itself, so that its memory is free again
MOST_CELLS_TOGETHER = 200_000
#: fewer rows are faster looked at one by one
FEWEST_ROWS_TOGETHER = 300
_SEPARATOR = "\0"

#: the rows of a header as text: the same for sheets that are searched together
HeaderKey = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _CandidateSheet:
    """A sheet that may be regular: positions of its file and grid, its first rows as text, and its header."""

    file_index: int
    grid_index: int
    grid: Grid
    texts: list[list[str]]
    header: HeaderRow

    @property
    def rows(self) -> list[list[object]]:
        return self.grid.rows[self.header.row + 1 :]

    @property
    def key(self) -> HeaderKey:
        return tuple(map(tuple, self.texts[self.header.first_row : self.header.row + 1]))


def read_workbooks(sources: Sequence[Source], contents: Iterable[bytes]) -> list[FileRead]:
    """Return what each file holds, in order."""
    results: dict[int, FileRead] = {}
    waiting: dict[int, OpenedFile] = {}
    for file_index, (source, data) in enumerate(zip(sources, contents, strict=True)):
        try:
            opened = open_file(data)
        except UnusableFileError as unusable:
            results[file_index] = reject_file(source, unusable)
            continue
        cells = sum(len(grid.rows) * len(grid.rows[0]) for grid in opened.grids if grid.rows)
        if cells > MOST_CELLS_TOGETHER:
            results[file_index] = read_opened(source, opened)
        else:
            waiting[file_index] = opened
    layouts = _find_layouts(sources, waiting)
    for file_index, opened in waiting.items():
        results[file_index] = read_opened(sources[file_index], opened, layouts.get(file_index, {}))
    return [results[file_index] for file_index in range(len(sources))]


def _find_layouts(
    sources: Sequence[Source], waiting: dict[int, OpenedFile]
) -> dict[int, dict[int, SheetLayout]]:
    """Return the layouts of the regular sheets, by position of their file and of their grid in it."""
    sheets_by_header: dict[HeaderKey, list[_CandidateSheet]] = {}
    for sheet in _find_candidates(sources, waiting):
        sheets_by_header.setdefault(sheet.key, []).append(sheet)
    layouts: dict[int, dict[int, SheetLayout]] = {}
    for sheets in sheets_by_header.values():
        if sum(len(sheet.grid.rows) for sheet in sheets) < FEWEST_ROWS_TOGETHER:
            continue
        block = _stack(sheets)
        for number, sheet in enumerate(sheets):
            source = sources[sheet.file_index]
            first_rows = SheetRows(
                source.path, sheet.grid, sheet.texts[: sheet.header.row + 1 + ROWS_SHOWN]
            )
            if layout := block.layout_of(number, source, first_rows, sheet.header):
                layouts.setdefault(sheet.file_index, {})[sheet.grid_index] = layout
    return layouts


def _find_candidates(
    sources: Sequence[Source], waiting: dict[int, OpenedFile]
) -> Iterator[_CandidateSheet]:
    for file_index, opened in waiting.items():
        for grid_index, grid in enumerate(opened.grids):
            if grid.name in OWN_SHEETS or not _may_be_regular(grid):
                continue
            texts = grid_texts(Grid(grid.name, grid.rows[: LAST_START + MOST_HEADER_ROWS + ROWS_SHOWN]))
            header = _find_header(texts, sources[file_index].index)
            if header is None or any(bottom > header.row for _, _, bottom, _ in grid.merged):
                continue
            if header.row + 1 < len(texts):
                yield _CandidateSheet(file_index, grid_index, grid, texts, header)


def _may_be_regular(grid: Grid) -> bool:
    """Return whether nothing about the sheet as a whole requires a look at each of its rows."""
    is_plain = (
        not (
            grid.refused
            or grid.is_csv
            or grid.is_1904
            or grid.hidden_rows
            or grid.struck
            or grid.number_formats
            or grid.unseen
            or grid.hidden_columns
            or grid.comments
        )
        and grid.is_visible
    )
    return is_plain and len(set(map(len, grid.rows))) == 1


def _find_header(texts: Sequence[list[str]], index: HeaderIndex) -> HeaderRow | None:
    """Return the header that a search of the whole sheet would find too: the first row that surely is one."""
    for row in range(min(LAST_START + 1, len(texts))):
        header = index.find_at(texts, row)
        if header is not None and index.is_sure(header):
            return header
    return None


def _stack(sheets: Sequence[_CandidateSheet]) -> Block:
    first = sheets[0]
    rows = [sheet.rows for sheet in sheets]
    columns = [_to_text_column(cells) for cells in zip(*chain.from_iterable(rows), strict=True)]
    mark = HeaderMark(first.texts[first.header.first_row])
    first_rows = [sheet.header.row + 2 for sheet in sheets]
    return Block(columns, first.header.texts, mark, [*map(len, rows)], first_rows)


def _to_text_column(cells: Sequence[Any]) -> pa.Array:
    """Convert cells to a column of text by way of one string, four times as fast as by a list."""
    try:
        codes = np.frombuffer(f"{_SEPARATOR.join(cells)}{_SEPARATOR}".encode(), np.uint8)
    except TypeError:  # they are not all text
        return _to_text_column([cell_text(cell) if type(cell) is not str else cell for cell in cells])
    ends = np.flatnonzero(codes == ord(_SEPARATOR))
    if len(ends) != len(cells):  # a cell contains the separator
        return pa.array(cells, TEXT)
    offsets = np.concatenate([[0], ends - np.arange(len(ends))])
    return pa.Array.from_buffers(
        TEXT, len(cells), [None, pa.py_buffer(offsets), pa.py_buffer(codes[codes != ord(_SEPARATOR)])]
    )

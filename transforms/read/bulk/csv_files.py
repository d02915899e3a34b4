"""Read regular CSV files: those with the same header are parsed and searched together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.read.bulk.arrow_columns import Mask, may_be_too_long, strip, to_mask
from transforms.read.bulk.block import ROWS_SHOWN, Block, strip_cells
from transforms.read.bulk.regular_csv import RegularFile, as_regular_file, parse_regular_files
from transforms.read.containers.grid import Grid
from transforms.read.layout.evidence import Source
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.header_windows import MOST_HEADER_ROWS
from transforms.read.layout.read_file import find_submissions
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.split_thousands import FIRST_GROUP, LAST_GROUP, money_columns
from transforms.read.layout.submission import FileRead, reconcile_file
from transforms.read.layout.tables import HeaderMark


def read_csv_files(
    sources: Sequence[Source], contents: Sequence[bytes], index: HeaderIndex
) -> dict[int, FileRead]:
    """Return by position what each regular CSV file holds; files of any other kind are left out."""
    files_by_header: dict[bytes, list[tuple[int, RegularFile]]] = {}
    for position, data in enumerate(contents):
        file = as_regular_file(data)
        if file is not None and index.knows_some(strip_cells(file.first_rows(0))[0]):
            files_by_header.setdefault(file.header, []).append((position, file))
    results: dict[int, FileRead] = {}
    for files in files_by_header.values():
        for part, columns in parse_regular_files(files):
            group = _FilesOfOneHeader([file for _, file in part], columns, index)
            for number, (position, _) in enumerate(part):
                if result := group.read(number, sources[position]):
                    results[position] = result
    return results


class _FilesOfOneHeader:
    def __init__(
        self, files: Sequence[RegularFile], columns: Sequence[pa.Array], index: HeaderIndex
    ) -> None:
        self.files, self.index = files, index
        (texts,) = strip_cells(files[0].first_rows(0))
        self.header = index.find_at([texts], 0)
        suspects = [may_be_too_long(column) for column in columns]
        suspects += self._find_split_amounts(columns)
        is_suspect = np.logical_or.reduce(suspects)
        counts = [file.rows for file in files]
        self.block = Block(columns, texts, HeaderMark(texts), counts, [2] * len(files), is_suspect)

    def _find_split_amounts(self, columns: Sequence[pa.Array]) -> list[Mask]:
        """Return which rows may have an amount that its commas split, for each column of amounts."""
        matches = self.header.matches if self.header else {}
        amounts = {column.index for column in money_columns(self.index, matches)}
        return [
            to_mask(pc.match_substring_regex(strip(columns[first]), FIRST_GROUP))
            & to_mask(pc.match_substring_regex(strip(columns[first + 1]), LAST_GROUP))
            for first in amounts
            if first + 1 < len(columns)
        ]

    def read(self, number: int, source: Source) -> FileRead | None:
        """Return what a file holds; None where each of its rows has to be looked at."""
        rows = self.files[number].first_rows(ROWS_SHOWN)
        sheet = SheetRows(source.path, Grid("", rows, is_csv=True), strip_cells(rows))
        may_go_on = any(map(self.index.may_end_header, sheet.texts[1:MOST_HEADER_ROWS]))
        header = self.index.find_at(sheet.texts, 0) if may_go_on else self.header
        if header is None or header.row or not self.index.is_sure(header):
            return None
        layout = self.block.layout_of(number, source, sheet, header)
        return reconcile_file(find_submissions(source, [layout]), [], source.regions) if layout else None

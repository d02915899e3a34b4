"""Reading many files at once: regular CSV files together, workbooks by `read_workbooks`.

Every result equals that of `read_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from schemas.regions import RegionTable
from transforms.read.bulk.arrow_columns import is_too_long
from transforms.read.bulk.block import ROWS_SHOWN, Block, strip_rows
from transforms.read.bulk.csv_files import RegularFile, as_regular_file, parse_regular_file
from transforms.read.bulk.workbooks import read_workbooks
from transforms.read.containers.grid import Grid
from transforms.read.layout.header import MOST_HEADER_ROWS, HeaderIndex
from transforms.read.layout.identity import IdentityHint
from transforms.read.layout.read_file import Source, find_submissions, outside
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.submission import FileRead, RowSpan, Submission, join_frames, reconcile_file
from transforms.read.layout.tables import HeaderMark


def read_many(
    files: Sequence[tuple[str, bytes]],
    regions: RegionTable,
    index: HeaderIndex,
    given: IdentityHint | None = None,
) -> list[FileRead]:
    """What each file (its path below the inbox, its bytes) holds, in order."""
    by_header: dict[bytes, list[int]] = {}
    plain = [as_regular_file(data) for _, data in files]
    for file_index, file in enumerate(plain):
        if file is not None and index.knows_some(strip_rows(file.first_rows(0))[0]):
            by_header.setdefault(file.header, []).append(file_index)
    read: dict[int, FileRead] = {}
    for file_indices in by_header.values():
        for part, columns in parse_regular_file(
            [(file_index, file) for file_index in file_indices if (file := plain[file_index])]
        ):
            block = _PlainFiles([file for _, file in part], columns, index)
            for number, (file_index, _) in enumerate(part):
                path = files[file_index][0]
                if result := block.read(
                    number, Source(path, outside(path, regions, given), regions, index)
                ):
                    read[file_index] = result
    remaining = [file_index for file_index in range(len(files)) if file_index not in read]
    sources = [
        Source(files[file_index][0], outside(files[file_index][0], regions, given), regions, index)
        for file_index in remaining
    ]
    opened = read_workbooks(sources, (files[file_index][1] for file_index in remaining))
    read |= zip(remaining, opened, strict=True)
    return _shared([read[file_index] for file_index in range(len(files))])


def _shared(files: Sequence[FileRead]) -> list[FileRead]:
    """The same, the rows of each ledger in one table for all."""
    spans: dict[str, list[RowSpan]] = {}
    for submission in (
        submission for file in files for submission in file.submissions if not submission.is_rejected
    ):
        spans.setdefault(str(submission.ledger), []).append(submission.accepted_span)
    blocks = {ledger: join_frames(of_ledger).combine_chunks() for ledger, of_ledger in spans.items()}
    reached = dict.fromkeys(blocks, 0)

    def placed(submission: Submission) -> Submission:
        if submission.is_rejected:
            return submission
        ledger, count = str(submission.ledger), submission.accepted_span.count
        reached[ledger] += count
        return replace(submission, span=RowSpan(blocks[ledger], reached[ledger] - count, count))

    return [
        replace(file, submissions=[placed(submission) for submission in file.submissions]) for file in files
    ]


class _PlainFiles:
    """Plain files of one header."""

    def __init__(
        self, files: Sequence[RegularFile], columns: Sequence[pa.Array], index: HeaderIndex
    ) -> None:
        self.files, self.index = files, index
        (texts,) = strip_rows(files[0].first_rows(0))
        self.header = index.find_at([texts], 0)
        is_cut = np.logical_or.reduce([is_too_long(column) for column in columns])
        self.block = Block(
            columns, texts, HeaderMark(texts), [file.rows for file in files], [2] * len(files), is_cut
        )

    def read(self, number: int, source: Source) -> FileRead | None:
        """What a file holds; None where it has to be looked at whole."""
        rows = self.files[number].first_rows(ROWS_SHOWN)
        sheet = SheetRows(source.path, Grid("", rows, is_csv=True), strip_rows(rows))
        may_grow = any(map(self.index.may_end_header, sheet.texts[1:MOST_HEADER_ROWS]))
        header = self.index.find_at(sheet.texts, 0) if may_grow else self.header
        if header is None or header.row or not self.index.is_sure(header):
            return None
        page = self.block.page(number, source, sheet, header)
        return FileRead(reconcile_file(find_submissions(source, [page])), []) if page else None

"""Reading many files at once: plain ones together, each of the others by `read_file`; every result is as `read_file` gives it.

A file is read together with others only where each of its rows below the header is data. Whose it is, of which ledger and
month, and what is told of its header comes from the same functions, which are shown its first rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from schemas.regions import RegionTable
from transforms.read.body import Sheet
from transforms.read.columns import TEXT, is_filled, is_too_long, or_missing, stripped
from transforms.read.file import Page, Source, outside, read_file, said_in, submissions_of
from transforms.read.grid import Grid
from transforms.read.header import MOST_HEADER_ROWS, Column, HeaderIndex, LedgerForm
from transforms.read.identity import Evidence
from transforms.read.plain_csv import PlainFile, parsed, plain_file
from transforms.read.plain_rows import odd_rows
from transforms.read.row_kinds import is_title_like
from transforms.read.submission import SOURCE_ROW, FileRead, Span, Submission, joined, settled
from transforms.read.tables import HeaderMark, Table, tables_from

#: what is looked at to tell a header from the rows below: a header may begin in the first of them
ROWS_SHOWN = MOST_HEADER_ROWS


def read_together(
    files: Sequence[tuple[str, bytes]], regions: RegionTable, index: HeaderIndex, given: Evidence | None = None
) -> list[FileRead]:
    """What each file (its path below the inbox, its bytes) holds, in order."""
    by_header: dict[bytes, list[int]] = {}
    plain = [plain_file(data) for _, data in files]
    for at, one in enumerate(plain):
        if one is not None and index.knows_some(_stripped(one.first_rows(0))[0]):
            by_header.setdefault(one.header, []).append(at)
    read: dict[int, FileRead] = {}
    for places in by_header.values():
        for part, columns in parsed([(at, one) for at in places if (one := plain[at])]):
            block = _Block([one for _, one in part], columns, index)
            for number, (at, _) in enumerate(part):
                path = files[at][0]
                if found := block.read(number, Source(path, outside(path, regions, given), regions, index)):
                    read[at] = found
    return _shared([read.get(at) or read_file(path, data, regions, index, given) for at, (path, data) in enumerate(files)])


def _shared(files: Sequence[FileRead]) -> list[FileRead]:
    """The same, the rows of each ledger in one table for all."""
    spans: dict[str, list[Span]] = {}
    for one in (one for file in files for one in file.submissions if not one.is_rejected):
        spans.setdefault(str(one.ledger), []).append(one.taken)
    blocks = {ledger: joined(of_ledger).combine_chunks() for ledger, of_ledger in spans.items()}
    reached = dict.fromkeys(blocks, 0)

    def placed(one: Submission) -> Submission:
        if one.is_rejected:
            return one
        ledger, count = str(one.ledger), one.taken.count
        reached[ledger] += count
        return replace(one, span=Span(blocks[ledger], reached[ledger] - count, count))

    return [replace(file, submissions=[placed(one) for one in file.submissions]) for file in files]


class _Block:
    """Plain files of one header, their rows one below the other."""

    def __init__(self, files: Sequence[PlainFile], columns: Sequence[pa.Array], index: HeaderIndex) -> None:
        self.files, self.index = files, index
        self.counts = np.array([one.rows for one in files])
        self.firsts = np.cumsum(self.counts) - self.counts
        self.header = index.find_at(_stripped(files[0].first_rows(0)), 0)
        self.columns = [stripped(column) for column in columns]
        self.others = set(np.searchsorted(self.firsts, self._odd_rows(columns), "right") - 1)
        self._tables: dict[str, pa.Table] = {}

    def _odd_rows(self, columns: Sequence[pa.Array]) -> np.ndarray:
        """The rows whose files are not for us: no data, cut cells, or content under no header."""
        (header,) = _stripped(self.files[0].first_rows(0))
        odd = np.logical_or.reduce([is_too_long(column) for column in columns])
        for text, column in zip(header, self.columns, strict=True):
            if not text:
                odd |= is_filled(column)
        return np.concatenate([np.flatnonzero(odd), odd_rows(self.columns, HeaderMark(header))])

    def read(self, number: int, source: Source) -> FileRead | None:
        """What a file holds; None where it has to be looked at whole."""
        rows = self.files[number].first_rows(ROWS_SHOWN)
        sheet = Sheet(source.path, Grid("", rows, is_csv=True), _stripped(rows))
        may_grow = any(map(self.index.may_end_header, sheet.texts[1:MOST_HEADER_ROWS]))
        header = self.index.find_at(sheet.texts, 0) if may_grow else self.header
        if number in self.others or header is None or header.row or not self.index.is_sure(header):
            return None
        tables = tables_from(header, sheet.texts, frozenset(), self.index, said_in(source, sheet))
        if is_title_like(sheet.texts[1]) or [table.rows for table in tables] != [list(range(1, len(rows)))]:
            return None
        source = replace(source, cut=partial(self._span, number))
        return FileRead(settled(submissions_of(source, [Page(sheet, tables)])), [])

    def _span(self, number: int, _sheet: Sheet, _table: Table, columns: dict[str, Column], form: LedgerForm) -> Span:
        """The rows of a file, in the table of all that are of this ledger."""
        if form.title not in self._tables:
            self._tables[form.title] = self._table(columns, form)
        return Span(self._tables[form.title], int(self.firsts[number]), int(self.counts[number]))

    def _table(self, columns: dict[str, Column], form: LedgerForm) -> pa.Table:
        count = len(self.columns[0])
        texts = {
            field: or_missing(self.columns[columns[field].index]) if field in columns else pa.nulls(count, TEXT)
            for field in form.kinds
        }
        return pa.table({**texts, SOURCE_ROW: np.arange(count) - np.repeat(self.firsts, self.counts) + 2})


def _stripped(rows: Sequence[list[str]]) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in rows]

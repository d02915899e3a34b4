"""Stack the rows of regular tables that share a header, so that whole columns are processed at once.

A table is regular if all rows below its header are data without a doubt. Its unit, ledger and period and
the notices about its header come from the same functions as those of a single table, which are given its
first rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.money_units import UNIT_COLUMN_SIGNS, UNIT_WORDS
from schemas.row_marks import STATUS_HEADERS, STATUS_VOID_WORDS
from transforms.read.bulk.arrow_columns import Mask, Rows, is_filled, strip, to_mask
from transforms.read.bulk.irregular_rows import find_doubtful_rows, find_irregular_rows
from transforms.read.layout.evidence import SheetContext, Source
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.header_match import HeaderColumn, HeaderRow
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.header_windows import MOST_HEADER_ROWS
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.read_file import SheetLayout
from transforms.read.layout.row_kinds import is_title_like
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.side_columns import find_side_columns
from transforms.read.layout.submission import SOURCE_ROW, RowSpan
from transforms.read.layout.tables import HeaderMark, SheetTable, tables_below
from transforms.read.layout.text_columns import TEXT, empty_to_missing
from transforms.read.layout.unit_columns import find_unit_columns

#: how many rows below a header are looked at one by one: another header may begin in the first of them
ROWS_SHOWN = MOST_HEADER_ROWS


class Block:
    """The rows of several tables with one header, one behind the other.

    For each table, `counts` holds the number of its rows and `first_rows` the row of its sheet, from 1, in
    which they begin. `is_suspect` marks rows that the caller wants looked at singly.
    """

    def __init__(
        self,
        columns: Sequence[pa.Array],
        header: Sequence[str],
        mark: HeaderMark,
        counts: Sequence[int],
        first_rows: Sequence[int],
        is_suspect: Mask | None = None,
    ) -> None:
        self.counts, self.first_rows = np.array(counts), np.array(first_rows)
        self.starts = np.cumsum(self.counts) - self.counts
        self.columns = [strip(column) for column in columns]
        masks = [is_filled(column) for text, column in zip(header, self.columns, strict=True) if not text]
        masks += [
            to_mask(pc.is_in(column, pa.array(STATUS_VOID_WORDS, TEXT)))
            for text, column in zip(header, self.columns, strict=True)
            if fold_header(text) in STATUS_HEADERS
        ]
        masks += [
            to_mask(pc.is_in(column, pa.array(sorted(UNIT_WORDS), TEXT)))
            for text, column in zip(header, self.columns, strict=True)
            if any(sign in text.upper() for sign in UNIT_COLUMN_SIGNS)
        ]
        masks += [is_suspect] if is_suspect is not None else []
        rows = np.concatenate([*map(np.flatnonzero, masks), find_irregular_rows(self.columns, mark)])
        self.irregular_tables = self._tables_of(rows)
        self._doubtful_tables: dict[str, set[int]] = {}
        self._rows_by_ledger: dict[str, pa.Table] = {}

    def _tables_of(self, rows: Rows) -> set[int]:
        return set((np.searchsorted(self.starts, rows, "right") - 1).tolist())

    def _tables_with_doubtful_rows(self, header: HeaderRow, index: HeaderIndex) -> set[int]:
        """Return the tables with a row that may be none, or should not count, in any ledger that fits."""
        tables: set[int] = set()
        for ledger, match in header.matches.items():
            if index.missing(ledger, match):
                continue
            if ledger not in self._doubtful_tables:
                rows = find_doubtful_rows(self.columns, header.texts, match.columns, index.ledgers[ledger])
                self._doubtful_tables[ledger] = self._tables_of(rows)
            tables |= self._doubtful_tables[ledger]
        return tables

    def _has_side_column(self, header: HeaderRow, index: HeaderIndex) -> bool:
        """Return whether a column that no ledger reads may say of each row whose, when or what it is."""
        for ledger, match in header.matches.items():
            if index.missing(ledger, match):
                continue
            known = {column.index for column in match.columns.values()}
            units = find_unit_columns(header.texts, known)
            if any(header.texts[column] for column in units) or find_side_columns(header.texts, known):
                return True
        return False

    def layout_of(
        self, table_index: int, source: Source, sheet: SheetRows, header: HeaderRow
    ) -> SheetLayout | None:
        """Return the layout of a sheet given by its first rows, down to `ROWS_SHOWN` below its header.

        None where the sheet is irregular, and each of its rows has to be looked at.
        """
        texts, first = sheet.texts, header.row + 1
        if table_index in self.irregular_tables or is_title_like(texts[first]):
            return None
        if table_index in self._tables_with_doubtful_rows(header, source.index):
            return None
        if self._has_side_column(header, source.index):
            return None
        tables = tables_below(header, texts, frozenset(), source.index, SheetContext(source, sheet))
        if [table.rows for table in tables] != [list(range(first, len(texts)))]:
            return None
        return SheetLayout(sheet, tables, extract=partial(self._extract, table_index))

    def _extract(
        self,
        table_index: int,
        _sheet: SheetRows,
        _table: SheetTable,
        columns: dict[str, HeaderColumn],
        form: LedgerForm,
    ) -> RowSpan:
        """Return the rows of one table within the rows of all, in the columns of a ledger."""
        if form.title not in self._rows_by_ledger:
            self._rows_by_ledger[form.title] = self._build_rows(columns, form)
        return RowSpan(
            self._rows_by_ledger[form.title], int(self.starts[table_index]), int(self.counts[table_index])
        )

    def _build_rows(self, columns: dict[str, HeaderColumn], form: LedgerForm) -> pa.Table:
        count = len(self.columns[0])
        texts = {
            field: empty_to_missing(self.columns[columns[field].index])
            if field in columns
            else pa.nulls(count, TEXT)
            for field in form.kinds
        }
        source_rows = np.arange(count) + np.repeat(self.first_rows - self.starts, self.counts)
        return pa.table({**texts, SOURCE_ROW: source_rows})


def strip_cells(rows: Sequence[list[str]]) -> list[list[str]]:
    """Remove blanks around the text of each cell."""
    return [[cell.strip() for cell in row] for row in rows]

"""Tables with the same header, stacked into columns, so that whole columns are processed at once.

Only a table whose rows below the header are all data is read this way. Its unit, ledger, period and the notices about its
header come from the same functions as for a single table, which get its first rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from transforms.read.bulk.arrow_columns import TEXT, Mask, is_filled, or_missing, strip
from transforms.read.bulk.row_filter import irregular_rows
from transforms.read.layout.header import MOST_HEADER_ROWS, HeaderColumn, HeaderRow, LedgerForm
from transforms.read.layout.read_file import SheetLayout, Source, context_reader
from transforms.read.layout.row_kinds import is_title_like
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.submission import SOURCE_ROW, RowSpan
from transforms.read.layout.tables import HeaderMark, SheetTable, tables_from

#: what is looked at below a header to tell it from its rows: another may begin in the first of them
ROWS_SHOWN = MOST_HEADER_ROWS


class Block:
    """The rows of tables of one header, `counts` of each; the first of each stands in row `first_rows` of its sheet, from 1.

    `is_odd`: rows of which somebody else knows that they need a closer look.
    """

    def __init__(
        self,
        columns: Sequence[pa.Array],
        header: Sequence[str],
        mark: HeaderMark,
        counts: Sequence[int],
        first_rows: Sequence[int],
        is_odd: Mask | None = None,
    ) -> None:
        self.counts, self.first_rows = np.array(counts), np.array(first_rows)
        self.firsts = np.cumsum(self.counts) - self.counts
        self.columns = [strip(column) for column in columns]
        odd = [is_filled(column) for text, column in zip(header, self.columns, strict=True) if not text]
        odd += [is_odd] if is_odd is not None else []
        rows = np.concatenate([*map(np.flatnonzero, odd), irregular_rows(self.columns, mark)])
        self.others = set((np.searchsorted(self.firsts, rows, "right") - 1).tolist())
        self._tables: dict[str, pa.Table] = {}

    def page(self, number: int, source: Source, sheet: SheetRows, header: HeaderRow) -> SheetLayout | None:
        """A sheet of which only the rows down to `ROWS_SHOWN` below its header are shown; None where it has to be looked at
        whole.
        """
        texts, first = sheet.texts, header.row + 1
        if number in self.others or is_title_like(texts[first]):
            return None
        tables = tables_from(header, texts, frozenset(), source.index, context_reader(source, sheet))
        if [table.rows for table in tables] != [list(range(first, len(texts)))]:
            return None
        return SheetLayout(sheet, tables, cut=partial(self._span, number))

    def _span(
        self,
        number: int,
        _sheet: SheetRows,
        _table: SheetTable,
        columns: dict[str, HeaderColumn],
        form: LedgerForm,
    ) -> RowSpan:
        """The rows of a sheet, in the table of all that are of this ledger."""
        if form.title not in self._tables:
            self._tables[form.title] = self._table(columns, form)
        return RowSpan(self._tables[form.title], int(self.firsts[number]), int(self.counts[number]))

    def _table(self, columns: dict[str, HeaderColumn], form: LedgerForm) -> pa.Table:
        count = len(self.columns[0])
        texts = {
            field: or_missing(self.columns[columns[field].index])
            if field in columns
            else pa.nulls(count, TEXT)
            for field in form.kinds
        }
        return pa.table(
            {**texts, SOURCE_ROW: np.arange(count) + np.repeat(self.first_rows - self.firsts, self.counts)}
        )


def strip_rows(rows: Sequence[list[str]]) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in rows]

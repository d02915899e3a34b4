"""Find the tables of a sheet, one below the other.

A header printed again on every page begins no new table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from schemas.row_marks import (
    COLUMN_SIGNS,
    FEWEST_CELLS_OF_A_RECORD,
    FEWEST_NUMBERED,
    FEWEST_WITH_SIGN,
    NUMBERING_LABELS,
)
from transforms.normalise.money_units import units_in
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.header_match import HeaderRow
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.row_kinds import RowKind, is_day, is_title_like, row_kind
from transforms.read.layout.split_thousands import SplitAmounts

#: how many titles, labels and blank rows may stand between a table and the header of the next
MOST_ROWS_ABOVE = 10
#: 5=3+4: how a column is computed, behind its number
_COMPUTED = re.compile(r"(\d+)=[\d+\-*/×÷()]+%?")
_MAY_HEAD_A_PART = (RowKind.LABEL, RowKind.SECTION, RowKind.DATA)


class Context(Protocol):
    """What the rows of a sheet (from 0) name of units, months and ledgers."""

    @property
    def names_outside(self) -> frozenset[str]:
        """The units and months that path and sender name."""

    def names(self, rows: range) -> frozenset[str]:
        """Return the units, months and ledgers that some rows name."""

    def names_of_identity(self, rows: range) -> frozenset[str]:
        """Return the units and months that some rows name."""

    def is_heading(self, row: int) -> bool:
        """Return whether a row has a single text, which holds nothing but units, months and titles."""


@dataclass
class SheetTable:
    """A header with its rows, numbered from 0.

    `above` are the titles and labels above the header that belong to it, or, of a part of a table that is
    another unit's or month's, the label that says so. A table that `holds_only_parts` has such a label right
    below its header, and no row of its own.
    """

    header: HeaderRow
    above: range
    rows: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    foot: list[int] = field(default_factory=list)
    nothing: list[int] = field(default_factory=list)
    examples: list[int] = field(default_factory=list)
    sections: list[int] = field(default_factory=list)
    holds_only_parts: bool = False
    split: SplitAmounts = field(default_factory=SplitAmounts)


def find_tables(
    texts: Sequence[list[str]], hidden: frozenset[int], index: HeaderIndex, context: Context
) -> list[SheetTable]:
    """Find the tables of a sheet, none where it has no header.

    `context` serves to distinguish the titles of the next page from those of another table.
    """
    header = index.find(texts, hidden)
    return tables_below(header, texts, hidden, index, context) if header else []


def tables_below(
    header: HeaderRow,
    texts: Sequence[list[str]],
    hidden: frozenset[int],
    index: HeaderIndex,
    context: Context,
) -> list[SheetTable]:
    """Find the tables of a sheet whose first header is known."""
    scan = _Scan(texts, hidden, index, context, SheetTable(header, range(header.first_row)))
    scan.run()
    return scan.tables


class HeaderMark:
    """The first cell of a header, by which a row below data is recognised as a possible next header."""

    def __init__(self, row: list[str]) -> None:
        self.column_index, text = next((column, text) for column, text in enumerate(row) if text)
        self._folded = fold_header(text)
        self.letters = {text[:1], self._folded[:1]}

    def may_begin(self, row: list[str]) -> bool:
        """Return quickly whether a row may begin a header: this one printed again, or a title above the
        next.
        """
        first = row[self.column_index] if self.column_index < len(row) else ""
        if first[:1] in self.letters and fold_header(first) == self._folded:
            return True
        return len(row) - row.count("") == 1


class _Scan:
    """One walk over the rows below the first header. Headers are looked for only where one may stand."""

    def __init__(
        self,
        texts: Sequence[list[str]],
        hidden: frozenset[int],
        index: HeaderIndex,
        context: Context,
        first: SheetTable,
    ) -> None:
        self.texts, self.hidden, self.index, self.context = texts, hidden, index, context
        self.tables = [first]
        self._headers: dict[int, HeaderRow | None] = {}
        self._begin(first)

    def _begin(self, table: SheetTable) -> None:
        self.table, self.mark = table, HeaderMark(self.texts[table.header.first_row])

    def run(self) -> None:
        row_index = self._below(self.table.header)
        is_after_data = False
        while row_index < len(self.texts):
            row = self.texts[row_index]
            kind = row_kind(row)
            may_begin = kind is RowKind.LABEL or (
                kind in (RowKind.DATA, RowKind.SECTION) and (not is_after_data or self.mark.may_begin(row))
            )
            header = self._header_ahead(row_index, kind) if may_begin else None
            if header is not None:
                self._add_header(header, row_index)
                row_index, is_after_data = self._below(header), False
                continue
            if kind in _MAY_HEAD_A_PART and self._begins_part(row_index, kind):
                self.table.holds_only_parts = not self.table.rows
                self._begin(SheetTable(self.table.header, range(row_index, row_index + 1)))
                self.tables.append(self.table)
                row_index, is_after_data = row_index + 1, False
                continue
            if kind is RowKind.DATA and self._is_signature(row_index):
                kind = RowKind.FOOT
            self._add_row(row_index, kind)
            is_after_data = kind is RowKind.DATA
            row_index += 1

    def _begins_part(self, row_index: int, kind: RowKind) -> bool:
        """Return whether the rows below are another unit's or month's than those above, under one header."""
        if self.table.nothing or self.table.examples or not self._has_record_below(row_index):
            return False
        if kind is not RowKind.LABEL and not self.context.is_heading(row_index):
            return False
        names_above = self.context.names_of_identity(self.table.above)
        if self.table is self.tables[0]:
            names_above |= self.context.names_outside
        return not self.context.names_of_identity(range(row_index, row_index + 1)) <= names_above

    def _is_signature(self, row_index: int) -> bool:
        """Return whether a row below all records is only the name of a unit, or a day."""
        filled = [text for text in self.texts[row_index] if text]
        if len(filled) != 1 or not self.table.rows:
            return False
        is_apart = self.context.is_heading(row_index) or is_day(filled[0])
        return is_apart and not self._has_record_below(row_index)

    def _has_record_below(self, row_index: int) -> bool:
        below = (row for row in self.texts[row_index + 1 : row_index + 1 + MOST_ROWS_ABOVE] if any(row))
        row = next(below, [])
        return row_kind(row) is RowKind.DATA and len(row) - row.count("") > FEWEST_CELLS_OF_A_RECORD

    def _add_row(self, row_index: int, kind: RowKind) -> None:
        if kind is RowKind.DATA:
            self.table.rows.append(row_index)
        elif kind is RowKind.TOTAL:
            self.table.totals.append(row_index)
        elif kind is RowKind.NOTHING:
            self.table.nothing.append(row_index)
        elif kind is RowKind.EXAMPLE:
            self.table.examples.append(row_index)
        elif kind is RowKind.SECTION:
            self.table.sections.append(row_index)
        elif kind in (RowKind.FOOT, RowKind.LABEL):
            self.table.foot.append(row_index)

    def _header_ahead(self, start: int, kind: RowKind) -> HeaderRow | None:
        """Return the header that begins at this row, or below titles and labels that begin here."""
        is_below_blank = not any(self.texts[start - 1])
        for row_index in range(start, min(start + MOST_ROWS_ABOVE, len(self.texts))):
            row = self.texts[row_index]
            if not any(row):
                if kind is RowKind.LABEL and not is_below_blank:
                    return None  # 填报单位 right below a table is of that table
                continue
            header = self._header_at(row_index)
            if header is not None and (self.index.is_sure(header) or self._is_same(header)):
                return header
            if not is_title_like(row) or row_kind(row) in (RowKind.TOTAL, RowKind.FOOT):
                return None
        return None

    def _header_at(self, row_index: int) -> HeaderRow | None:
        """Return the header that begins at a row; remembered, as each title above asks for it again."""
        if row_index not in self._headers:
            self._headers[row_index] = self.index.find_at(self.texts, row_index, self.hidden)
        return self._headers[row_index]

    def _is_same(self, header: HeaderRow) -> bool:
        return _folded(header) == _folded(self.table.header)

    def _add_header(self, header: HeaderRow, start: int) -> None:
        """Take a header below other rows as the next page of the table, or as the next table."""
        above = range(start, header.first_row)
        if self._is_same(header) and self.context.names(above) <= self.context.names(self.table.above):
            return
        self._begin(SheetTable(header, above))
        self.tables.append(self.table)

    def _below(self, header: HeaderRow) -> int:
        """Return the first row below a header, the numbers of its columns and its units again."""
        row_index = header.row + 1
        for row in self.texts[row_index : row_index + 2]:
            if not (_names_units(row) or numbers_columns(row)):
                break
            row_index += 1
        return row_index


def _names_units(texts: Sequence[str]) -> bool:
    words = [text for text in texts if text]
    return bool(words) and all(map(units_in, words))


def numbers_columns(texts: Sequence[str]) -> bool:
    """Return whether a row numbers the columns: 1 2 3, 甲 乙 1 2, 栏次 1 2 3=1+2."""
    filled = [text for text in texts if text]
    signs = list(filled[:1]) if filled and filled[0] in NUMBERING_LABELS else []
    remaining = [text.strip("()（）[]【】第栏列 ") for text in filled[len(signs) :]]
    letters = next((letters for letters in COLUMN_SIGNS if remaining and remaining[0] == letters[0]), "")
    count = sum(1 for sign, letter in zip(remaining, letters, strict=False) if sign == letter)
    numbers = [_COMPUTED.sub(r"\1", text) for text in remaining[count:]]
    is_numbered = numbers == [str(number + 1) for number in range(len(numbers))]
    return is_numbered and len(filled) >= (FEWEST_WITH_SIGN if signs or count else FEWEST_NUMBERED)


def _folded(header: HeaderRow) -> dict[int, str]:
    return {column: fold_header(text) for column, text in enumerate(header.texts) if text}

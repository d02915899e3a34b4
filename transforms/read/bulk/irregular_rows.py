"""Find the rows below a header that are not data, a column at a time.

A row is looked at singly only where a column shows a sign of something else. The signs follow from
`row_kind`, `HeaderMark`, `hollow_rows` and `doubtful_rows`: for all of them, a row without any sign is data
without a doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.row_marks import EXAMPLE_WORDS, FEWEST_CELLS_OF_A_RECORD, TOTAL_SIGNS
from schemas.sheet_words import NOTHING_SIGNS
from transforms.read.bulk.arrow_columns import Mask, Rows, contains_anywhere, is_filled, to_mask
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.hollow_rows import NOTHING_COMPUTED
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.refunds import REFUND
from transforms.read.layout.row_kinds import (
    COLONS,
    FOOT_STARTS,
    LABEL_STARTS,
    MOST_CELLS_OF_SENTENCE,
    SECTION_STARTS,
    RowKind,
    row_kind,
)
from transforms.read.layout.tables import HeaderMark
from transforms.read.layout.text_columns import TEXT
from transforms.read.layout.void_words import TYPED, VOID_SIGN, void_mark

_NOTHING = pa.array(sorted(NOTHING_SIGNS), TEXT)
_NOTHING_COMPUTED = pa.array(["", *sorted(NOTHING_COMPUTED)], TEXT)
#: one search for any of several words takes a fifth of the time of a search for each
_TOTAL_SIGN = "|".join(TOTAL_SIGNS)


def find_irregular_rows(columns: Sequence[pa.Array], mark: HeaderMark) -> Rows:
    """Return the positions of rows that are not data, or may begin another header; `columns` are stripped."""
    suspects = np.flatnonzero(_find_suspects(columns, mark))
    is_irregular = [_is_irregular(row, mark) for row in _texts_of(columns, suspects)]
    rows: Rows = suspects[np.array(is_irregular, dtype=bool)]
    return rows


def find_doubtful_rows(
    columns: Sequence[pa.Array], header: list[str], known: dict[str, HeaderColumn], form: LedgerForm
) -> Rows:
    """Return the positions of rows that may be hollow, or are marked as void or refunds, in a ledger."""
    return np.concatenate(
        [
            _find_hollow_rows(columns, known, form),
            _find_void_rows(columns, header, known, form),
            _find_refunds(columns, form),
        ]
    )


def _find_hollow_rows(
    columns: Sequence[pa.Array], known: dict[str, HeaderColumn], form: LedgerForm
) -> Rows:
    """Return the rows in which no number, name or day tells what they are about.

    With another day a row is no prefilled one, and no sum.
    """
    identifying = [columns[known[name].index] for name in form.identifying if name in known]
    days = [columns[column.index] for name, column in known.items() if form.kinds[name] == "date"]
    if not identifying:
        return np.array([], np.int64)
    is_hollow = np.logical_and.reduce([~is_filled(column) for column in identifying])
    for column in days if is_hollow.any() else ():
        is_hollow &= to_mask(pc.is_in(column, _NOTHING_COMPUTED))
    return np.flatnonzero(is_hollow)


def _find_void_rows(
    columns: Sequence[pa.Array], header: list[str], known: dict[str, HeaderColumn], form: LedgerForm
) -> Rows:
    typed = {column.index for name, column in known.items() if form.kinds[name] in TYPED}
    masks = [
        to_mask(pc.match_substring_regex(column, VOID_SIGN))
        for index, column in enumerate(columns)
        if index not in typed
    ]
    suspects = np.flatnonzero(np.logical_or.reduce(masks))
    is_void = [void_mark(row, header, known, form) is not None for row in _texts_of(columns, suspects)]
    rows: Rows = suspects[np.array(is_void, dtype=bool)]
    return rows


def _find_refunds(columns: Sequence[pa.Array], form: LedgerForm) -> Rows:
    if not form.may_be_negative:
        return np.array([], np.int64)
    masks = [to_mask(pc.match_substring_regex(column, REFUND)) for column in columns]
    return np.flatnonzero(np.logical_or.reduce(masks))


def _texts_of(columns: Sequence[pa.Array], rows: Rows) -> Iterator[list[str]]:
    return map(list, zip(*(column.take(pa.array(rows)).to_pylist() for column in columns), strict=True))


def _is_irregular(row: list[str], mark: HeaderMark) -> bool:
    has_few_cells = len(row) - row.count("") <= FEWEST_CELLS_OF_A_RECORD
    return has_few_cells or row_kind(row) is not RowKind.DATA or mark.may_begin(row)


def _find_suspects(columns: Sequence[pa.Array], mark: HeaderMark) -> Mask:
    """Return which rows show a sign of anything but data."""
    first, last, cells = _find_ends(columns)
    is_suspect = cells <= max(FEWEST_CELLS_OF_A_RECORD, MOST_CELLS_OF_SENTENCE)
    for index, column in enumerate(columns):
        is_suspect |= _test_cells(first == index, column, _may_begin_other_row)
        is_suspect |= _test_cells(last == index, column, _says_nothing)
        is_suspect |= to_mask(pc.match_substring_regex(column, _TOTAL_SIGN, ignore_case=True))
    for letter in mark.letters:
        is_suspect |= to_mask(pc.starts_with(columns[mark.column_index], letter))
    return is_suspect


def _find_ends(columns: Sequence[pa.Array]) -> tuple[Rows, Rows, Rows]:
    """Return for each row its first and its last filled column (-1 for none), and how many are filled."""
    first, last = np.full(len(columns[0]), -1), np.full(len(columns[0]), -1)
    cells = np.zeros(len(columns[0]), np.int64)
    for index, column in enumerate(columns):
        filled = is_filled(column)
        last[filled] = index
        first[filled & (cells == 0)] = index
        cells += filled
    return first, last, cells


def _test_cells(is_chosen: Mask, column: pa.Array, test: Callable[[pa.Array], Mask]) -> Mask:
    """Return which of the chosen rows pass a test of their cell in this column."""
    if 2 * np.count_nonzero(is_chosen) > len(is_chosen):
        return is_chosen & test(column)
    is_passed = np.zeros(len(is_chosen), np.bool_)
    rows = np.flatnonzero(is_chosen)
    if len(rows):
        is_passed[rows] = test(column.take(pa.array(rows)))
    return is_passed


def _may_begin_other_row(column: pa.Array) -> Mask:
    signs = [
        pc.match_substring(column, sign)
        for sign in (*COLONS, *EXAMPLE_WORDS)
        if contains_anywhere(column, sign)
    ]
    signs += [pc.starts_with(column, letter) for letter in (*LABEL_STARTS, *SECTION_STARTS)]
    signs.append(pc.match_substring_regex(column, f"^[{FOOT_STARTS}]"))
    is_suspect: Mask = np.logical_or.reduce([to_mask(sign) for sign in signs])
    return is_suspect


def _says_nothing(column: pa.Array) -> Mask:
    return to_mask(pc.is_in(column, _NOTHING))

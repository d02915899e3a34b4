"""Find rows that are data at first sight, a column at a time; only rows with a mark of something else are examined singly.

The marks follow from `row_kind` and `HeaderMark`: a row without any mark is data for both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.forms import EXAMPLE_MARK
from transforms.read.bulk.arrow_columns import TEXT, Mask, Rows, is_filled, may_hold
from transforms.read.layout.row_kinds import (
    COLONS,
    LABEL_STARTS,
    NOTHING_SIGNS,
    TOTAL_MARK,
    RowKind,
    row_kind,
)
from transforms.read.layout.tables import HeaderMark

_NOTHING = pa.array(sorted(NOTHING_SIGNS), TEXT)


def irregular_rows(columns: Sequence[pa.Array], mark: HeaderMark) -> Rows:
    """The rows below a header that are not data, or may begin another header; `columns` are stripped."""
    looked_at = np.flatnonzero(_marked(columns, mark))
    texts = zip(*(column.take(pa.array(looked_at)).to_pylist() for column in columns), strict=True)
    is_odd = [row_kind(row) is not RowKind.DATA or mark.may_begin(row) for row in map(list, texts)]
    odd: Rows = looked_at[np.array(is_odd, dtype=bool)]
    return odd


def _marked(columns: Sequence[pa.Array], mark: HeaderMark) -> Mask:
    """The rows that have a mark of anything but data."""
    first, last, cells = _ends(columns)
    marked = cells <= 1
    for index, column in enumerate(columns):
        marked |= _where(first == index, column, _begins_otherwise)
        marked |= _where(last == index, column, _says_nothing)
        if may_hold(column, TOTAL_MARK):
            marked |= _mask(pc.match_substring(column, TOTAL_MARK))
    for letter in mark.letters:
        marked |= _mask(pc.starts_with(columns[mark.column_index], letter))
    return marked


def _ends(columns: Sequence[pa.Array]) -> tuple[Rows, Rows, Rows]:
    """By row, the first and the last column in which it holds something (-1 where in none), and in how many."""
    first, last = np.full(len(columns[0]), -1), np.full(len(columns[0]), -1)
    cells = np.zeros(len(columns[0]), np.int64)
    for index, column in enumerate(columns):
        given = is_filled(column)
        last[given] = index
        first[given & (cells == 0)] = index
        cells += given
    return first, last, cells


def _where(rows: Mask, column: pa.Array, test: Callable[[pa.Array], Mask]) -> Mask:
    """Which of these rows pass a test of their cell in a column."""
    if 2 * np.count_nonzero(rows) > len(rows):
        return rows & test(column)
    passed = np.zeros(len(rows), np.bool_)
    places = np.flatnonzero(rows)
    if len(places):
        passed[places] = test(column.take(pa.array(places)))
    return passed


def _begins_otherwise(column: pa.Array) -> Mask:
    marks = [pc.match_substring(column, mark) for mark in (*COLONS, EXAMPLE_MARK) if may_hold(column, mark)]
    marks += [pc.starts_with(column, letter) for letter in LABEL_STARTS]
    marked: Mask = np.logical_or.reduce([_mask(mark) for mark in marks])
    return marked


def _says_nothing(column: pa.Array) -> Mask:
    return _mask(pc.is_in(column, _NOTHING))


def _mask(mask: pa.Array) -> Mask:
    return np.asarray(mask.to_numpy(zero_copy_only=False), np.bool_)

"""Rows that are data at first sight, told a column at a time; the few that show a mark of something else are asked one by one.

What a mark is, follows from `row_kind` and `HeaderMark`: a row without any of these marks is data by both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.forms import EXAMPLE_MARK
from transforms.read.grid import LONGEST_CELL
from transforms.read.row_kinds import COLONS, LABEL_STARTS, NOTHING_SIGNS, TOTAL_MARK, Kind, row_kind
from transforms.read.tables import HeaderMark

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: what `str.strip` takes off
BLANKS = "".join(char for char in map(chr, range(0x3001)) if char.isspace())
_NOTHING = pa.array(NOTHING_SIGNS, pa.large_string())


def is_too_long(column: pa.Array) -> Mask:
    """Whether each text may be longer than a cell can be: a character takes up to four bytes."""
    return _sizes(column) > LONGEST_CELL


def stripped(column: pa.Array) -> pa.Array:
    """The texts as a grid's are looked at: without blanks around them."""
    return pc.utf8_trim(column, characters=BLANKS)


def or_missing(column: pa.Array) -> pa.Array:
    """The texts, an empty one as missing."""
    given = is_filled(column)
    if given.all():
        return column
    valid = pa.py_buffer(np.packbits(given, bitorder="little"))
    return pa.Array.from_buffers(column.type, len(column), [valid, *column.buffers()[1:]])


def is_filled(column: pa.Array) -> Mask:
    """Whether each text is not empty."""
    return _sizes(column) > 0


def odd_rows(columns: Sequence[pa.Array], mark: HeaderMark) -> Rows:
    """The rows below a header that are not data, or may begin another header; `columns` are stripped."""
    looked_at = np.flatnonzero(_marked(columns, mark))
    texts = zip(*(column.take(pa.array(looked_at)).to_pylist() for column in columns), strict=True)
    is_odd = [row_kind(row) is not Kind.DATA or mark.may_begin(row) for row in map(list, texts)]
    odd: Rows = looked_at[np.array(is_odd, dtype=bool)]
    return odd


def _marked(columns: Sequence[pa.Array], mark: HeaderMark) -> Mask:
    """The rows that have a mark of anything but data."""
    first, last, cells = _ends(columns)
    marked = cells <= 1
    for at, column in enumerate(columns):
        marked |= _where(first == at, column, _begins_otherwise)
        marked |= _where(last == at, column, _says_nothing)
        if _may_hold(column, TOTAL_MARK):
            marked |= _mask(pc.match_substring(column, TOTAL_MARK))
    for letter in mark.letters:
        marked |= _mask(pc.starts_with(columns[mark.place], letter))
    return marked


def _ends(columns: Sequence[pa.Array]) -> tuple[Rows, Rows, Rows]:
    """By row, the first and the last column in which it holds something (-1 where in none), and in how many."""
    first, last = np.full(len(columns[0]), -1), np.full(len(columns[0]), -1)
    cells = np.zeros(len(columns[0]), np.int64)
    for at, column in enumerate(columns):
        given = is_filled(column)
        last[given] = at
        first[given & (cells == 0)] = at
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
    marks = [pc.match_substring(column, mark) for mark in (*COLONS, EXAMPLE_MARK) if _may_hold(column, mark)]
    marks += [pc.starts_with(column, letter) for letter in LABEL_STARTS]
    marked: Mask = np.logical_or.reduce([_mask(one) for one in marks])
    return marked


def _says_nothing(column: pa.Array) -> Mask:
    return _mask(pc.is_in(column, _NOTHING))


def _may_hold(column: pa.Array, text: str) -> bool:
    """Whether a text stands anywhere in the bytes of a column; in most columns it does not."""
    signs, wanted = np.frombuffer(column.buffers()[2] or b"", np.uint8), text.encode()
    places = len(signs) - len(wanted) + 1
    found = np.ones(max(places, 0), np.bool_)
    for at, sign in enumerate(wanted):
        found &= signs[at : at + places] == sign
    return bool(found.any())


def _mask(found: pa.Array) -> Mask:
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def _sizes(column: pa.Array) -> Rows:
    """The bytes of each text."""
    return np.diff(_offsets(column))


def _offsets(column: pa.Array) -> Rows:
    return np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column) + 1]

"""Vectorised tests and conversions of Arrow text columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.read.containers.grid import LONGEST_CELL

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: as pandas holds its strings
TEXT = pa.large_string()
#: what `str.strip` takes off
BLANKS = "".join(char for char in map(chr, range(0x3001)) if char.isspace())


def is_too_long(column: pa.Array) -> Mask:
    """Whether each text may be longer than a cell can be: a character takes up to four bytes."""
    return _sizes(column) > LONGEST_CELL


def strip(column: pa.Array) -> pa.Array:
    """The texts as a grid's are looked at: without blanks around them."""
    return pc.utf8_trim(column, characters=BLANKS)


def or_missing(column: pa.Array) -> pa.Array:
    """The texts, an empty one as missing."""
    filled = is_filled(column)
    if filled.all():
        return column
    valid = pa.py_buffer(np.packbits(filled, bitorder="little"))
    return pa.Array.from_buffers(column.type, len(column), [valid, *column.buffers()[1:]])


def is_filled(column: pa.Array) -> Mask:
    """Whether each text is not empty."""
    return _sizes(column) > 0


def may_hold(column: pa.Array, text: str) -> bool:
    """Whether a text stands anywhere in the bytes of a column; in most columns it does not."""
    signs, wanted = np.frombuffer(column.buffers()[2] or b"", np.uint8), text.encode()
    places = max(len(signs) - len(wanted) + 1, 0)
    matches = np.ones(places, np.bool_)
    for offset, sign in enumerate(wanted):
        matches &= signs[offset : offset + places] == sign
    return bool(matches.any())


def _sizes(column: pa.Array) -> Rows:
    """The bytes of each text."""
    return np.diff(_offsets(column))


def _offsets(column: pa.Array) -> Rows:
    return np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column) + 1]

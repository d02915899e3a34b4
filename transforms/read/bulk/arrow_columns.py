"""Test and convert whole columns of text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.read.containers.grid import LONGEST_CELL

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: the characters that `str.strip` removes
BLANKS = "".join(char for char in map(chr, range(0x3001)) if char.isspace())


def strip(column: pa.Array) -> pa.Array:
    """Remove blanks around each text, as `str.strip` does."""
    return pc.utf8_trim(column, characters=BLANKS)


def is_filled(column: pa.Array) -> Mask:
    """Return which texts are not empty."""
    return _count_bytes(column) > 0


def may_be_too_long(column: pa.Array) -> Mask:
    """Return which texts may be longer than an Excel cell: a character takes up to four bytes."""
    return _count_bytes(column) > LONGEST_CELL


def contains_anywhere(column: pa.Array, text: str) -> bool:
    """Return whether any text of a column may contain this one, by one search through all its bytes."""
    return text.encode() in column.buffers()[2].to_pybytes()


def to_mask(column: pa.Array) -> Mask:
    """Convert a column of booleans to a NumPy array."""
    return np.asarray(column.to_numpy(zero_copy_only=False), np.bool_)


def _count_bytes(column: pa.Array) -> Rows:
    return np.asarray(pc.binary_length(column).to_numpy(), np.int64)

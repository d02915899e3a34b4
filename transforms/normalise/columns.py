"""Convert text columns to Arrow arrays and back, and apply regular expressions to whole columns.

pandas stores `str` columns in Arrow, so the conversion copies nothing. `Series.str.extract` loops over the
column in Python (2.5 s for a million dates) while Arrow's RE2 needs 0.2 s; therefore the parsers work on
Arrow arrays. RE2 has no look-around and no back references, and its `\\d` and `\\s` are ASCII only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

BoolMask = npt.NDArray[np.bool_]

TEXT_DTYPE = pd.StringDtype(na_value=np.nan)


def to_arrow(text: pd.Series[str]) -> pa.Array:
    """Convert a column to one Arrow array of strings."""
    array = pa.array(text)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array if array.type == pa.large_string() else array.cast(pa.large_string())


def to_series(array: pa.Array, index: pd.Index[Any], name: Any = None) -> pd.Series[str]:
    """Convert an array to a `str` series on `index`."""
    strings = pd.arrays.ArrowStringArray(array.cast(pa.large_string()), dtype=TEXT_DTYPE)
    return pd.Series(strings, index=index, name=name, copy=False)


def as_mask(array: pa.Array) -> BoolMask:
    """Convert a boolean array to a numpy mask; null becomes False."""
    mask: BoolMask = pc.fill_null(array, False).to_numpy(zero_copy_only=False)
    return mask


def is_null(array: pa.Array) -> BoolMask:
    mask: BoolMask = array.is_null().to_numpy(zero_copy_only=False)
    return mask


def as_integers(array: pa.Array) -> npt.NDArray[np.int64]:
    """Convert strings of digits to integers; an empty string and null become 0."""
    zeroed = join(["0", pc.fill_null(array, "")])
    numbers: npt.NDArray[np.int64] = zeroed.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def match_array(array: pa.Array, pattern: str) -> pa.Array:
    """Test where `pattern` occurs (null for null); anchor it with ^ and $ to match the whole text."""
    return pc.match_substring_regex(array, pattern)


def match_mask(array: pa.Array, pattern: str) -> BoolMask:
    """Test where `pattern` occurs, as a mask."""
    return as_mask(match_array(array, pattern))


def match_words(array: pa.Array, words: Sequence[str]) -> BoolMask:
    """Test which texts are one of the words, as a mask."""
    return as_mask(pc.is_in(array, value_set=pa.array(words, pa.large_string())))


def match_mask_within(mask: BoolMask, array: pa.Array, pattern: str) -> BoolMask:
    """Test where `pattern` occurs among the rows of `mask` only; all other rows are False."""
    is_match = np.zeros_like(mask)
    if mask.any():
        is_match[mask] = match_mask(array.filter(pa.array(mask)), pattern)
    return is_match


def extract(array: pa.Array, pattern: str) -> dict[str, pa.Array]:
    """Return the named groups.

    Null where the pattern does not match, an empty string for an unused group.
    """
    struct = pc.extract_regex(array, pattern)
    names = [field.name for field in struct.type]
    return dict(zip(names, struct.flatten(), strict=True))


def replace_pattern(array: pa.Array, pattern: str, replacement: str) -> pa.Array:
    return pc.replace_substring_regex(array, pattern=pattern, replacement=replacement)


def keep_where(mask: BoolMask, array: pa.Array) -> pa.Array:
    """Keep the rows of `mask`; set all others to null."""
    return pc.if_else(pa.array(mask), array, pa.scalar(None, array.type))


def join(pieces: Sequence[pa.Array | str], separator: str = "") -> pa.Array:
    """Join the pieces of each row; null if any of them is null."""
    arrays = [pa.scalar(piece, pa.large_string()) if isinstance(piece, str) else piece for piece in pieces]
    return pc.binary_join_element_wise(*arrays, pa.scalar(separator, pa.large_string()))


def positions(array: pa.Array, words: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the position of each text in `words`, −1 if it is not there."""
    indices = pc.index_in(array, value_set=pa.array(words, pa.large_string()))
    numbers: npt.NDArray[np.int64] = (
        pc.fill_null(indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    return numbers


def rewrite(array: pa.Array, where: BoolMask, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Apply `change` to the rows of `where`, in one call."""
    if not where.any():
        return array
    if where.all():
        return change(array)
    mask = pa.array(where)
    return pc.replace_with_mask(array, mask, change(array.filter(mask)).cast(array.type))


def apply_to_distinct(
    array: pa.Array, read: Callable[[pa.Array], dict[str, pa.Array]]
) -> dict[str, pa.Array]:
    """Apply `read` to the distinct texts only and expand its result to the whole column."""
    encoded = array.dictionary_encode()
    return {name: column.take(encoded.indices) for name, column in read(encoded.dictionary).items()}


def once_per_distinct(change: Callable[[str], str]) -> Callable[[pa.Array], pa.Array]:
    """Turn a function of one text into one for `rewrite`, called once for each distinct text."""

    def change_uniques(array: pa.Array) -> pa.Array:
        encoded = array.dictionary_encode()
        changed = [None if text is None else change(text) for text in encoded.dictionary.to_pylist()]
        return pa.array(changed, pa.large_string()).take(encoded.indices)

    return change_uniques

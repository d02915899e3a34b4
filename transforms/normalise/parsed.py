"""Result of a parser: values with codes for bad cells; bad cells never raise.

The codes end the ids of rules (`penalties.fine_fen.no_unit`); the texts for clerks are in the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from transforms.normalise.columns import BoolMask, to_series


@dataclass(frozen=True)
class Parsed:
    """A parsed column: three series on the index of the input.

    `values` are null where the cell is empty or invalid. `faults` and `notices` have one code a row or
    null: a fault says why there is no value, a notice that the value was read from an unusual spelling.
    `details` fill `{detail}` in the text of a code's rule; None where no rule has one.
    """

    values: pd.Series[Any]
    faults: pd.Series[str]
    notices: pd.Series[str]
    details: pd.Series[str] | None = field(default=None, kw_only=True)


def code_series(index: pd.Index[Any], masks: Mapping[str, BoolMask] | None = None) -> pd.Series[str]:
    """Return for each row the first code whose mask is true, or null."""
    masks = masks or {}
    code_positions = np.full(len(index), -1, dtype=np.int64)
    for position, mask in reversed(list(enumerate(masks.values()))):
        code_positions[mask] = position
    if not (code_positions >= 0).any():
        return to_series(pa.nulls(len(index), pa.large_string()), index)
    codes = pa.array(list(masks), pa.large_string())
    return to_series(codes.take(pa.array(code_positions, mask=code_positions < 0)), index)


def masked_integers(
    values: npt.NDArray[np.int64], is_null: BoolMask, like: pd.Series[str]
) -> pd.Series[int]:
    """Build a nullable `Int64` series with the index and name of `like`."""
    array = pd.arrays.IntegerArray(np.where(is_null, 0, values), is_null.copy())
    return pd.Series(array, index=like.index, name=like.name)

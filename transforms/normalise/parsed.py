"""What a parser hands back: bad cells are told as codes beside the values, they never raise.

The codes end the ids of the rules that a clerk sees (`penalties.fine_fen.no_unit`); the sentences belong to the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from transforms.normalise.columns import BoolMask, to_series


@dataclass(frozen=True)
class Parsed:
    """One column read: three series on the index of the text they came from.

    `values` are null where the cell was empty or at fault. `faults` and `notices` hold one code a row, null where there
    is nothing to tell: a fault says why there is no value, a notice that one was read from an odd spelling.
    """

    values: pd.Series[Any]
    faults: pd.Series[str]
    notices: pd.Series[str]


def code_series(index: pd.Index[Any], masks: Mapping[str, BoolMask] | None = None) -> pd.Series[str]:
    """A code for each row: the first whose mask holds, null where none does."""
    masks = masks or {}
    which = np.full(len(index), -1, dtype=np.int64)
    for position, mask in reversed(list(enumerate(masks.values()))):
        which[mask] = position
    if not (which >= 0).any():
        return to_series(pa.nulls(len(index), pa.large_string()), index)
    codes = pa.array(list(masks), pa.large_string())
    return to_series(codes.take(pa.array(which, mask=which < 0)), index)


def masked_integers(
    values: npt.NDArray[np.int64], is_null: BoolMask, like: pd.Series[str]
) -> pd.Series[int]:
    """A nullable `Int64` series on the index and name of the text it was read from."""
    array = pd.arrays.IntegerArray(np.where(is_null, 0, values), is_null.copy())
    return pd.Series(array, index=like.index, name=like.name)

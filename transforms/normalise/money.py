"""Parse amounts of money into exact integer 分; this is the only place that converts 元, 万元 and the like.

Whole and fractional digits are scaled as integers, because a float makes 70000.00000000001 分 of 0.07 万元.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.money_units import CELL_POWERS, EXAMPLE_WITH_UNIT, EXAMPLES
from transforms.normalise.chinese_amounts import to_plain_digits
from transforms.normalise.columns import (
    BoolMask,
    as_integers,
    extract,
    is_null,
    match_mask,
    match_mask_within,
    once_per_distinct,
    positions,
    rewrite,
    to_arrow,
)
from transforms.normalise.parsed import Parsed, code_series, masked_integers

MOST_FEN = 10**15

_MOST_PLACES = max(CELL_POWERS.values())
_AMOUNT = (
    r"^(?P<before>[+-]?)\s?(?:人民币|RMB|CNY)?\s?¥?\s?(?P<sign>[+-]?)"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+|)(?:\.(?P<part>\d+))?"
    rf"\s?\(?(?P<unit>{'|'.join(sorted(CELL_POWERS, key=len, reverse=True))}|)[元圆]?\)?\s?(?:人民币)?[整正]?$"
)
#: 10000+20000, 1万元、2万元; not 1、2 and not 1,000
_AMOUNT_WITH_UNIT = (
    rf"¥?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?(?:{'|'.join(map(re.escape, CELL_POWERS))})?[元圆]?"
)
_AMOUNTS_JOINED = rf"^{_AMOUNT_WITH_UNIT}(?:\s?[+＋和及与/;；、]\s?{_AMOUNT_WITH_UNIT})+$"


def parse_money(text: pd.Series[str], unit: pd.Series[str], may_be_negative: bool = False) -> Parsed:
    """Parse amounts as `Int64` 分; `unit` is each row's unit from header or sheet, null if neither has one.

    A unit inside the cell takes precedence, with the notice `cell_unit` if the two differ.
    Faults: `several_amounts` (10000+20000), `not_an_amount` (`details`: an example in the unit of the
    column), `negative`, `no_unit`, `below_one_fen`, `too_large` (over 10^15 分).
    """
    array = to_arrow(text)
    array = rewrite(
        array, ~match_mask(array, _AMOUNT) & ~is_null(array), once_per_distinct(to_plain_digits)
    )
    parts = extract(pc.if_else(pa.array(match_mask(array, r"\d")), array, None), _AMOUNT)
    is_amount = ~is_null(parts["whole"])
    column_power = _unit_powers(_units_as_array(text, unit))
    cell_power = _unit_powers(parts["unit"])
    power = np.where(cell_power >= 0, cell_power, column_power)
    fen, is_too_fine, is_too_large = _scale(parts["whole"], parts["part"], power)
    is_minus = _is_minus(parts["before"]) | _is_minus(parts["sign"])
    faults = {
        "several_amounts": match_mask_within(~is_amount & ~is_null(array), array, _AMOUNTS_JOINED),
        "not_an_amount": ~is_amount & ~is_null(array),
        "negative": is_amount & is_minus & match_mask(array, "[1-9]") & (not may_be_negative),
        "no_unit": is_amount & (power < 0),
        "below_one_fen": is_amount & is_too_fine,
        "too_large": is_amount & is_too_large,
    }
    fault_codes = code_series(text.index, faults)
    has_value = is_amount & fault_codes.isna().to_numpy()
    fen = np.where(is_minus, -fen, fen)
    differs = has_value & (cell_power >= 0) & (column_power >= 0) & (cell_power != column_power)
    return Parsed(
        masked_integers(fen, ~has_value, text),
        fault_codes,
        code_series(text.index, {"cell_unit": differs}),
        details=_examples(unit) if faults["not_an_amount"].any() else None,
    )


def _examples(unit: pd.Series[str]) -> pd.Series[str]:
    """Return how an amount may be written under each unit."""
    return unit.map(EXAMPLES).fillna(EXAMPLE_WITH_UNIT).astype("str")


def _units_as_array(text: pd.Series[str], unit: pd.Series[str]) -> pa.Array:
    """Return the units as an array. Raises ValueError for an unknown unit or another index.

    Units come from the recognition of headers, so anything else is a bug.
    """
    if not unit.index.equals(text.index):
        raise ValueError("unit must have the index of text")
    array = to_arrow(unit)
    unknown = set(pc.unique(array).to_pylist()) - {None, *CELL_POWERS}
    if unknown:
        raise ValueError(f"unknown unit {sorted(unknown)}; valid are {', '.join(CELL_POWERS)} and null")
    return array


def _unit_powers(units: pa.Array) -> npt.NDArray[np.int64]:
    """Return each unit's power of ten, −1 for none."""
    powers = np.array([*CELL_POWERS.values(), -1])
    return powers[positions(units, list(CELL_POWERS))]


def _is_minus(signs: pa.Array) -> BoolMask:
    return match_mask(signs, "^-$")


def _scale(
    whole: pa.Array, part: pa.Array, power: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], BoolMask, BoolMask]:
    """Compute whole.part × 10^power as integers.

    Also returns masks of the results with a fraction and of those above MOST_FEN.
    """
    whole = pc.utf8_ltrim(pc.replace_substring(pc.fill_null(whole, ""), ",", ""), characters="0")
    part = pc.utf8_rtrim(pc.fill_null(part, ""), characters="0")
    scale = 10 ** np.clip(power, 0, None)
    is_too_fine = pc.utf8_length(part).to_numpy(zero_copy_only=False) > power
    digits = as_integers(pc.utf8_slice_codeunits(whole, 0, len(str(MOST_FEN))))
    is_too_long = pc.utf8_length(whole).to_numpy(zero_copy_only=False) > len(str(MOST_FEN))
    is_too_large = is_too_long | (digits > MOST_FEN // scale)
    padded = pc.utf8_rpad(pc.utf8_slice_codeunits(part, 0, _MOST_PLACES), width=_MOST_PLACES, padding="0")
    fraction = as_integers(padded) // (10**_MOST_PLACES // scale)
    fen = np.where(is_too_large, 0, digits) * scale + fraction
    return fen, is_too_fine, is_too_large | (fen > MOST_FEN)

"""Parse counts and scores. Chinese numerals are not read: a single 一 is as often a dash as a one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.normalise.columns import BoolMask, as_integers, extract, is_null, match_mask, to_arrow
from transforms.normalise.parsed import Parsed, code_series, masked_integers

_GROUPED = r"\d{1,3}(?:,\d{3})+|\d+"
_COUNTERS = "个工作日|工作日|人次|人|名|位|件|起|宗|次|个|天|日|期|庭|轮|份|家|场"
_INTEGER = rf"^第?\s?(?P<sign>[+-]?)(?P<digits>{_GROUPED})(?:\.0*)?\s?(?:{_COUNTERS})?$"
_LONGEST = 18  # any number with this many digits fits Int64

_NUMBER = r"^(?P<number>[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s?分?$"

_SCIENTIFIC = (
    r"^[-+¥￥]?\s?\d+(?:\.(?P<decimals>\d*))?[eE]\+?(?P<exponent>\d{1,3})\s?(?:[十百千万亿]*元?)?$"
)


def find_rounded_numbers(text: pd.Series[str]) -> BoolMask:
    """Return a mask of the numbers in scientific notation that leave out their last digits: 1.23E+05."""
    array = to_arrow(text)
    is_scientific = match_mask(array, _SCIENTIFIC)
    if not is_scientific.any():
        return is_scientific
    parts = extract(array, _SCIENTIFIC)
    decimals = pc.fill_null(pc.utf8_length(parts["decimals"]), 0).to_numpy(zero_copy_only=False)
    is_rounded: BoolMask = is_scientific & (decimals < as_integers(parts["exponent"]))
    return is_rounded


def parse_integers(text: pd.Series[str]) -> Parsed:
    """Parse whole counts as `Int64`, with or without a counting word (3人, 第2次).

    Faults: `not_an_integer`, `negative`.
    """
    array = to_arrow(text)
    parts = extract(array, _INTEGER)
    digits = pc.utf8_ltrim(pc.replace_substring(parts["digits"], ",", ""), characters="0")
    length = pc.fill_null(pc.utf8_length(digits), _LONGEST + 1).to_numpy(zero_copy_only=False)
    is_integer = length <= _LONGEST
    is_negative = is_integer & match_mask(parts["sign"], "-") & (length > 0)
    numbers = as_integers(pc.if_else(pa.array(is_integer), digits, ""))
    faults = {"not_an_integer": ~is_integer & ~is_null(array), "negative": is_negative}
    values = masked_integers(numbers, ~is_integer | is_negative, text)
    return Parsed(values, code_series(text.index, faults), code_series(text.index))


def parse_numbers(text: pd.Series[str]) -> Parsed:
    """Parse measured values and scores as `Float64`, never NaN or infinite. Fault: `not_a_number`."""
    array = to_arrow(text)
    plain = pc.replace_substring(extract(array, _NUMBER)["number"], ",", "")
    numbers = pc.fill_null(plain.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
    is_number = np.isfinite(numbers)
    faults = {"not_a_number": ~is_number & ~is_null(array)}
    filled = pd.arrays.FloatingArray(np.where(is_number, numbers, 0.0), ~is_number)
    values = pd.Series(filled, index=text.index, name=text.name)
    return Parsed(values, code_series(text.index, faults), code_series(text.index))

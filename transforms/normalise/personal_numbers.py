"""Find numbers that can name a person in columns of counts and amounts: telephone and identity numbers.

Mobile numbers have 11 digits and begin with 13 to 19; identity numbers have 18 characters (GB 11643-1999),
older ones 15 digits.
"""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from transforms.normalise.columns import BoolMask, match_mask_within, replace_pattern, to_arrow

_SEPARATORS = r"[\s\-()（）]"
#: the second form is what Excel makes of a long number: 4.32501E+17
_PERSONAL = r"^(?:(?:(?:\+?86)?1[3-9]\d{9}|\d{15}|\d{17}[\dXx])(?:\.0+)?|\d(?:\.\d+)?[eE]\+?1[47])$"
_SHORTEST = len("4E+17")


def find_personal_numbers(text: pd.Series[str]) -> BoolMask:
    """Return a mask of the cells that hold nothing but such a number, however it is spaced."""
    array = to_arrow(text)
    is_long = pc.fill_null(pc.greater_equal(pc.utf8_length(array), _SHORTEST), False)
    digits = replace_pattern(array, _SEPARATORS, "")
    return match_mask_within(is_long.to_numpy(zero_copy_only=False), digits, _PERSONAL)

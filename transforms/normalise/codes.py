"""Parse codes with a check character: 统一社会信用代码 (GB 32100-2015),
resident identity numbers (GB 11643-1999).

Real credit codes can have letters in the first eight positions, so only alphabet and
checksum are validated. A cell that Excel converted to a float has lost its last digits; it
gets a fault of its own, not that of a mistyped code.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.normalise.columns import (
    BoolMask,
    is_null,
    keep_where,
    match_mask,
    match_mask_within,
    replace_pattern,
    rewrite,
    to_arrow,
    to_series,
)
from transforms.normalise.parsed import Parsed, code_series

_LENGTH = 18

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_USCC_WEIGHTS = np.array([pow(3, index, 31) for index in range(_LENGTH - 1)], dtype=np.float32)

_RESIDENT_ALPHABET = "0123456789X"
_RESIDENT_WEIGHTS = np.array(
    [pow(2, _LENGTH - 1 - index, 11) for index in range(_LENGTH - 1)], dtype=np.float32
)
_RESIDENT_CHECKS = "10X98765432"  # GB 11643-1999, by the weighted sum modulo 11

#: 4.3E+17, the float written out, or 18 digits with the last three rounded to zero
_LOST_DIGITS = r"^(?:\d(?:\.\d+)?E\+?\d{1,2}|\d{17,}\.0+|\d{15}000)$"
#: the same for a number of any certificate, for which 5E12 is possible
_LOST_NUMBER = r"^(?:\d\.\d+E\+?\d{1,2}|\dE\+\d{1,2}|\d{15,}\.0+|\d{15}000)$"
_OTHER_LENGTH = rf"(?s)^(?:.{{0,{_LENGTH - 1}}}|.{{{_LENGTH + 1},}})$"


def parse_uscc(text: pd.Series[str]) -> Parsed:
    """Parse credit codes as capitals without blanks; O and I are read as 0 and 1 only if that makes the
    checksum valid.

    9111O000100000010T is read as 91110000100000010T; 91110000100000010A is rejected, its checksum is wrong.
    Faults: `destroyed_by_excel`, `wrong_length`, `bad_characters`,
    `bad_checksum`. Notice: `letters_repaired`.
    """
    array = _upper_without_blanks(text)
    is_valid = _has_valid_uscc_checksum(array)
    mistyped = match_mask_within(~is_valid & ~is_null(array), array, "[OI]")
    repaired = rewrite(
        array, mistyped, lambda codes: replace_pattern(replace_pattern(codes, "O", "0"), "I", "1")
    )
    is_repaired = mistyped.copy()
    is_repaired[mistyped] = _has_valid_uscc_checksum(repaired.filter(pa.array(mistyped)))
    is_wrong = ~is_null(array) & ~is_valid & ~is_repaired
    faults = {
        "destroyed_by_excel": match_mask_within(is_wrong, array, _LOST_DIGITS),
        "wrong_length": match_mask_within(is_wrong, array, _OTHER_LENGTH),
        "bad_characters": match_mask_within(is_wrong, array, f"[^{_USCC_ALPHABET}]"),
        "bad_checksum": is_wrong,
    }
    values = to_series(keep_where(~is_wrong, repaired), text.index, text.name)
    notices = code_series(text.index, {"letters_repaired": is_repaired})
    return Parsed(values, code_series(text.index, faults), notices)


def parse_identity_no(text: pd.Series[str]) -> Parsed:
    """Parse identity numbers: a resident's as capitals without blanks, any other certificate's unchanged.

    Fault: `destroyed_by_excel`. Notice (the value is kept): `checksum_differs`, for a resident's number.
    """
    array = _upper_without_blanks(text)
    is_resident = match_mask(array, r"^\d{17}[\dX]$")
    digits = _character_values(array.filter(pa.array(is_resident)), _RESIDENT_ALPHABET)
    expected = np.array([_RESIDENT_ALPHABET.index(character) for character in _RESIDENT_CHECKS])
    remainder = (digits[:, :-1] @ _RESIDENT_WEIGHTS).astype(np.int64) % 11
    is_valid = is_resident.copy()
    is_valid[is_resident] = expected[remainder] == digits[:, -1]
    is_lost = match_mask_within(~is_valid & ~is_null(array), array, _LOST_NUMBER)
    normalised = pc.if_else(pa.array(is_resident), array, to_arrow(text))
    values = to_series(keep_where(~is_lost, normalised), text.index, text.name)
    faults = code_series(text.index, {"destroyed_by_excel": is_lost})
    return Parsed(
        values, faults, code_series(text.index, {"checksum_differs": is_resident & ~is_valid & ~is_lost})
    )


def uscc_check_character(first17: str) -> str:
    """Compute the 18th character of a credit code from the first 17. Raises ValueError."""
    if len(first17) != _LENGTH - 1 or not set(first17) <= set(_USCC_ALPHABET):
        raise ValueError(f"'{first17}' is not {_LENGTH - 1} characters of {_USCC_ALPHABET}")
    total = sum(
        _USCC_ALPHABET.index(character) * int(weight)
        for character, weight in zip(first17, _USCC_WEIGHTS, strict=True)
    )
    return _USCC_ALPHABET[-total % 31]


def _upper_without_blanks(text: pd.Series[str]) -> pa.Array:
    return pc.utf8_upper(replace_pattern(to_arrow(text), " +", ""))


def _has_valid_uscc_checksum(array: pa.Array) -> BoolMask:
    is_valid = match_mask(array, f"^[{_USCC_ALPHABET}]{{{_LENGTH}}}$")
    digits = _character_values(array.filter(pa.array(is_valid)), _USCC_ALPHABET)
    is_valid[is_valid] = (digits[:, :-1] @ _USCC_WEIGHTS + digits[:, -1]) % 31 == 0
    return is_valid


def _character_values(codes: pa.Array, alphabet: str) -> npt.NDArray[np.float32]:
    """Convert 18-character codes to rows of positions in the alphabet, directly from their bytes.

    float32, because its matrix products are fast, and exact up to 2^24; a weighted sum stays below 2^14.
    """
    if not len(codes):
        return np.zeros((0, _LENGTH), dtype=np.float32)
    fixed = codes.cast(pa.large_binary()).cast(pa.binary(_LENGTH))
    letters = np.frombuffer(fixed.buffers()[1], dtype=np.uint8, count=len(codes) * _LENGTH)
    digit_of = np.zeros(256, dtype=np.float32)
    digit_of[np.frombuffer(alphabet.encode(), dtype=np.uint8)] = np.arange(len(alphabet))
    return digit_of[letters].reshape(-1, _LENGTH)

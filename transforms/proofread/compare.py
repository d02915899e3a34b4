"""Compare a written number with the true one, by what is written: 余, 近, 约 and its digits."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from transforms.proofread.numerals import (
    ABOUT,
    ABOVE,
    AT_LEAST,
    AT_MOST,
    BELOW,
    EXACT,
    OVER,
    RANGE,
    REACHED,
    ROUGHLY,
    UNDER,
    Numeral,
)

#: 近 and 约 stay within this share of what is written
_TOLERANCE = Decimal("0.1")


def agrees(numeral: Numeral, true_value: Decimal) -> bool:
    """Whether a number says the truth: cut at its last digit, as published figures are."""
    written = numeral.value
    if written is None:
        return False
    if numeral.mark == RANGE:
        return numeral.low is not None and numeral.low <= true_value <= written
    if numeral.mark == AT_LEAST:
        return written <= true_value <= written * 2
    if numeral.mark == AT_MOST:
        return written / 2 <= true_value <= written
    if numeral.mark == BELOW:
        return written / 2 <= true_value < written
    if numeral.mark == OVER:
        return written <= true_value < written + numeral.rough_step
    if numeral.mark in (ABOVE, REACHED):
        is_near = true_value < written + numeral.rough_step or true_value <= written + numeral.step
        return is_near and (written < true_value or (numeral.mark == REACHED and written == true_value))
    nearly = max(numeral.step, min(numeral.rough_step, abs(written) * _TOLERANCE))
    if numeral.mark == UNDER:
        return written - nearly <= true_value <= written
    if numeral.mark == ROUGHLY:
        return abs(written - true_value) <= numeral.rough_step / 2
    if numeral.mark == ABOUT:
        return abs(written - true_value) <= nearly
    assert numeral.mark == EXACT
    return cut(true_value, numeral.step) == written


def agrees_if_rounded(numeral: Numeral, true_value: Decimal) -> bool:
    """Whether a number is the true one rounded, where the house's way is to cut."""
    return numeral.mark in (EXACT, OVER) and numeral.value == round_to(true_value, numeral.step)


def agrees_derived(numeral: Numeral, true_value: Decimal) -> bool:
    """Whether a change or share is right, cut or rounded: there is no rule of the house for them."""
    return agrees(numeral, true_value) or (numeral.mark == EXACT and agrees_if_rounded(numeral, true_value))


def cut(value: Decimal, step: Decimal) -> Decimal:
    """Cut a value to a multiple of `step`."""
    return (value / step).to_integral_value(ROUND_FLOOR) * step


def round_to(value: Decimal, step: Decimal) -> Decimal:
    """Round a value to a multiple of `step`, halves up."""
    return (value / step).to_integral_value(ROUND_HALF_UP) * step

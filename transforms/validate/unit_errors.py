"""Detection of amounts in 元 written as 万元 or the other way round, the most damaging mistake.

Nothing is corrected.

An amount is compared with the amount that the decision's text states, with the usual range of its unit's
amounts and of other units', with the other rows of its report, and with the bounds of its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from schemas.ledgers.amount_bounds import (
    FAR_OUTSIDE,
    FEWEST_FOR_A_RANGE,
    GREAT_YUAN,
    LEAST_FACTOR,
    MIDDLE_HALF,
    MOST_FACTOR,
    NEARLY_INSIDE,
    TIMES_THE_LEAST,
    VERY_FAR_OUTSIDE,
    WAN,
)
from schemas.ledgers.stated_fines import DAILY_WORDS, DAYS_WORDS, NOT_ONLY_FINES, TOTAL_WORDS
from schemas.ledgers.types import STR
from transforms.normalise import clean_text, parse_money
from transforms.normalise.chinese_amounts import to_plain_digits

_DIGITS = "0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖"
_NUMBER = r"[0-9][0-9,，.]*\s*[万亿]?|[零〇一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾佰百仟千万亿角分]+"
_AMOUNT = rf"((?:{_NUMBER})\s*[元圆](?:零?[{_DIGITS}][角分]){{0,2}}整?)"
_BEFORE = r"(?:人民币|金额|共计|合计|为|计|￥|¥|:|\s)*"
_STATED = rf"罚款{_BEFORE}{_AMOUNT}"
_TOTAL = rf"(?:(?:{'|'.join(TOTAL_WORDS)})(?:处以|处|罚款|款|应缴)*{_BEFORE}|=\s*){_AMOUNT}"
_NOT_ONLY_FINES = "|".join(NOT_ONLY_FINES)
_A_DAY = (
    rf"(?:{'|'.join(DAILY_WORDS)})(?:连续)?(?:处以|处罚|处)?[,，、]?(?:每日|每天)?(?:处以|处)?(?:罚款|罚|款)?"
    rf"{_BEFORE}{_AMOUNT}"
)
_PER_DAY = rf"{_AMOUNT}\s*(?:[/每]\s*[日天]|(?=[×xX*]\s*[0-9]+\s*[日天]))"
_DAYS = (
    rf"(?:{'|'.join(map(re.escape, DAYS_WORDS))})(?:罚|处罚|计罚)?\s*"
    r"([0-9]{1,4}|[一二三四五六七八九十百]{1,5})\s*[日天]"
)

FEN_IN_YUAN = 100

#: in place of a unit in `Ranges`: the range of most units
MOST_UNITS = ""

#: the least and the greatest usual amount (分), by ledger, field and unit
Ranges = Mapping[tuple[str, str, str], tuple[int, int]]


def parse_stated_fen(text: pd.Series) -> pd.Series:
    """Return the fine (分, Int64) that each decision's text states.

    A total counts before its parts, and a fine a day times the days that are stated. Missing where it states
    none, or more than one.

    Equal texts, which are common, are parsed once.
    """
    positions, texts = pd.factorize(text)
    amounts = _parse_distinct(pd.Series(texts, dtype=STR))
    known = amounts.reindex(positions).set_axis(text.index)
    return known.astype("Int64")


def parse_daily_fen(text: pd.Series) -> pd.Series:
    """Return the fine a day (分, Int64) of texts that state neither a number of days nor a total."""
    positions, texts = pd.factorize(text)
    cleaned = clean_text(pd.Series(texts, dtype=STR))
    cleaned = cleaned[cleaned.str.contains("日|天", na=False)]
    cleaned = cleaned[cleaned.str.count(_DAYS).eq(0) & cleaned.str.count(_TOTAL).eq(0)]
    daily = _parse_found(cleaned, _A_DAY).fillna(_parse_found(cleaned, _PER_DAY))
    return daily.reindex(positions).set_axis(text.index).astype("Int64")


def _parse_distinct(text: pd.Series) -> pd.Series:
    cleaned = clean_text(text)
    alone = _parse_found(cleaned, _STATED)
    total = _parse_found(cleaned, _TOTAL).mask(cleaned.str.contains(_NOT_ONLY_FINES, na=False))
    return total.fillna(_times_days(cleaned)).fillna(alone)


def _times_days(text: pd.Series) -> pd.Series:
    """Return the fine for all days of texts that state one a day and how many days; missing for others."""
    days = text.str.extract(_DAYS, expand=False).map(to_plain_digits, na_action="ignore")
    daily = _parse_found(text, _A_DAY)
    return daily.fillna(_parse_found(text, _PER_DAY)) * pd.to_numeric(days, errors="coerce").astype("Int64")


def _parse_found(text: pd.Series, pattern: str) -> pd.Series:
    """Parse the amount that a pattern finds; missing where it finds none, or more than one."""
    amounts = text.str.extract(pattern, expand=False).str.replace(r"\s", "", regex=True).astype(STR)
    no_unit = pd.Series(np.nan, index=text.index, dtype=STR)
    return parse_money(amounts.where(text.str.count(pattern).eq(1)), no_unit).values


def differs_by_wan(amounts: pd.Series, other: pd.Series) -> pd.Series:
    """Return whether two amounts are about 10,000 times apart, either way.

    False where one is missing or zero.
    """
    left, right = (
        side.astype("Float64").to_numpy(dtype=float, na_value=np.nan) for side in (amounts, other)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.maximum(left / right, right / left)
    return pd.Series((factor >= LEAST_FACTOR) & (factor <= MOST_FACTOR), index=amounts.index)


def fits_range_in_other_unit(
    amount: pd.Series, least: pd.Series, greatest: pd.Series, far: int = FAR_OUTSIDE, slack: int = 1
) -> pd.Series:
    """Return whether an amount is far outside a range, and inside it after exchanging 元 and 万元.

    `far`: how many times outside. `slack`: inside up to this factor.
    """
    too_small = (amount * far < least) & (amount * WAN).between(least // slack, greatest * slack)
    too_great = (amount > greatest * far) & (amount // WAN).between(least // slack, greatest * slack)
    return (too_small | too_great).fillna(False).astype(bool)


def differs_from_most_units(amount: pd.Series, ranges: Ranges, ledger: str, field: str) -> pd.Series:
    """Return whether an amount is about 10,000 times off the amounts of most units."""
    bounds = ranges.get((ledger, field, MOST_UNITS))
    if bounds is None:
        return pd.Series(False, index=amount.index)
    least, greatest = (pd.Series(bound, index=amount.index, dtype="Int64") for bound in bounds)
    return fits_range_in_other_unit(amount, least, greatest, VERY_FAR_OUTSIDE, NEARLY_INSIDE)


def differs_from_report(amount: pd.Series, submission: pd.Series) -> pd.Series:
    """Return whether an amount is about 10,000 times off the middle half of its report's amounts."""
    positive = amount.where(amount.gt(0).fillna(False))
    by_report = positive.astype("Float64").groupby(submission)
    is_known = by_report.transform("count").ge(FEWEST_FOR_A_RANGE)
    least, greatest = (
        by_report.transform("quantile", quantile).round().astype("Int64").where(is_known)
        for quantile in MIDDLE_HALF
    )
    return fits_range_in_other_unit(positive, least, greatest, VERY_FAR_OUTSIDE, NEARLY_INSIDE)


def stands_out_of_report(
    amount: pd.Series, stated: pd.Series, submission: pd.Series, least_usual: int
) -> pd.Series:
    """Return whether an amount (分) that no text states is great, many times the least amount of its report,
    and its figure in 万元 would be a usual amount in 元.
    """
    positive = amount.where(amount.gt(0).fillna(False))
    least = positive.astype("Float64").groupby(submission).transform("min")
    is_great = positive.gt(GREAT_YUAN * FEN_IN_YUAN) & (positive // WAN).ge(least_usual)
    is_whole = (positive % (WAN * FEN_IN_YUAN)).eq(0)
    stands_out = is_great & is_whole & positive.ge(least * TIMES_THE_LEAST) & stated.isna()
    return stands_out.fillna(False).astype(bool)


def is_great_throughout(amount: pd.Series, submission: pd.Series, least_usual: int) -> pd.Series:
    """Return whether an amount (分) is great, as all of its report are, and its figure in 万元 would be a
    usual amount in 元.
    """
    positive = amount.where(amount.gt(0).fillna(False))
    least = positive.astype("Float64").groupby(submission).transform("min")
    is_great = least.gt(GREAT_YUAN * FEN_IN_YUAN) & (positive // WAN).ge(least_usual)
    return is_great.fillna(False).astype(bool)


def usual_range(
    ranges: Ranges, ledger: str, field: str, unit_code: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return the least and greatest amount of each row's unit (Int64).

    Missing for units without known amounts.
    """
    positions, units = pd.factorize(unit_code)
    bounds = [ranges.get((ledger, field, unit), (pd.NA, pd.NA)) for unit in units]
    # a row without a unit has position -1, which takes the last one
    least, greatest = (
        pd.Series(pd.array([*bound, pd.NA], dtype="Int64").take(positions), index=unit_code.index)
        for bound in (zip(*bounds, strict=True) if bounds else ((), ()))
    )
    return least, greatest

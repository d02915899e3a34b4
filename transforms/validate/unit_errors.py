"""Detection of amounts in 元 written as 万元 or the other way round, the most damaging mistake.

Nothing is corrected.

An amount is compared with the amount that the decision's text states, and with the usual range of its
unit's amounts.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from schemas.ledgers.types import STR
from transforms.normalise import clean_text, parse_money

#: amounts between these factors of each other are about ten thousand times apart
LEAST_FACTOR, MOST_FACTOR = 5_000, 20_000
WAN = 10_000
#: an amount this many times outside its unit's range is a mistake if exchanging 元 and 万元 brings it inside
FAR_OUTSIDE = 100

_DIGITS = "0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖"
_NUMBER = r"[0-9][0-9,，.]*\s*[万亿]?|[零〇一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾佰百仟千万亿角分]+"
_STATED = rf"罚款(?:人民币|金额|共计|合计|为|计|￥|¥|\s)*((?:{_NUMBER})\s*[元圆](?:零?[{_DIGITS}][角分]){{0,2}}整?)"

#: the least and the greatest current amount (分), by ledger, field and unit
Ranges = Mapping[tuple[str, str, str], tuple[int, int]]


def parse_stated_fen(text: pd.Series) -> pd.Series:
    """Return the fine (分, Int64) that each decision's text states.

    Missing where it states none, or more than one.

    Equal texts, which are common, are parsed once.
    """
    positions, texts = pd.factorize(text)
    amounts = _parse_distinct(pd.Series(texts, dtype=STR))
    known = amounts.reindex(positions).set_axis(text.index)
    return known.astype("Int64")


def _parse_distinct(text: pd.Series) -> pd.Series:
    cleaned = clean_text(text)
    amounts = cleaned.str.extract(_STATED, expand=False).str.replace(r"\s", "", regex=True).astype(STR)
    is_alone = cleaned.str.count(_STATED).eq(1)
    no_unit = pd.Series(np.nan, index=text.index, dtype=STR)
    return parse_money(amounts.where(is_alone), no_unit).values


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


def fits_range_in_other_unit(amount: pd.Series, least: pd.Series, greatest: pd.Series) -> pd.Series:
    """Return whether an amount is far outside its unit's range, and
    inside it after exchanging 元 and 万元.
    """
    too_small = (amount * FAR_OUTSIDE < least) & (amount * WAN).between(least, greatest)
    too_great = (amount > greatest * FAR_OUTSIDE) & (amount // WAN).between(least, greatest)
    return (too_small | too_great).fillna(False).astype(bool)


def usual_range(
    ranges: Ranges, ledger: str, field: str, unit_code: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return the least and greatest amount of each row's unit (Int64).

    Missing for units without known amounts.
    """
    known = {unit: ranges.get((ledger, field, unit)) for unit in unit_code.unique()}
    bounds = (
        {unit: bounds_of_unit[index] for unit, bounds_of_unit in known.items() if bounds_of_unit}
        for index in (0, 1)
    )
    least, greatest = (unit_code.map(bound).astype("Int64") for bound in bounds)
    return least, greatest

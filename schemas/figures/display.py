"""Format figures as the yearly report prints them: 248件, 3446.52万余元, 100%, — for no figure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pandas as pd

from schemas.figures.indicator import Indicator
from schemas.sentences import Sentence

NO_FIGURE = "—"
#: `display` of an indicator in words
DISPLAY_WORDS = {
    "count": "整数加单位",
    "yuan": "元，到分",
    "wan_yuan": "万元，只截不入，到两位小数；截掉了零头的写“余”；不足 0.01 万元的写元",
    "percent": "百分数，只截不入，到两位小数",
}
FEN_PER_YUAN = 100
YUAN_PER_WAN_YUAN = 10_000
FEN_PER_WAN_YUAN = YUAN_PER_WAN_YUAN * FEN_PER_YUAN
#: decimals of a difference of percentages
PERCENTAGE_POINT_PLACES = 4


def figure_value(
    indicator: Indicator, numerator: int | None, denominator: int | None
) -> Decimal | int | None:
    """Return a figure as a number: money in 元 with two decimals, rates from 0 to 1; None for no figure."""
    if numerator is None:
        return None
    if indicator.is_rate:
        return Decimal(numerator) / Decimal(denominator) if denominator else None
    if indicator.unit == "元":
        return Decimal(numerator) / FEN_PER_YUAN
    return numerator


def format_figure(indicator: Indicator, numerator: int | None, denominator: int | None) -> str:
    """Format a figure for print. Money and rates are truncated, never rounded; 余 marks truncated money."""
    if numerator is None or (indicator.is_rate and not denominator):
        return NO_FIGURE
    if indicator.display == "wan_yuan" and not 0 < numerator < FEN_PER_WAN_YUAN // 100:
        hundredths, remainder = divmod(numerator, FEN_PER_WAN_YUAN // 100)
        return f"{_format_hundredths(hundredths)}万{'余' if remainder else ''}元"
    if indicator.unit == "元":
        return f"{_format_hundredths(numerator)}元"
    if indicator.display == "percent":
        return f"{_format_hundredths(numerator * 10_000 // (denominator or 1))}%"
    return f"{numerator}{indicator.unit}"


def format_exactly(indicator: Indicator, value: Decimal | int) -> str:
    """Format a count or a sum of money in 元 in the unit in which the figure is printed, nothing cut off:
    3446.523451万元.
    """
    return _format_number(indicator, Decimal(value), "")


def format_delta(indicator: Indicator, delta: Decimal) -> str:
    """Format a difference with its sign, in the unit in which the figure is printed: +3件, -0.125万元,
    +1.25个百分点. Nothing is cut off money, so that the parts of a difference add up in print too.
    """
    if indicator.is_rate:
        points = round(delta * 100, PERCENTAGE_POINT_PLACES).normalize()
        return Sentence("{delta}个百分点", delta=format(points, "+f"))
    return _format_number(indicator, delta, "+")


def _format_number(indicator: Indicator, number: Decimal, sign: str) -> str:
    if indicator.display == "wan_yuan":
        return f"{(number / YUAN_PER_WAN_YUAN).normalize():{sign}f}万元"
    return f"{number.normalize():{sign}f}{indicator.unit}"


def _format_hundredths(hundredths: int) -> str:
    """Format hundredths as a decimal number without trailing zeros."""
    whole, remainder = divmod(hundredths, 100)
    return f"{whole}.{remainder:02}".rstrip("0").rstrip(".")


def format_share(part: int, whole: int) -> str:
    """Print a share of a number of reports as rates are: cut to one decimal, so never rounded up to 100 %."""
    if not whole:
        return "—"
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}".removesuffix(".0") + "%"


def format_figures(indicators: Iterable[Indicator], figures: pd.DataFrame) -> pd.DataFrame:
    """Add `value` and `display` to a frame of figures, and convert sums of money to 元.

    Expects `indicator_id`, `numerator` and `denominator` (Int64). Equal figures are formatted once.
    """
    by_id = {indicator.indicator_id: indicator for indicator in indicators}
    sums = (figures[name] for name in ("numerator", "denominator"))
    columns = (column.astype(object).where(column.notna(), None).tolist() for column in sums)
    keys = list(zip(figures["indicator_id"].tolist(), *columns, strict=True))
    formatted = {
        key: (format_figure(by_id[key[0]], *key[1:]), _float(figure_value(by_id[key[0]], *key[1:])))
        for key in set(keys)
    }
    value = pd.Series([formatted[key][1] for key in keys], index=figures.index, dtype="Float64")
    is_rate = figures["indicator_id"].isin([name for name, indicator in by_id.items() if indicator.is_rate])
    return figures.assign(
        display=pd.Series([formatted[key][0] for key in keys], index=figures.index, dtype="str"),
        value=value,
        numerator=figures["numerator"].astype("Float64").where(is_rate, value),
    )


def _float(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)

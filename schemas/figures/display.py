"""A figure as the yearly report prints it: 248件, 3446.52万余元, 100%, — where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pandas as pd

from schemas.figures.indicator import Indicator

NO_FIGURE = "—"
#: `display` of an indicator in words
DISPLAY_WORDS = {
    "count": "整数加单位",
    "yuan": "元，到分",
    "wan_yuan": "万元，只截不入，到两位小数；截掉了零头的写“余”；不足 0.01 万元的写元",
    "percent": "百分数，只截不入，到两位小数",
}
FEN_PER_YUAN = 100
FEN_PER_WAN_YUAN = 10_000 * FEN_PER_YUAN


def figure_value(
    indicator: Indicator, numerator: int | None, denominator: int | None
) -> Decimal | int | None:
    """The figure in its unit's base: 元 with two decimals for money, 0 to 1 for rates; None where there is none."""
    if numerator is None:
        return None
    if indicator.is_rate:
        return Decimal(numerator) / Decimal(denominator) if denominator else None
    if indicator.unit == "元":
        return Decimal(numerator) / FEN_PER_YUAN
    return numerator


def format_figure(indicator: Indicator, numerator: int | None, denominator: int | None) -> str:
    """The printed form. Money is cut, never rounded, and 余 says that something was cut; a rate is cut too."""
    if numerator is None or (indicator.is_rate and not denominator):
        return NO_FIGURE
    if indicator.display == "wan_yuan" and not 0 < numerator < FEN_PER_WAN_YUAN // 100:
        hundredths, rest = divmod(numerator, FEN_PER_WAN_YUAN // 100)
        return f"{_trimmed(hundredths)}万{'余' if rest else ''}元"
    if indicator.unit == "元":
        return f"{_trimmed(numerator)}元"
    if indicator.display == "percent":
        return f"{_trimmed(numerator * 10_000 // (denominator or 1))}%"
    return f"{numerator}{indicator.unit}"


def _trimmed(hundredths: int) -> str:
    """Hundredths as a decimal number without needless zeros."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


def format_figures(indicators: Iterable[Indicator], figures: pd.DataFrame) -> pd.DataFrame:
    """Many figures (`indicator_id`, `numerator`, `denominator`; Int64) with `value` and `display`, and sums of money in 元."""
    of = {indicator.indicator_id: indicator for indicator in indicators}
    sums = (figures[name] for name in ("numerator", "denominator"))
    columns = (one.astype(object).where(one.notna(), None).tolist() for one in sums)
    asked = list(zip(figures["indicator_id"].tolist(), *columns, strict=True))
    told = {
        one: (format_figure(of[one[0]], *one[1:]), _float(figure_value(of[one[0]], *one[1:])))
        for one in set(asked)
    }
    value = pd.Series([told[one][1] for one in asked], index=figures.index, dtype="Float64")
    is_rate = figures["indicator_id"].isin([name for name, one in of.items() if one.is_rate])
    return figures.assign(
        display=pd.Series([told[one][0] for one in asked], index=figures.index, dtype="str"),
        value=value,
        numerator=figures["numerator"].astype("Float64").where(is_rate, value),
    )


def _float(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)

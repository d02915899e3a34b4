"""The comparison with last year, as a rule and in words; what is not known is never taken for zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from transforms.bulletin.model import BulletinFigure, LastYear, exact

NOT_COMPARABLE = "上年无可比数据"
TENTH = Decimal("0.1")


def compare_with_last_year(now: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> LastYear:
    """Say whether a figure can be compared with last year's, both as rows of `indicators`.

    A figure that still lacks reports is lower than it will be, so it is compared with nothing.
    """
    if earlier is None or earlier["value"] is None:
        return LastYear(why_not="上年没有数")
    value, display = exact(earlier["value"]), str(earlier["display"])
    is_imported = earlier["units_expected"] is None
    if now["value"] is None:
        return LastYear(value, display, why_not="本期没有数")
    if earlier["is_provisional"]:
        return LastYear(value, display, why_not="上年没有报齐")
    if now["is_provisional"]:
        return LastYear(value, display, why_not="本期没有报齐")
    return LastYear(value, display, is_comparable=True, is_imported=is_imported)


def describe_change(figure: BulletinFigure) -> str:
    """Say how a figure changed on last year: 同比增长3.3%, 与上年持平, 上年无可比数据."""
    last, value = figure.last_year, figure.value
    if not last.is_comparable or last.value is None or value is None:
        return NOT_COMPARABLE
    difference = value - last.value
    if not difference:
        return "与上年持平"
    if figure.indicator.is_rate:
        return f"同比{'上升' if difference > 0 else '下降'}{_tenths(abs(difference) * 100, '个百分点')}"
    if not last.value:
        return "上年为0"
    return (
        f"同比{'增长' if difference > 0 else '下降'}{_tenths(abs(difference) / abs(last.value) * 100, '%')}"
    )


def _tenths(number: Decimal, unit: str) -> str:
    """Round to a tenth; a difference that would become 0 is one of less than a tenth."""
    rounded = number.quantize(TENTH, ROUND_HALF_UP)
    return f"{rounded.normalize():f}{unit}" if rounded else f"不足0.1{unit}"


def describe_last_year(figure: BulletinFigure) -> str:
    """Return what stands behind a figure in the text: （上年240件，同比增长3.3%）, or nothing."""
    if not figure.last_year.is_comparable:
        return ""
    return f"（上年{figure.last_year.display}，{describe_change(figure)}）"


def describe_incomparable(figures: Iterable[BulletinFigure]) -> str:
    """Name the figures of a section that have no last year's beside them."""
    figures = [figure for figure in figures if figure.is_of_region]
    lacking = [figure.indicator.title for figure in figures if not figure.last_year.is_comparable]
    if not lacking:
        return ""
    if len(lacking) == len(figures):
        return f"以上各项{NOT_COMPARABLE}。"
    return f"其中{'、'.join(lacking)}{NOT_COMPARABLE}。"

"""The charts of a bulletin: the months of a figure beside last year's, and its units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from schemas.catalogue import indicators
from schemas.figures.indicator import Indicator
from transforms.bulletin.model import Bulletin, exact
from transforms.bulletin.sections import MONTH_CHARTS, UNIT_CHARTS
from transforms.charts.chart import Chart, Point, Series, why_no_figure

#: unit and factor of a chart for the ways of printing a figure that are not plain numbers
SCALES = {"percent": ("%", Decimal(100)), "wan_yuan": ("万元", Decimal("0.0001"))}
HUNDREDTH = Decimal("0.01")
#: fewer months make no line
LEAST_MONTHS = 3
#: more bars than this do not fit a page
MOST_BARS = 30


def month_chart(bulletin: Bulletin, indicator: Indicator) -> Chart | None:
    """Return the chart of a figure's months; None where there are too few."""
    months = bulletin.months.get(indicator.indicator_id, ())
    if len(months) < LEAST_MONTHS:
        return None
    unit, scale = _scale(indicator)
    year = bulletin.period.year
    now = [_point(f"{int(each.month[5:])}月", each.row, scale) for each in months]
    earlier = [_point(f"{int(each.month[5:])}月", each.earlier, scale) for each in months]
    series = Series(f"{year}年", tuple(now)), Series(f"{year - 1}年", tuple(earlier))
    return _drawable(Chart("line", f"各月{indicator.title}", unit, series))


def unit_chart(bulletin: Bulletin, indicator: Indicator) -> Chart | None:
    """Return the chart of a figure's units, the largest first; None where there are not two."""
    rows = [
        (unit.name, unit.rows[indicator.indicator_id])
        for unit in bulletin.units
        if indicator.indicator_id in unit.rows
    ]
    if len(rows) < 2:
        return None
    unit_name, scale = _scale(indicator)
    points = sorted(
        (_point(name, row, scale) for name, row in rows),
        key=lambda point: (point.value is None, -(point.value or 0)),
    )
    series = (Series(f"{bulletin.period.year}年", tuple(points[:MOST_BARS])),)
    units = f"最多的{MOST_BARS}个单位" if len(points) > MOST_BARS else "各单位"
    return _drawable(Chart("bars", f"{units}{indicator.title}", unit_name, series))


def standard_charts(bulletin: Bulletin) -> list[Chart]:
    """Return the charts of a workbook or page, those by month first."""
    by_title = {indicator.title: indicator for indicator in indicators().values()}
    charts = [month_chart(bulletin, by_title[title]) for title in MONTH_CHARTS]
    charts += [unit_chart(bulletin, by_title[title]) for title in UNIT_CHARTS]
    return [chart for chart in charts if chart]


def _drawable(chart: Chart) -> Chart | None:
    return None if chart.series[0].is_empty else chart


def _scale(indicator: Indicator) -> tuple[str, Decimal]:
    return SCALES.get(indicator.display, (indicator.unit, Decimal(1)))


def _point(label: str, row: Mapping[str, Any] | None, scale: Decimal) -> Point:
    """Return a point with the number that is printed: money in 万元 and rates are truncated there."""
    if row is None:
        return Point(label, None, "—")
    if (value := exact(row["value"])) is None:
        return Point(label, None, "—", why_none=why_no_figure(row))
    number = value if scale == 1 else (value * scale).quantize(HUNDREDTH, ROUND_DOWN)
    return Point(label, float(number), str(row["display"]), bool(row["is_provisional"]))

"""Figures for those who read them: cards with last year beside, months and units as charts and tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from starlette.responses import Response

from flows.language import say_in_chinese
from flows.portal.reader.published import published_values
from flows.portal.visit import OPERATOR, Visit
from flows.queries.figures import figure_rows
from flows.queries.last_year import compare_with_last_year
from flows.queries.missing_reports import count_missing_reports, describe_missing_reports
from flows.queries.months import default_year, offered_months
from schemas.catalogue import indicators
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from transforms.charts.chart import Point, why_no_figure
from transforms.charts.svg import bar_chart, line_chart
from transforms.report.year_comparison import PROVISIONAL_BEFORE
from warehouse.engine import reading
from warehouse.load.record_load import last_load
from warehouse.schema.as_of import AsOf

#: unit and factor of a chart for the ways of printing a figure that are not plain numbers
SCALES = {"percent": ("%", 100.0), "wan_yuan": ("万元", 0.0001)}
#: said where figures are printed with digits cut off
CUT_NOTES = {
    "percent": "百分数截到两位小数，后面的数字不四舍五入。",
    "wan_yuan": "金额截到 0.01 万元，不四舍五入；截掉了零头的写“余”。",
}
TITLES = {
    "title": "指标", "region_name": "地区", "period": "时期", "display": "数", "value": "数值（金额按元，比率按 1）",
    "numerator": "分子", "denominator": "分母", "units_reported": "报齐的单位", "units_expected": "应报的单位",
    "is_provisional": "暂定", "indicator_id": "指标编号",
}  # fmt: skip


def offered_years(visit: Visit) -> list[str]:
    """List the years that may be looked at, the latest first."""
    months = offered_months(visit.workspace, visit.today)
    return list(dict.fromkeys(month[:4] for month in months))


def chosen_year(visit: Visit) -> Period:
    """Return the year of the page's address, or the last of which the reports have come."""
    chosen = visit.query("year")
    if chosen in offered_years(visit):
        return Period.parse(chosen)
    return Period.parse(default_year(visit.workspace, visit.today))


def chosen_region(visit: Visit) -> str:
    """Return the region of the page's address, or the city."""
    chosen = visit.query("region")
    return chosen if chosen in visit.workspace.regions.regions else visit.workspace.regions.top.code


def find_indicator(visit: Visit) -> Indicator | None:
    """Return the indicator that the page's address names."""
    return indicators().get(visit.request.path_params["indicator_id"])


def show_figures(visit: Visit) -> Response:
    """Show all figures of a year as cards, by theme, with last year's beside."""
    year, region = chosen_year(visit), chosen_region(visit)
    catalogue = list(indicators().values())
    with reading(visit.workspace.engine) as connection:
        as_of = visit.workspace.as_of_moment(connection)
        rows = figure_rows(visit.workspace, as_of, catalogue, [region], year)
        last = last_years_figures(visit, as_of, rows, year)
    cards = [row | {"theme": indicators()[row["indicator_id"]].theme} for row in rows if _concerns(row)]
    themes = [(theme, list(group)) for theme, group in groupby(cards, key=lambda card: card["theme"])]
    return visit.page("reader/figures.html", themes=themes, last=last, **choices(visit, year, region))


def last_years_figures(
    visit: Visit, as_of: AsOf, rows: Sequence[dict[str, Any]], year: Period
) -> dict[str, dict[str, Any]]:
    """Return, by indicator, last year's figure as it is printed, its origin, and the change in words."""
    compared = compare_with_last_year(visit.workspace, as_of, rows, year)
    return {
        name: {
            "display": comparison.display,
            "is_imported": comparison.source == "imported",
            "is_provisional": comparison.why_not == PROVISIONAL_BEFORE,
            "change": comparison.change_text,
        }
        for (name, _), comparison in compared.items()
    }


def download_figures(visit: Visit) -> Response:
    """Download the figures of a year as CSV."""
    year, region = chosen_year(visit), chosen_region(visit)
    with reading(visit.workspace.engine) as connection:
        as_of = visit.workspace.as_of_moment(connection)
        rows = figure_rows(visit.workspace, as_of, list(indicators().values()), [region], year)
    return visit.download_table(rows, TITLES, f"指标-{year}")


def show_figure(visit: Visit) -> Response:
    """Show one figure: its definition, its months beside last year's, its units, and what is missing."""
    indicator = find_indicator(visit)
    if indicator is None:
        return visit.refuse(404, "没有这个指标。")
    year, region = chosen_year(visit), chosen_region(visit)
    with reading(visit.workspace.engine) as connection:
        as_of = visit.workspace.as_of_moment(connection)
        [card] = figure_rows(visit.workspace, as_of, [indicator], [region], year)
        months, earlier = (
            _months(visit, as_of, indicator, region, of) for of in (year.year, year.year - 1)
        )
        units = _units(visit, as_of, indicator, region, year)
        missing = [
            say_in_chinese(line)
            for line in describe_missing_reports(visit.workspace, as_of, [indicator], region, year)
        ]
        missing_count = count_missing_reports(visit.workspace, as_of, [indicator], region, year)
        last = last_years_figures(visit, as_of, [card], year)
        published = published_values(visit, connection, indicator, region, year)
    unit, scale = SCALES.get(indicator.display, (indicator.unit, 1.0))
    return visit.page(
        "reader/figure.html",
        indicator=indicator,
        display_note=CUT_NOTES.get(indicator.display, ""),
        card=card,
        last=last[indicator.indicator_id],
        months=list(zip(months, earlier, strict=True)),
        line=line_chart(
            _points(months, scale), _points(earlier, scale), f"{year} 年逐月", f"{year.year - 1} 年", unit
        ),
        units=units,
        sum_notes=sum_notes(indicator, card, units),
        bars=bar_chart(
            [
                Point(
                    row["region_name"],
                    _number(row, scale),
                    row["display"],
                    row["is_provisional"],
                    why_no_figure(row),
                )
                for row in units
            ],
            "各单位",
        ),
        missing=missing,
        missing_count=missing_count,
        published=published,
        shows_rows=visit.visitor.role == OPERATOR,
        **choices(visit, year, region),
    )


def download_figure(visit: Visit) -> Response:
    """Download the months and units of one figure as CSV."""
    indicator = find_indicator(visit)
    if indicator is None:
        return visit.refuse(404, "没有这个指标。")
    year, region = chosen_year(visit), chosen_region(visit)
    with reading(visit.workspace.engine) as connection:
        as_of = visit.workspace.as_of_moment(connection)
        rows = _months(visit, as_of, indicator, region, year.year) + _units(
            visit, as_of, indicator, region, year
        )
    return visit.download_table(rows, TITLES, f"{indicator.title}-{year}")


def _months(
    visit: Visit, as_of: AsOf, indicator: Indicator, region: str, year: int
) -> list[dict[str, Any]]:
    return [
        row
        for month in Period.parse(str(year)).months()
        for row in figure_rows(visit.workspace, as_of, [indicator], [region], Period.parse(month))
    ]


def _units(
    visit: Visit, as_of: AsOf, indicator: Indicator, region: str, year: Period
) -> list[dict[str, Any]]:
    """Return the figure of each unit below the region that it concerns, the largest first."""
    units = visit.workspace.regions.units_below(region)
    rows = filter(_concerns, figure_rows(visit.workspace, as_of, [indicator], list(units), year))
    return sorted(rows, key=lambda row: (row["value"] is None, -(row["value"] or 0)))


def _concerns(row: dict[str, Any]) -> bool:
    """Whether a figure is one of its region: someone there owes its reports, or has sent some."""
    return row["units_expected"] > 0 or row["value"] is not None


def sum_notes(indicator: Indicator, card: dict[str, Any], units: Sequence[dict[str, Any]]) -> list[str]:
    """Say where the units' numbers add up to more than the region's, and why; nothing where they agree."""
    sides = {"numerator": "分子", "denominator": "分母"} if indicator.is_rate else {"numerator": ""}
    unit, notes = "" if indicator.is_rate else indicator.unit, []
    for name, word in sides.items():
        whole, total = card[name], sum(row[name] or 0 for row in units)
        if whole is not None and round(total, 2) > round(whole, 2):
            notes.append(
                f"各单位{word and f'的{word}'}相加是 {total:,}{unit}，{card['region_name']}是 {whole:,}{unit}："
                f"几个单位都报了的同一{unit or '件'}，合计时只计一次。"
            )
    return notes


def _number(row: dict[str, Any], scale: float) -> float | None:
    return None if row["value"] is None else float(row["value"]) * scale


def _points(rows: Sequence[dict[str, Any]], scale: float) -> list[Point]:
    return [
        Point(f"{int(row['period'][5:])}月", _number(row, scale), row["display"], row["is_provisional"])
        for row in rows
    ]


def data_day(visit: Visit) -> date | None:
    """Return the day of the last load, of which the figures of a page are; None before the first."""
    with reading(visit.workspace.engine) as connection:
        _, loaded_at = last_load(connection, visit.workspace.tables)
    return visit.local(loaded_at).date() if loaded_at else None


def choices(visit: Visit, year: Period, region: str) -> dict[str, Any]:
    """Return what the form that chooses year and region needs."""
    regions = visit.workspace.regions
    return {
        "year": str(year),
        "years": offered_years(visit),
        "region": region,
        "region_name": regions.name_of(region),
        "data_on": data_day(visit),
        "regions": [(code, regions.name_of(code)) for code in regions.regions],
    }

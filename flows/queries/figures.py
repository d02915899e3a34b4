"""Read figures from the warehouse in the form shared by the command line and the reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.display import figure_value, format_figure
from schemas.figures.figure import Figure, apply_null_rules
from schemas.figures.indicator import Indicator, counting_dates
from schemas.periods import Period, is_period
from warehouse.figures.affected import AffectedScope
from warehouse.figures.deltas import city_before_and_after
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.materialize import is_materialized, stored_sums
from warehouse.ops.history import touched_months
from warehouse.schema.as_of import AsOf

#: by indicator, region and period a figure's numerator and denominator
Sums = dict[tuple[str, str, str], tuple[int | None, int | None]]
NO_SUMS = (None, None)


def figure_rows(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], regions: Sequence[str], period: Period
) -> list[dict[str, Any]]:
    """Return the rows of `indicators --json`, by region and indicator."""
    figures = read_figures(workspace, as_of, chosen, regions, period)
    recorded_at = workspace.recorded_at(as_of)
    return [
        figure_row(workspace, indicator, figures[indicator.indicator_id, region_code], recorded_at)
        for region_code in regions
        for indicator in chosen
    ]


def read_figures(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], regions: Sequence[str], period: Period
) -> dict[tuple[str, str], Figure]:
    """Read the figures of these regions, by indicator and region."""
    if not chosen or not regions:
        return {}
    city = workspace.regions.top.code
    units = None if city in regions else list(regions)
    reader = FigureReader(as_of, workspace.regions, [period], workspace.obligations, units)
    reader.prefetch(chosen)
    figures = reader.figures(chosen, with_city=units is None, with_units=set(regions) != {city})
    return {(figure.indicator_id, figure.region_code): figure for figure in figures}


def figure_row(
    workspace: Workspace, indicator: Indicator, figure: Figure, recorded_at: datetime | None
) -> dict[str, Any]:
    """Format a figure as a row; sums of money are in 元, like the figure itself."""
    value = figure_value(indicator, figure.numerator, figure.denominator)
    return {
        "indicator_id": indicator.indicator_id,
        "title": indicator.title,
        "unit": indicator.unit,
        "region_code": figure.region_code,
        "region_name": workspace.regions.name_of(figure.region_code),
        "period": figure.period,
        "value": value,
        "numerator": figure.numerator if indicator.is_rate else value,
        "denominator": figure.denominator,
        "display": format_figure(indicator, figure.numerator, figure.denominator),
        "units_expected": figure.units_expected,
        "units_reported": figure.units_reported,
        "is_provisional": figure.is_provisional,
        "as_of": recorded_at.isoformat() if recorded_at else None,
    }


def figures_moved_by_load(workspace: Workspace, as_of: AsOf, *, every_region: bool) -> list[dict[str, Any]]:
    """List the figures that the load moved, before and after: the city's years, or every unit and period it
    touched.
    """
    touched = touched_months(as_of, counting_dates(indicators().values()))
    affected = _affected(workspace, touched, every_region)
    periods = sorted({period for _, period in affected})
    chosen = _indicators_possibly_moved(as_of, periods)
    if not every_region and is_materialized(as_of):
        before, after = _figures_of_city(workspace, as_of, chosen, periods)
    else:
        before, after = (
            _all_figures(workspace, as_of.with_load(load_id), chosen, periods, every_region)
            for load_id in (as_of.load_id - 1, as_of.load_id)
        )
    moved = []
    for region_code, period in affected:
        for indicator in chosen:
            old, new = (
                figures.get((indicator.indicator_id, region_code, str(period)), NO_SUMS)
                for figures in (before, after)
            )
            if old != new:
                name = workspace.regions.name_of(region_code)
                moved.append({
                    "indicator_id": indicator.indicator_id, "title": indicator.title, "region_code": region_code,
                    "region_name": name, "period": str(period), "before": format_figure(indicator, *old),
                    "after": format_figure(indicator, *new),
                })  # fmt: skip
    return moved


def _figures_of_city(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], periods: Sequence[Period]
) -> tuple[Sums, Sums]:
    """Return the city's figures before and as of a load whose figures are materialised."""
    if not chosen or not periods:
        return {}, {}
    before_and_after = city_before_and_after(
        as_of, workspace.regions, workspace.obligations, chosen, periods
    )
    before, after = (_sums(figures) for figures in before_and_after)
    return before, after


def _sums(figures: pd.DataFrame) -> Sums:
    columns = (
        figures[name] for name in ("indicator_id", "region_code", "period", "numerator", "denominator")
    )
    rows = zip(*columns, strict=True)
    return {
        (indicator_id, region, period): (_number(above), _number(below))
        for indicator_id, region, period, above, below in rows
    }


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def figures_of_all_units(
    workspace: Workspace, as_of: AsOf, indicator: Indicator, period: Period
) -> pd.DataFrame:
    """Return an indicator's `numerator` by `region_code` for the city and all units."""
    if is_materialized(as_of):
        return apply_null_rules([indicator], stored_sums(as_of, [indicator], [str(period)]))
    reader = FigureReader(as_of, workspace.regions, [period], workspace.obligations)
    return pd.DataFrame([vars(figure) for figure in reader.figures([indicator])])


def _indicators_possibly_moved(as_of: AsOf, periods: Sequence[Period]) -> list[Indicator]:
    """Return the indicators that the load can have moved; most loads have few ledgers, which saves time."""
    catalogue = list(indicators().values())
    affected_scope = AffectedScope.of_load(as_of, catalogue)
    return [indicator for indicator in catalogue if affected_scope.periods(indicator, periods)]


def _all_figures(
    workspace: Workspace,
    as_of: AsOf,
    chosen: Sequence[Indicator],
    periods: Sequence[Period],
    every_region: bool,
) -> Sums:
    """Compute the figures: the city's, or its units' too."""
    if not periods or not chosen:
        return {}
    reader = FigureReader(as_of, workspace.regions, periods, workspace.obligations)
    reader.prefetch(chosen)
    return {
        (figure.indicator_id, figure.region_code, figure.period): (figure.numerator, figure.denominator)
        for figure in reader.figures(chosen, with_units=every_region)
    }


def _affected(
    workspace: Workspace, touched: Iterable[tuple[str, str]], every_region: bool
) -> list[tuple[str, Period]]:
    city = workspace.regions.top.code
    affected = set()
    for unit, month in touched:
        if not is_period(month):  # a typing error such as 2123-08: no period, and no figure
            continue
        for period in Period.parse(month).containing():
            if every_region:
                affected |= {(unit, period), (city, period)}
            elif str(period) == str(period.year):
                affected.add((city, period))
    return sorted(
        affected,
        key=lambda pair: (
            pair[0] != city,
            pair[0],
            pair[1].year,
            -pair[1].last_month + pair[1].first_month,
            pair[1],
        ),
    )

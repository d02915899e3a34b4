"""The figures that a load moved, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.display import format_figure
from schemas.figures.indicator import Indicator, counting_dates
from schemas.periods import Period, is_period
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.incremental import IncrementalFigures
from warehouse.figures.stored_figures import is_materialized
from warehouse.ops.history import touched_months
from warehouse.schema.as_of import AsOf

#: by indicator, region and period a figure's numerator and denominator
Sums = dict[tuple[str, str, str], tuple[int | None, int | None]]
NO_SUMS = (None, None)


def figures_moved_by_load(workspace: Workspace, as_of: AsOf, *, every_region: bool) -> list[dict[str, Any]]:
    """List the figures that the load moved: the city's years, or every region and period it touched."""
    touched = touched_months(as_of, counting_dates(indicators().values()))
    affected = _affected(workspace, touched, every_region)
    periods = sorted({period for _, period in affected})
    chosen, before, after = _before_and_after(workspace, as_of, periods, every_region)
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


def _before_and_after(
    workspace: Workspace, as_of: AsOf, periods: Sequence[Period], every_region: bool
) -> tuple[Sequence[Indicator], Sums, Sums]:
    """Return the indicators that may have moved, and their figures before the load and as of it."""
    chosen = list(indicators().values())
    if not periods:
        return chosen, {}, {}
    if workspace.home.settings.incremental_figures:
        incremental = IncrementalFigures(as_of, workspace.regions, workspace.obligations)
        chosen = incremental.possibly_changed(chosen, periods)
        if chosen and not every_region and is_materialized(as_of):
            before, after = incremental.city_before_and_after(chosen, periods)
            return chosen, _sums(before), _sums(after)
    before_load = as_of.with_load(as_of.load_id - 1)
    before_sums, after_sums = (
        _compute(workspace, load, chosen, periods, every_region) for load in (before_load, as_of)
    )
    return chosen, before_sums, after_sums


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


def _compute(
    workspace: Workspace,
    as_of: AsOf,
    chosen: Sequence[Indicator],
    periods: Sequence[Period],
    every_region: bool,
) -> Sums:
    """Compute the figures: the city's, or those of every region."""
    if not chosen:
        return {}
    reader = FigureReader(as_of, workspace.regions, periods, workspace.obligations)
    reader.prefetch(chosen)
    return {
        (figure.indicator_id, figure.region_code, figure.period): (figure.numerator, figure.denominator)
        for figure in reader.figures(chosen, None if every_region else [workspace.regions.top.code])
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
                affected |= {(region, period) for region in workspace.regions.containing.get(unit, ())}
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

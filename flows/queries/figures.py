"""Read figures from the warehouse in the form shared by the command line and the reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from flows.workspace import Workspace
from schemas.figures.display import figure_value, format_figure
from schemas.figures.figure import Figure, apply_null_rules, no_figure
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.stored_figures import is_materialized, stored_sums
from warehouse.schema.as_of import AsOf


def figure_rows(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], regions: Sequence[str], period: Period
) -> list[dict[str, Any]]:
    """Return the rows of `indicators --json`, by region and indicator."""
    return figure_rows_of_periods(workspace, as_of, chosen, regions, [period])


def figure_rows_of_periods(
    workspace: Workspace,
    as_of: AsOf,
    chosen: Sequence[Indicator],
    regions: Sequence[str],
    periods: Sequence[Period],
) -> list[dict[str, Any]]:
    """Return the rows of several periods, which are read at once; they may be any months of a year."""
    figures = _read_figures(workspace, as_of, chosen, regions, periods)
    recorded_at = workspace.recorded_at(as_of)
    return [
        figure_row(
            workspace, indicator, figures[indicator.indicator_id, region_code, str(period)], recorded_at
        )
        for period in periods
        for region_code in regions
        for indicator in chosen
    ]


def read_figures(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], regions: Sequence[str], period: Period
) -> dict[tuple[str, str], Figure]:
    """Read the figures of these regions, by indicator and region."""
    figures = _read_figures(workspace, as_of, chosen, regions, [period])
    return {key[:2]: figure for key, figure in figures.items()}


def _read_figures(
    workspace: Workspace,
    as_of: AsOf,
    chosen: Sequence[Indicator],
    regions: Sequence[str],
    periods: Sequence[Period],
) -> dict[tuple[str, str, str], Figure]:
    """Read figures by indicator, region and period.

    A region that the region table lacks, or that has no units yet, has none.
    """
    known = [code for code in regions if code in workspace.regions.regions]
    needed = {unit for code in known for unit in workspace.regions.units_below(code)}
    without = {
        (indicator.indicator_id, code, str(period)): no_figure(indicator.indicator_id, code, str(period))
        for indicator in chosen
        for code in regions
        for period in periods
    }
    if not chosen or not needed or not periods:
        return without
    units = [unit for unit in workspace.regions.unit_codes() if unit in needed]
    reader = FigureReader(as_of, workspace.regions, periods, workspace.obligations, units)
    reader.prefetch(chosen)
    figures = reader.figures(chosen, known)
    return without | {
        (figure.indicator_id, figure.region_code, figure.period): figure for figure in figures
    }


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


def figures_of_all_units(
    workspace: Workspace, as_of: AsOf, indicator: Indicator, period: Period
) -> pd.DataFrame:
    """Return an indicator's `numerator` by `region_code` for all regions."""
    if is_materialized(as_of):
        return apply_null_rules([indicator], stored_sums(as_of, [indicator], [str(period)]))
    reader = FigureReader(as_of, workspace.regions, [period], workspace.obligations)
    return pd.DataFrame([vars(figure) for figure in reader.figures([indicator])])

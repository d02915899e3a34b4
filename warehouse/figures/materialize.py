"""Materialise the figures for report tools: each load refreshes their table, in its transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import pandas as pd
from sqlalchemy import delete, select

from schemas.figures.figure import FIGURE
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.obligations import Obligations
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.incremental import IncrementalFigures
from warehouse.figures.stored_figures import (
    build_figures,
    forget_periods,
    store_figures,
    stored_periods,
)
from warehouse.frames import read_frame
from warehouse.schema.as_of import AsOf, report_current_at
from warehouse.schema.refresh_state import FIGURES, RefreshState, refresh_state, set_refresh_state


def refresh_figures(
    as_of: AsOf,
    regions: RegionTable,
    obligations: Obligations,
    indicators: Sequence[Indicator],
    now: RefreshState,
    *,
    is_incremental: bool,
) -> None:
    """Refresh the materialised figures to the state `now`, within the caller's transaction.

    `is_incremental`: compute only what the load can have changed, with the same result. If the definitions
    changed or an earlier load was not followed, all figures are made again.
    """
    before = refresh_state(as_of.connection, as_of.tables, FIGURES)
    if before == now:
        return
    if before != RefreshState(now.load_id - 1, now.fingerprint):
        as_of.connection.execute(delete(as_of.tables.marts.figures))
    periods, stored = reported_periods(as_of, obligations), stored_periods(as_of)
    forget_periods(as_of, stored - {str(period) for period in periods})  # their last report was withdrawn
    new_periods = [period for period in periods if str(period) not in stored]
    old_periods = [period for period in periods if str(period) in stored]
    changed = (
        IncrementalFigures(as_of, regions, obligations).changed(indicators, old_periods)
        if is_incremental
        else _compute_all(as_of, regions, obligations, indicators, old_periods)
    )
    new = _compute_all(as_of, regions, obligations, indicators, new_periods)
    for batch, figures in chain(changed, new):
        store_figures(as_of, regions, batch, figures)
    set_refresh_state(as_of.connection, as_of.tables, FIGURES, now)


def compute_stored_figures(
    as_of: AsOf, regions: RegionTable, obligations: Obligations, indicators: Sequence[Indicator]
) -> pd.DataFrame:
    """Compute every figure again in the form in which it is stored, by FIGURE."""
    computed = _compute_all(as_of, regions, obligations, indicators, reported_periods(as_of, obligations))
    frames = [build_figures(regions, batch, sums) for batch, sums in computed]
    return pd.concat(frames).set_index(FIGURE) if frames else pd.DataFrame()


def stored_figures(as_of: AsOf) -> pd.DataFrame:
    """Read every materialised figure, by FIGURE; without the load that made it, which nothing tells again."""
    table = as_of.tables.marts.figures
    names = [column.name for column in table.columns if column.name != "made_load"]
    query = select(*(table.c[name] for name in names))
    return read_frame(as_of.connection, query, names, dtype=object).set_index(FIGURE)


def reported_periods(as_of: AsOf, obligations: Obligations) -> list[Period]:
    """List every month that a current report covers, with its quarter and year."""
    reports = as_of.submissions
    is_current = report_current_at(reports, as_of.load_id)
    reported = as_of.connection.scalars(select(reports.c.period).where(is_current).distinct())
    months = {month for period in reported for month in obligations.months_before(period)}
    return sorted({containing for month in months for containing in Period.parse(month).containing()})


def _compute_all(
    as_of: AsOf,
    regions: RegionTable,
    obligations: Obligations,
    indicators: Sequence[Indicator],
    periods: Sequence[Period],
) -> Iterator[tuple[Sequence[Indicator], pd.DataFrame]]:
    """Compute every figure of these periods, in batches of indicators."""
    if not periods:
        return
    reader = FigureReader(as_of, regions, periods, obligations)
    reader.prefetch(indicators)
    for batch in reader.batches(indicators):
        yield batch, reader.of_regions(batch, reader.of_units(batch))

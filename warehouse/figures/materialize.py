"""The materialised figures for report tools.

Each load refreshes those that it can have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import and_, bindparam, delete, select

from schemas.figures.display import format_figures
from schemas.figures.figure import COMPONENTS, FIGURE, SUMS, apply_null_rules
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.obligations import Obligations
from warehouse.figures.affected import AffectedScope
from warehouse.figures.change_in_city import change_in_city
from warehouse.figures.figure_reader import FigureReader
from warehouse.frames import frame_records, insert_frame, read_frame, values_list
from warehouse.schema.as_of import AsOf, report_current_at
from warehouse.schema.refresh_state import FIGURES, RefreshState, refresh_state, set_refresh_state

#: figures per frame: enough to outweigh its cost, few enough for memory
FIGURES_PER_BATCH = 100_000


def refresh_figures(
    as_of: AsOf,
    regions: RegionTable,
    obligations: Obligations,
    indicators: Sequence[Indicator],
    now: RefreshState,
) -> None:
    """Refresh the materialised figures to the state `now`, within the caller's transaction.

    Everything is rebuilt if the definitions changed or an earlier load was not followed.
    """
    connection, tables = as_of.connection, as_of.tables
    before = refresh_state(connection, tables, FIGURES)
    if before == now:
        return
    materializer = FigureMaterializer(as_of, regions, obligations)
    periods = reported_periods(as_of, obligations)
    if before != RefreshState(now.load_id - 1, now.fingerprint):
        connection.execute(delete(tables.marts.figures))
        materializer.build(indicators, periods)
    else:
        present = set(connection.scalars(select(tables.marts.figures.c.period).distinct()))
        materializer.update_incrementally(
            indicators, [period for period in periods if str(period) in present]
        )
        materializer.build(indicators, [period for period in periods if str(period) not in present])
    set_refresh_state(connection, tables, FIGURES, now)


def reported_periods(as_of: AsOf, obligations: Obligations) -> list[Period]:
    """List every month that a current report covers, with its quarter and year."""
    reports = as_of.submissions
    is_current = report_current_at(reports, as_of.load_id)
    reported = as_of.connection.scalars(select(reports.c.period).where(is_current).distinct())
    months = {month for period in reported for month in obligations.months_before(period)}
    return sorted({containing for month in months for containing in Period.parse(month).containing()})


def stored_sums(
    as_of: AsOf,
    indicators: Sequence[Indicator],
    periods: Sequence[str],
    regions: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read FIGURE and COMPONENTS of some indicators from the materialised table."""
    c, names = as_of.tables.marts.figures.c, [*FIGURE, *COMPONENTS]
    is_selected = and_(
        c.indicator_id.in_([indicator.indicator_id for indicator in indicators]), c.period.in_(periods)
    )
    if regions is not None:
        is_selected = and_(is_selected, c.region_code.in_(values_list(regions)))
    return read_frame(as_of.connection, select(*(c[name] for name in names)).where(is_selected), names)


def is_materialized(as_of: AsOf) -> bool:
    """Return True if the materialised figures reflect this load."""
    state = refresh_state(as_of.connection, as_of.tables, FIGURES)
    return state is not None and state.load_id == as_of.load_id


@dataclass(frozen=True)
class FigureMaterializer:
    """Writer of the figures of a load into their table."""

    as_of: AsOf
    regions: RegionTable
    obligations: Obligations

    def build(self, indicators: Sequence[Indicator], periods: Sequence[Period]) -> None:
        """Compute all figures of periods that have none yet."""
        if not periods:
            return
        reader = self._reader(periods, None)
        reader.prefetch(indicators)
        for batch in split_into_batches(indicators, reader):
            of_units = reader.of_units(batch)
            self._insert(batch, pd.concat([reader.of_city(batch, of_units), of_units], ignore_index=True))

    def update_incrementally(self, indicators: Sequence[Indicator], periods: Sequence[Period]) -> None:
        """Update what the load changed.

        The figures of the units it touched, and the city's by the same amount.
        """
        scope = AffectedScope.of_load(self.as_of, indicators)
        indicators_by_scope: dict[tuple[tuple[Period, ...], tuple[str, ...]], list[Indicator]] = {}
        for indicator in indicators:
            scope_key = (
                tuple(scope.periods(indicator, periods)),
                tuple(scope.units_of(indicator, self.regions.unit_codes())),
            )
            if all(scope_key):
                indicators_by_scope.setdefault(scope_key, []).append(indicator)
        for scope_key, same_scope in indicators_by_scope.items():
            reader = self._reader(*scope_key)
            reader.prefetch(same_scope)
            for batch in split_into_batches(same_scope, reader):
                self._update_batch(batch, reader)

    def _update_batch(self, batch: Sequence[Indicator], reader: FigureReader) -> None:
        city = self.regions.top.code
        regions = None if reader.is_whole else [city, *reader.units]
        before = stored_sums(self.as_of, batch, reader.names, regions).set_index(FIGURE)
        of_units = reader.of_units(batch)
        now = of_units.set_index(FIGURE)
        if reader.is_whole:
            of_city = reader.of_city(batch, of_units)
        else:
            changes = (now - before.reindex(now.index)).groupby(FIGURE[:2]).sum()
            for indicator in filter(reader.is_non_additive, batch):
                changes.loc[[indicator.indicator_id], SUMS] = change_in_city(
                    reader, indicator, changes.loc[indicator.indicator_id].index
                ).to_numpy()
            city_sums = before.xs(city, level="region_code").add(changes)
            of_city = city_sums.astype("int64").reset_index().assign(region_code=city)
        now = pd.concat([now, of_city.set_index(FIGURE)])
        differs = now[COMPONENTS].ne(before.reindex(now.index)[COMPONENTS]).any(axis=1)
        if differs.any():
            self._delete(now.index[differs])
            self._insert(batch, now[differs].reset_index())

    def _reader(self, periods: Sequence[Period], units: Sequence[str] | None) -> FigureReader:
        return FigureReader(self.as_of, self.regions, periods, self.obligations, units)

    def _delete(self, keys: pd.MultiIndex) -> None:
        figures = self.as_of.tables.marts.figures
        is_figure = (figures.c[name] == bindparam(f"a_{name}") for name in FIGURE)
        records = keys.to_frame(index=False).rename(columns={name: f"a_{name}" for name in FIGURE})
        self.as_of.connection.execute(delete(figures).where(*is_figure), frame_records(records))

    def _insert(self, batch: Sequence[Indicator], components: pd.DataFrame) -> None:
        names = {code: region.name for code, region in self.regions.regions.items()}
        figures = format_figures(batch, apply_null_rules(batch, components))
        figures = figures.assign(
            title=figures["indicator_id"].map({indicator.indicator_id: indicator.title for indicator in batch}),
            unit=figures["indicator_id"].map({indicator.indicator_id: indicator.unit for indicator in batch}),
            region_name=figures["region_code"].map(names), made_load=self.as_of.load_id,
            is_provisional=figures["units_reported"] < figures["units_expected"],
        )  # fmt: skip
        insert_frame(self.as_of.connection, self.as_of.tables.marts.figures, figures)


def split_into_batches(
    indicators: Sequence[Indicator], reader: FigureReader
) -> Iterator[Sequence[Indicator]]:
    """Split the indicators so that a batch makes at most FIGURES_PER_BATCH figures."""
    size = max(1, FIGURES_PER_BATCH // (len(reader.periods) * (len(reader.units) + 1)))
    return (indicators[start : start + size] for start in range(0, len(indicators), size))

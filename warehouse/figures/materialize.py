"""The figures kept for report tools: made with each load, of what the load can have moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, and_, bindparam, delete, select

from schemas.figures.display import format_figures
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.obligations import Obligations
from warehouse.figures.affected import AffectedScope
from warehouse.figures.bulk import FIGURE, MADE_OF, SUMS, BulkFigures, apply_null_rules
from warehouse.figures.distinct_counts import values_list
from warehouse.figures.filters import Warehouse, report_current_at
from warehouse.frames import frame_records, insert_frame, read_frame
from warehouse.schema.refresh_state import FIGURES, RefreshState, refresh_state, set_refresh_state
from warehouse.schema.tables import Tables

#: so many figures are brought into one frame: it is worth its making, and no night's figures fill the memory
AT_ONCE = 100_000


def refresh_figures(
    connection: Connection, warehouse: Warehouse, regions: RegionTable, obligations: Obligations,
    indicators: Sequence[Indicator], now: RefreshState,
) -> None:  # fmt: skip
    """Bring the kept figures to a load and to definitions, within the caller's transaction.

    All are made anew where they were made by other definitions, or where a load before this one was not followed.
    """
    tables = warehouse.tables
    before = refresh_state(connection, tables, FIGURES)
    if before == now:
        return
    keeper = _Keeper(connection, warehouse, regions, obligations, now.load_id)
    wanted = reported_periods(connection, tables, now.load_id, obligations)
    if before != RefreshState(now.load_id - 1, now.fingerprint):
        connection.execute(delete(tables.marts.figures))
        keeper.make(indicators, wanted)
    else:
        there = set(connection.scalars(select(tables.marts.figures.c.period).distinct()))
        keeper.follow(indicators, [period for period in wanted if str(period) in there])
        keeper.make(indicators, [period for period in wanted if str(period) not in there])
    set_refresh_state(connection, tables, FIGURES, now)


def reported_periods(
    connection: Connection, tables: Tables, load_id: int, obligations: Obligations
) -> list[Period]:
    """Every month for which any report stands or may speak, with its quarter and year."""
    reports = tables.submissions
    last = connection.scalars(
        select(reports.c.period).where(report_current_at(reports, load_id)).distinct()
    )
    months = {month for one in last for month in obligations.months_before(one)}
    return sorted({period for month in months for period in Period.parse(month).containing()})


def stored_sums(
    connection: Connection, tables: Tables, indicators: Sequence[Indicator], periods: Sequence[str],
    regions: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """FIGURE and MADE_OF of some indicators as kept, of all regions or of these."""
    c, names = tables.marts.figures.c, [*FIGURE, *MADE_OF]
    is_it = and_(
        c.indicator_id.in_([indicator.indicator_id for indicator in indicators]), c.period.in_(periods)
    )
    if regions is not None:
        is_it = and_(is_it, c.region_code.in_(values_list(regions)))
    return read_frame(connection, select(*(c[name] for name in names)).where(is_it), names)


def is_materialized(connection: Connection, tables: Tables, load_id: int) -> bool:
    """Whether the kept figures are those as of a load."""
    state = refresh_state(connection, tables, FIGURES)
    return state is not None and state.load_id == load_id


@dataclass(frozen=True)
class _Keeper:
    """Puts the figures of a load into their table."""

    connection: Connection
    warehouse: Warehouse
    regions: RegionTable
    obligations: Obligations
    load_id: int

    def make(self, indicators: Sequence[Indicator], periods: Sequence[Period]) -> None:
        """All figures of periods of which there are none yet."""
        if not periods:
            return
        reader = self._reader(periods, None)
        reader.foresee(indicators)
        for some in split_into_batches(indicators, reader):
            of_units = reader.of_units(some)
            self._put(some, pd.concat([reader.of_city(some, of_units), of_units], ignore_index=True))

    def follow(self, indicators: Sequence[Indicator], periods: Sequence[Period]) -> None:
        """The figures that the load moved: those of the units that it touched, and the city's by as much."""
        moved = AffectedScope.by(self.connection, self.warehouse.tables, indicators, self.load_id)
        asked: dict[tuple[tuple[Period, ...], tuple[str, ...]], list[Indicator]] = {}
        for indicator in indicators:
            which = (
                tuple(moved.periods(indicator, periods)),
                tuple(moved.units_of(indicator, self.regions.unit_codes())),
            )
            if all(which):
                asked.setdefault(which, []).append(indicator)
        for which, alike in asked.items():
            reader = self._reader(*which)
            reader.foresee(alike)
            for some in split_into_batches(alike, reader):
                self._follow(some, reader)

    def _follow(self, some: Sequence[Indicator], reader: BulkFigures) -> None:
        city = self.regions.city.code
        which = None if reader.is_whole else [city, *reader.units]
        before = stored_sums(self.connection, self.warehouse.tables, some, reader.names, which).set_index(
            FIGURE
        )
        of_units = reader.of_units(some)
        now = of_units.set_index(FIGURE)
        if reader.is_whole:
            of_city = reader.of_city(some, of_units)
        else:
            changes = (now - before.reindex(now.index)).groupby(FIGURE[:2]).sum()
            for one in filter(reader.compares_units, some):
                changes.loc[[one.indicator_id], SUMS] = reader.moved_in_city(
                    one, changes.loc[one.indicator_id].index
                ).to_numpy()
            moved = before.xs(city, level="region_code").add(changes)
            of_city = moved.astype("int64").reset_index().assign(region_code=city)
        now = pd.concat([now, of_city.set_index(FIGURE)])
        differs = now[MADE_OF].ne(before.reindex(now.index)[MADE_OF]).any(axis=1)
        if differs.any():
            self._forget(now.index[differs])
            self._put(some, now[differs].reset_index())

    def _reader(self, periods: Sequence[Period], units: Sequence[str] | None) -> BulkFigures:
        return BulkFigures(
            self.connection, self.warehouse, self.regions, self.load_id, periods, self.obligations, units
        )

    def _forget(self, which: pd.MultiIndex) -> None:
        figures = self.warehouse.tables.marts.figures
        same = (figures.c[name] == bindparam(f"a_{name}") for name in FIGURE)
        told = which.to_frame(index=False).rename(columns={name: f"a_{name}" for name in FIGURE})
        self.connection.execute(delete(figures).where(*same), frame_records(told))

    def _put(self, some: Sequence[Indicator], made_of: pd.DataFrame) -> None:
        names = {code: region.name for code, region in self.regions.regions.items()}
        told = format_figures(some, apply_null_rules(some, made_of))
        told = told.assign(
            title=told["indicator_id"].map({one.indicator_id: one.title for one in some}),
            unit=told["indicator_id"].map({one.indicator_id: one.unit for one in some}),
            region_name=told["region_code"].map(names), made_load=self.load_id,
            is_provisional=told["units_reported"] < told["units_expected"],
        )  # fmt: skip
        insert_frame(self.connection, self.warehouse.tables.marts.figures, told)


def split_into_batches(
    indicators: Sequence[Indicator], reader: BulkFigures
) -> Iterator[Sequence[Indicator]]:
    """So many at once as make AT_ONCE figures of the units and the city."""
    many = max(1, AT_ONCE // (len(reader.periods) * (len(reader.units) + 1)))
    return (indicators[start : start + many] for start in range(0, len(indicators), many))

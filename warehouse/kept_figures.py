"""The figures kept for report tools: made with each load, of what the load can have moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, and_, bindparam, delete, select

from schemas.display import displayed
from schemas.indicator import Indicator
from schemas.obligations import Obligations
from schemas.periods import Period
from schemas.regions import RegionTable
from warehouse.frames import insert_frame, records
from warehouse.grouped import MADE_OF, SUMS, GroupedFigures, finished
from warehouse.kept import FIGURES, Kept, kept_state, set_kept_state
from warehouse.moved import Moved
from warehouse.parts import Warehouse, report_stood_at
from warehouse.tables import Tables

FIGURE = ["period", "region_code"]


def refresh_figures(
    connection: Connection, warehouse: Warehouse, regions: RegionTable, obligations: Obligations,
    indicators: Sequence[Indicator], now: Kept,
) -> None:  # fmt: skip
    """Bring the kept figures to a load and to definitions, within the caller's transaction.

    All are made anew where they were made by other definitions, or where a load before this one was not followed.
    """
    tables = warehouse.tables
    before = kept_state(connection, tables, FIGURES)
    if before == now:
        return
    keeper = _Keeper(connection, warehouse, regions, obligations, now.load_id)
    wanted = reported_periods(connection, tables, now.load_id)
    if before != Kept(now.load_id - 1, now.fingerprint):
        connection.execute(delete(tables.marts.figures))
        keeper.make(indicators, wanted)
    else:
        there = set(connection.scalars(select(tables.marts.figures.c.period).distinct()))
        keeper.follow(indicators, [period for period in wanted if str(period) in there])
        keeper.make(indicators, [period for period in wanted if str(period) not in there])
    set_kept_state(connection, tables, FIGURES, now)


def reported_periods(connection: Connection, tables: Tables, load_id: int) -> list[Period]:
    """Every month for which any report stands, with its quarter and year."""
    reports = tables.submissions
    months = connection.scalars(select(reports.c.period).where(report_stood_at(reports, load_id)).distinct())
    return sorted({period for month in months for period in Period.parse(month).containing()})


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
        for one in indicators:
            of_units = reader.of_units(one)
            self._put(one, pd.concat([reader.of_city(one, of_units), of_units], ignore_index=True))

    def follow(self, indicators: Sequence[Indicator], periods: Sequence[Period]) -> None:
        """The figures that the load moved: those of the units that it touched, and the city's by as much."""
        moved = Moved.by(self.connection, self.warehouse.tables, indicators, self.load_id)
        asked: dict[tuple[tuple[Period, ...], tuple[str, ...]], list[Indicator]] = {}
        for one in indicators:
            which = tuple(moved.periods(one, periods)), tuple(moved.units_of(one, self.regions.unit_codes()))
            if all(which):
                asked.setdefault(which, []).append(one)
        for which, alike in asked.items():
            reader = self._reader(*which)
            reader.foresee(alike)
            for one in alike:
                self._follow(one, reader)

    def _follow(self, one: Indicator, reader: GroupedFigures) -> None:
        city = self.regions.city.code
        before = self._kept(one, reader.names, [city, *reader.units]).set_index(FIGURE)
        of_units = reader.of_units(one)
        now = of_units.set_index(FIGURE)
        if reader.is_whole:
            of_city = reader.of_city(one, of_units)
        else:
            changes = (now - before.reindex(now.index)).groupby("period").sum()
            if reader.compares_units(one):
                changes[SUMS] = reader.moved_in_city(one)
            moved = before.xs(city, level="region_code").add(changes)
            of_city = moved.astype("int64").reset_index().assign(region_code=city)
        now = pd.concat([now, of_city.set_index(FIGURE)])
        differs = now[MADE_OF].ne(before.reindex(now.index)[MADE_OF]).any(axis=1)
        if differs.any():
            self._forget(one, now.index[differs])
            self._put(one, now[differs].reset_index())

    def _reader(self, periods: Sequence[Period], units: Sequence[str] | None) -> GroupedFigures:
        return GroupedFigures(self.connection, self.warehouse, self.regions, self.load_id, periods, self.obligations, units)

    def _kept(self, one: Indicator, periods: Sequence[str], regions: Sequence[str]) -> pd.DataFrame:
        c, names = self.warehouse.tables.marts.figures.c, [*FIGURE, *MADE_OF]
        is_it = and_(c.indicator_id == one.indicator_id, c.period.in_(periods))
        if len(regions) <= len(self.regions.units):
            is_it = and_(is_it, c.region_code.in_(regions))
        rows = self.connection.execute(select(*(c[name] for name in names)).where(is_it))
        return pd.DataFrame(rows.tuples().all(), columns=names)

    def _forget(self, one: Indicator, which: pd.MultiIndex) -> None:
        figures = self.warehouse.tables.marts.figures
        same = (figures.c[name] == bindparam(f"a_{name}") for name in FIGURE)
        told = which.to_frame(index=False).rename(columns={name: f"a_{name}" for name in FIGURE})
        self.connection.execute(delete(figures).where(figures.c.indicator_id == one.indicator_id, *same), records(told))

    def _put(self, one: Indicator, made_of: pd.DataFrame) -> None:
        names = {code: region.name for code, region in self.regions.regions.items()}
        told = displayed(one, finished(one, made_of))
        told = told.assign(
            indicator_id=one.indicator_id, title=one.title, unit=one.unit, region_name=told["region_code"].map(names),
            is_provisional=told["units_reported"] < told["units_expected"], made_load=self.load_id,
        )  # fmt: skip
        insert_frame(self.connection, self.warehouse.tables.marts.figures, told)

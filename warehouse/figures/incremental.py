"""Figures of a load from those of the load before: only what the load touched is computed.

This is an accelerator and nothing else: `warehouse/figures/figure_reader.py` computes the same figures from
all rows, which takes longer the more years and units a warehouse has. The setting `incremental_figures`
turns it off. To remove it, delete this module and what names it: `warehouse/figures/materialize.py` and
`flows/queries/moved_figures.py`.

A figure can change with any date or report of its year; a point-in-time figure with anything earlier as
well; a figure that looks rows up in another ledger with any row of that ledger. Whole years of an indicator
are computed, for the units whose rows or reports the load touched, so no finer rule is needed. The city's
figures change by what those of the units change by. Where units do not add up, because a value that two of
them report counts once, they change by what the rows with the touched values change by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import select

from schemas.figures.figure import FIGURE, SUMS, apply_null_rules
from schemas.figures.indicator import Indicator, counting_dates
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.obligations import Obligations
from warehouse.figures.distinct_counts import changed_in_load
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.filters import needs_distinct_scan
from warehouse.figures.stored_figures import stored_sums
from warehouse.schema.as_of import AsOf, touched_by_load


class IncrementalFigures:
    """The figures that the load `as_of` can have changed, of all units and the city."""

    def __init__(self, as_of: AsOf, regions: RegionTable, obligations: Obligations) -> None:
        self.as_of, self.regions, self.obligations = as_of, regions, obligations

    def possibly_changed(
        self, indicators: Sequence[Indicator], periods: Sequence[Period]
    ) -> list[Indicator]:
        """Select the indicators with a figure of these periods that the load can have changed."""
        touched = _Touched.by_load(self.as_of, indicators)
        return [indicator for indicator in indicators if touched.periods_of(indicator, periods)]

    def changed(
        self, indicators: Sequence[Indicator], periods: Sequence[Period]
    ) -> Iterator[tuple[Sequence[Indicator], pd.DataFrame]]:
        """Compute FIGURE and FIGURE_PARTS of what the load can have changed, in batches of indicators.

        The stored figures must be those of the load before.
        """
        touched = _Touched.by_load(self.as_of, indicators)
        same_scope: dict[tuple[tuple[Period, ...], tuple[str, ...]], list[Indicator]] = {}
        for indicator in indicators:
            of_periods = tuple(touched.periods_of(indicator, periods))
            units = tuple(touched.units_of(indicator, self.regions.unit_codes()))
            if of_periods and units:
                same_scope.setdefault((of_periods, units), []).append(indicator)
        for (of_periods, units), of_scope in same_scope.items():
            reader = self._reader(self.as_of, of_periods, units)
            reader.prefetch(of_scope)
            for batch in reader.batches(of_scope):
                of_units = reader.of_units(batch)
                yield (
                    batch,
                    pd.concat([self._of_city(reader, batch, of_units), of_units], ignore_index=True),
                )

    def city_before_and_after(
        self, indicators: Sequence[Indicator], periods: Sequence[Period]
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the city's figures as of the load before and as of this load.

        The stored figures must be those of this load.
        """
        touched, city = _Touched.by_load(self.as_of, indicators), self.regions.top.code
        same_units: dict[tuple[str, ...], list[Indicator]] = {}
        for indicator in indicators:
            units = tuple(touched.units_of(indicator, self.regions.unit_codes()))
            same_units.setdefault(units, []).append(indicator)
        names = [str(period) for period in periods]
        after = stored_sums(self.as_of, indicators, names, [city]).set_index(FIGURE)
        before = pd.concat(
            self._city_before(after, of_units, periods, units) for units, of_units in same_units.items()
        )
        return (
            apply_null_rules(indicators, before.reset_index()),
            apply_null_rules(indicators, after.reset_index()),
        )

    def _city_before(
        self,
        after: pd.DataFrame,
        indicators: Sequence[Indicator],
        periods: Sequence[Period],
        units: Sequence[str],
    ) -> pd.DataFrame:
        """Compute the city's FIGURE_PARTS as of the load before, where the load touched these units."""
        if not units:
            ids = [indicator.indicator_id for indicator in indicators]
            return after[after.index.get_level_values("indicator_id").isin(ids)]
        before_load, this_load = (
            self._reader(self.as_of.with_load(load_id), periods, units)
            for load_id in (self.as_of.load_id - 1, self.as_of.load_id)
        )
        for reader in (before_load, this_load):
            reader.prefetch(indicators)
        units_then = before_load.of_units(indicators)
        if before_load.covers_all_units:
            return before_load.of_city(indicators, units_then).set_index(FIGURE)
        change_of_units = this_load.of_units(indicators).set_index(FIGURE) - units_then.set_index(FIGURE)
        change = self._change_of_city(this_load, indicators, change_of_units)
        return after.reindex(change.index).sub(change).dropna().astype("int64")

    def _of_city(
        self, reader: FigureReader, indicators: Sequence[Indicator], of_units: pd.DataFrame
    ) -> pd.DataFrame:
        """Compute the city's FIGURE_PARTS from the stored ones and the change of the touched units."""
        if reader.covers_all_units:
            return reader.of_city(indicators, of_units)
        stored_regions = [self.regions.top.code, *reader.units]
        before = stored_sums(self.as_of, indicators, reader.names, stored_regions).set_index(FIGURE)
        units_now = of_units.set_index(FIGURE)
        change_of_units = units_now - before.reindex(units_now.index)
        change = self._change_of_city(reader, indicators, change_of_units)
        return before.reindex(change.index).add(change).astype("int64").reset_index()

    def _change_of_city(
        self, reader: FigureReader, indicators: Sequence[Indicator], change_of_units: pd.DataFrame
    ) -> pd.DataFrame:
        """Compute the change of the city's FIGURE_PARTS by that of the touched units."""
        changes = change_of_units.groupby(FIGURE[:2]).sum()
        for indicator in filter(reader.is_non_additive, indicators):
            change = _change_of_sums(reader, indicator)
            changes.loc[[indicator.indicator_id], SUMS] = change.loc[
                changes.loc[indicator.indicator_id].index
            ].to_numpy()
        return changes.assign(region_code=self.regions.top.code).set_index("region_code", append=True)

    def _reader(self, as_of: AsOf, periods: Sequence[Period], units: Sequence[str]) -> FigureReader:
        return FigureReader(as_of, self.regions, periods, self.obligations, units)


def _change_of_sums(reader: FigureReader, indicator: Indicator) -> pd.DataFrame:
    """Compute the change of the city's SUMS by the load of the reader, by period.

    The sums over the rows that it touched, as of this load minus as of the load before.
    """
    scope, load_id, warehouse = reader.scope(indicator), reader.as_of.load_id, reader.as_of.warehouse
    changes = pd.DataFrame(0, index=pd.Index(reader.names, name="period"), columns=SUMS)
    for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
        for part in parts:
            extra_filters, units = [], scope & set(reader.units)
            if needs_distinct_scan(warehouse, part):
                extra_filters = [] if part.stock else [changed_in_load(warehouse, part, load_id)]
                units = scope
            after, before = (
                reader.part_sums.over_units(part, units, extra_filters, as_of_load)
                for as_of_load in (load_id, load_id - 1)
            )
            changes[name] += after - before
    return changes


@dataclass(frozen=True)
class _Touched:
    """What a load touched.

    By ledger the years of its dates and reports, and its units; `changed` lists the ledgers with a changed
    row.
    """

    years: Mapping[str, set[int]]
    units: Mapping[str, set[str]]
    changed: set[str]

    @classmethod
    def by_load(cls, as_of: AsOf, indicators: Sequence[Indicator]) -> _Touched:
        """Read what the load touched of the ledgers that these indicators need."""
        connection, load_id = as_of.connection, as_of.load_id
        years: dict[str, set[int]] = {}
        units: dict[str, set[str]] = {}
        changed: set[str] = set()
        for ledger, dates in counting_dates(indicators).items():
            table = as_of.ledger(ledger)
            is_changed = touched_by_load(table, load_id)
            units[ledger] = set(connection.scalars(select(table.c.unit_code).where(is_changed).distinct()))
            if not units[ledger]:
                continue
            changed.add(ledger)
            years[ledger] = set()
            for name in ("period", *dates):
                column = table.c[name]
                query = select(column).where(is_changed, column.is_not(None)).distinct()
                years[ledger] |= {int(str(value)[:4]) for value in connection.scalars(query)}
        reports = as_of.submissions
        report_key = (reports.c.ledger, reports.c.unit_code, reports.c.period)
        reported = select(*report_key).where(reports.c.load_id == load_id, reports.c.period.is_not(None))
        for ledger, unit, month in connection.execute(reported.distinct()):
            years.setdefault(ledger, set()).add(int(month[:4]))
            units.setdefault(ledger, set()).add(unit)
        return cls(years, units, changed)

    def periods_of(self, indicator: Indicator, periods: Iterable[Period]) -> list[Period]:
        """Select the periods whose figures the load can have changed."""
        if self._looks_up_changed(indicator):
            return list(periods)
        years = set().union(*(self.years.get(ledger, set()) for ledger in indicator.ledgers()))
        has_point_in_time_part = any(part.stock for part in indicator.parts()) and years
        return [
            period
            for period in periods
            if period.year in years or (has_point_in_time_part and period.year > min(years))
        ]

    def units_of(self, indicator: Indicator, units: Sequence[str]) -> list[str]:
        """Select the units whose figures the load can have changed."""
        if self._looks_up_changed(indicator):
            return list(units)
        touched = set().union(*(self.units.get(ledger, set()) for ledger in indicator.ledgers()))
        return [unit for unit in units if unit in touched]

    def _looks_up_changed(self, indicator: Indicator) -> bool:
        """Return True if the figure looks rows up in a changed ledger.

        Any unit and year may then be affected.
        """
        looked_up = {test.ledger for part in indicator.parts() for test in part.where if test.ledger}
        return bool(looked_up & self.changed)

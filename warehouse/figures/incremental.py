"""Figures of a load from those of the load before: only what the load touched is computed.

This is an accelerator and nothing else: `warehouse/figures/figure_reader.py` computes the same figures from
all rows, which takes longer the more years and units a warehouse has. The setting `incremental_figures`
turns it off. To remove it, delete this module and what names it: `warehouse/figures/materialize.py` and
`flows/queries/moved_figures.py`.

A figure can change with any date or report of its year; a point-in-time figure with anything earlier as
well; a figure that looks rows up in another ledger with any row of that ledger. Whole years of an indicator
are computed, for the units whose rows or reports the load touched, so no finer rule is needed. The figures
of a region change by what the shares of its units change by. Where units do not add up, because a value that
two of them report counts once, they change by what the rows with the touched values change by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import literal, select, union_all

from schemas.figures.figure import FIGURE, SUMS, apply_null_rules
from schemas.figures.indicator import Indicator, counting_dates
from schemas.figures.reach import looked_up_ledgers
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.obligations import Obligations
from warehouse.figures.current_reports import first_months
from warehouse.figures.distinct_counts import changed_in_load
from warehouse.figures.figure_reader import FigureReader
from warehouse.figures.filters import needs_distinct_scan
from warehouse.figures.stored_figures import stored_sums
from warehouse.schema.as_of import AsOf, touched_by_load


class IncrementalFigures:
    """The figures that the load `as_of` can have changed, of all regions."""

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
            units = tuple(touched.units_of(indicator, self.regions))
            if of_periods and units:
                same_scope.setdefault((of_periods, units), []).append(indicator)
        for (of_periods, units), of_scope in same_scope.items():
            reader = self._reader(self.as_of, of_periods, units)
            reader.prefetch(of_scope)
            for batch in reader.batches(of_scope):
                yield batch, self._of_regions(reader, batch)

    def before_and_after(
        self, indicators: Sequence[Indicator], periods: Sequence[Period]
    ) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
        """Compute the figures of these periods as of the load before and as of this load, in batches.

        Only those of regions whose units the load touched. The stored figures must be those of this load.
        """
        if not periods:
            return
        touched = _Touched.by_load(self.as_of, indicators)
        same_units: dict[tuple[str, ...], list[Indicator]] = {}
        for indicator in indicators:
            units = tuple(touched.units_of(indicator, self.regions))
            same_units.setdefault(units, []).append(indicator)
        for units, of_units in same_units.items():
            if not units:
                continue
            before_load, this_load = (
                self._reader(self.as_of.with_load(load_id), periods, units)
                for load_id in (self.as_of.load_id - 1, self.as_of.load_id)
            )
            for reader in (before_load, this_load):
                reader.prefetch(of_units)
            for batch in this_load.batches(of_units):
                before, after = self._then_and_now(before_load, this_load, batch)
                yield apply_null_rules(batch, before), apply_null_rules(batch, after)

    def _then_and_now(
        self, before_load: FigureReader, this_load: FigureReader, indicators: Sequence[Indicator]
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Compute FIGURE_PARTS of the regions of the readers' units, as of the load before and this load.

        Those of sums as of the load before are the stored ones less the change.
        """
        units_then = before_load.of_units(indicators)
        if before_load.covers_all_units:
            return before_load.of_regions(indicators, units_then), stored_sums(
                self.as_of, indicators, this_load.names
            )
        sums, alone = self._touched_regions(this_load)
        after = stored_sums(self.as_of, indicators, this_load.names, [*sums, *alone]).set_index(FIGURE)
        change_of_units = this_load.of_units(indicators).set_index(FIGURE) - units_then.set_index(FIGURE)
        changes = (self._change_of_region(this_load, indicators, change_of_units, code) for code in sums)
        of_sums = [
            after.reindex(change.index).sub(change).dropna().astype("int64").reset_index()
            for change in changes
        ]
        of_alone = units_then[units_then["region_code"].isin(alone)]
        return pd.concat([*of_sums, of_alone], ignore_index=True), after.reset_index()

    def _touched_regions(self, reader: FigureReader) -> tuple[list[str], list[str]]:
        """Return the regions of the reader's units: those that are sums, and units by themselves."""
        sums = [code for code, units in self.regions.sums.items() if not reader.unit_set.isdisjoint(units)]
        return sums, [unit for unit in reader.units if unit not in self.regions.sums]

    def _of_regions(self, reader: FigureReader, indicators: Sequence[Indicator]) -> pd.DataFrame:
        """Compute FIGURE_PARTS of the touched units' regions; sums from the stored ones and the change."""
        of_units = reader.of_units(indicators)
        if reader.covers_all_units:
            return reader.of_regions(indicators, of_units)
        sums, alone = self._touched_regions(reader)
        stored = stored_sums(self.as_of, indicators, reader.names, [*sums, *alone]).set_index(FIGURE)
        shares = of_units.set_index(FIGURE)
        change_of_units = shares - self._shares_before(reader, indicators, stored).reindex(shares.index)
        changes = [self._change_of_region(reader, indicators, change_of_units, code) for code in sums]
        of_sums = [
            stored.reindex(change.index).add(change).astype("int64").reset_index() for change in changes
        ]
        return pd.concat([*of_sums, of_units[of_units["region_code"].isin(alone)]], ignore_index=True)

    def _shares_before(
        self, reader: FigureReader, indicators: Sequence[Indicator], stored: pd.DataFrame
    ) -> pd.DataFrame:
        """Return FIGURE_PARTS of the touched units' own rows as of the load before.

        They are stored, except for units whose figures are sums themselves: those that took over from others.
        """
        sums = [unit for unit in reader.units if unit in self.regions.sums]
        if not sums:
            return stored
        before_load = self._reader(self.as_of.with_load(self.as_of.load_id - 1), reader.periods, sums)
        of_units = before_load.of_units(indicators).set_index(FIGURE)
        return pd.concat([stored.drop(sums, level="region_code", errors="ignore"), of_units])

    def _change_of_region(
        self,
        reader: FigureReader,
        indicators: Sequence[Indicator],
        change_of_units: pd.DataFrame,
        region: str,
    ) -> pd.DataFrame:
        """Compute the change of a region's FIGURE_PARTS by that of the touched units."""
        is_within = change_of_units.index.get_level_values("region_code").isin(
            self.regions.units_below(region)
        )
        changes = change_of_units[is_within].groupby(FIGURE[:2]).sum()
        for indicator in indicators:
            if reader.is_non_additive(indicator, region):
                change = _change_of_sums(reader, indicator, region)
                periods = changes.loc[indicator.indicator_id].index
                changes.loc[[indicator.indicator_id], SUMS] = change.loc[periods].to_numpy()
        return changes.assign(region_code=region).set_index("region_code", append=True)

    def _reader(self, as_of: AsOf, periods: Sequence[Period], units: Sequence[str]) -> FigureReader:
        return FigureReader(as_of, self.regions, periods, self.obligations, units)


def _change_of_sums(reader: FigureReader, indicator: Indicator, region: str) -> pd.DataFrame:
    """Compute the change of a region's SUMS by the load of the reader, by period.

    The sums over the rows that it touched, as of this load minus as of the load before.
    """
    scope, load_id = reader.scope(indicator, region), reader.as_of.load_id
    warehouse = reader.as_of.warehouse
    changes = pd.DataFrame(0, index=pd.Index(reader.names, name="period"), columns=SUMS)
    for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
        for part in parts:
            extra_filters, units = [], scope & reader.unit_set
            if needs_distinct_scan(warehouse, part):
                extra_filters = [] if part.stock else [changed_in_load(warehouse, part, load_id)]
                units = scope
            after, before = (
                reader.part_sums.over_units(part, units, extra_filters, as_of_load)
                for as_of_load in (load_id, load_id - 1)
            )
            changes[name] += after - before
    return changes


def _units_of_changed_rows(as_of: AsOf, ledgers: Sequence[str]) -> list[tuple[str, str]]:
    """Read ledger and unit of the rows that the load touched, of all these ledgers in one query."""
    tables = [(name, as_of.ledger(name)) for name in ledgers]
    queries = [
        select(literal(name), table.c.unit_code).where(touched_by_load(table, as_of.load_id)).distinct()
        for name, table in tables
    ]
    return [(row[0], row[1]) for row in as_of.connection.execute(union_all(*queries))] if queries else []


@dataclass(frozen=True)
class _Touched:
    """What a load touched.

    By ledger the years of its dates and reports, and its units; `changed` lists the ledgers with a changed
    row, `begun_earlier` those whose first reported month is another now.
    """

    years: Mapping[str, set[int]]
    units: Mapping[str, set[str]]
    changed: set[str]
    begun_earlier: set[str]

    @classmethod
    def by_load(cls, as_of: AsOf, indicators: Sequence[Indicator]) -> _Touched:
        """Read what the load touched of the ledgers that these indicators need."""
        connection, load_id = as_of.connection, as_of.load_id
        years: dict[str, set[int]] = {}
        units: dict[str, set[str]] = {}
        dates_of = counting_dates(indicators)
        for ledger, unit in _units_of_changed_rows(as_of, sorted(dates_of)):
            units.setdefault(ledger, set()).add(unit)
        changed = set(units)
        for ledger in sorted(changed):
            dates, table = dates_of[ledger], as_of.ledger(ledger)
            is_changed = touched_by_load(table, load_id)
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
        further = {
            ledger for each in indicators for ledger, months in each.months_before().items() if months
        }
        first, first_before = (
            first_months(as_of.with_load(load), further) for load in (load_id, load_id - 1)
        )
        begun_earlier = {ledger for ledger in further if first.get(ledger) != first_before.get(ledger)}
        return cls(years, units, changed, begun_earlier)

    def periods_of(self, indicator: Indicator, periods: Iterable[Period]) -> list[Period]:
        """Select the periods whose figures the load can have changed."""
        if self._may_move_all(indicator):
            return list(periods)
        years = set().union(*(self.years.get(ledger, set()) for ledger in indicator.ledgers()))
        if any(indicator.months_before().values()):
            years |= {year + 1 for year in years}
        has_point_in_time_part = any(part.stock for part in indicator.parts()) and years
        return [
            period
            for period in periods
            if period.year in years or (has_point_in_time_part and period.year > min(years))
        ]

    def units_of(self, indicator: Indicator, regions: RegionTable) -> list[str]:
        """Select the units whose figures the load can have changed.

        A unit's report can end what that of its predecessor says of today.
        """
        if self._may_move_all(indicator):
            return regions.unit_codes()
        touched = set().union(*(self.units.get(ledger, set()) for ledger in indicator.ledgers()))
        lines = {regions.history.lines[unit][-1] for unit in touched if unit in regions.regions}
        return [unit for unit in regions.unit_codes() if regions.history.lines[unit][-1] in lines]

    def _may_move_all(self, indicator: Indicator) -> bool:
        """Return whether any unit and year may be affected.

        So it is where the figure looks rows up in a changed ledger, or rests on reports from before the
        period, and other months have reports at all now.
        """
        further = {ledger for ledger, months in indicator.months_before().items() if months}
        return bool(looked_up_ledgers(indicator) & self.changed or further & self.begun_earlier)

"""Figures of many periods and units at once: one query for many sums instead of one per figure.

`FigureReader` reads one period; here the same filters run against a list of periods, passed into the query
as a table, so the two cannot disagree about what a figure counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Date, Text, and_, bindparam, func, select, text

from schemas.figures.indicator import Indicator, Part
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.coverage_bulk import CoverageTable, months_of
from schemas.reporting.obligations import DEFAULT_OBLIGATIONS, Obligations
from warehouse.figures.distinct_counts import (
    changed_in_load,
    has_shared_value,
    has_unique_value,
    in_one_month,
)
from warehouse.figures.filters import bulk_sum_query, measure_filter, needs_distinct_scan, sum_query
from warehouse.figures.single import Figure
from warehouse.frames import read_frame, values_list
from warehouse.schema.as_of import AsOf, report_current_at

#: components of a figure: sums (分, or counts), and the number of units expected, fully reported, heard from
SUMS = ["numerator_sum", "denominator_sum"]
UNITS = ["units_expected", "units_reported", "units_heard"]
COMPONENTS = [*SUMS, *UNITS]
#: the key of a figure
FIGURE = ["indicator_id", "period", "region_code"]


class BulkFigures:
    """Reader of the figures of these periods as of one load, for all units or for `units`."""

    def __init__(
        self,
        as_of: AsOf,
        regions: RegionTable,
        periods: Sequence[Period],
        obligations: Obligations = DEFAULT_OBLIGATIONS,
        units: Sequence[str] | None = None,
    ) -> None:
        self.as_of, self.warehouse, self.regions = as_of, as_of.warehouse, regions
        self.periods, self.names = list(periods), [str(period) for period in periods]
        self.units = regions.unit_codes() if units is None else list(units)
        self.is_whole = len(self.units) == len(regions.units)
        self.unit_index = {code: index for index, code in enumerate(self.units)}
        names = sorted({month for period in periods for month in period.months()})
        self.months, self.month_index = (
            [Period.parse(name) for name in names],
            {name: index for index, name in enumerate(names)},
        )
        self.all_units = set(regions.unit_codes())
        self.bureau = {unit.code for unit in regions.units if unit.is_bureau}
        self.coverage = CoverageTable(self.units, periods, *self._read_reports(), obligations)
        self._prefetched: list[Part] = []
        self._month_sums: dict[int, Any] = {}
        self._first_load: dict[str, int | None] = {}

    def prefetch(self, indicators: Iterable[Indicator]) -> None:
        """Announce the indicators to read: their sums are then computed in one pass over each ledger."""
        self._prefetched = [
            part for indicator in indicators for part in indicator.parts() if self._is_summed_by_month(part)
        ]

    def figures(self, indicators: Sequence[Indicator], *, with_units: bool = True) -> Iterator[Figure]:
        """Yield the figures of the city and, with `with_units`, of all its units."""
        of_units = self.of_units(indicators)
        of_city = self.of_city(indicators, of_units)
        figures = apply_null_rules(
            indicators, pd.concat([of_city, of_units], ignore_index=True) if with_units else of_city
        )
        for row in figures.itertuples():
            numerator, denominator = (
                int(value) if pd.notna(value) else None for value in (row.numerator, row.denominator)
            )
            units = int(row.units_expected), int(row.units_reported)
            yield Figure(
                str(row.indicator_id), str(row.region_code), str(row.period), numerator, denominator, *units
            )

    def of_units(self, indicators: Sequence[Indicator]) -> pd.DataFrame:
        """Compute FIGURE and COMPONENTS of each indicator for each unit.

        A unit outside the scope has zeros.
        """
        components = np.array(
            [self._compute_components(indicator) for indicator in indicators], dtype="int64"
        )
        levels = [[indicator.indicator_id for indicator in indicators], self.names, self.units]
        index = pd.MultiIndex.from_product(levels, names=FIGURE)
        return pd.DataFrame(
            components.transpose(0, 2, 3, 1).reshape(-1, len(COMPONENTS)), index=index, columns=COMPONENTS
        ).reset_index()

    def of_city(self, indicators: Sequence[Indicator], of_units: pd.DataFrame) -> pd.DataFrame:
        """Compute FIGURE and COMPONENTS of the city from those of all its units.

        Units do not add up where a value that two of them report counts once.
        """
        city_sums = of_units.groupby(FIGURE[:2], as_index=False, sort=False)[COMPONENTS].sum()
        for indicator in filter(self.is_non_additive, indicators):
            is_indicator = city_sums["indicator_id"].eq(indicator.indicator_id)
            for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
                city_sums.loc[is_indicator, name] = (
                    sum(self._sum_city(indicator, part) for part in parts) if parts else 0
                )
        return city_sums.assign(region_code=self.regions.city.code)[[*FIGURE, *COMPONENTS]]

    def _compute_components(self, indicator: Indicator) -> list[Any]:
        """Compute COMPONENTS, each an array by period and unit."""
        answers, is_in_scope = self.coverage.answers(indicator), self._in_scope(indicator)
        sums = (self._sums(indicator, parts) for parts in (indicator.numerator, indicator.denominator))
        return [
            *sums,
            *(flag & is_in_scope for flag in (answers.is_expected, answers.has_all, answers.has_any)),
        ]

    def change_in_city(self, indicator: Indicator, periods: Sequence[str]) -> pd.DataFrame:
        """Compute the change of the city's SUMS by this load.

        The sums over the rows that it touched, as of this load minus as of the load before.
        """
        scope = self._scope(indicator)
        changes = pd.DataFrame(0, index=pd.Index(self.names, name="period"), columns=SUMS)
        for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
            for part in (part for part in parts if self._has_rows(part.ledger, self.as_of.load_id)):
                extra_filters, units = [], scope & set(self.units)
                if needs_distinct_scan(self.warehouse, part):
                    extra_filters, units = (
                        [] if part.stock else [changed_in_load(self.warehouse, part, self.as_of.load_id)],
                        scope,
                    )
                after, before = (
                    self._sum_over_units(part, units, extra_filters, load)
                    for load in (self.as_of.load_id, self.as_of.load_id - 1)
                )
                changes[name] += after - before
        return changes.loc[list(periods)]

    def is_non_additive(self, indicator: Indicator) -> bool:
        """Return True if the city's figure is not the sum of its units' figures."""
        return len(self._scope(indicator)) > 1 and any(
            needs_distinct_scan(self.warehouse, part) for part in indicator.parts()
        )

    def _sum_city(self, indicator: Indicator, part: Part) -> Any:
        """Sum a measure over all units, by period."""
        if not self._has_rows(part.ledger, self.as_of.load_id):
            return np.zeros(len(self.periods), dtype="int64")
        scope = self._scope(indicator)
        if not needs_distinct_scan(self.warehouse, part):
            return self._sums(indicator, [part]).sum(axis=1)
        if not self._is_summed_by_month(part):
            return self._sum_over_units(part, scope)
        alone = self._add_up_months(self._sum_by_month(part) * self._in_scope(indicator)).sum(axis=1)
        return alone + self._sum_over_units(part, scope, [has_shared_value(self.warehouse, part)])

    def _scope(self, indicator: Indicator) -> set[str]:
        """Return the units whose rows make up the indicator's figure of the city."""
        return self.all_units if indicator.scope == "city" else self.bureau

    def _in_scope(self, indicator: Indicator) -> Any:
        scope = self._scope(indicator)
        return np.array([unit in scope for unit in self.units], dtype=bool)

    def _has_rows(self, ledger: str, load_id: int) -> bool:
        """Return True if the ledger had any row by a load.

        This spares queries over the many ledgers still empty.
        """
        if ledger not in self._first_load:
            first = select(func.min(self.as_of.ledger(ledger).c.recorded_load))
            self._first_load[ledger] = self.as_of.connection.scalar(first)
        first_load = self._first_load[ledger]
        return first_load is not None and first_load <= load_id

    def _is_summed_by_month(self, part: Part) -> bool:
        """Return True if sums by month can be added up; for few units a full distinct scan is cheaper."""
        return in_one_month(part) and (self.is_whole or not needs_distinct_scan(self.warehouse, part))

    def _sums(self, indicator: Indicator, parts: Sequence[Part]) -> Any:
        """Sum the measures, by period and unit."""
        total = np.zeros((len(self.periods), len(self.units)), dtype="int64")
        units = self._scope(indicator) & set(self.units)
        for part in parts if units else ():
            if not self._has_rows(part.ledger, self.as_of.load_id):
                continue
            if self._is_summed_by_month(part):
                total += self._add_up_months(self._sum_by_month(part) * self._in_scope(indicator))
                if needs_distinct_scan(self.warehouse, part):
                    total += self._sum_by_unit(part, units, [has_shared_value(self.warehouse, part)])
            else:
                total += self._sum_by_unit(part, units)
        return total

    def _add_up_months(self, of_months: Any) -> Any:
        """Add sums by month up to sums by period."""
        return np.array(
            [
                sum(of_months[self.month_index[month]] for month in period.months())
                for period in self.periods
            ]
        )

    def _sum_by_month(self, part: Part) -> Any:
        """Sum a measure by month and unit, over rows that need no distinct scan.

        All prefetched measures over one ledger and one date are summed in the same query.
        """
        if id(part) not in self._month_sums:
            same_rows = [
                other
                for other in self._prefetched
                if (other.ledger, other.dated_by) == (part.ledger, part.dated_by)
            ] or [part]
            sums = np.zeros((len(same_rows), len(self.months), len(self.units)), dtype="int64")
            measures = [(other, has_unique_value(self.warehouse, other)) for other in same_rows]
            query = bulk_sum_query(
                self.warehouse,
                measures,
                values_list(self.units),
                _periods_table(tuple(self.months)).c,
                self.as_of.load_id,
            )
            for month, unit, *totals in self.as_of.connection.execute(query):
                sums[:, self.month_index[month], self.unit_index[unit]] = [int(total) for total in totals]
            self._month_sums |= {
                id(other): part_sums for other, part_sums in zip(same_rows, sums, strict=True)
            }
        return self._month_sums[id(part)]

    def _sum_by_unit(self, part: Part, units: set[str], extra_filters: Sequence[Any] = ()) -> Any:
        """Sum a measure by period and unit."""
        sums = np.zeros((len(self.periods), len(self.units)), dtype="int64")
        unit_code = self.as_of.ledger(part.ledger).c.unit_code
        for period, unit, total in self._read_sums(
            part, units, extra_filters, self.as_of.load_id, unit_code
        ):
            sums[self.names.index(period), self.unit_index[unit]] = int(total)
        return sums

    def _sum_over_units(
        self, part: Part, units: set[str], extra_filters: Sequence[Any] = (), load_id: int | None = None
    ) -> Any:
        """Sum a measure over these units together, by period."""
        sums = np.zeros(len(self.periods), dtype="int64")
        for period, total in self._read_sums(
            part, units, extra_filters, self.as_of.load_id if load_id is None else load_id
        ):
            sums[self.names.index(period)] = int(total)
        return sums

    def _read_sums(
        self, part: Part, units: set[str], extra_filters: Sequence[Any], load_id: int, *by: Any
    ) -> list[tuple[Any, ...]]:
        if not self._has_rows(part.ledger, load_id):
            return []
        spans = _periods_table(tuple(self.periods)).c
        rows = and_(
            measure_filter(self.warehouse, part, values_list(sorted(units)), spans, load_id), *extra_filters
        )
        return [
            tuple(row)
            for row in self.as_of.connection.execute(
                sum_query(self.warehouse, part, rows, (spans.period, *by))
            )
        ]

    def _read_reports(self) -> tuple[pd.DataFrame, dict[tuple[str, str], str]]:
        """Read the current reports of the periods, and the first reported month by (ledger, unit)."""
        reports, months = self.as_of.submissions, months_of(self.periods)
        is_current = report_current_at(reports, self.as_of.load_id)
        if len(self.units) < len(self.regions.units):
            is_current = is_current & reports.c.unit_code.in_(self.units)
        report_key = (reports.c.ledger, reports.c.unit_code)
        query = select(*report_key, reports.c.period).where(
            is_current, reports.c.period.between(months[0], months[-1])
        )
        current_reports = read_frame(self.as_of.connection, query, ["ledger", "unit_code", "period"])
        first = self.as_of.connection.execute(
            select(*report_key, func.min(reports.c.period)).where(is_current).group_by(*report_key)
        )
        return current_reports, {(ledger, unit): month for ledger, unit, month in first}


def apply_null_rules(indicators: Sequence[Indicator], components: pd.DataFrame) -> pd.DataFrame:
    """Add `numerator` and `denominator` (Int64), null where they are unknown.

    A sum is null where nobody reported; so is a zero that needs every unit, where one is missing.
    """
    is_heard, is_partial = (
        components["units_heard"] > 0,
        components["units_reported"] < components["units_expected"],
    )
    needs_all = _is_among(
        components, {indicator.indicator_id for indicator in indicators if indicator.zero_needs_every_unit}
    )
    is_rate = _is_among(
        components, {indicator.indicator_id for indicator in indicators if indicator.is_rate}
    )
    numerator = components["numerator_sum"].astype("Int64").where(is_heard)
    numerator = numerator.mask(needs_all & is_partial & components["numerator_sum"].eq(0))
    return components.assign(
        numerator=numerator,
        denominator=components["denominator_sum"].astype("Int64").where(is_heard & is_rate),
    )


def _is_among(figures: pd.DataFrame, indicator_ids: set[str]) -> pd.Series:
    return figures["indicator_id"].isin(sorted(indicator_ids))


@lru_cache(maxsize=8)
def _periods_table(periods: tuple[Period, ...]) -> Any:
    """Return the periods and their bounds (see LoadSpan) as a table expression.

    Written as text because SQLAlchemy cannot cache the compiled form of its own VALUES.
    """
    types = {"period": Text, "start_on": Date, "end_on": Date, "last_on": Date, "end_month": Text}
    rows = [
        (str(period), period.start_on, period.end_on, period.last_on, period.end_month)
        for period in periods
    ]
    names = ", ".join(f"column{index} AS {name}" for index, name in enumerate(types, 1))
    rows_sql = ", ".join(
        f"({', '.join(f':span_{name}_{index}' for name in types)})" for index in range(len(rows))
    )
    query = text(f"SELECT {names} FROM (VALUES {rows_sql}) AS bounds")  # noqa: S608 - fixed names and parameters
    for index, row in enumerate(rows):
        query = query.bindparams(
            *(
                bindparam(f"span_{name}_{index}", row[column], types[name])
                for column, name in enumerate(types)
            )
        )
    return select(query.columns(**types).cte("spans")).cte("periods")

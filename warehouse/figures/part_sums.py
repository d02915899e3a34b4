"""Sums of parts for many periods and units at once: one query for many sums instead of one per figure.

The filters of a part run against a list of periods, which is passed into the query as a table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import Date, Text, and_, bindparam, func, select, text

from schemas.figures.indicator import Part
from schemas.periods import Period
from warehouse.figures.distinct_counts import has_shared_value, in_one_month, unique_value_filters
from warehouse.figures.filters import bulk_sum_query, needs_distinct_scan, part_filter, sum_query
from warehouse.frames import values_list
from warehouse.schema.as_of import AsOf

#: integers, by period and unit or by period
Sums = np.ndarray[Any, np.dtype[np.int64]]


class PartSums:
    """Reader of the sums of parts for these periods and units as of one load.

    `covers_all_units`: the units are all units of the city.
    """

    def __init__(
        self, as_of: AsOf, periods: Sequence[Period], units: Sequence[str], *, covers_all_units: bool
    ) -> None:
        self.as_of, self.warehouse, self.covers_all_units = as_of, as_of.warehouse, covers_all_units
        self.periods, self.units = list(periods), list(units)
        self._period_index = {str(period): index for index, period in enumerate(periods)}
        self._unit_index = {unit: index for index, unit in enumerate(units)}
        months = sorted({month for period in periods for month in period.months()})
        self._months = [Period.parse(month) for month in months]
        self._month_index = {month: index for index, month in enumerate(months)}
        self._prefetched: list[Part] = []
        self._month_sums: dict[int, Sums] = {}
        self._first_load: dict[str, int | None] = {}

    def prefetch(self, parts: Iterable[Part]) -> None:
        """Announce the parts to read: they are then summed in one pass over each ledger."""
        self._prefetched = [part for part in parts if self._is_summed_by_month(part)]

    def by_unit(self, part: Part, scope: Collection[str]) -> Sums:
        """Sum a part by period and unit; units outside `scope` have zeros."""
        units = [unit for unit in self.units if unit in scope]
        if not units or not self._has_rows(part.ledger, self.as_of.load_id):
            return np.zeros((len(self.periods), len(self.units)), dtype="int64")
        if not self._is_summed_by_month(part):
            return self._sum_by_unit(part, units)
        sums = self._add_up_months(part, scope)
        if needs_distinct_scan(self.warehouse, part):
            sums += self._sum_by_unit(part, units, [has_shared_value(self.warehouse, part)])
        return sums

    def together(self, part: Part, scope: Collection[str]) -> Sums:
        """Sum a measure over the units of `scope` together, by period; a value of several counts once."""
        if not needs_distinct_scan(self.warehouse, part):
            sums: Sums = self.by_unit(part, scope).sum(axis=1)
            return sums
        if not self._is_summed_by_month(part):
            return self.over_units(part, scope)
        if not self._has_rows(part.ledger, self.as_of.load_id):
            return np.zeros(len(self.periods), dtype="int64")
        unshared: Sums = self._add_up_months(part, scope).sum(axis=1)
        return unshared + self.over_units(part, scope, [has_shared_value(self.warehouse, part)])

    def over_units(
        self,
        part: Part,
        units: Collection[str],
        extra_filters: Sequence[Any] = (),
        load_id: int | None = None,
    ) -> Sums:
        """Sum a part over these units together, by period; with `load_id` as of another load."""
        as_of = self.as_of if load_id is None else self.as_of.with_load(load_id)
        sums = np.zeros(len(self.periods), dtype="int64")
        for period, total in self._read_sums(as_of, part, units, extra_filters):
            sums[self._period_index[period]] = int(total)
        return sums

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
        return in_one_month(part) and (
            self.covers_all_units or not needs_distinct_scan(self.warehouse, part)
        )

    def _add_up_months(self, part: Part, scope: Collection[str]) -> Sums:
        """Add sums by month up to sums by period and unit, over rows that need no distinct scan."""
        in_scope = np.array([unit in scope for unit in self.units], dtype=bool)
        of_months = self._sum_by_month(part) * in_scope
        by_period = [
            sum(of_months[self._month_index[month]] for month in period.months()) for period in self.periods
        ]
        return np.array(by_period, dtype="int64")

    def _sum_by_month(self, part: Part) -> Sums:
        """Sum a part by month and unit, over rows that need no distinct scan.

        All prefetched parts over one ledger and one date are summed in the same query.
        """
        if id(part) not in self._month_sums:
            same_rows = [
                other
                for other in self._prefetched
                if (other.ledger, other.dated_by) == (part.ledger, part.dated_by)
            ] or [part]
            sums = np.zeros((len(same_rows), len(self._months), len(self.units)), dtype="int64")
            parts = [(other, unique_value_filters(self.warehouse, other)) for other in same_rows]
            months = _periods_table(tuple(self._months)).c
            units = values_list(self.units)
            query = bulk_sum_query(self.warehouse, parts, units, months, self.as_of.load_id)
            for month, unit, *totals in self.as_of.connection.execute(query):
                sums[:, self._month_index[month], self._unit_index[unit]] = [int(total) for total in totals]
            self._month_sums |= {
                id(other): part_sums for other, part_sums in zip(same_rows, sums, strict=True)
            }
        return self._month_sums[id(part)]

    def _sum_by_unit(self, part: Part, units: Collection[str], extra_filters: Sequence[Any] = ()) -> Sums:
        """Sum a part by period and unit, with a distinct scan where it needs one."""
        sums = np.zeros((len(self.periods), len(self.units)), dtype="int64")
        unit_code = self.as_of.ledger(part.ledger).c.unit_code
        for period, unit, total in self._read_sums(self.as_of, part, units, extra_filters, unit_code):
            sums[self._period_index[period], self._unit_index[unit]] = int(total)
        return sums

    def _read_sums(
        self, as_of: AsOf, part: Part, units: Collection[str], extra_filters: Sequence[Any], *by: Any
    ) -> list[tuple[Any, ...]]:
        if not self._has_rows(part.ledger, as_of.load_id):
            return []
        spans = _periods_table(tuple(self.periods)).c
        rows = part_filter(self.warehouse, part, values_list(sorted(units)), spans, as_of.load_id)
        query = sum_query(self.warehouse, part, and_(rows, *extra_filters), (spans.period, *by))
        return [tuple(row) for row in as_of.connection.execute(query)]


@lru_cache(maxsize=8)
def _periods_table(periods: tuple[Period, ...]) -> Any:
    """Return the periods and their bounds (see PeriodBounds) as a table expression.

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

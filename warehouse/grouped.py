"""All figures of many periods and regions at once: a query a sum, not one a figure.

`FigureReader` asks of one period; here the same conditions are asked of a list of periods that stands in the query as a table,
so the two cannot disagree about what a figure counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, Text, column, select, values

from schemas.indicator import Indicator, Part
from schemas.periods import Period
from warehouse.figures import Figure, FigureReader
from warehouse.parts import part_filter, sum_query

#: by period and unit; units that are not there have sent no row
UnitSums = dict[tuple[str, str], int]


@dataclass(frozen=True)
class _Sums:
    """A part's sums by period and unit, and those over all units where units do not add up."""

    of_units: UnitSums
    of_all: dict[str, int] | None

    def over(self, units: Sequence[str], period: Period) -> int:
        if self.of_all is not None and len(units) > 1:
            return self.of_all.get(str(period), 0)
        return sum(self.of_units.get((str(period), unit), 0) for unit in units)


class GroupedFigures(FigureReader):
    """A reader that asks for the sums of all regions and periods at once, and only where anybody has reported."""

    def figures(self, indicator: Indicator, periods: Sequence[Period]) -> Iterator[Figure]:
        """The indicator's figures of every region and of these periods."""
        self._units, self._periods = self.units(indicator, self.regions.city.code), periods
        self._sums: dict[int, _Sums] = {}
        for region_code in self.regions.regions:
            for period in periods:
                yield self.figure(indicator, region_code, period)

    def _sum(self, parts: Sequence[Part], units: Sequence[str], period: Period) -> int:
        for part in parts:
            if id(part) not in self._sums:
                self._sums[id(part)] = self._sums_of(part)
        return sum(self._sums[id(part)].over(units, period) for part in parts)

    def _sums_of(self, part: Part) -> _Sums:
        spans = _as_table(self._periods)
        rows = part_filter(self.warehouse, part, self._units, spans.c, self.load_id)
        unit_code = self.warehouse.tables.ledgers[part.ledger].c.unit_code

        def asked(*by: Any) -> Any:
            return self.connection.execute(sum_query(self.warehouse, part, rows, by))

        of_units = {(period, unit): int(total) for period, unit, total in asked(spans.c.period, unit_code)}
        if part.aggregate != "count_distinct" or len(self._units) == 1:
            return _Sums(of_units, None)
        return _Sums(of_units, {period: int(total) for period, total in asked(spans.c.period)})


def _as_table(periods: Sequence[Period]) -> Any:
    """The periods with what bounds them, as the part's conditions ask for it."""
    days = [column(name, Date) for name in ("start_on", "end_on", "last_on")]
    told = values(column("period", Text), *days, column("end_month", Text), name="told")
    rows = [(str(one), one.start_on, one.end_on, one.last_on, one.end_month) for one in periods]
    return select(told.data(rows).cte("spans")).cte("periods")

"""Indicators as SQL: one compiled query gives the figure now, as of an earlier load, and by its filter the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select
from sqlalchemy import Table as SqlTable

from schemas.indicator import Condition, Indicator, Part
from schemas.definition import LedgerDefinition
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.states import STANDING_STATES
from warehouse.tables import Tables

TESTS: dict[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "is": lambda column, value: column == value,
    "is_not": lambda column, value: column.is_distinct_from(value),
    "in": lambda column, value: column.in_(value),
    "has": lambda column, value: ("、" + column + "、").like(f"%、{value}、%"),
    "is_true": lambda column, _: column.is_(True),
    "is_false": lambda column, _: column.is_(False),
    "is_filled": lambda column, _: column.is_not(None),
    "is_empty": lambda column, _: column.is_(None),
}


@dataclass(frozen=True)
class Figure:
    """One indicator of one region for one period; sums of money in 分. `numerator` is None where nobody reported."""

    indicator_id: str
    region_code: str
    period: str
    numerator: int | None
    denominator: int | None
    units_expected: int
    units_reported: int

    @property
    def is_provisional(self) -> bool:
        return self.units_reported < self.units_expected


def stood_at(table: SqlTable, load_id: int) -> ColumnElement[bool]:
    """Versions that stood when a load had committed."""
    return and_(table.c.recorded_load <= load_id, or_(table.c.retired_load.is_(None), table.c.retired_load > load_id))


def part_filter(table: SqlTable, part: Part, units: Sequence[str], period: Period, load_id: int) -> ColumnElement[bool]:
    """The rows that a part of an indicator sums over."""
    conditions = [stood_at(table, load_id), table.c.is_counted.is_(True), table.c.unit_code.in_(units)]
    if part.dated_by:
        dated = table.c[part.dated_by]
        conditions += [dated >= period.start_on, dated < period.end_on]
    return and_(*conditions, *(_condition(table, condition) for condition in part.where))


def _condition(table: SqlTable, condition: Condition) -> ColumnElement[bool]:
    return TESTS[condition.test](table.c[condition.field], condition.value)


def _sum_query(table: SqlTable, ledger: LedgerDefinition, part: Part, rows: ColumnElement[bool]) -> Select[Any]:
    """The sum over `rows`; distinct values are counted by their compared form, several fields as one value."""
    if part.aggregate == "sum":
        return select(func.coalesce(func.sum(table.c[str(part.field)]), 0)).where(rows)
    if part.aggregate == "count":
        return select(func.count()).select_from(table).where(rows)
    values = select(*(table.c[ledger.field(name).compared_by] for name in part.fields)).where(rows).distinct()
    return select(func.count()).select_from(values.subquery())


class FigureReader:
    """Reads figures as of one load over one connection; coverage is read once a period and ledger."""

    def __init__(
        self,
        connection: Connection,
        tables: Tables,
        ledgers: Mapping[str, LedgerDefinition],
        regions: RegionTable,
        load_id: int,
    ) -> None:
        self.connection, self.tables, self.ledgers = connection, tables, ledgers
        self.regions, self.load_id = regions, load_id
        self._reported: dict[str, dict[str, set[str]]] = {}

    def figure(self, indicator: Indicator, region_code: str, period: Period) -> Figure:
        units = self._units(indicator, region_code)
        reported = [unit for unit in units if self._has_reported(unit, indicator, period, all)]
        anybody = any(self._has_reported(unit, indicator, period, any) for unit in units)
        sums = [self._sum(part, units, period) for part in indicator.parts()] if anybody else [None]
        return Figure(
            indicator.indicator_id, region_code, str(period), sums[0], sums[1] if len(sums) > 1 else None,
            len(units), len(reported),
        )  # fmt: skip

    def _units(self, indicator: Indicator, region_code: str) -> list[str]:
        units = self.regions.units_below(region_code)
        if indicator.scope == "city":
            return units
        return [unit for unit in units if self.regions.regions[unit].is_bureau]

    def _sum(self, part: Part, units: Sequence[str], period: Period) -> int:
        table = self.tables.ledgers[part.ledger]
        ledger = self.ledgers[part.ledger]
        rows = part_filter(table, part, units, period, self.load_id)
        return int(self.connection.scalar(_sum_query(table, ledger, part, rows)))

    def _has_reported(self, unit: str, indicator: Indicator, period: Period, quantifier: Callable[[Any], bool]) -> bool:
        """Whether a unit's reports stand for all (or any) of the months and ledgers that an indicator needs."""
        return quantifier(
            month in self._reports(ledger).get(unit, ()) for ledger in indicator.ledgers() for month in period.months()
        )

    def _reports(self, ledger: str) -> dict[str, set[str]]:
        """Months by unit for which a report of the ledger stood."""
        if ledger not in self._reported:
            table = self.tables.submissions
            query = select(table.c.unit_code, table.c.period).where(
                table.c.ledger == ledger,
                table.c.state.in_(STANDING_STATES),
                table.c.load_id <= self.load_id,
                or_(table.c.superseded_load.is_(None), table.c.superseded_load > self.load_id),
            )
            found: dict[str, set[str]] = {}
            for unit, month in self.connection.execute(query):
                found.setdefault(unit, set()).add(month)
            self._reported[ledger] = found
        return self._reported[ledger]

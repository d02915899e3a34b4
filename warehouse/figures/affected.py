"""Which of the kept figures a load can have moved.

Within a year a figure moves with any date or report of that year; a state moves with all that came before it, and a figure that
looks rows up in another ledger with any row of that one. What is asked anew is whole years of an indicator, for the units whose
rows or reports the load touched, so nothing finer need be proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from schemas.figures.indicator import Indicator
from schemas.periods import Period
from warehouse.schema.tables import Tables


@dataclass(frozen=True)
class AffectedScope:
    """By ledger, the years of dates and reports that a load touched, and the units whose they are; and the ledgers of which it
    changed any row."""

    years: Mapping[str, set[int]]
    units: Mapping[str, set[str]]
    changed: set[str]

    @classmethod
    def by(
        cls, connection: Connection, tables: Tables, indicators: Sequence[Indicator], load_id: int
    ) -> AffectedScope:
        years: dict[str, set[int]] = {}
        units: dict[str, set[str]] = {}
        changed: set[str] = set()
        for ledger, dates in _counting_dates(indicators).items():
            table = tables.ledgers[ledger]
            is_changed = or_(table.c.recorded_load == load_id, table.c.retired_load == load_id)
            units[ledger] = set(connection.scalars(select(table.c.unit_code).where(is_changed).distinct()))
            if not units[ledger]:
                continue
            changed.add(ledger)
            years[ledger] = _years(connection, select(table.c.period).where(is_changed).distinct())
            for name in dates:
                dated = select(table.c[name]).where(is_changed, table.c[name].is_not(None)).distinct()
                years[ledger] |= _years(connection, dated)
        reports = tables.submissions
        which = (reports.c.ledger, reports.c.unit_code, reports.c.period)
        taken = select(*which).where(reports.c.load_id == load_id, reports.c.period.is_not(None))
        for ledger, unit, month in connection.execute(taken.distinct()):
            years.setdefault(ledger, set()).add(int(month[:4]))
            units.setdefault(ledger, set()).add(unit)
        return cls(years, units, changed)

    def periods(self, one: Indicator, periods: Iterable[Period]) -> list[Period]:
        """Those of the periods whose figures the load can have moved."""
        if self._looks_into(one):
            return list(periods)
        years = set().union(*(self.years.get(ledger, set()) for ledger in one.ledgers()))
        is_state = any(part.stock for part in one.parts()) and years
        return [
            period for period in periods if period.year in years or (is_state and period.year > min(years))
        ]

    def units_of(self, one: Indicator, units: Sequence[str]) -> list[str]:
        """Those of the units whose figures it can have moved."""
        if self._looks_into(one):
            return list(units)
        touched = set().union(*(self.units.get(ledger, set()) for ledger in one.ledgers()))
        return [unit for unit in units if unit in touched]

    def _looks_into(self, one: Indicator) -> bool:
        """Whether the figure looks rows up in a ledger that was changed: whose rows count by that, no unit or year tells."""
        return bool(
            {test.ledger for part in one.parts() for test in part.where if test.ledger} & self.changed
        )


def _years(connection: Connection, query: Any) -> set[int]:
    """The years of dates, or of months as text."""
    return {int(str(found)[:4]) for found in connection.scalars(query)}


def _counting_dates(indicators: Sequence[Indicator]) -> dict[str, set[str]]:
    """By ledger that any figure rests on, the dates by which its rows are counted."""
    dates: dict[str, set[str]] = {}
    for part in (part for indicator in indicators for part in indicator.parts()):
        dates.setdefault(part.ledger, set()).update(part.dated_by)
        for ledger in part.ledgers() - {part.ledger}:
            dates.setdefault(ledger, set())
    return dates

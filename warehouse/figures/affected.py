"""Which materialised figures a load can have changed.

A figure can change with any date or report of its year; a point-in-time figure with anything earlier as
well; a figure that looks rows up in another ledger with any row of that ledger. Whole years of an indicator
are recomputed, for the units whose rows or reports the load touched, so no finer rule is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from schemas.figures.indicator import Indicator, counting_dates
from schemas.periods import Period
from warehouse.schema.as_of import AsOf, touched_by_load


@dataclass(frozen=True)
class AffectedScope:
    """What a load touched.

    By ledger the years of its dates and reports, and its units; `changed` lists the ledgers with a changed
    row.
    """

    years: Mapping[str, set[int]]
    units: Mapping[str, set[str]]
    changed: set[str]

    @classmethod
    def of_load(cls, as_of: AsOf, indicators: Sequence[Indicator]) -> AffectedScope:
        """Read what the load `as_of` touched of the ledgers that these indicators need."""
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
            years[ledger] = _read_years(connection, select(table.c.period).where(is_changed).distinct())
            for name in dates:
                dates_of_field = (
                    select(table.c[name]).where(is_changed, table.c[name].is_not(None)).distinct()
                )
                years[ledger] |= _read_years(connection, dates_of_field)
        reports = as_of.submissions
        report_key = (reports.c.ledger, reports.c.unit_code, reports.c.period)
        reported = select(*report_key).where(reports.c.load_id == load_id, reports.c.period.is_not(None))
        for ledger, unit, month in connection.execute(reported.distinct()):
            years.setdefault(ledger, set()).add(int(month[:4]))
            units.setdefault(ledger, set()).add(unit)
        return cls(years, units, changed)

    def periods(self, indicator: Indicator, periods: Iterable[Period]) -> list[Period]:
        """Select the periods whose figures the load can have changed."""
        if self._looks_up_changed(indicator):
            return list(periods)
        years = set().union(*(self.years.get(ledger, set()) for ledger in indicator.ledgers()))
        is_point_in_time = any(part.stock for part in indicator.parts()) and years
        return [
            period
            for period in periods
            if period.year in years or (is_point_in_time and period.year > min(years))
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
        return bool(
            {test.ledger for part in indicator.parts() for test in part.where if test.ledger} & self.changed
        )


def _read_years(connection: Connection, query: Any) -> set[int]:
    """Read the years of a query's dates or months (text)."""
    return {int(str(value)[:4]) for value in connection.scalars(query)}

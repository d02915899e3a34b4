"""The figures kept for report tools, and which of them a load can have moved.

Within a year a figure moves with any date or report of that year; a state moves with all that came before it, and a figure that
looks rows up in another ledger with any row of that one. What is asked anew is whole years of an indicator, so nothing finer
need be proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select

from schemas.indicator import Indicator
from schemas.periods import Period
from warehouse.figures import Figure
from warehouse.grouped import GroupedFigures
from warehouse.parts import report_stood_at
from warehouse.tables import Tables

FIGURES = "figures"


@dataclass(frozen=True)
class Kept:
    """As of which load something stands that is kept, and by which definitions it was made."""

    load_id: int
    fingerprint: str


def kept_state(connection: Connection, tables: Tables, name: str) -> Kept | None:
    """How something that is kept stands; None where it never was."""
    kept = tables.marts.kept
    row = connection.execute(select(kept.c.load_id, kept.c.fingerprint).where(kept.c.name == name)).first()
    return Kept(row.load_id, row.fingerprint) if row else None


def set_kept_state(connection: Connection, tables: Tables, name: str, state: Kept, as_of: str | None = None) -> None:
    kept = tables.marts.kept
    connection.execute(delete(kept).where(kept.c.name == name))
    told = {"name": name, "load_id": state.load_id, "fingerprint": state.fingerprint, "as_of": as_of}
    connection.execute(insert(kept), told)


def refresh_figures(
    reader: GroupedFigures,
    indicators: Sequence[Indicator],
    told: Callable[[Indicator, Figure], Mapping[str, Any]],
    fingerprint: str,
    as_of: str | None,
) -> None:
    """Bring the kept figures to the reader's load, within the caller's transaction.

    `told` makes of a figure the columns that are kept. All are made anew where they were made by other definitions, or where a
    load before this one was not followed.
    """
    connection, tables, load_id = reader.connection, reader.warehouse.tables, reader.load_id
    before = kept_state(connection, tables, FIGURES)
    if before == Kept(load_id, fingerprint):
        return
    wanted, figures = reported_periods(connection, tables, load_id), tables.marts.figures
    follows = before == Kept(load_id - 1, fingerprint)
    moved = _Moved.by(connection, tables, indicators, load_id) if follows else None
    there = set(connection.scalars(select(figures.c.period).distinct())) if moved else set()
    if moved is None:
        connection.execute(delete(figures))
    reader.foresee(indicators)
    for one in indicators:
        periods = [period for period in wanted if moved is None or str(period) not in there or moved.has(one, period)]
        if periods:
            _replace(connection, tables, one, periods, [dict(told(one, it)) for it in reader.figures(one, periods)])
    set_kept_state(connection, tables, FIGURES, Kept(load_id, fingerprint), as_of)


def _replace(
    connection: Connection, tables: Tables, one: Indicator, periods: Sequence[Period], rows: Sequence[Mapping[str, Any]]
) -> None:
    figures = tables.marts.figures
    names = [str(period) for period in periods]
    connection.execute(delete(figures).where(figures.c.indicator_id == one.indicator_id, figures.c.period.in_(names)))
    connection.execute(insert(figures), rows)


def reported_periods(connection: Connection, tables: Tables, load_id: int) -> list[Period]:
    """Every month for which any report stands, with its quarter and year."""
    reports = tables.submissions
    months = connection.scalars(select(reports.c.period).where(report_stood_at(reports, load_id)).distinct())
    return sorted({period for month in months for period in Period.parse(month).containing()})


@dataclass(frozen=True)
class _Moved:
    """By ledger, the years of dates and reports that a load touched; a ledger whose rows it left alone has no years."""

    years: Mapping[str, set[int]]
    changed: set[str]

    @classmethod
    def by(cls, connection: Connection, tables: Tables, indicators: Sequence[Indicator], load_id: int) -> _Moved:
        years: dict[str, set[int]] = {}
        changed: set[str] = set()
        for ledger, dates in _counting_dates(indicators).items():
            table = tables.ledgers[ledger]
            is_changed = or_(table.c.recorded_load == load_id, table.c.retired_load == load_id)
            found = _years(connection, select(table.c.period).where(is_changed).distinct())
            if found:
                changed.add(ledger)
                for name in dates:
                    found |= _years(connection, select(table.c[name]).where(is_changed, table.c[name].is_not(None)).distinct())
            years[ledger] = found
        reports = tables.submissions
        taken = select(reports.c.ledger, reports.c.period).where(reports.c.load_id == load_id, reports.c.period.is_not(None))
        for ledger, month in connection.execute(taken.distinct()):
            years.setdefault(ledger, set()).add(int(month[:4]))
        return cls(years, changed)

    def has(self, one: Indicator, period: Period) -> bool:
        """Whether the load can have moved the figure of a period."""
        looked_up = {test.ledger for part in one.parts() for test in part.where if test.ledger}
        if looked_up & self.changed:
            return True
        years = set().union(*(self.years.get(ledger, set()) for ledger in one.ledgers()))
        return period.year in years or (any(part.stock for part in one.parts()) and bool(years) and period.year > min(years))


def _years(connection: Connection, query: Any) -> set[int]:
    """The years of dates, or of months as text."""
    return {int(str(found)[:4]) for found in connection.scalars(query)}


def _counting_dates(indicators: Sequence[Indicator]) -> dict[str, set[str]]:
    """By ledger that any figure rests on, the dates by which its rows are counted."""
    dates: dict[str, set[str]] = {}
    for part in (part for one in indicators for part in one.parts()):
        dates.setdefault(part.ledger, set()).update(part.dated_by)
        for ledger in part.ledgers() - {part.ledger}:
            dates.setdefault(ledger, set())
    return dates

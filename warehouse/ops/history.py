"""What the warehouse remembers of loads and submissions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, or_, select

from schemas.ledgers.rules import Severity
from schemas.states import STANDING_STATES
from warehouse.figures.distinct_counts import values_list
from warehouse.figures.filters import report_current_at
from warehouse.frames import read_frame, read_frame_pages
from warehouse.schema.tables import Tables

#: a range of fewer amounts says nothing
FEWEST_FOR_A_RANGE = 5


def known_files(connection: Connection, tables: Tables) -> pd.DataFrame:
    """The inbox as of the last run: path, size_bytes, modified_ns, sha256."""
    table = tables.inbox_files
    columns = ["path", "size_bytes", "modified_ns", "sha256"]
    return _frame(connection, select(*(table.c[name] for name in columns)), columns)


def load_ids(connection: Connection, tables: Tables) -> list[int]:
    return list(connection.scalars(select(tables.loads.c.load_id).order_by(tables.loads.c.load_id)))


def recorded_at(connection: Connection, tables: Tables, load_id: int) -> datetime:
    """When a load was recorded, in UTC without a zone."""
    query = select(tables.loads.c.recorded_at).where(tables.loads.c.load_id == load_id)
    found: datetime = connection.execute(query).scalar_one()
    return found


def ledgers_reported(connection: Connection, tables: Tables, load_id: int) -> set[str]:
    """The ledgers of which any report stands as of a load."""
    table = tables.submissions
    return set(
        connection.scalars(select(table.c.ledger).where(report_current_at(table, load_id)).distinct())
    )


def reported_months(connection: Connection, tables: Tables) -> tuple[str | None, str | None]:
    """The first and the last month for which a report was ever accepted."""
    table = tables.submissions
    query = select(func.min(table.c.period), func.max(table.c.period)).where(
        table.c.state.in_(STANDING_STATES)
    )
    first, last = connection.execute(query).one()
    return first, last


def submissions_of_load(connection: Connection, tables: Tables, load_id: int) -> pd.DataFrame:
    """The submissions that a load recorded, in order."""
    table = tables.submissions
    return _whole(
        connection, table, select(table).where(table.c.load_id == load_id).order_by(table.c.submission_id)
    )


def units_and_months_of_load(connection: Connection, tables: Tables, load_id: int) -> set[tuple[str, str]]:
    """(unit, month) that the submissions of a load are about."""
    table = tables.submissions
    query = select(table.c.unit_code, table.c.period).where(
        table.c.load_id == load_id, table.c.unit_code.is_not(None), table.c.period.is_not(None)
    )
    return {(unit, month) for unit, month in connection.execute(query.distinct())}


def findings_of_load(
    connection: Connection, tables: Tables, load_id: int, severity: Severity | None = None
) -> pd.DataFrame:
    """The findings that a load recorded, in order; those of one severity, or all."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id).order_by(table.c.finding_id)
    return _whole(
        connection, table, query if severity is None else query.where(table.c.severity == severity.value)
    )


def findings_about(
    connection: Connection, tables: Tables, load_id: int, first: int, last: int
) -> pd.DataFrame:
    """Those of a load about the submissions from `first` to `last`, in order; a later load may find more."""
    table = tables.findings
    query = select(table).where(table.c.submission_id.between(first, last))
    found = _whole(connection, table, query.order_by(table.c.finding_id))
    return found[found["load_id"] == load_id]  # asked for in SQL, all of the load would be looked through


def findings_about_files(connection: Connection, tables: Tables, load_id: int) -> pd.DataFrame:
    """Those of a load that are about a file and no submission of it, in order."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id, table.c.submission_id.is_(None))
    return _whole(connection, table, query.order_by(table.c.finding_id))


def pages_of_findings(connection: Connection, tables: Tables, load_id: int) -> Iterator[pd.DataFrame]:
    """All of a load in order, by pages."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id).order_by(table.c.finding_id)
    return read_frame_pages(connection, query, table.columns.keys(), dtype=object)


def count_findings(connection: Connection, tables: Tables, load_id: int) -> int:
    """How many findings a load recorded."""
    table = tables.findings
    return connection.scalar(select(func.count()).select_from(table).where(table.c.load_id == load_id)) or 0


def submissions_of_months(
    connection: Connection,
    tables: Tables,
    months: Sequence[str],
    load_id: int,
    units: Collection[str] | None = None,
) -> pd.DataFrame:
    """All that was submitted for these months up to a load, with `is_standing`: whether it spoke for its report then.

    By all units, or by `units`.
    """
    table = tables.submissions
    stood = table.c.state.in_(STANDING_STATES) & or_(
        table.c.superseded_load.is_(None), table.c.superseded_load > load_id
    )
    query = (
        select(table, stood.label("is_standing"))
        .where(table.c.period.in_(months), table.c.load_id <= load_id)
        .order_by(table.c.submission_id)
    )
    if units is not None:
        query = query.where(table.c.unit_code.in_(values_list(sorted(units))))
    return _frame(connection, query, [*table.columns.keys(), "is_standing"])


def amount_ranges(
    connection: Connection, tables: Tables, fields: Mapping[str, Collection[str]], units: Collection[str]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Least and greatest amount above zero that counts, by ledger, field and unit; of those of `units` with enough of them."""
    ranges: dict[tuple[str, str, str], tuple[int, int]] = {}
    for name, columns in fields.items():
        table = tables.ledgers[name]
        for column in columns:
            amount = table.c[column]
            query = (
                select(table.c.unit_code, func.min(amount), func.max(amount))
                .where(
                    table.c.unit_code.in_(values_list(sorted(units))),
                    table.c.retired_load.is_(None),
                    table.c.is_counted.is_(True),
                    amount > 0,
                )
                .group_by(table.c.unit_code)
                .having(func.count() >= FEWEST_FOR_A_RANGE)
            )
            ranges |= {
                (name, column, unit): (least, most) for unit, least, most in connection.execute(query)
            }
    return ranges


def touched_months(
    connection: Connection, tables: Tables, dates: Mapping[str, Collection[str]], load_id: int
) -> set[tuple[str, str]]:
    """(unit, month) of these dates (by ledger) in rows that a load recorded or retired, and of every report that it took."""
    touched = set()
    for name, columns in dates.items():
        table = tables.ledgers[name]
        changed = (table.c.recorded_load == load_id) | (table.c.retired_load == load_id)
        for date in columns:
            query = (
                select(table.c.unit_code, table.c[date])
                .where(changed, table.c[date].is_not(None))
                .distinct()
            )
            touched |= {(unit, f"{day:%Y-%m}") for unit, day in connection.execute(query)}
    taken = submissions_of_load(connection, tables, load_id)
    taken = taken[taken["state"].isin(STANDING_STATES)]
    return touched | set(zip(taken["unit_code"], taken["period"], strict=True))


def _whole(connection: Connection, table: Any, query: Any) -> pd.DataFrame:
    return _frame(connection, query, list(table.columns.keys()))


def _frame(connection: Connection, query: Any, columns: list[str]) -> pd.DataFrame:
    """An object frame, so that a null stays None and a number a number."""
    return read_frame(connection, query, columns, dtype=object)

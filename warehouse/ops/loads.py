"""Queries over loads, the files that they took, and their submissions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, or_, select

from schemas.states import CURRENT_STATES
from warehouse.frames import read_objects, read_table, values_list
from warehouse.schema.as_of import AsOf, report_current_at, touched_by_load
from warehouse.schema.tables import Tables


def known_files(connection: Connection, tables: Tables) -> pd.DataFrame:
    """Read the inbox as of the last run: path, size_bytes, modified_ns, sha256."""
    table = tables.inbox_files
    columns = ["path", "size_bytes", "modified_ns", "sha256"]
    return read_objects(connection, select(*(table.c[name] for name in columns)), columns)


def file_arrivals(connection: Connection, tables: Tables) -> list[dict[str, Any]]:
    """Read what is remembered of each file in the inbox, with the load that took it."""
    table = tables.inbox_files
    return [dict(row._mapping) for row in connection.execute(select(table).order_by(table.c.path))]


def all_loads(connection: Connection, tables: Tables) -> list[dict[str, Any]]:
    """Read the loads in order: load_id, kind, recorded_at (UTC without a zone), log_entry."""
    loads = tables.loads.c
    columns = (loads.load_id, loads.kind, loads.recorded_at, loads.log_entry)
    query = select(*columns).order_by(loads.load_id)
    return [dict(row._mapping) for row in connection.execute(query)]


def load_instants(connection: Connection, tables: Tables) -> dict[int, datetime]:
    """Read when each load was recorded, in UTC without a zone, in order."""
    loads = tables.loads
    query = select(loads.c.load_id, loads.c.recorded_at).order_by(loads.c.load_id)
    return {row.load_id: row.recorded_at for row in connection.execute(query)}


def recorded_at(as_of: AsOf) -> datetime | None:
    """Read when the load was recorded, in UTC without a zone; None before the first load."""
    loads = as_of.tables.loads
    query = select(loads.c.recorded_at).where(loads.c.load_id == as_of.load_id)
    instant: datetime | None = as_of.connection.scalar(query)
    return instant


def log_entry_of(as_of: AsOf) -> str | None:
    """Read the digest of the load's entry in the archive log; None before the first load."""
    loads = as_of.tables.loads
    digest: str | None = as_of.connection.scalar(
        select(loads.c.log_entry).where(loads.c.load_id == as_of.load_id)
    )
    return digest


def ruleset_of(as_of: AsOf) -> str | None:
    """Read the version of the rules by which the load was made; None before the first load."""
    loads = as_of.tables.loads
    ruleset: str | None = as_of.connection.scalar(
        select(loads.c.ruleset).where(loads.c.load_id == as_of.load_id)
    )
    return ruleset


def file_paths_of_months(connection: Connection, tables: Tables, months: Collection[str]) -> list[str]:
    """Read the path of each file that any submission of these months came in."""
    table = tables.submissions
    is_of_months = table.c.period.in_(values_list(sorted(months)))
    return list(connection.scalars(select(table.c.source_file).where(is_of_months).distinct()))


def ledgers_reported(as_of: AsOf) -> set[str]:
    """Read the ledgers with any current report."""
    table = as_of.submissions
    is_current = report_current_at(table, as_of.load_id)
    return set(as_of.connection.scalars(select(table.c.ledger).where(is_current).distinct()))


def reported_months(
    connection: Connection, tables: Tables, load_id: int | None = None
) -> tuple[str | None, str | None]:
    """Read the first and the last month for which a report was ever accepted, or until a load."""
    table = tables.submissions
    query = select(func.min(table.c.period), func.max(table.c.period)).where(
        table.c.state.in_(CURRENT_STATES)
    )
    if load_id is not None:
        query = query.where(table.c.load_id <= load_id)
    first, last = connection.execute(query).one()
    return first, last


def accepted_by_month(connection: Connection, tables: Tables) -> dict[str, int]:
    """Count by month the reports (unit and ledger) that were ever accepted."""
    table = tables.submissions
    reports = (
        select(table.c.period, table.c.unit_code, table.c.ledger)
        .where(table.c.state.in_(CURRENT_STATES))
        .distinct()
        .subquery()
    )
    query = select(reports.c.period, func.count()).group_by(reports.c.period)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def submissions_of_load(connection: Connection, tables: Tables, load_id: int) -> pd.DataFrame:
    """Read the submissions that a load recorded, in order."""
    table = tables.submissions
    return read_table(
        connection, table, select(table).where(table.c.load_id == load_id).order_by(table.c.submission_id)
    )


def received_files(
    connection: Connection, tables: Tables, reports: Collection[tuple[str, str, str]]
) -> dict[tuple[str, str], dict[str, set[str]]]:
    """Read, by unit and month of these reports (unit, ledger, month), files received and their ledgers."""
    table = tables.submissions
    units, months = {unit for unit, *_ in reports}, {month for *_, month in reports}
    query = select(table.c.unit_code, table.c.period, table.c.source_file, table.c.ledger).where(
        table.c.unit_code.in_(sorted(units)), table.c.period.in_(sorted(months))
    )
    received: dict[tuple[str, str], dict[str, set[str]]] = {}
    for unit, month, file, ledger in connection.execute(query.distinct()):
        ledgers = received.setdefault((unit, month), {}).setdefault(file, set())
        ledgers.update([ledger] if ledger else [])
    return received


def units_and_months_of_load(as_of: AsOf) -> set[tuple[str, str]]:
    """Read (unit, month) of the submissions that the load brought."""
    table = as_of.submissions
    query = select(table.c.unit_code, table.c.period).where(
        table.c.load_id == as_of.load_id, table.c.unit_code.is_not(None), table.c.period.is_not(None)
    )
    return {(unit, month) for unit, month in as_of.connection.execute(query.distinct())}


def submissions_of_months(
    as_of: AsOf, months: Sequence[str], units: Collection[str] | None = None
) -> pd.DataFrame:
    """Read the submissions for these months up to the load, of all units or of `units`.

    `is_current` is true for the submissions that were their report's current ones as of the load,
    `is_open` for those that nothing had superseded yet.
    """
    reports = as_of.submissions
    query = _submissions_query(as_of).where(reports.c.period.in_(months))
    if units is not None:
        query = query.where(reports.c.unit_code.in_(values_list(sorted(units))))
    return read_objects(as_of.connection, query, [*reports.columns.keys(), "is_current", "is_open"])


def submissions_without_month(as_of: AsOf, first: datetime, end: datetime) -> pd.DataFrame:
    """Read the submissions of files that were received from `first` on and before `end` and that had no
    month then, in the columns of `submissions_of_months`.
    """
    reports = as_of.submissions
    files = select(reports.c.source_file).where(
        reports.c.period.is_(None), reports.c.received_at >= first, reports.c.received_at < end
    )
    query = _submissions_query(as_of).where(reports.c.source_file.in_(files))
    return read_objects(as_of.connection, query, [*reports.columns.keys(), "is_current", "is_open"])


def _submissions_query(as_of: AsOf) -> Select[Any]:
    table, load_id = as_of.submissions, as_of.load_id
    is_open = or_(table.c.superseded_load.is_(None), table.c.superseded_load > load_id)
    is_current = table.c.state.in_(CURRENT_STATES) & is_open
    return (
        select(table, is_current.label("is_current"), is_open.label("is_open"))
        .where(table.c.load_id <= load_id)
        .order_by(table.c.submission_id)
    )


def touched_months(as_of: AsOf, dates: Mapping[str, Collection[str]]) -> set[tuple[str, str]]:
    """Read the (unit, month) that the load touched.

    Those of `dates` (by ledger) in rows that it recorded or retired, and of every report that it brought.
    """
    touched = set()
    for name, columns in dates.items():
        table = as_of.ledger(name)
        changed = touched_by_load(table, as_of.load_id)
        for date in columns:
            query = (
                select(table.c.unit_code, table.c[date])
                .where(changed, table.c[date].is_not(None))
                .distinct()
            )
            touched |= {(unit, f"{day:%Y-%m}") for unit, day in as_of.connection.execute(query)}
    submissions = submissions_of_load(as_of.connection, as_of.tables, as_of.load_id)
    submissions = submissions[submissions["state"].isin(CURRENT_STATES)]
    return touched | set(zip(submissions["unit_code"], submissions["period"], strict=True))

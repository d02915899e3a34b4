"""Queries over the history of loads, submissions and findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, Table, and_, func, or_, select

from schemas.ledgers.amount_bounds import FEWEST_FOR_A_RANGE, FEWEST_UNITS, LEFT_OUT_ONE_IN
from schemas.ledgers.finding import FINDING_COLUMNS, compose_messages
from schemas.ledgers.rules import IS_WITHDRAWN, WAITING_RULES, Severity
from schemas.states import AWAITING, CURRENT_STATES, REJECTED, WITHDRAWN
from warehouse.frames import read_frame, read_frame_pages, values_list
from warehouse.schema.as_of import AsOf, report_current_at, touched_by_load
from warehouse.schema.tables import Tables


def known_files(connection: Connection, tables: Tables) -> pd.DataFrame:
    """Read the inbox as of the last run: path, size_bytes, modified_ns, sha256."""
    table = tables.inbox_files
    columns = ["path", "size_bytes", "modified_ns", "sha256"]
    return _read_objects(connection, select(*(table.c[name] for name in columns)), columns)


def load_ids(connection: Connection, tables: Tables) -> list[int]:
    return list(connection.scalars(select(tables.loads.c.load_id).order_by(tables.loads.c.load_id)))


def recorded_at(as_of: AsOf) -> datetime | None:
    """Read when the load was recorded, in UTC without a zone; None before the first load."""
    loads = as_of.tables.loads
    query = select(loads.c.recorded_at).where(loads.c.load_id == as_of.load_id)
    instant: datetime | None = as_of.connection.scalar(query)
    return instant


def ledgers_reported(as_of: AsOf) -> set[str]:
    """Read the ledgers with any current report."""
    table = as_of.submissions
    is_current = report_current_at(table, as_of.load_id)
    return set(as_of.connection.scalars(select(table.c.ledger).where(is_current).distinct()))


def reported_months(connection: Connection, tables: Tables) -> tuple[str | None, str | None]:
    """Read the first and the last month for which a report was ever accepted."""
    table = tables.submissions
    query = select(func.min(table.c.period), func.max(table.c.period)).where(
        table.c.state.in_(CURRENT_STATES)
    )
    first, last = connection.execute(query).one()
    return first, last


def submissions_of_load(connection: Connection, tables: Tables, load_id: int) -> pd.DataFrame:
    """Read the submissions that a load recorded, in order."""
    table = tables.submissions
    return _read_table(
        connection, table, select(table).where(table.c.load_id == load_id).order_by(table.c.submission_id)
    )


def units_and_months_of_load(as_of: AsOf) -> set[tuple[str, str]]:
    """Read (unit, month) of the submissions that the load brought."""
    table = as_of.submissions
    query = select(table.c.unit_code, table.c.period).where(
        table.c.load_id == as_of.load_id, table.c.unit_code.is_not(None), table.c.period.is_not(None)
    )
    return {(unit, month) for unit, month in as_of.connection.execute(query.distinct())}


def findings_of_load(
    connection: Connection, tables: Tables, load_id: int, severity: Severity | None = None
) -> pd.DataFrame:
    """Read the findings that a load recorded, in order; those of one severity, or all."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id).order_by(table.c.finding_id)
    return _read_table(
        connection, table, query if severity is None else query.where(table.c.severity == severity.value)
    )


def settling_reasons(as_of: AsOf, months: Sequence[str]) -> dict[int, str]:
    """Read, by submission, why those for these months or an unknown one were rejected, wait or were
    withdrawn: the messages of their findings.
    """
    reports, findings = as_of.submissions, as_of.tables.findings
    is_reason = or_(
        and_(reports.c.state == REJECTED, findings.c.severity == Severity.FATAL.value),
        and_(reports.c.state == AWAITING, findings.c.rule_id.in_(WAITING_RULES)),
        and_(reports.c.state == WITHDRAWN, findings.c.rule_id == IS_WITHDRAWN),
    )
    query = (
        select(findings.c.submission_id, *(findings.c[name] for name in FINDING_COLUMNS))
        .join(reports, reports.c.submission_id == findings.c.submission_id)
        .where(is_reason, findings.c.load_id <= as_of.load_id)
        .where(or_(reports.c.period.in_(months), reports.c.period.is_(None)))
        .order_by(findings.c.finding_id)
    )
    reasons = _read_objects(as_of.connection, query, ["submission_id", *FINDING_COLUMNS])
    messages = reasons.assign(message=compose_messages).groupby("submission_id")["message"]
    return {int(number): " ".join(dict.fromkeys(texts)) for number, texts in messages}


def findings_about(
    connection: Connection, tables: Tables, load_id: int, first: int, last: int
) -> pd.DataFrame:
    """Read a load's findings about the submissions from `first` to `last`, in order.

    A later load may add more.
    """
    table = tables.findings
    query = select(table).where(table.c.submission_id.between(first, last))
    findings = _read_table(connection, table, query.order_by(table.c.finding_id))
    # in SQL, this condition would make the database scan the whole load
    return findings[findings["load_id"] == load_id]


def findings_about_files(connection: Connection, tables: Tables, load_id: int) -> pd.DataFrame:
    """Read a load's findings about a file but no submission of it, in order."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id, table.c.submission_id.is_(None))
    return _read_table(connection, table, query.order_by(table.c.finding_id))


def pages_of_findings(connection: Connection, tables: Tables, load_id: int) -> Iterator[pd.DataFrame]:
    """Read all findings of a load in order, in pages."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id).order_by(table.c.finding_id)
    return read_frame_pages(connection, query, table.columns.keys(), dtype=object)


def count_findings(connection: Connection, tables: Tables, load_id: int) -> int:
    """Count the findings that a load recorded."""
    table = tables.findings
    return connection.scalar(select(func.count()).select_from(table).where(table.c.load_id == load_id)) or 0


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
    return _read_objects(as_of.connection, query, [*reports.columns.keys(), "is_current", "is_open"])


def submissions_without_month(as_of: AsOf, first: datetime, end: datetime) -> pd.DataFrame:
    """Read the submissions of files that were received from `first` on and before `end` and that had no
    month then, in the columns of `submissions_of_months`.
    """
    reports = as_of.submissions
    files = select(reports.c.source_file).where(
        reports.c.period.is_(None), reports.c.received_at >= first, reports.c.received_at < end
    )
    query = _submissions_query(as_of).where(reports.c.source_file.in_(files))
    return _read_objects(as_of.connection, query, [*reports.columns.keys(), "is_current", "is_open"])


def _submissions_query(as_of: AsOf) -> Select[Any]:
    table, load_id = as_of.submissions, as_of.load_id
    is_open = or_(table.c.superseded_load.is_(None), table.c.superseded_load > load_id)
    is_current = table.c.state.in_(CURRENT_STATES) & is_open
    return (
        select(table, is_current.label("is_current"), is_open.label("is_open"))
        .where(table.c.load_id <= load_id)
        .order_by(table.c.submission_id)
    )


def amount_ranges(
    connection: Connection, tables: Tables, fields: Mapping[str, Collection[str]], units: Collection[str]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Read the least and greatest usual amount above zero, by ledger, field and unit.

    Usual are the counted amounts except for a few at each end, so that a wrong one does not widen the range.
    Only units of `units` with at least FEWEST_FOR_A_RANGE amounts. The unit `""` has the medians of all
    their ranges, where there are FEWEST_UNITS.
    """
    ranges: dict[tuple[str, str, str], tuple[int, int]] = {}
    for name, columns in fields.items():
        table = tables.ledgers[name]
        for column in columns:
            query = _usual_amounts(table, column, units)
            ranges_of_units = {
                (name, column, unit): (least, most) for unit, least, most in connection.execute(query)
            }
            ranges |= ranges_of_units
            if len(ranges_of_units) >= FEWEST_UNITS:
                least, most = (
                    round(median(bounds)) for bounds in zip(*ranges_of_units.values(), strict=True)
                )
                ranges[name, column, ""] = (least, most)
    return ranges


def _usual_amounts(table: Table, column: str, units: Collection[str]) -> Select[Any]:
    """Select the usual range of each unit: its amounts in order, without those at the ends."""
    unit, amount = table.c.unit_code, table.c[column]
    ordered = (
        select(
            unit,
            amount.label("amount"),
            func.row_number().over(partition_by=unit, order_by=amount).label("position"),
            func.count().over(partition_by=unit).label("amounts"),
        )
        .where(
            unit.in_(values_list(sorted(units))),
            table.c.retired_load.is_(None),
            table.c.is_counted.is_(True),
            amount > 0,
        )
        .subquery()
    ).c
    left_out = 1 + ordered.amounts // LEFT_OUT_ONE_IN
    return (
        select(ordered.unit_code, func.min(ordered.amount), func.max(ordered.amount))
        .where(
            ordered.amounts >= FEWEST_FOR_A_RANGE,
            ordered.position > left_out,
            ordered.position <= ordered.amounts - left_out,
        )
        .group_by(ordered.unit_code)
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


def _read_table(connection: Connection, table: Any, query: Any) -> pd.DataFrame:
    return _read_objects(connection, query, list(table.columns.keys()))


def _read_objects(connection: Connection, query: Any, columns: list[str]) -> pd.DataFrame:
    """Read a query as an object frame, so that a null stays None and a number a number."""
    return read_frame(connection, query, columns, dtype=object)

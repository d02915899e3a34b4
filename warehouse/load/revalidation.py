"""Submissions that may have to be judged again: those that stand, and those refused since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, or_, select, tuple_

from schemas.states import REJECTED
from warehouse.schema.tables import Tables

#: of a submission: what stands in the columns of IDENTITY, with nothing for what could not be told
Identity = tuple[Any, ...]
#: what tells a submission from every other, however often it was judged
IDENTITY = ("source_file", "sha256", "source_sheet", "ledger", "unit_code", "period")


def submissions_to_revalidate(
    connection: Connection, tables: Tables, reports: Collection[tuple[str, str, str]]
) -> list[dict[str, Any]]:
    """Of each report (unit, ledger, month) the submission that stands and those refused since, in order."""
    table = tables.submissions
    if not reports:
        return []
    query = (
        select(table)
        .where(tuple_(table.c.unit_code, table.c.ledger, table.c.period).in_(sorted(reports)))
        .order_by(table.c.submission_id)
    )
    return _open_ones(dict(row._mapping) for row in connection.execute(query))


def last_validated(
    connection: Connection, tables: Tables, period: str, unit_code: str | None
) -> list[dict[str, Any]]:
    """The same of every report of a month (and unit), and what was refused because no unit, ledger or month could be told.

    Each is given as it was last judged, with the `ruleset` of that load.
    """
    table, loads = tables.submissions, tables.loads
    query = (
        select(table, loads.c.ruleset)
        .join(loads, loads.c.load_id == table.c.load_id)
        .where(or_(table.c.period == period, table.c.period.is_(None) & ~_is_told_since(table, period)))
        .order_by(table.c.submission_id)
    )
    if unit_code is not None:
        query = query.where(or_(table.c.unit_code == unit_code, table.c.unit_code.is_(None)))
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in _open_ones(dict(row._mapping) for row in connection.execute(query)):
        identity = identity_of(one)
        for earlier in [then for then in last if is_same(then, identity)]:
            del last[earlier]  # judged again since, and then perhaps told better what it is
        last[identity] = one
    return list(last.values())


def _is_told_since(table: Table, period: str) -> ColumnElement[bool]:
    """Whether a later load told the month of what had none: of that sheet any, of a file that was refused whole this one, for
    its sheets may be of several months.
    """
    later = table.alias("later")
    is_of_sheet = and_(
        table.c.source_sheet != "",
        later.c.source_sheet == table.c.source_sheet,
        later.c.period.is_not(None),
    )
    return exists().where(
        later.c.sha256 == table.c.sha256,
        later.c.source_file == table.c.source_file,
        later.c.load_id > table.c.load_id,
        or_(is_of_sheet, and_(table.c.source_sheet == "", later.c.period == period)),
    )


def identity_of(submission: Mapping[str, Any]) -> Identity:
    return tuple(submission[name] for name in IDENTITY)


def is_same(then: Identity, now: Identity) -> bool:
    """Whether a submission is one that was met before, as far as could be told then."""
    return all(not told or told == is_now for told, is_now in zip(then, now, strict=True))


def current_since(connection: Connection, tables: Tables) -> dict[tuple[Any, ...], datetime]:
    """When what stands arrived, by (ledger, unit, month)."""
    table = tables.submissions
    query = select(table.c.ledger, table.c.unit_code, table.c.period, table.c.received_at).where(
        table.c.state != REJECTED, table.c.superseded_load.is_(None)
    )
    return {(row.ledger, row.unit_code, row.period): row.received_at for row in connection.execute(query)}


def _open_ones(submissions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of submissions in order, those that stand and those refused after them, by report."""
    by_report: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for submission in submissions:
        found = by_report.setdefault(
            (submission["unit_code"], submission["ledger"], submission["period"]), []
        )
        if submission["state"] != REJECTED:
            found.clear()
        found.append(submission)
    return [one for found in by_report.values() for one in found]

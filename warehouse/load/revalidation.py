"""Submissions that may need revalidation: the current one of each report and those rejected since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, or_, select, tuple_

from schemas.states import REJECTED
from warehouse.schema.tables import Tables

#: a submission's values of IDENTITY, null where unknown
Identity = tuple[Any, ...]
#: identifies a submission, however often it was validated
IDENTITY = ("source_file", "sha256", "source_sheet", "ledger", "unit_code", "period")


def submissions_to_revalidate(
    connection: Connection, tables: Tables, reports: Collection[tuple[str, str, str]]
) -> list[dict[str, Any]]:
    """Read the current submission of each report (unit, ledger, month) and those rejected since, in order."""
    table = tables.submissions
    if not reports:
        return []
    query = (
        select(table)
        .where(tuple_(table.c.unit_code, table.c.ledger, table.c.period).in_(sorted(reports)))
        .order_by(table.c.submission_id)
    )
    return _select_open(dict(row._mapping) for row in connection.execute(query))


def last_validated(
    connection: Connection, tables: Tables, period: str, unit_code: str | None
) -> list[dict[str, Any]]:
    """Read every report of a month (and unit), and what was rejected with unit, ledger or month unknown.

    Selected like `submissions_to_revalidate`; each submission as last validated, with the `ruleset` of that
    load.
    """
    table, loads = tables.submissions, tables.loads
    query = (
        select(table, loads.c.ruleset)
        .join(loads, loads.c.load_id == table.c.load_id)
        .where(or_(table.c.period == period, table.c.period.is_(None) & ~_is_known_since(table, period)))
        .order_by(table.c.submission_id)
    )
    if unit_code is not None:
        query = query.where(or_(table.c.unit_code == unit_code, table.c.unit_code.is_(None)))
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for submission in _select_open(dict(row._mapping) for row in connection.execute(query)):
        identity = identity_of(submission)
        for earlier in [then for then in last if is_same(then, identity)]:
            del last[earlier]  # revalidated since, possibly with a more complete identity
        last[identity] = submission
    return list(last.values())


def _is_known_since(table: Table, period: str) -> ColumnElement[bool]:
    """Filter for submissions whose period a later load determined.

    For one sheet any period counts; for a file rejected whole only `period`, because its sheets may cover
    several.
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
    """Return True if `now` is the submission `then`; values unknown then match anything."""
    return all(not known or known == is_now for known, is_now in zip(then, now, strict=True))


def current_since(connection: Connection, tables: Tables) -> dict[tuple[Any, ...], datetime]:
    """Read when each current submission arrived, by (ledger, unit, month)."""
    table = tables.submissions
    query = select(table.c.ledger, table.c.unit_code, table.c.period, table.c.received_at).where(
        table.c.state != REJECTED, table.c.superseded_load.is_(None)
    )
    return {(row.ledger, row.unit_code, row.period): row.received_at for row in connection.execute(query)}


def _select_open(submissions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Select from submissions in order the current one of each report and those rejected after it."""
    by_report: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for submission in submissions:
        open_submissions = by_report.setdefault(
            (submission["unit_code"], submission["ledger"], submission["period"]), []
        )
        if submission["state"] != REJECTED:
            open_submissions.clear()
        open_submissions.append(submission)
    return [submission for open_submissions in by_report.values() for submission in open_submissions]

"""Submissions that may need revalidation: the current one of each report and those rejected since.

A report of which submissions wait or were withdrawn, or several are current, is *replayed*: all that ever
came for it is validated again in the order in which it came, so that the report is decided again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, or_, select, tuple_

from schemas.states import AWAITING, CURRENT_STATES, REJECTED, WITHDRAWN
from warehouse.schema.tables import Tables

#: a submission's values of IDENTITY, null where unknown
Identity = tuple[Any, ...]
#: identifies a submission, however often it was validated
IDENTITY = ("source_file", "sha256", "source_sheet", "ledger", "unit_code", "period")


#: what a finding quotes
_QUOTED = re.compile("“(.*)”")
#: unit, ledger, month
Report = tuple[str, str, str]


def report_of(submission: Mapping[str, Any]) -> Report:
    """Return unit, ledger and month of a submission."""
    return submission["unit_code"], submission["ledger"], submission["period"]


def current_reports(connection: Connection, tables: Tables) -> list[Report]:
    """Read the reports that have current submissions."""
    table = tables.submissions
    query = select(table.c.unit_code, table.c.ledger, table.c.period).where(
        table.c.state.in_(CURRENT_STATES), table.c.superseded_load.is_(None)
    )
    return [tuple(row) for row in connection.execute(query.distinct())]


def last_log_entry(connection: Connection, tables: Tables, kind: str) -> str | None:
    """Read the digest of the log's entry of the last load of a kind; None if there is none."""
    loads = tables.loads
    query = select(loads.c.log_entry).where(loads.c.kind == kind).order_by(loads.c.load_id.desc()).limit(1)
    digest: str | None = connection.scalar(query)
    return digest


def submissions_to_revalidate(
    connection: Connection,
    tables: Tables,
    reports: Collection[Report],
    decided: Collection[Report] = (),
) -> list[dict[str, Any]]:
    """Read the submissions of each report to validate again, in order.

    `decided` reports are replayed, because the bureau's decisions on their submissions have changed. Each
    submission has `arrival_id`, the number by which it came first, and `is_replayed`.
    """
    table = tables.submissions
    if not reports:
        return []
    query = (
        select(table)
        .where(tuple_(table.c.unit_code, table.c.ledger, table.c.period).in_(sorted(reports)))
        .order_by(table.c.submission_id)
    )
    return _select_open((dict(row._mapping) for row in connection.execute(query)), decided)


def last_validated(
    connection: Connection, tables: Tables, period: str, unit_code: str | None
) -> list[dict[str, Any]]:
    """Read every report of a month (and unit), and what was rejected with unit, ledger or month unknown.

    Selected like `submissions_to_revalidate`; each submission as last validated, with `ruleset` and
    `headers` of that load.
    """
    table, loads = tables.submissions, tables.loads
    query = (
        select(table, loads.c.ruleset, loads.c.headers)
        .join(loads, loads.c.load_id == table.c.load_id)
        .where(or_(table.c.period == period, table.c.period.is_(None) & ~_is_known_since(table, period)))
        .order_by(table.c.submission_id)
    )
    if unit_code is not None:
        query = query.where(or_(table.c.unit_code == unit_code, table.c.unit_code.is_(None)))
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for submission in _select_open(dict(row._mapping) for row in connection.execute(query)):
        identity = identity_of(submission)
        for earlier in [then for then in last if is_same_submission(then[1], identity)]:
            if earlier[1] != identity or not submission["is_replayed"]:
                del last[earlier]  # revalidated since, possibly with a more complete identity
        last[submission["arrival_id"], identity] = submission
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
    """Return what identifies a submission, however often it was validated."""
    return tuple(submission[name] for name in IDENTITY)


def is_same_submission(earlier: Identity, later: Identity) -> bool:
    """Return whether two identities are of one submission; values that `earlier` lacks match anything."""
    return all(not known or known == value for known, value in zip(earlier, later, strict=True))


def current_since(connection: Connection, tables: Tables) -> dict[tuple[Any, ...], datetime]:
    """Read when each current submission arrived, by (ledger, unit, month)."""
    table = tables.submissions
    query = select(table.c.ledger, table.c.unit_code, table.c.period, table.c.received_at).where(
        table.c.state != REJECTED, table.c.superseded_load.is_(None)
    )
    return {(row.ledger, row.unit_code, row.period): row.received_at for row in connection.execute(query)}


def rejected_for_their_unit(connection: Connection, tables: Tables) -> list[dict[str, Any]]:
    """Read the submissions rejected because no unit has the name that they give (`unknown_unit`).

    Only files that are in the inbox as they were, and that were not validated again since.
    """
    table, findings, files = tables.submissions, tables.findings, tables.inbox_files
    query = (
        select(table, findings.c.problem)
        .join(findings, findings.c.submission_id == table.c.submission_id)
        .join(files, and_(files.c.path == table.c.source_file, files.c.sha256 == table.c.sha256))
        .where(
            table.c.state == REJECTED,
            table.c.unit_code.is_(None),
            findings.c.rule_id == "submission.unit_unknown",
        )
        .order_by(table.c.submission_id)
    )
    rejected: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in connection.execute(query):
        submission = dict(row._mapping)
        quoted = _QUOTED.search(submission.pop("problem"))
        if (
            quoted
            and not submission["is_revalidated"]
            and not _is_validated_again(connection, table, submission)
        ):
            details = {"unknown_unit": quoted[1], "arrival_id": row.submission_id, "is_replayed": False}
            rejected[identity_of(submission)] = submission | details
    return list(rejected.values())


def _is_validated_again(connection: Connection, table: Table, submission: Mapping[str, Any]) -> bool:
    is_later = and_(
        table.c.sha256 == submission["sha256"],
        table.c.source_file == submission["source_file"],
        table.c.load_id > submission["load_id"],
        table.c.is_revalidated,
    )
    return connection.scalar(select(exists().where(is_later))) is True


def _select_open(
    submissions: Iterable[dict[str, Any]], decided: Collection[Report] = ()
) -> list[dict[str, Any]]:
    """Select from submissions in order those that are open: of replayed reports all that came."""
    by_report: dict[Report, list[dict[str, Any]]] = {}
    for submission in submissions:
        by_report.setdefault(report_of(submission), []).append(submission)
    selected = []
    for report, of_report in by_report.items():
        is_replayed = report in decided or _needs_replay(of_report)
        open_submissions = _last_validations(of_report) if is_replayed else _current_and_rejected(of_report)
        selected += [
            {"arrival_id": submission["submission_id"]} | submission | {"is_replayed": is_replayed}
            for submission in open_submissions
        ]
    return selected


def _needs_replay(submissions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the last submission alone does not say what the report is."""
    open_states = [item["state"] for item in submissions if item["superseded_load"] is None]
    current = sum(state in CURRENT_STATES for state in open_states)
    return current > 1 or AWAITING in open_states or WITHDRAWN in open_states


def _current_and_rejected(submissions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Select the current submission of a report and those rejected after it."""
    selected: list[dict[str, Any]] = []
    for submission in submissions:
        if submission["state"] != REJECTED:
            selected.clear()
        selected.append(submission)
    return selected


def _last_validations(submissions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Select every file that came for a report, as last validated, in the order in which they came."""
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for submission in submissions:
        arrival = (*identity_of(submission), submission["received_at"])
        earlier = last.get(arrival)
        arrival_id = earlier["arrival_id"] if earlier else submission["submission_id"]
        arrived_load = submission["arrived_load"] or submission["load_id"]
        last[arrival] = submission | {"arrival_id": arrival_id, "arrived_load": arrived_load}
    return list(last.values())

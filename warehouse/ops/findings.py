"""Queries over findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from sqlalchemy import Connection, and_, func, or_, select

from schemas.ledgers.finding import FINDING_COLUMNS, compose_messages
from schemas.ledgers.rules import IS_WITHDRAWN, WAITING_RULES, Severity
from schemas.states import AWAITING, REJECTED, WITHDRAWN
from warehouse.frames import read_frame_pages, read_objects, read_table
from warehouse.schema.as_of import AsOf
from warehouse.schema.tables import Tables


def findings_of_load(
    connection: Connection, tables: Tables, load_id: int, severity: Severity | None = None
) -> pd.DataFrame:
    """Read the findings that a load recorded, in order; those of one severity, or all."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id).order_by(table.c.finding_id)
    return read_table(
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
    reasons = read_objects(as_of.connection, query, ["submission_id", *FINDING_COLUMNS])
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
    findings = read_table(connection, table, query.order_by(table.c.finding_id))
    # in SQL, this condition would make the database scan the whole load
    return findings[findings["load_id"] == load_id]


def findings_about_files(connection: Connection, tables: Tables, load_id: int) -> pd.DataFrame:
    """Read a load's findings about a file but no submission of it, in order."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id, table.c.submission_id.is_(None))
    return read_table(connection, table, query.order_by(table.c.finding_id))


def pages_of_findings(connection: Connection, tables: Tables, load_id: int) -> Iterator[pd.DataFrame]:
    """Read all findings of a load in order, in pages."""
    table = tables.findings
    query = select(table).where(table.c.load_id == load_id).order_by(table.c.finding_id)
    return read_frame_pages(connection, query, table.columns.keys(), dtype=object)


def count_findings(connection: Connection, tables: Tables, load_id: int) -> int:
    """Count the findings that a load recorded."""
    table = tables.findings
    return connection.scalar(select(func.count()).select_from(table).where(table.c.load_id == load_id)) or 0

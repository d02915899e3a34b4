"""Queries over single submissions: those of a report, of some loads, one by its number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, or_, select

from schemas.states import AWAITING, ZERO
from warehouse.frames import read_table
from warehouse.schema.tables import Tables

#: numbers in one query
CHUNK = 500


def find_submission(connection: Connection, tables: Tables, submission_id: int) -> dict[str, Any] | None:
    """Read a submission by its number; None where there is none."""
    table = tables.submissions
    row = connection.execute(select(table).where(table.c.submission_id == submission_id)).mappings().first()
    return dict(row) if row else None


def submissions_of_files(
    connection: Connection, tables: Tables, files: Sequence[tuple[str, str]], unit_codes: Sequence[str]
) -> pd.DataFrame:
    """Read the submissions of these units in files (path below the inbox, hash), the oldest first.

    One that was validated again stands there again.
    """
    table = tables.submissions
    is_own = or_(table.c.unit_code.is_(None), table.c.unit_code.in_(list(unit_codes)))
    hashes = sorted({sha256 for _, sha256 in files})
    query = select(table).where(table.c.sha256.in_(hashes), is_own).order_by(table.c.submission_id)
    rows = read_table(connection, table, query)
    wanted = set(files)
    keys = zip(rows["source_file"], rows["sha256"], strict=True)
    return rows[pd.Series([key in wanted for key in keys], rows.index, dtype=bool)]


def submissions_of_load(connection: Connection, tables: Tables, load_id: int) -> pd.DataFrame:
    """Read the submissions that a load brought; not those that it only validated again."""
    table = tables.submissions
    query = select(table).where(table.c.load_id == load_id, table.c.is_revalidated.is_(False))
    return read_table(connection, table, query.order_by(table.c.submission_id))


def sources_of_submissions(
    connection: Connection, tables: Tables, numbers: Sequence[int]
) -> dict[int, tuple[str, str]]:
    """Read the path of the file of each of these submissions, and its sheet there."""
    table = tables.submissions
    query = select(table.c.submission_id, table.c.source_file, table.c.source_sheet)
    rows = connection.execute(query.where(table.c.submission_id.in_(sorted(set(numbers)))))
    return {row.submission_id: (row.source_file, row.source_sheet) for row in rows}


def submissions_by_number(
    connection: Connection, tables: Tables, numbers: Sequence[int]
) -> list[dict[str, Any]]:
    """Read these submissions, in the order of their numbers."""
    table, submissions = tables.submissions, list[dict[str, Any]]()
    ordered = sorted(set(numbers))
    for start in range(0, len(ordered), CHUNK):
        query = select(table).where(table.c.submission_id.in_(ordered[start : start + CHUNK]))
        rows = connection.execute(query.order_by(table.c.submission_id)).mappings()
        submissions += [dict(row) for row in rows]
    return submissions


def zero_reports(connection: Connection, tables: Tables, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Read those of these submissions that say that there was nothing to report."""
    return [row for row in submissions_by_number(connection, tables, numbers) if row["state"] == ZERO]


def submissions_of_report(
    connection: Connection, tables: Tables, unit_code: str, ledger: str, period: str
) -> pd.DataFrame:
    """Read all submissions that ever came for a report, the latest first."""
    table = tables.submissions
    query = select(table).where(
        table.c.unit_code == unit_code, table.c.ledger == ledger, table.c.period == period
    )
    return read_table(connection, table, query.order_by(table.c.submission_id.desc()))


def submissions_after(
    connection: Connection, tables: Tables, load_id: int, states: Sequence[str]
) -> pd.DataFrame:
    """Read the submissions of these states that loads after this one brought, the latest first.

    What was not sent again, but validated by other rules, is left out.
    """
    table = tables.submissions
    query = select(table).where(
        table.c.load_id > load_id, table.c.state.in_(states), table.c.is_revalidated.is_(False)
    )
    return read_table(connection, table, query.order_by(table.c.submission_id.desc()))


def years_after(connection: Connection, tables: Tables, load_id: int) -> set[str]:
    """Read the years of which loads after this one brought, or validated again, anything."""
    year = func.substr(tables.submissions.c.period, 1, 4)
    is_later = tables.submissions.c.load_id > load_id
    return {name for name in connection.scalars(select(year).where(is_later).distinct()) if name}


def awaiting_submissions(connection: Connection, tables: Tables) -> pd.DataFrame:
    """Read the submissions that wait for confirmation, the oldest first."""
    table = tables.submissions
    query = select(table).where(table.c.state == AWAITING, table.c.superseded_load.is_(None))
    return read_table(connection, table, query.order_by(table.c.submission_id))


def findings_of_submission(connection: Connection, tables: Tables, submission_id: int) -> pd.DataFrame:
    """Read what was found about a submission, in the order in which it was found."""
    table = tables.findings
    query = select(table).where(table.c.submission_id == submission_id)
    return read_table(connection, table, query.order_by(table.c.finding_id))


def loads_about(connection: Connection, tables: Tables, ledgers: Collection[str], most: int) -> list[int]:
    """Read the last loads that brought anything of these ledgers, the latest first."""
    table = tables.submissions
    query = select(table.c.load_id).where(table.c.ledger.in_(sorted(ledgers))).distinct()
    return list(connection.scalars(query.order_by(table.c.load_id.desc()).limit(most)))

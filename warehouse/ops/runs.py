"""The record of runs: when each looked into the inbox, how it ended, and whether it was killed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from schemas.states import RunOutcome
from warehouse.schema.tables import Tables


@dataclass(frozen=True)
class NewRun:
    """A run that begins: what it does, about what (empty: all), where, and when (UTC without a zone)."""

    kind: str
    subject: str
    host: str
    process_id: int
    started_at: datetime


@dataclass(frozen=True)
class EndOfRun:
    """How a run ended; `is_complete_scan` says whether it left nothing behind that lay in the inbox."""

    outcome: RunOutcome
    load_id: int | None
    is_complete_scan: bool
    ended_at: datetime


def begin_run(connection: Connection, tables: Tables, new: NewRun) -> int:
    """Record that a run begins; its number.

    One still open was killed, for only one run is at work at a time.
    """
    table = tables.runs
    killed = {"outcome": RunOutcome.INTERRUPTED, "ended_at": new.started_at}
    connection.execute(update(table).where(table.c.ended_at.is_(None)).values(**killed))
    row = {
        "kind": new.kind,
        "subject": new.subject,
        "host": new.host,
        "process_id": new.process_id,
        "started_at": new.started_at,
    }
    inserted = connection.execute(insert(table).values(row))
    assert inserted.inserted_primary_key is not None
    return int(inserted.inserted_primary_key[0])


def end_run(connection: Connection, tables: Tables, run_id: int, end: EndOfRun) -> None:
    """Record how a run ended."""
    values = {
        "outcome": end.outcome,
        "load_id": end.load_id,
        "is_complete_scan": end.is_complete_scan,
        "ended_at": end.ended_at,
    }
    connection.execute(update(tables.runs).where(tables.runs.c.run_id == run_id).values(values))


def last_complete_scan(connection: Connection, tables: Tables) -> datetime | None:
    """When the last run began that saw all that lay in the inbox: a file
    that is new since then had not arrived.
    """
    return _last_start(connection, tables, tables.runs.c.is_complete_scan.is_(True))


def last_ended(connection: Connection, tables: Tables, kind: str) -> datetime | None:
    """When the last run of a kind began that came to its end without failing."""
    is_done = tables.runs.c.outcome.in_(
        [RunOutcome.NOTHING_NEW, RunOutcome.LOADED, RunOutcome.LOADED_WITH_REJECTIONS]
    )
    return _last_start(connection, tables, is_done & (tables.runs.c.kind == kind))


def _last_start(connection: Connection, tables: Tables, condition: Any) -> datetime | None:
    started = tables.runs.c.started_at
    instant: datetime | None = connection.scalar(
        select(started).where(condition).order_by(started.desc()).limit(1)
    )
    return instant


def latest_runs(connection: Connection, tables: Tables, most: int) -> list[Any]:
    """Read the last runs as rows, the latest first; one without `outcome` is active."""
    query = select(tables.runs).order_by(tables.runs.c.run_id.desc()).limit(most)
    return list(connection.execute(query))


def last_run(connection: Connection, tables: Tables) -> dict[str, Any] | None:
    """The run that began last, with the columns of the table."""
    row = (
        connection.execute(select(tables.runs).order_by(tables.runs.c.run_id.desc()).limit(1))
        .mappings()
        .first()
    )
    return dict(row) if row else None


def interrupted_runs(connection: Connection, tables: Tables, found_at: datetime) -> list[dict[str, Any]]:
    """The runs of which the run that began at `found_at` found that they had been killed."""
    table = tables.runs
    is_one = (table.c.outcome == RunOutcome.INTERRUPTED) & (table.c.ended_at == found_at)
    return [
        dict(row)
        for row in connection.execute(select(table).where(is_one).order_by(table.c.run_id)).mappings()
    ]

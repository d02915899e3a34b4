"""Work that operators ordered on the portal: reruns, publications, exports; and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, select, update

from warehouse.engine import Connection
from warehouse.portal.tables import jobs

#: states of a job: ordered (it may wait for another run to end), at work, done, not done
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
OPEN = (WAITING, RUNNING)


@dataclass(frozen=True)
class Job:
    """A piece of work: what kind, about what, who ordered it and why, and its outcome once it has ended."""

    job_id: int
    kind: str
    subject: dict[str, Any]
    account_name: str
    reason: str
    ordered_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    state: str
    outcome: dict[str, Any] | None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN


def add_job(
    connection: Connection,
    token: str,
    kind: str,
    subject: dict[str, Any],
    account_name: str,
    reason: str,
    now: datetime,
) -> tuple[int, bool]:
    """Record an order; return its number, and whether it is new: a token orders once."""
    known = connection.scalar(select(jobs.c.job_id).where(jobs.c.token == token))
    if known is not None:
        return int(known), False
    values = {
        "token": token, "kind": kind, "subject": subject, "account_name": account_name, "reason": reason,
        "ordered_at": now, "state": WAITING,
    }  # fmt: skip
    number = connection.execute(insert(jobs).values(values).returning(jobs.c.job_id)).scalar_one()
    return int(number), True


def find_job(connection: Connection, job_id: int) -> Job | None:
    """Read a job by its number; None where there is none."""
    row = connection.execute(_query().where(jobs.c.job_id == job_id)).one_or_none()
    return Job(**row._mapping) if row else None


def read_jobs(connection: Connection, most: int) -> list[Job]:
    """Read the last jobs, the latest first."""
    rows = connection.execute(_query().order_by(jobs.c.job_id.desc()).limit(most))
    return [Job(**row._mapping) for row in rows]


def begin_job(connection: Connection, job_id: int, now: datetime) -> None:
    """Note that a job is at work."""
    is_own = jobs.c.job_id == job_id
    connection.execute(update(jobs).where(is_own).values(state=RUNNING, started_at=now))


def end_job(
    connection: Connection, job_id: int, outcome: dict[str, Any], now: datetime, *, has_failed: bool
) -> None:
    """Store how a job ended."""
    values = {"state": FAILED if has_failed else DONE, "outcome": outcome, "ended_at": now}
    connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(values))


def fail_open_jobs(
    connection: Connection, sentence: str, now: datetime, job_id: int | None = None
) -> list[int]:
    """Mark the jobs that have not ended as failed, or one of them; return their numbers."""
    numbers = [] if job_id is None else [jobs.c.job_id == job_id]
    is_open = and_(jobs.c.state.in_(OPEN), *numbers)
    values = {"state": FAILED, "outcome": {"sentence": sentence}, "ended_at": now}
    return list(connection.scalars(update(jobs).where(is_open).values(values).returning(jobs.c.job_id)))


def _query() -> Any:
    return select(*(jobs.c[name] for name in Job.__dataclass_fields__))

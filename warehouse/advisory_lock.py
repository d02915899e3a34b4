"""The warehouse's own lock: one run at a time, across hosts and homes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from warehouse.errors import DatabaseError

#: this project's key for PostgreSQL's advisory lock; such locks belong to one database
LOCK_KEY = 4_871_031
POLL_SECONDS = 0.2
_HOLDER = text(
    "SELECT activity.usename, activity.pid, activity.client_addr "
    "FROM pg_locks JOIN pg_stat_activity AS activity USING (pid) "
    "WHERE pg_locks.locktype = 'advisory' AND pg_locks.objid = :key AND pg_locks.granted "
    "AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND activity.usename <> current_user"
)


def lock_folder(engine: Engine) -> Path | None:
    """Return the folder for the lock file of a SQLite warehouse.

    None if the database keeps the lock itself.
    """
    if engine.dialect.name != "sqlite":
        return None
    return Path(engine.url.database or "").resolve().parent


@contextmanager
def database_lock(engine: Engine, wait_seconds: float) -> Iterator[bool]:
    """Hold the database's lock, if it keeps one; yield whether it was acquired within `wait_seconds`.

    It belongs to a separate connection, so the database releases it when this process ends for any reason.
    """
    if lock_folder(engine) is not None:
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_acquired = _acquire(connection, time.monotonic() + wait_seconds)
        try:
            yield is_acquired
        finally:
            if is_acquired:
                with suppress(DatabaseError):  # a broken connection has released it already
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})


def lock_holder_of_another_role(engine: Engine) -> str | None:
    """Describe the session that holds the database's lock, if it is of another role: each may take it."""
    if lock_folder(engine) is not None:
        return None
    with engine.connect() as connection:
        holder = connection.execute(_HOLDER, {"key": LOCK_KEY}).first()
    if holder is None:
        return None
    return f"the role {holder.usename} (session {holder.pid}, from {holder.client_addr or 'this machine'})"


def _acquire(connection: Connection, deadline: float) -> bool:
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True

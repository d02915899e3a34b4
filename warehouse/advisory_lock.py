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


def _acquire(connection: Connection, deadline: float) -> bool:
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True

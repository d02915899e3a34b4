"""The warehouse's own lock: one run at a time, from whichever host or home it comes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

#: what the runs of this project ask PostgreSQL's advisory lock by; such locks belong to one database
LOCK_KEY = 4_871_031
POLL_SECONDS = 0.2


def lock_folder(engine: Engine) -> Path | None:
    """The folder in which the lock of a warehouse that is a file belongs; None where the database keeps the lock itself."""
    if engine.dialect.name != "sqlite":
        return None
    return Path(engine.url.database or "").resolve().parent


@contextmanager
def database_lock(engine: Engine, wait_seconds: float) -> Iterator[bool]:
    """Hold the database's lock, where it keeps one; whether it could be had within `wait_seconds`.

    It belongs to a connection of its own, so that the database lets it go when this process is gone, however it went.
    """
    if lock_folder(engine) is not None:
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_had = _acquired(connection, time.monotonic() + wait_seconds)
        try:
            yield is_had
        finally:
            if is_had:
                with suppress(DBAPIError):  # a connection that broke has let it go
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})


def _acquired(connection: Connection, deadline: float) -> bool:
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True

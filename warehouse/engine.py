"""Opening a warehouse: SQLite in WAL mode by default, PostgreSQL by its URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

__all__ = [
    "Connection",
    "Engine",
    "WarehouseFault",
    "WarehouseUrlError",
    "is_transient",
    "open_warehouse",
    "reading",
    "writing",
]

BUSY_SECONDS = 30

#: SQLite's page cache; its default of 2 MiB makes it read the same pages again and again
CACHE_KIB = 131_072

#: PostgreSQL's classes of transient errors: connection lost, deadlock or serialisation, server starting
TRANSIENT_SQLSTATES = ("08", "40", "57P")

#: raised when a database cannot be reached, read or written
WarehouseFault = DBAPIError


class WarehouseUrlError(ValueError):
    """No warehouse can be opened by this URL.

    The message says why and what to write, without the password.
    """


def open_warehouse(url: str) -> Engine:
    """Create the engine of a warehouse, without connecting. Raises WarehouseUrlError.

    Its transactions begin at once: SQLite would begin at the first write and might then fail halfway.
    """
    try:
        target = make_url(url)
        if target.drivername == "postgresql":
            target = target.set(drivername="postgresql+psycopg")  # the driver that comes with the project
        engine = create_engine(target, hide_parameters=True)  # keeps names of people out of logs
    except ArgumentError as error:
        raise WarehouseUrlError(
            f"{error}; write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE"
        ) from error
    except ModuleNotFoundError as error:
        raise WarehouseUrlError(
            f"the driver '{error.name}' is not installed; PostgreSQL needs huizong[postgresql]"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin or commit by itself
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
    )
    for pragma in (*pragmas, f"cache_size=-{CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    is_writer = connection.get_execution_options().get("is_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open one writing transaction; readers see all of it or nothing."""
    with engine.connect().execution_options(is_writer=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that reads a single state of the warehouse."""
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**level) as connection, connection.begin():
        yield connection


def is_transient(error: BaseException) -> bool:
    """Return True if a retry can help.

    The database was busy or the connection broke; nothing was committed.
    """
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    is_server_gone = str(getattr(error.orig, "sqlstate", "") or "").startswith(TRANSIENT_SQLSTATES)
    return is_server_gone or (isinstance(error, OperationalError) and "locked" in str(error.orig))

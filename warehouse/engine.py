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

#: of SQLite's pages, which it would otherwise read from the file again and again: its own default is 2 MiB
CACHE_KIB = 131_072

#: PostgreSQL's classes of what passes: connection lost, deadlock or serialisation, server starting or stopping
PASSING_SQLSTATES = ("08", "40", "57P")

#: what a database that cannot be reached, read or written raises
WarehouseFault = DBAPIError


class WarehouseUrlError(ValueError):
    """No warehouse can be opened by this URL; the message says why and what would do, and never shows the URL's password."""


def open_warehouse(url: str) -> Engine:
    """An engine whose transactions begin at once (SQLite would begin at the first write and might then fail halfway).

    Nothing is connected yet. Raises WarehouseUrlError.
    """
    try:
        target = make_url(url)
        if target.drivername == "postgresql":
            target = target.set(drivername="postgresql+psycopg")  # the driver that comes with the project
        engine = create_engine(target, hide_parameters=True)  # names of people have no place in a log
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
    """One transaction that writes; all of it is seen by readers, or none."""
    with engine.connect().execution_options(is_writer=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that reads a single state of the warehouse."""
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**level) as connection, connection.begin():
        yield connection


def is_transient(error: BaseException) -> bool:
    """Whether trying again can help: the database was busy or the connection broke, and nothing was committed."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    is_server_gone = str(getattr(error.orig, "sqlstate", "") or "").startswith(PASSING_SQLSTATES)
    return is_server_gone or (isinstance(error, OperationalError) and "locked" in str(error.orig))

"""Opening a warehouse: SQLite in WAL mode by default, PostgreSQL by its URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from schemas.sentences import Sentence
from warehouse.errors import TransientDatabaseError, WarehouseError
from warehouse.replaced_file import follow_replacements

__all__ = [
    "Connection",
    "Engine",
    "WarehouseUrlError",
    "open_warehouse",
    "reading",
    "writing",
]

BUSY_SECONDS = 30

#: SQLite's page cache; its default of 2 MiB makes it read the same pages again and again
CACHE_KIB = 131_072

#: PostgreSQL's classes of transient errors: connection lost, deadlock or serialisation, server starting
TRANSIENT_SQLSTATES = ("08", "40", "57P")


class WarehouseUrlError(WarehouseError, ValueError):
    """No warehouse can be opened by this URL.

    The message says why and what to write, without the password.
    """


def open_warehouse(url: str) -> Engine:
    """Create the engine of a warehouse, without connecting. Raises WarehouseUrlError.

    Its transactions begin at once: SQLite would begin at the first write and might then fail halfway. A file
    that is put in the place of a SQLite warehouse is read from the next transaction on.
    """
    try:
        target = make_url(url)
        if target.drivername == "postgresql":
            target = target.set(drivername="postgresql+psycopg")  # the driver that comes with the project
        engine = create_engine(target, hide_parameters=True)  # keeps names of people out of logs
    except ArgumentError as error:
        raise WarehouseUrlError(
            Sentence(
                "{error}; write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE", error=error
            )
        ) from error
    except ModuleNotFoundError as error:
        raise WarehouseUrlError(
            Sentence(
                "the driver '{name}' is not installed; PostgreSQL needs huizong[postgresql]",
                name=error.name,
            )
        ) from error
    event.listen(engine, "handle_error", _as_transient, retval=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        follow_replacements(engine)
    return engine


def has_password(url: str) -> bool:
    """Whether a warehouse's URL holds a password."""
    return bool(make_url(url).password)


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


def _as_transient(context: ExceptionContext) -> TransientDatabaseError | None:
    """Return the error to raise instead if a retry can help."""
    error = context.sqlalchemy_exception
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    is_server_gone = str(getattr(error.orig, "sqlstate", "") or "").startswith(TRANSIENT_SQLSTATES)
    is_locked = isinstance(error, OperationalError) and "locked" in str(error.orig)
    if not (error.connection_invalidated or is_server_gone or is_locked):
        return None
    return TransientDatabaseError(
        error.statement, error.params, error.orig, error.hide_parameters, error.connection_invalidated
    )

"""Storage of staging tables.

Temporary tables on PostgreSQL, a separate file filled through Arrow on SQLite.

SQLite's driver makes a Python object of each value, which takes five times as long. ADBC is used without
its DB-API, which imports every installed frame library.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import adbc_driver_manager as adbc
import adbc_driver_sqlite
import pandas as pd
from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.schema import CreateTable

from warehouse.engine import CACHE_KIB
from warehouse.frames import arrow_table, insert_frame
from warehouse.load.temporary_tables import create_empty, define_temporary, drop_table
from warehouse.written_once import write_once

_SCHEMA = "stage"
#: the files beside a SQLite warehouse in which a load is staged
STAGE_SUFFIXES = ("-stage", "-stage-journal")


class StageTables(Protocol):
    """Tables private to a load: filled in one transaction per batch, then read by the load's connection."""

    @staticmethod
    def define(name: str, *columns: Column[Any]) -> Table:
        """Define a staging table, without creating it."""

    def make(self, table: Table) -> Table:
        """Create a staging table that `define` defined; return it."""

    def insert(self, table: Table, frame: pd.DataFrame) -> None:
        """Add rows; only within `filling`."""

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Open a transaction in which one batch is added, wholly or not at all."""

    def finish_filling(self) -> None:
        """Make the tables visible to the load's connection."""

    def drop(self) -> None:
        """Remove the tables, whether the load was recorded or not."""


def choose_backend(connection: Connection) -> StageTables:
    """Return the staging tables for this database: temporary tables, or a file beside a SQLite warehouse."""
    return SqliteStaging(connection) if connection.dialect.name == "sqlite" else PostgresStaging(connection)


class PostgresStaging:
    """Temporary tables of the connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._tables: list[Table] = []

    @staticmethod
    def define(name: str, *columns: Column[Any]) -> Table:
        return define_temporary(name, *columns)

    def make(self, table: Table) -> Table:
        create_empty(self.connection, table)
        self._tables.append(table)
        return table

    def insert(self, table: Table, frame: pd.DataFrame) -> None:
        insert_frame(self.connection, table, frame)

    @contextmanager
    def filling(self) -> Iterator[None]:
        with self.connection.begin():
            yield

    def finish_filling(self) -> None:
        pass

    def drop(self) -> None:
        """Drop the tables: the pooled connection lives on."""
        for table in self._tables:
            drop_table(self.connection, table)
        self.connection.commit()


class SqliteStaging:
    """Tables in a SQLite file beside the warehouse, or a temporary one; attached once it is filled.

    A file left by a killed run is overwritten.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        warehouse = connection.engine.url.database or ":memory:"
        self._temporary_folder = (
            TemporaryDirectory(prefix="huizong-stage-") if warehouse == ":memory:" else None
        )
        self.file = (
            Path(self._temporary_folder.name, "stage")
            if self._temporary_folder
            else Path(f"{warehouse}{STAGE_SUFFIXES[0]}")
        )
        self._remove()
        self._is_open = self._is_attached = False
        self._database = adbc_driver_sqlite.connect(str(self.file))
        self._adbc = adbc.AdbcConnection(self._database)
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF"):  # not allowed within a transaction
            self._execute(f"PRAGMA {pragma}")
        self._adbc.set_autocommit(False)
        self._is_open = True

    @staticmethod
    def define(name: str, *columns: Column[Any]) -> Table:
        return Table(name, MetaData(), *columns, schema=_SCHEMA)

    def make(self, table: Table) -> Table:
        self._execute(write_once(self.connection.dialect, _create_in_main, table))
        return table

    def insert(self, table: Table, frame: pd.DataFrame) -> None:
        if not len(frame):
            return
        with adbc.AdbcStatement(self._adbc) as statement:
            statement.set_options(**{
                adbc.INGEST_OPTION_TARGET_TABLE: table.name, adbc.INGEST_OPTION_MODE: adbc.INGEST_OPTION_MODE_APPEND,
            })  # fmt: skip
            statement.bind_stream(arrow_table(self.connection, table, frame).to_reader())
            statement.execute_update()

    @contextmanager
    def filling(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with suppress(adbc.Error):  # on a full disk SQLite has rolled back already
                self._adbc.rollback()
            raise
        self._adbc.commit()

    def finish_filling(self) -> None:
        if self._is_open:
            self._adbc.commit()
        self._close()
        if self._is_attached:  # the load is retried
            return
        driver = self._driver()
        driver.execute(f"ATTACH ? AS {_SCHEMA}", [str(self.file)])
        self._is_attached = True
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF", f"cache_size=-{CACHE_KIB}"):
            driver.execute(f"PRAGMA {_SCHEMA}.{pragma}")

    def drop(self) -> None:
        self._close()
        if self._is_attached:
            self._driver().execute(f"DETACH {_SCHEMA}")
        self._remove()
        if self._temporary_folder:
            self._temporary_folder.cleanup()

    def _driver(self) -> sqlite3.Connection:
        """Return the driver's connection, for statements not allowed within a transaction."""
        driver: Any = self.connection.connection.driver_connection
        return driver  # type: ignore[no-any-return]

    def _execute(self, sql: str) -> None:
        with adbc.AdbcStatement(self._adbc) as statement:
            statement.set_sql_query(sql)
            statement.execute_update()

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._adbc.close()
            self._database.close()

    def _remove(self) -> None:
        for suffix in ("", "-journal"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)


def _create_in_main(table: Table) -> CreateTable:
    """Return the statement that creates a table in the file itself, before it is attached."""
    return CreateTable(table.to_metadata(MetaData(), schema="main"))

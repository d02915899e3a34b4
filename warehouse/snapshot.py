"""The views of a SQLite warehouse as tables of a file of their own, for readers who neither hold up the night nor see more.

Who can open a SQLite file can read all of it, and a reader of a file in WAL mode must be able to write beside it.
"""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from urllib.parse import quote

from sqlalchemy import Engine, select

from warehouse.engine import BUSY_SECONDS, reading
from warehouse.tables import Tables

#: SQLite's word for what a column holds, by the dictionary's
SQL_WORDS = {"整数": "INTEGER", "是/否": "INTEGER", "数字": "REAL", "日期": "TEXT", "时间": "TEXT", "文字": "TEXT"}


def file_of(engine: Engine) -> str | None:
    """The file of a SQLite warehouse; None for one in memory or on a server."""
    return engine.url.database if engine.dialect.name == "sqlite" else None


def state_of_views(engine: Engine, tables: Tables) -> int:
    """A number for all that the views show: another as soon as a load, the coverage or a definition is another."""
    kept = tables.marts.kept
    with reading(engine) as connection:
        told = [tuple(row) for row in connection.execute(select(kept).order_by(kept.c.name))]
    return zlib.crc32(repr(told).encode()) >> 1


def state_of_snapshot(file: str) -> int | None:
    """The number of what a snapshot was made from; None where there is none that can be read."""
    try:
        with closing(sqlite3.connect(f"file:{quote(file)}?mode=ro", uri=True)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError:
        return None


def write_snapshot(warehouse: str, file: str, state: int) -> None:
    """Copy what the views show into a new file, all as of one moment. The caller makes it last and puts it into its place."""
    with closing(sqlite3.connect(warehouse, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
        connection.execute("ATTACH ? AS readers", (file,))
        connection.execute("PRAGMA readers.journal_mode=OFF")
        connection.execute("PRAGMA readers.synchronous=OFF")
        connection.execute("BEGIN")
        for view, columns in _columns(connection).items():
            connection.execute(f"CREATE TABLE readers.{view} ({', '.join(columns)})")
            connection.execute(f"INSERT INTO readers.{view} SELECT * FROM main.{view}")  # noqa: S608 - names of our own
        connection.execute(f"PRAGMA readers.user_version={state}")
        connection.execute("COMMIT")


def _columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    query = "SELECT view_name, column_name, type FROM main.dictionary ORDER BY view_name, place"
    for view, name, kind in connection.execute(query):
        found.setdefault(view, []).append(f'"{name}" {SQL_WORDS[kind]}')
    return found

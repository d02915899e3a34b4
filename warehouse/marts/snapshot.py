"""What the views of a SQLite warehouse show, in a file of its own, for readers who neither hold up the night nor see more.

Who can open a SQLite file can read all of it, and a reader of a file in WAL mode must be able to write beside it. A view whose
rows can tell which loads moved them is a view there too, over a table of all that it shows but the moment: so a copy of the
file follows a load by what that load moved. The other views are tables, made anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Engine, Select, literal, select
from sqlalchemy.dialects import sqlite

from warehouse.engine import BUSY_SECONDS
from warehouse.marts.view_spec import Column, Mart

#: SQLite's word for what a column holds
SQL_WORDS = {
    "boolean": "INTEGER", "integer": "INTEGER", "number": "REAL", "decimal": "REAL",
    "date": "TEXT", "datetime": "TEXT", "string": "TEXT",
}  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """What the views stand on: the last load with its entry in the archive's log, and all that is kept with it.

    `definitions` is of all but the loads and the days.
    """

    load_id: int
    log_entry: str
    kept: str
    definitions: str


def file_of(engine: Engine) -> str | None:
    """The file of a SQLite warehouse; None for one in memory or on a server."""
    return engine.url.database if engine.dialect.name == "sqlite" else None


def moment_of_views(warehouse: str) -> Moment:
    """As of when the views of a warehouse show what they show."""
    with closing(_opened(warehouse)) as connection:
        return _moment(connection)


def moment_of_snapshot(file: str) -> Moment | None:
    """As of when a snapshot stands; None where there is none that can be read, or one of another making."""
    try:
        with closing(sqlite3.connect(f"file:{quote(file)}?mode=ro", uri=True)) as connection:
            return Moment(*connection.execute("SELECT load_id, log_entry, kept, definitions FROM moment").fetchone())
    except sqlite3.DatabaseError:
        return None


def write_snapshot(warehouse: str, file: str, views: Sequence[Mart]) -> None:
    """Copy what the views show into a new file, all as of one moment. The caller makes it last and puts it into its place."""
    with _both(warehouse, file) as connection:
        for view in views:
            if view.moved_after is None:
                _write_table(connection, view)
                continue
            lasting, fleeting = _parts(view)
            connection.execute(f"CREATE TABLE readers.{_rows(view)} ({_declared(lasting)})")
            _insert(connection, _rows(view), _shown(view, lasting))
            if view.key:
                connection.execute(f"CREATE UNIQUE INDEX readers.{view.name}_key ON {_rows(view)} ({', '.join(view.key)})")
            _write_moment(connection, view, fleeting)
            names = ", ".join(f'"{one.name}"' for one in view.columns)
            connection.execute(
                f"CREATE VIEW readers.{view.name} AS SELECT {names} FROM {_rows(view)} CROSS JOIN {_moment_of(view)}"  # noqa: S608
            )
        connection.execute("CREATE TABLE readers.moment (load_id INTEGER, log_entry TEXT, kept TEXT, definitions TEXT)")


def follows(warehouse: str, before: Moment) -> bool:
    """Whether the views can be had from a snapshot of an earlier moment by what was loaded since."""
    with closing(_opened(warehouse)) as connection:
        entry = connection.execute("SELECT log_entry FROM loads WHERE load_id = ?", (before.load_id,)).fetchone()
        return entry == (before.log_entry,) and before.definitions == _moment(connection).definitions


def bring_up_to_date(warehouse: str, file: str, views: Sequence[Mart], before: Moment) -> None:
    """Let a copy of a snapshot follow the loads since its moment, as of which the views can be had from it (`follows`)."""
    with _both(warehouse, file) as connection:
        for view in views:
            if view.moved_after is None:
                connection.execute(f"DROP TABLE readers.{view.name}")
                _write_table(connection, view)
                continue
            lasting, fleeting = _parts(view)
            moved = view.moved_after(before.load_id)
            if connection.execute(_text(select(literal(1)).select_from(view.rows).where(moved).limit(1))).fetchone():
                _follow(connection, view, lasting, moved)
            connection.execute(f"DROP TABLE readers.{_moment_of(view)}")
            _write_moment(connection, view, fleeting)


def _follow(connection: sqlite3.Connection, view: Mart, columns: Sequence[Column], moved: ColumnElement[bool]) -> None:
    if view.key:
        keys = _text(_keys(view).where(moved))
        connection.execute(
            f"DELETE FROM readers.{_rows(view)} WHERE ({', '.join(view.key)}) IN ({keys})"  # noqa: S608 - ours
        )
    _insert(connection, _rows(view), _shown(view, columns).where(moved))


def _opened(warehouse: str) -> sqlite3.Connection:
    return sqlite3.connect(warehouse, isolation_level=None, timeout=BUSY_SECONDS)


@contextmanager
def _both(warehouse: str, file: str) -> Iterator[sqlite3.Connection]:
    """A connection to both, in one transaction, at whose end the file tells its moment."""
    with closing(_opened(warehouse)) as connection:
        connection.execute("ATTACH ? AS readers", (file,))
        connection.execute("PRAGMA readers.journal_mode=OFF")
        connection.execute("PRAGMA readers.synchronous=OFF")
        connection.execute("BEGIN")
        yield connection
        now = _moment(connection)
        connection.execute("DELETE FROM readers.moment")
        told = (now.load_id, now.log_entry, now.kept, now.definitions)
        connection.execute("INSERT INTO readers.moment VALUES (?, ?, ?, ?)", told)
        connection.execute("COMMIT")


def _moment(connection: sqlite3.Connection) -> Moment:
    kept = connection.execute("SELECT name, fingerprint, load_id, as_of FROM main.kept ORDER BY name").fetchall()
    last = connection.execute("SELECT load_id, log_entry FROM main.loads ORDER BY load_id DESC LIMIT 1").fetchone()
    load_id, log_entry = last or (0, "")
    return Moment(load_id, log_entry, repr(kept), repr([(name, fingerprint) for name, fingerprint, _, _ in kept]))


def _parts(view: Mart) -> tuple[list[Column], list[Column]]:
    """The columns that belong to the rows, and those that say as of when they stand."""
    return [one for one in view.columns if not one.is_moment], [one for one in view.columns if one.is_moment]


def _rows(view: Mart) -> str:
    return f"{view.name}_rows"


def _moment_of(view: Mart) -> str:
    return f"{view.name}_moment"


def _write_table(connection: sqlite3.Connection, view: Mart) -> None:
    connection.execute(f"CREATE TABLE readers.{view.name} ({_declared(view.columns)})")
    _insert(connection, view.name, view.query())


def _write_moment(connection: sqlite3.Connection, view: Mart, columns: Sequence[Column]) -> None:
    """A table of one row, or of none where the view has none."""
    connection.execute(f"CREATE TABLE readers.{_moment_of(view)} ({_declared(columns)})")
    _insert(connection, _moment_of(view), _shown(view, columns).limit(1))


def _insert(connection: sqlite3.Connection, table: str, query: Select[tuple[object, ...]]) -> None:
    connection.execute(f"INSERT INTO readers.{table} {_text(query)}")


def _shown(view: Mart, columns: Sequence[Column]) -> Select[tuple[object, ...]]:
    return view.query().with_only_columns(*(one.shows.label(one.name) for one in columns), maintain_column_froms=True)


def _keys(view: Mart) -> Select[tuple[object, ...]]:
    """The keys of rows, whether they are shown now or were before."""
    shows: dict[str, ColumnElement[object]] = {one.name: one.shows for one in view.columns}
    return select(*(shows[name] for name in view.key)).select_from(view.rows)


def _declared(columns: Sequence[Column]) -> str:
    return ", ".join(f'"{one.name}" {SQL_WORDS[one.kind]}' for one in columns)


def _text(query: Select[Any]) -> str:
    return str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))

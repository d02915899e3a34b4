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
from warehouse.marts.view_spec import ViewColumn, ViewSpec

#: SQLite's word for what a column holds
SQL_WORDS = {
    "boolean": "INTEGER", "integer": "INTEGER", "number": "REAL", "decimal": "REAL",
    "date": "TEXT", "datetime": "TEXT", "string": "TEXT",
}  # fmt: skip


@dataclass(frozen=True)
class SnapshotState:
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


def moment_of_views(warehouse: str) -> SnapshotState:
    """As of when the views of a warehouse show what they show."""
    with closing(_opened(warehouse)) as connection:
        return _moment(connection)


def moment_of_snapshot(file: str) -> SnapshotState | None:
    """As of when a snapshot stands; None where there is none that can be read, or one of another making."""
    try:
        with closing(sqlite3.connect(f"file:{quote(file)}?mode=ro", uri=True)) as connection:
            return SnapshotState(
                *connection.execute("SELECT load_id, log_entry, kept, definitions FROM moment").fetchone()
            )
    except sqlite3.DatabaseError:
        return None


def write_snapshot(warehouse: str, file: str, views: Sequence[ViewSpec]) -> None:
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
                connection.execute(
                    f"CREATE UNIQUE INDEX readers.{view.name}_key ON {_rows(view)} ({', '.join(view.key)})"
                )
            _write_moment(connection, view, fleeting)
            names = ", ".join(f'"{column.name}"' for column in view.columns)
            connection.execute(
                f"CREATE VIEW readers.{view.name} AS SELECT {names} FROM {_rows(view)} CROSS JOIN {_moment_of(view)}"  # noqa: S608
            )
        connection.execute(
            "CREATE TABLE readers.moment (load_id INTEGER, log_entry TEXT, kept TEXT, definitions TEXT)"
        )


def is_current(warehouse: str, before: SnapshotState) -> bool:
    """Whether the views can be had from a snapshot of an earlier moment by what was loaded since."""
    with closing(_opened(warehouse)) as connection:
        entry = connection.execute(
            "SELECT log_entry FROM loads WHERE load_id = ?", (before.load_id,)
        ).fetchone()
        return entry == (before.log_entry,) and before.definitions == _moment(connection).definitions


def update_snapshot(warehouse: str, file: str, views: Sequence[ViewSpec], before: SnapshotState) -> None:
    """Let a copy of a snapshot follow the loads since its moment, as of which the views can be had from it (`follows`)."""
    with _both(warehouse, file) as connection:
        for view in views:
            if view.moved_after is None:
                connection.execute(f"DROP TABLE readers.{view.name}")
                _write_table(connection, view)
                continue
            lasting, fleeting = _parts(view)
            moved = view.moved_after(before.load_id)
            if connection.execute(
                _text(select(literal(1)).select_from(view.rows).where(moved).limit(1))
            ).fetchone():
                _follow(connection, view, lasting, moved)
            connection.execute(f"DROP TABLE readers.{_moment_of(view)}")
            _write_moment(connection, view, fleeting)


def _follow(
    connection: sqlite3.Connection,
    view: ViewSpec,
    columns: Sequence[ViewColumn],
    moved: ColumnElement[bool],
) -> None:
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


def _moment(connection: sqlite3.Connection) -> SnapshotState:
    kept = connection.execute(
        "SELECT name, fingerprint, load_id, as_of FROM main.kept ORDER BY name"
    ).fetchall()
    last = connection.execute(
        "SELECT load_id, log_entry FROM main.loads ORDER BY load_id DESC LIMIT 1"
    ).fetchone()
    load_id, log_entry = last or (0, "")
    return SnapshotState(
        load_id, log_entry, repr(kept), repr([(name, fingerprint) for name, fingerprint, _, _ in kept])
    )


def _parts(view: ViewSpec) -> tuple[list[ViewColumn], list[ViewColumn]]:
    """The columns that belong to the rows, and those that say as of when they stand."""
    return [column for column in view.columns if not column.is_moment], [
        column for column in view.columns if column.is_moment
    ]


def _rows(view: ViewSpec) -> str:
    return f"{view.name}_rows"


def _moment_of(view: ViewSpec) -> str:
    return f"{view.name}_moment"


def _write_table(connection: sqlite3.Connection, view: ViewSpec) -> None:
    connection.execute(f"CREATE TABLE readers.{view.name} ({_declared(view.columns)})")
    _insert(connection, view.name, view.query())


def _write_moment(connection: sqlite3.Connection, view: ViewSpec, columns: Sequence[ViewColumn]) -> None:
    """A table of one row, or of none where the view has none."""
    connection.execute(f"CREATE TABLE readers.{_moment_of(view)} ({_declared(columns)})")
    _insert(connection, _moment_of(view), _shown(view, columns).limit(1))


def _insert(connection: sqlite3.Connection, table: str, query: Select[tuple[object, ...]]) -> None:
    connection.execute(f"INSERT INTO readers.{table} {_text(query)}")


def _shown(view: ViewSpec, columns: Sequence[ViewColumn]) -> Select[tuple[object, ...]]:
    return view.query().with_only_columns(
        *(column.shows.label(column.name) for column in columns), maintain_column_froms=True
    )


def _keys(view: ViewSpec) -> Select[tuple[object, ...]]:
    """The keys of rows, whether they are shown now or were before."""
    shows: dict[str, ColumnElement[object]] = {column.name: column.shows for column in view.columns}
    return select(*(shows[name] for name in view.key)).select_from(view.rows)


def _declared(columns: Sequence[ViewColumn]) -> str:
    return ", ".join(f'"{column.name}" {SQL_WORDS[column.kind]}' for column in columns)


def _text(query: Select[Any]) -> str:
    return str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))

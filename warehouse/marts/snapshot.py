"""The readers' copy of a SQLite warehouse: a separate file that holds only what the views show.

Anyone who can open a SQLite file can read all of it, and a reader of a file in WAL mode must be able to write
beside it. A view with `moved_after` becomes a table of its rows, a one-row table of its `is_moment`
columns, and a view that joins them; so a copy of the file can follow a load by the rows that it changed.
Other views become tables, or a view over its `parts`, rebuilt each time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Engine, Integer, Select, literal, literal_column, select
from sqlalchemy.dialects import sqlite

from warehouse.engine import BUSY_SECONDS
from warehouse.marts.view_spec import ViewColumn, ViewParts, ViewSpec, column_kind

#: in the text of a query: the load after which rows moved
SINCE = literal_column(":since", Integer)
#: SQLite's type of a column
SQL_TYPES = {
    "boolean": "INTEGER", "integer": "INTEGER", "number": "REAL", "decimal": "REAL",
    "date": "TEXT", "datetime": "TEXT", "string": "TEXT",
}  # fmt: skip


@dataclass(frozen=True)
class SnapshotState:
    """The state that the views show: the last load, its archive log entry, and the refresh states and last
    publication (`kept`).

    `definitions` holds the refresh states' fingerprints only, without loads and days.
    """

    load_id: int
    log_entry: str
    kept: str
    definitions: str


def sqlite_file(engine: Engine) -> str | None:
    """Return the file of a SQLite warehouse; None if it is in memory or on a server."""
    return engine.url.database if engine.dialect.name == "sqlite" else None


def read_views_state(warehouse: str) -> SnapshotState:
    """Read the state that the views of a warehouse show."""
    with closing(open_file(warehouse)) as connection:
        return _read_state(connection)


def read_snapshot_state(file: str) -> SnapshotState | None:
    """Read the state of a snapshot; None if there is none, or it cannot be read or has another format."""
    try:
        with closing(sqlite3.connect(f"file:{quote(file)}?mode=ro", uri=True)) as connection:
            return SnapshotState(
                *connection.execute("SELECT load_id, log_entry, kept, definitions FROM moment").fetchone()
            )
    except sqlite3.DatabaseError:
        return None


def write_snapshot(warehouse: str, file: str, views: Sequence[ViewSpec]) -> None:
    """Copy what the views show into a new file, in one transaction.

    The caller syncs it and moves it into place.
    """
    with _attached(warehouse, file) as connection:
        for view in views:
            if view.parts is not None:
                _write_parts(connection, view, view.parts)
                connection.execute(f"CREATE VIEW readers.{view.name} AS {query_text(view.parts.query)}")
                continue
            if view.moved_after is None:
                _write_table(connection, view)
                continue
            row_columns, moment_columns = _split_columns(view)
            connection.execute(f"CREATE TABLE readers.{rows_table(view)} ({_column_ddl(row_columns)})")
            _fill(connection, view, rows_table(view), partial(_select_columns, view, row_columns))
            if view.key:
                connection.execute(
                    f"CREATE UNIQUE INDEX readers.{view.name}_key ON {rows_table(view)} ({', '.join(view.key)})"
                )
            _write_moment(connection, view, moment_columns)
            names = ", ".join(f'"{column.name}"' for column in view.columns)
            connection.execute(
                f"CREATE VIEW readers.{view.name} AS SELECT {names} FROM {rows_table(view)} CROSS JOIN {moment_table(view)}"  # noqa: S608
            )
        connection.execute(
            "CREATE TABLE readers.moment (load_id INTEGER, log_entry TEXT, kept TEXT, definitions TEXT)"
        )


def is_current(warehouse: str, before: SnapshotState) -> bool:
    """Return True if a snapshot in state `before` can be updated by the loads since."""
    with closing(open_file(warehouse)) as connection:
        entry = connection.execute(
            "SELECT log_entry FROM loads WHERE load_id = ?", (before.load_id,)
        ).fetchone()
        return entry == (before.log_entry,) and before.definitions == _read_state(connection).definitions


def update_snapshot(warehouse: str, file: str, views: Sequence[ViewSpec], before: SnapshotState) -> None:
    """Update a copy of a snapshot with the loads since `before`, for which `is_current` must be true."""
    with _attached(warehouse, file) as connection:
        for view in views:
            if view.parts is not None:
                for name in view.parts.tables:
                    connection.execute(f"DROP TABLE readers.{name}")
                _write_parts(connection, view, view.parts)
                continue
            if view.moved_after is None:
                connection.execute(f"DROP TABLE readers.{view.name}")
                _write_table(connection, view)
                continue
            row_columns, moment_columns = _split_columns(view)
            is_changed, since = view.moved_after(SINCE), {"since": before.load_id}
            any_change = _text_once(
                view,
                "any change",
                lambda rows=view.rows, is_changed=is_changed: (  # type: ignore[misc]
                    select(literal(1)).select_from(rows).where(is_changed).limit(1)
                ),
            )
            if connection.execute(any_change, since).fetchone():
                _update_rows(connection, view, row_columns, is_changed, since)
            connection.execute(f"DROP TABLE readers.{moment_table(view)}")
            _write_moment(connection, view, moment_columns)


def _update_rows(
    connection: sqlite3.Connection,
    view: ViewSpec,
    columns: Sequence[ViewColumn],
    is_changed: ColumnElement[bool],
    since: Mapping[str, int],
) -> None:
    if view.key:
        keys = _text_once(view, "changed keys", lambda: _select_keys(view).where(is_changed))
        connection.execute(
            f"DELETE FROM readers.{rows_table(view)} WHERE ({', '.join(view.key)}) IN ({keys})",  # noqa: S608 - ours
            since,
        )
    changed = _text_once(view, "changed rows", lambda: _select_columns(view, columns).where(is_changed))
    connection.execute(f"INSERT INTO readers.{rows_table(view)} {changed}", since)


def open_file(warehouse: str) -> sqlite3.Connection:
    return sqlite3.connect(warehouse, isolation_level=None, timeout=BUSY_SECONDS)


@contextmanager
def _attached(warehouse: str, file: str) -> Iterator[sqlite3.Connection]:
    """Open a connection to both files in one transaction; at its end record the state in the snapshot."""
    with closing(open_file(warehouse)) as connection:
        connection.execute("ATTACH ? AS readers", (file,))
        connection.execute("PRAGMA readers.journal_mode=OFF")
        connection.execute("PRAGMA readers.synchronous=OFF")
        connection.execute("BEGIN")
        yield connection
        state = _read_state(connection)
        connection.execute("DELETE FROM readers.moment")
        values = (state.load_id, state.log_entry, state.kept, state.definitions)
        connection.execute("INSERT INTO readers.moment VALUES (?, ?, ?, ?)", values)
        connection.execute("COMMIT")


def _read_state(connection: sqlite3.Connection) -> SnapshotState:
    states = connection.execute(
        "SELECT name, fingerprint, load_id, as_of FROM main.kept ORDER BY name"
    ).fetchall()
    last = connection.execute(
        "SELECT load_id, log_entry FROM main.loads ORDER BY load_id DESC LIMIT 1"
    ).fetchone()
    load_id, log_entry = last or (0, "")
    published = connection.execute("SELECT max(number) FROM main.publications").fetchone()
    return SnapshotState(
        load_id,
        log_entry,
        repr((states, published)),
        repr([(name, fingerprint) for name, fingerprint, _, _ in states]),
    )


def _split_columns(view: ViewSpec) -> tuple[list[ViewColumn], list[ViewColumn]]:
    """Split the columns into those of the rows and those of the moment."""
    return [column for column in view.columns if not column.is_moment], [
        column for column in view.columns if column.is_moment
    ]


def rows_table(view: ViewSpec) -> str:
    """Return the name of the table with a view's rows."""
    return f"{view.name}_rows"


def moment_table(view: ViewSpec) -> str:
    """Return the name of the table with the columns that are the same in all rows of a view."""
    return f"{view.name}_moment"


def tables_behind(view: ViewSpec) -> list[str]:
    """List the tables that the view reads, if a snapshot has it as a view."""
    if view.parts is not None:
        return list(view.parts.tables)
    return [rows_table(view), moment_table(view)] if view.moved_after else []


def _write_table(connection: sqlite3.Connection, view: ViewSpec) -> None:
    connection.execute(f"CREATE TABLE readers.{view.name} ({_column_ddl(view.columns)})")
    _fill(connection, view, view.name, view.query)


def _write_parts(connection: sqlite3.Connection, view: ViewSpec, parts: ViewParts) -> None:
    for name, query in parts.tables.items():
        columns = query.selected_columns
        ddl = ", ".join(f'"{column.name}" {SQL_TYPES[column_kind(column)]}' for column in columns)
        connection.execute(f"CREATE TABLE readers.{name} ({ddl})")
        _fill(connection, view, name, partial(parts.tables.__getitem__, name))


def _write_moment(connection: sqlite3.Connection, view: ViewSpec, columns: Sequence[ViewColumn]) -> None:
    """Write the moment table: one row; mostly none if the view has none."""
    connection.execute(f"CREATE TABLE readers.{moment_table(view)} ({_column_ddl(columns)})")
    _fill(connection, view, moment_table(view), partial(_select_moment, view, columns))


def _select_moment(view: ViewSpec, columns: Sequence[ViewColumn]) -> Select[Any]:
    if view.moment_where is None:
        return _select_columns(view, columns).limit(1)
    return select(*(column.labelled() for column in columns)).where(view.moment_where).limit(1)


def _fill(
    connection: sqlite3.Connection, view: ViewSpec, table: str, select_rows: Callable[[], Select[Any]]
) -> None:
    """Fill a table of the copy with all rows that `select_rows` selects."""
    connection.execute(f"INSERT INTO readers.{table} {_text_once(view, table, select_rows)}")


def _text_once(view: ViewSpec, purpose: str, make_query: Callable[[], Select[Any]]) -> str:
    """Write a query of a view once in a process: writing it takes longer than it does."""
    if purpose not in view.written:
        view.written[purpose] = query_text(make_query())
    return view.written[purpose]


def _select_columns(view: ViewSpec, columns: Sequence[ViewColumn]) -> Select[tuple[object, ...]]:
    return view.query().with_only_columns(
        *(column.labelled() for column in columns), maintain_column_froms=True
    )


def _select_keys(view: ViewSpec) -> Select[tuple[object, ...]]:
    """Select the keys of rows, whether the view shows them now or did before."""
    shows: dict[str, ColumnElement[object]] = {column.name: column.shows for column in view.columns}
    return select(*(shows[name] for name in view.key)).select_from(view.rows)


def _column_ddl(columns: Sequence[ViewColumn]) -> str:
    return ", ".join(f'"{column.name}" {SQL_TYPES[column.kind]}' for column in columns)


def query_text(query: Select[Any]) -> str:
    return str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))

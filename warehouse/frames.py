"""Frames into tables: the one place where pandas values become what a database driver takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Boolean, Column, Connection, Integer, Table, Text, insert

#: so many rows are held in memory at once
ROWS_A_PAGE = 20_000


def read_frame(
    connection: Connection, query: Any, columns: Iterable[str], dtype: Any = None
) -> pd.DataFrame:
    """The rows of a query, as tuples: of SQLAlchemy's own rows pandas asks one by one what they are."""
    return pd.DataFrame(
        list(map(tuple, connection.execute(query).all())), columns=list(columns), dtype=dtype
    )


def read_frame_pages(
    connection: Connection, query: Any, columns: Iterable[str], dtype: Any = None
) -> Iterator[pd.DataFrame]:
    """The same some rows at a time, one frame at least: of what a night leaves there may be millions."""
    names, is_empty = list(columns), True
    for rows in connection.execute(query.execution_options(yield_per=ROWS_A_PAGE)).partitions():
        yield pd.DataFrame(list(map(tuple, rows)), columns=names, dtype=dtype)
        is_empty = False
    if is_empty:
        yield pd.DataFrame(columns=names, dtype=dtype)


def frame_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of Python values; null is None, a datetime64 column holds days and gives dates."""
    columns = {str(name): _values(frame[name]) for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _values(column: pd.Series) -> list[Any]:
    """In plain Python: for a small frame pandas' own way takes three times as long."""
    values: list[Any] = (column.dt.date if column.dtype.kind == "M" else column).tolist()
    is_null = column.isna()
    if is_null.any():
        values = [
            None if is_lost else value for value, is_lost in zip(values, is_null.tolist(), strict=True)
        ]
    return values


def insert_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Insert all rows of a frame whose columns are columns of the table.

    The driver gets tuples, and PostgreSQL a COPY: SQLAlchemy's own way makes a dictionary of each row, which took half of the
    time of a large load.
    """
    if not len(frame):
        return
    columns = [column for column in table.columns if column.name in frame]
    values = zip(*(_bound(connection, column.type, frame[column.name]) for column in columns), strict=True)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, values)
    else:
        statement = insert(table).compile(
            dialect=connection.dialect, column_keys=[column.name for column in columns]
        )
        connection.exec_driver_sql(str(statement), list(values))


def arrow_table(connection: Connection, table: Table, frame: pd.DataFrame) -> pa.Table:
    """The columns of a frame that are columns of the table, values as the database's driver takes them; text is not copied."""
    columns = [column for column in table.columns if column.name in frame]
    return pa.table(
        {column.name: _arrow(connection, column.type, frame[column.name]) for column in columns}
    )


def _arrow(connection: Connection, kind: Any, column: pd.Series) -> pa.Array | pa.ChunkedArray:
    if isinstance(kind, Text) and isinstance(column.dtype, pd.StringDtype):
        return pa.array(column)
    values = pa.array(_bound(connection, kind, column))
    if pa.types.is_boolean(values.type):
        return values.cast(pa.int8())
    return values.cast(pa.string()) if pa.types.is_null(values.type) else values


def _copy(
    connection: Connection, table: Table, columns: list[Column[Any]], rows: Iterable[tuple[Any, ...]]
) -> None:
    """PostgreSQL's own way in bulk, within the transaction."""
    quote = connection.dialect.identifier_preparer
    names = ", ".join(quote.quote(column.name) for column in columns)
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {quote.format_table(table)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _bound(connection: Connection, kind: Any, column: pd.Series) -> list[Any]:
    """Values as the driver takes them: days and instants of SQLite are text, and so is JSON."""
    if column.dtype.kind == "M":
        days: list[Any] = pa.array(column).cast(pa.date32()).cast(pa.string()).to_pylist()
        return days
    if isinstance(kind, Integer) and column.dtype.kind not in "iu":
        column = pd.to_numeric(column).astype(
            "Int64"
        )  # where one is missing pandas makes all of them floats
    if isinstance(kind, Boolean):
        return _values(column)  # both drivers take it as it is
    process = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    values = _values(column)
    return values if process is None else [process(value) for value in values]

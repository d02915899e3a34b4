"""Conversion between frames and tables: the only place where pandas values become driver values.

Also lists of values as parameters of queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Boolean, Column, Connection, Integer, Select, Table, Text, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from warehouse.written_once import write_insert_once

#: rows held in memory at once
ROWS_A_PAGE = 20_000


def read_frame(
    connection: Connection, query: Any, columns: Iterable[str], dtype: Any = None
) -> pd.DataFrame:
    """Read a query into a frame; as tuples, because pandas inspects SQLAlchemy's own rows one by one."""
    return pd.DataFrame(
        list(map(tuple, connection.execute(query).all())), columns=list(columns), dtype=dtype
    )


def read_frame_pages(
    connection: Connection, query: Any, columns: Iterable[str], dtype: Any = None
) -> Iterator[pd.DataFrame]:
    """Read a query in pages of ROWS_A_PAGE rows, at least one frame: a run may leave millions of rows."""
    names, is_empty = list(columns), True
    for rows in connection.execute(query.execution_options(yield_per=ROWS_A_PAGE)).partitions():
        yield pd.DataFrame(list(map(tuple, rows)), columns=names, dtype=dtype)
        is_empty = False
    if is_empty:
        yield pd.DataFrame(columns=names, dtype=dtype)


def frame_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dictionaries of Python values.

    Null is None, a datetime64 column holds days and gives dates.
    """
    columns = {str(name): _python_values(frame[name]) for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _python_values(column: pd.Series) -> list[Any]:
    """Convert a column to Python values; for small frames pandas' own way takes three times as long."""
    values: list[Any] = (column.dt.date if column.dtype.kind == "M" else column).tolist()
    is_null = column.isna()
    if is_null.any():
        values = [
            None if is_missing else value
            for value, is_missing in zip(values, is_null.tolist(), strict=True)
        ]
    return values


def insert_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Insert all rows of a frame whose columns are columns of the table.

    The driver gets tuples, and PostgreSQL a COPY: SQLAlchemy makes a dictionary of each row, which took
    half the time of a large load.
    """
    if not len(frame):
        return
    columns = [column for column in table.columns if column.name in frame]
    values = zip(
        *(_driver_values(connection, column.type, frame[column.name]) for column in columns), strict=True
    )
    if connection.dialect.name == "postgresql":
        _copy_rows(connection, table, columns, values)
    else:
        statement = write_insert_once(connection.dialect, table, tuple(column.name for column in columns))
        connection.exec_driver_sql(statement, list(values))


def arrow_table(connection: Connection, table: Table, frame: pd.DataFrame) -> pa.Table:
    """Return the table's columns of a frame as Arrow, with driver values; text is not copied."""
    columns = [column for column in table.columns if column.name in frame]
    return pa.table(
        {column.name: _arrow(connection, column.type, frame[column.name]) for column in columns}
    )


def _arrow(connection: Connection, type_: Any, column: pd.Series) -> pa.Array | pa.ChunkedArray:
    if isinstance(type_, Text) and isinstance(column.dtype, pd.StringDtype):
        return pa.array(column)
    values = pa.array(_driver_values(connection, type_, column))
    if pa.types.is_boolean(values.type):
        return values.cast(pa.int8())
    return values.cast(pa.string()) if pa.types.is_null(values.type) else values


def _copy_rows(
    connection: Connection, table: Table, columns: list[Column[Any]], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows with PostgreSQL's COPY, within the transaction."""
    quote = connection.dialect.identifier_preparer
    names = ", ".join(quote.quote(column.name) for column in columns)
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {quote.format_table(table)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _driver_values(connection: Connection, type_: Any, column: pd.Series) -> list[Any]:
    """Convert a column to driver values: days, instants and JSON are text in SQLite."""
    if column.dtype.kind == "M":
        days: list[Any] = pa.array(column).cast(pa.date32()).cast(pa.string()).to_pylist()
        return days
    if isinstance(type_, Integer) and column.dtype.kind not in "iu":
        # pandas turns integers with a missing value into floats
        column = pd.to_numeric(column).astype("Int64")
    if isinstance(type_, Boolean):
        return _python_values(column)  # both drivers take booleans
    process = type_.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    values = _python_values(column)
    return values if process is None else [process(value) for value in values]


class json_each(GenericFunction[Any]):  # noqa: N801 - SQLite's name
    """The texts of a JSON array as rows of one column, `value`."""

    name = "json_each"
    inherit_cache = True


@compiles(json_each, "postgresql")
def _each_postgresql(element: json_each, compiler: Any, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSON))"


def values_list(texts: Sequence[str]) -> Select[Any]:
    """Return the texts as a subquery with a single parameter."""
    elements = json_each(json.dumps(list(texts), ensure_ascii=False), type_=Text).table_valued("value")
    return select(elements.c.value)


def read_table(connection: Connection, table: Table, query: Select[Any]) -> pd.DataFrame:
    """Read a query over all columns of a table as an object frame."""
    return read_objects(connection, query, list(table.columns.keys()))


def read_objects(connection: Connection, query: Select[Any], columns: list[str]) -> pd.DataFrame:
    """Read a query as an object frame, so that a null stays None and a number a number."""
    return read_frame(connection, query, columns, dtype=object)

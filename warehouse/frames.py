"""Frames into tables: the one place where pandas values become what a database driver takes."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, insert


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of Python values; null is None, a datetime64 column holds days and gives dates."""
    columns = {}
    for name in frame.columns:
        column, is_null = frame[name], frame[name].isna()
        values = (column.dt.date if column.dtype.kind == "M" else column).tolist()
        if is_null.any():
            values = [None if is_lost else value for value, is_lost in zip(values, is_null.tolist(), strict=True)]
        columns[name] = values
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def insert_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> None:
    """Insert all rows of a frame whose columns are columns of the table."""
    if len(frame):
        connection.execute(insert(table), records(frame))

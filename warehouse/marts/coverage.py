"""The materialised coverage table for report tools, derived from
current reports, the day and the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection, collate, delete, func, select

from warehouse.frames import insert_frame, read_frame, read_frame_pages, values_list
from warehouse.schema.tables import Tables


def materialized_coverage(
    connection: Connection, tables: Tables, months: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read the rows of these months, or all, ordered by period, unit and ledger; an object frame."""
    table = tables.coverage
    query = select(table)
    if months is not None:
        query = query.where(table.c.period.in_(months))
    coverage = read_frame(connection, query, table.columns.keys(), dtype=object)
    return coverage.sort_values(table.primary_key.columns.keys(), ignore_index=True)


def pages_of_coverage(
    connection: Connection, tables: Tables, columns: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """Read these columns of all rows in the same order, in pages."""
    table = tables.coverage
    is_server = connection.dialect.name == "postgresql"  # which would sort by a language's collation
    order = (collate(column, "C") if is_server else column for column in table.primary_key.columns)
    query = select(*(table.c[name] for name in columns)).order_by(*order)
    return read_frame_pages(connection, query, columns, dtype=object)


def overdue_reports(
    connection: Connection, tables: Tables, after: date, before: date
) -> list[tuple[date, str, int]]:
    """Count, by due day and unit, the missing or rejected reports due between two days."""
    c = tables.coverage.c
    is_overdue = c.state.in_(("missing", "rejected")) & (c.due_on > after) & (c.due_on < before)
    query = select(c.due_on, c.unit_code, func.count()).where(is_overdue).group_by(c.due_on, c.unit_code)
    return [tuple(row) for row in connection.execute(query.order_by(c.due_on, c.unit_code))]


def first_materialized(connection: Connection, tables: Tables) -> str | None:
    """Return the first month in the table."""
    month: str | None = connection.scalar(select(func.min(tables.coverage.c.period)))
    return month


def replace_coverage(
    connection: Connection,
    tables: Tables,
    months: Sequence[str] | None,
    units: Sequence[str] | None,
    rows: pd.DataFrame,
) -> None:
    """Replace the rows of the months and units, or all, within the caller's transaction."""
    table = tables.coverage
    deletion = delete(table)
    if months is not None:
        deletion = deletion.where(table.c.period.in_(months))
    if units is not None:
        deletion = deletion.where(table.c.unit_code.in_(values_list(units)))
    connection.execute(deletion)
    insert_frame(connection, table, rows)

"""The warehouse's table of who has reported what, for report tools; it follows from what stands, the day and the settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection, collate, delete, func, select

from warehouse.figures.distinct_counts import values_list
from warehouse.frames import insert_frame, read_frame, read_frame_pages
from warehouse.schema.tables import Tables


def materialized_coverage(
    connection: Connection, tables: Tables, months: Sequence[str] | None = None
) -> pd.DataFrame:
    """The rows of these months, or of all, in the order of period, unit and ledger; an object frame."""
    table = tables.coverage
    query = select(table)
    if months is not None:
        query = query.where(table.c.period.in_(months))
    found = read_frame(connection, query, table.columns.keys(), dtype=object)
    return found.sort_values(table.primary_key.columns.keys(), ignore_index=True)


def pages_of_coverage(
    connection: Connection, tables: Tables, columns: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """These columns of all rows in the same order, by pages."""
    table = tables.coverage
    is_server = connection.dialect.name == "postgresql"  # which sorts by the words of some language
    order = (collate(column, "C") if is_server else column for column in table.primary_key.columns)
    query = select(*(table.c[name] for name in columns)).order_by(*order)
    return read_frame_pages(connection, query, columns, dtype=object)


def overdue_reports(
    connection: Connection, tables: Tables, after: date, before: date
) -> list[tuple[date, str, int]]:
    """(due day, unit, reports) of those due between two days that did not come or were refused."""
    c = tables.coverage.c
    is_wanting = c.state.in_(("missing", "rejected")) & (c.due_on > after) & (c.due_on < before)
    query = select(c.due_on, c.unit_code, func.count()).where(is_wanting).group_by(c.due_on, c.unit_code)
    return [tuple(row) for row in connection.execute(query.order_by(c.due_on, c.unit_code))]


def first_materialized(connection: Connection, tables: Tables) -> str | None:
    """The first month that the table speaks of."""
    found: str | None = connection.scalar(select(func.min(tables.coverage.c.period)))
    return found


def replace_coverage(
    connection: Connection,
    tables: Tables,
    months: Sequence[str] | None,
    units: Sequence[str] | None,
    rows: pd.DataFrame,
) -> None:
    """Put these rows in the place of those of the months and units, or of all, within the caller's transaction."""
    table = tables.coverage
    replaced = delete(table)
    if months is not None:
        replaced = replaced.where(table.c.period.in_(months))
    if units is not None:
        replaced = replaced.where(table.c.unit_code.in_(values_list(units)))
    connection.execute(replaced)
    insert_frame(connection, table, rows)

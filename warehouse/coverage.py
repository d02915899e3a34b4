"""The warehouse's own table of who has reported what, for report tools; made anew by each run from what stands and the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from warehouse.tables import Tables


def kept_coverage(connection: Connection, tables: Tables) -> list[dict[str, Any]]:
    """The rows in their order, without the instant at which they were made."""
    table = tables.coverage
    columns = [column for column in table.columns if column.name not in ("place", "made_at")]
    return [dict(row._mapping) for row in connection.execute(select(*columns).order_by(table.c.place))]


def replace_coverage(connection: Connection, tables: Tables, rows: Sequence[Mapping[str, Any]], made_at: datetime) -> None:
    """Put these rows in the place of all, within the caller's transaction."""
    connection.execute(delete(tables.coverage))
    if rows:
        told = [{**row, "place": at, "made_at": made_at} for at, row in enumerate(rows)]
        connection.execute(insert(tables.coverage), told)

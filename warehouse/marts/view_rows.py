"""The rows of a view for whoever writes them elsewhere: typed alike on every database, in an order of their own, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, column, select, table

from warehouse.marts.view_spec import ViewSpec


def row_batches(
    connection: Connection, mart: ViewSpec, rows_at_once: int
) -> Iterator[Sequence[Sequence[Any]]]:
    """All rows of a view, never more than so many in memory, ordered by its key or else by all that it shows."""
    view = table(mart.name, *(column(one.name, one.shows.type) for one in mart.columns))
    ordered = select(view).order_by(*(view.c[name] for name in mart.key or view.c.keys()))
    options = {"stream_results": True, "yield_per": rows_at_once}
    yield from connection.execute(ordered, execution_options=options).partitions()

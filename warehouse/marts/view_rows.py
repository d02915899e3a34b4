"""The rows of a view for exports: same types on every database, in a fixed order, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, column, select, table

from warehouse.marts.view_spec import ViewSpec


def row_batches(
    connection: Connection, mart: ViewSpec, rows_at_once: int
) -> Iterator[Sequence[Sequence[Any]]]:
    """Read all rows of a view in batches of `rows_at_once`, ordered by its key or else by all columns."""
    view = table(mart.name, *(column(spec.name, spec.shows.type) for spec in mart.columns))
    ordered = select(view).order_by(*(view.c[name] for name in mart.key or view.c.keys()))
    options = {"stream_results": True, "yield_per": rows_at_once}
    yield from connection.execute(ordered, execution_options=options).partitions()

"""Figures as they were published: frozen under a number, whatever the warehouse comes to know later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from warehouse.schema.tables import Tables


@dataclass(frozen=True)
class Publication:
    """One publication; `published_at` in UTC, `log_entry` the digest of its entry in the archive's log.

    An imported one has figures that were published before this system existed: it rests on load 0.
    """

    number: int
    period: str
    note: str
    is_provisional: bool
    load_id: int
    ruleset: str
    published_at: datetime
    log_entry: str
    is_imported: bool = False


def next_number(connection: Connection, tables: Tables) -> int:
    last: int | None = connection.scalar(select(func.max(tables.publications.c.number)))
    return (last or 0) + 1


def publications(connection: Connection, tables: Tables, period: str | None = None) -> list[Publication]:
    """All publications, or those of a period, in order."""
    table = tables.publications
    query = select(table).order_by(table.c.number)
    if period is not None:
        query = query.where(table.c.period == period)
    return [_read_publication(row) for row in connection.execute(query)]


def _read_publication(row: Row[Any]) -> Publication:
    return Publication(
        row.number,
        row.period,
        row.note,
        row.is_provisional,
        row.load_id or 0,
        row.ruleset,
        row.published_at,
        row.log_entry,
        row.is_imported,
    )


def record_publication(
    connection: Connection, tables: Tables, publication: Publication, figures: Sequence[Mapping[str, Any]]
) -> None:
    """Store these figures (as `indicators --json` gives them) within the caller's transaction."""
    row = {
        "number": publication.number,
        "period": publication.period,
        "note": publication.note,
        "is_provisional": publication.is_provisional,
        "load_id": publication.load_id or None,
        "ruleset": publication.ruleset,
        "published_at": publication.published_at,
        "log_entry": publication.log_entry,
        "is_imported": publication.is_imported,
    }
    connection.execute(insert(tables.publications), row)
    rows = [
        {
            "number": publication.number,
            "place": position,
            "region_code": figure["region_code"],
            "indicator_id": figure["indicator_id"],
            "figure": dict(figure),
        }
        for position, figure in enumerate(figures)
    ]
    connection.execute(insert(tables.published_figures), rows)


def published_figures(
    connection: Connection, tables: Tables, number: int, region_code: str | None = None
) -> list[dict[str, Any]]:
    """Return the figures of a publication exactly as they were published."""
    table = tables.published_figures
    query = select(table.c.figure).where(table.c.number == number).order_by(table.c.place)
    if region_code is not None:
        query = query.where(table.c.region_code == region_code)
    return [dict(figure) for figure in connection.scalars(query)]

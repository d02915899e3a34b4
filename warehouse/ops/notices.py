"""What people are to be told: each occasion once, kept until it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from warehouse.schema.tables import Tables


@dataclass(frozen=True)
class Notice:
    """Something that people are to be told. `occasion` tells it from every other; `counts` holds numbers and units' names,
    never what stands in a row or what a file is called, for both may name a person.
    """

    event: str
    occasion: str
    title: str
    body: str
    counts: Mapping[str, Any]


def store_notice(connection: Connection, tables: Tables, notice: Notice, at: datetime) -> bool:
    """Keep a notice until it is sent; False where its occasion was kept before."""
    table = tables.notices
    if connection.scalar(select(table.c.occasion).where(table.c.occasion == notice.occasion)) is not None:
        return False
    connection.execute(
        insert(table).values(**{**vars(notice), "counts": dict(notice.counts)}, noticed_at=at)
    )
    return True


def unsent_notices(connection: Connection, tables: Tables, since: datetime) -> list[Notice]:
    """What was noticed since an instant and not sent yet, in order."""
    table = tables.notices
    query = (
        select(table)
        .where(table.c.sent_at.is_(None), table.c.noticed_at >= since)
        .order_by(table.c.noticed_at)
    )
    return [
        Notice(row.event, row.occasion, row.title, row.body, row.counts)
        for row in connection.execute(query)
    ]


def mark_sent(connection: Connection, tables: Tables, occasion: str, at: datetime) -> None:
    table = tables.notices
    connection.execute(update(table).where(table.c.occasion == occasion).values(sent_at=at))

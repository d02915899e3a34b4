"""Store notifications until they are sent, each occasion once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from warehouse.schema.tables import Tables


@dataclass(frozen=True)
class Notification:
    """A notification to be sent once.

    `occasion` identifies it. `counts` holds numbers and names of units, never the content of a row or the
    name of a file: both may contain a person's name.
    """

    event: str
    occasion: str
    title: str
    body: str
    counts: Mapping[str, Any]
    #: the addresses that got it, as hashes: an address can hold a password
    reached: tuple[str, ...] = ()


def store_notification(
    connection: Connection, tables: Tables, notification: Notification, noticed_at: datetime
) -> bool:
    """Store a notification until it is sent. Return False where its occasion was stored before."""
    table = tables.notices
    if (
        connection.scalar(select(table.c.occasion).where(table.c.occasion == notification.occasion))
        is not None
    ):
        return False
    row = {
        "event": notification.event,
        "occasion": notification.occasion,
        "title": notification.title,
        "body": notification.body,
        "counts": dict(notification.counts),
        "noticed_at": noticed_at,
    }
    connection.execute(insert(table), row)
    return True


def unsent_notifications(
    connection: Connection, tables: Tables, since: datetime, events: Collection[str]
) -> list[Notification]:
    """Return the notifications of these events stored since an instant and not sent yet, in order."""
    table = tables.notices
    query = (
        select(table)
        .where(table.c.sent_at.is_(None), table.c.noticed_at >= since, table.c.event.in_(list(events)))
        .order_by(table.c.noticed_at)
    )
    return [
        Notification(row.event, row.occasion, row.title, row.body, row.counts, tuple(row.reached or ()))
        for row in connection.execute(query)
    ]


def mark_reached(connection: Connection, tables: Tables, occasion: str, reached: Collection[str]) -> None:
    """Store which addresses got a notification, while others could not be reached."""
    table = tables.notices
    connection.execute(update(table).where(table.c.occasion == occasion).values(reached=sorted(reached)))


def mark_sent(connection: Connection, tables: Tables, occasion: str, sent_at: datetime) -> None:
    table = tables.notices
    connection.execute(update(table).where(table.c.occasion == occasion).values(sent_at=sent_at))

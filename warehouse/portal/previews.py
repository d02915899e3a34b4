"""What clerks asked of their uploads: which figures would move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from warehouse.engine import Connection
from warehouse.portal.tables import previews


@dataclass(frozen=True)
class StoredPreview:
    """An answer, or the question that waits for it (`outcome` is None)."""

    upload_id: int
    asked_at: datetime
    outcome: dict[str, Any] | None


def ask_preview(connection: Connection, upload_id: int, now: datetime) -> bool:
    """Record the question; return False if it waits for its answer already."""
    stored = find_preview(connection, upload_id)
    if stored is not None and stored.outcome is None:
        return False
    connection.execute(delete(previews).where(previews.c.upload_id == upload_id))
    connection.execute(insert(previews).values(upload_id=upload_id, asked_at=now))
    return True


def find_preview(connection: Connection, upload_id: int) -> StoredPreview | None:
    """Return what is known of an upload's preview; None if nobody asked."""
    row = connection.execute(select(previews).where(previews.c.upload_id == upload_id)).one_or_none()
    return StoredPreview(**row._mapping) if row else None


def unanswered_previews(connection: Connection) -> list[int]:
    """Return the uploads whose question has no answer: what a stopped portal left."""
    query = select(previews.c.upload_id).where(previews.c.outcome.is_(None))
    return list(connection.scalars(query))


def answer_preview(connection: Connection, upload_id: int, outcome: dict[str, Any]) -> None:
    """Store the answer."""
    is_own = previews.c.upload_id == upload_id
    connection.execute(update(previews).where(is_own).values(outcome=outcome))

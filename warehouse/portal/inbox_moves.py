"""What the portal is about to do to the inbox, written down first: what a kill interrupts is known by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from warehouse.engine import Connection
from warehouse.portal.tables import inbox_moves

#: actions, named as in the audit log
SEND, TAKE_BACK = "send", "take_back"


@dataclass(frozen=True)
class InboxMove:
    """An upload on its way into the inbox or out of it, and on whose order."""

    upload_id: int
    action: str
    account_name: str
    address: str
    inbox_path: str


def begin_move(connection: Connection, move: InboxMove, now: datetime) -> None:
    """Record a move that begins; an interrupted one of the same upload ends with it."""
    end_move(connection, move.upload_id)
    connection.execute(insert(inbox_moves).values(**vars(move), begun_at=now))


def end_move(connection: Connection, upload_id: int) -> None:
    """Record that the move of an upload has ended, or was not made."""
    connection.execute(delete(inbox_moves).where(inbox_moves.c.upload_id == upload_id))


def open_moves(connection: Connection) -> list[InboxMove]:
    """Read the moves that have not ended."""
    columns = [inbox_moves.c[name] for name in InboxMove.__dataclass_fields__]
    query = select(*columns).order_by(inbox_moves.c.upload_id)
    return [InboxMove(**row._mapping) for row in connection.execute(query)]

"""Mails that were taken out of the mailbox, and their answers: each is answered once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from warehouse.engine import Connection
from warehouse.portal.tables import mails


@dataclass(frozen=True)
class TakenMail:
    """A mail whose workbooks were taken; `answered_at` is None until it is answered.

    `message_id` is by what it is known: a hash of its sender, its Message-ID and its attachments.
    """

    message_id: str
    unit_codes: list[str]
    taken_at: datetime
    answer: str
    receipts: list[str]
    answered_at: datetime | None
    sender: str


def find_mail(connection: Connection, message_id: str) -> TakenMail | None:
    """Return a mail that was taken before; None for any other."""
    row = connection.execute(select(mails).where(mails.c.message_id == message_id)).one_or_none()
    return TakenMail(**row._mapping) if row else None


def add_mail(connection: Connection, mail: TakenMail) -> None:
    """Record a mail whose workbooks lie in the inbox."""
    connection.execute(insert(mails).values(asdict(mail)))


def mark_answered(connection: Connection, message_id: str, now: datetime | None) -> None:
    """Record when a mail was answered, or that it was not after all."""
    connection.execute(update(mails).where(mails.c.message_id == message_id).values(answered_at=now))


def count_answers(connection: Connection, sender: str, since: datetime) -> int:
    """Return how many mails of a sender were answered since a time."""
    is_recent = (mails.c.sender == sender) & (mails.c.answered_at > since)
    count: int = connection.execute(select(func.count()).where(is_recent)).scalar_one()
    return count

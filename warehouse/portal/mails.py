"""Mails that were taken out of the mailbox, and their answers: each is answered once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from warehouse.engine import Connection
from warehouse.portal.tables import mailed_paths as paths
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


@dataclass(frozen=True)
class MailedPath:
    """A path of the inbox under which a file of a mail was taken, and when its latest mail came.

    `uid` is the number of the mail on its server, which tells mails of one second apart.
    """

    inbox_path: str
    arrived_at: datetime
    uid: int


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


def answered_mails(connection: Connection, before: datetime) -> list[str]:
    """Return the mails that were taken before a time and are answered, by what they are known."""
    is_old = (mails.c.taken_at < before) & mails.c.answered_at.is_not(None)
    return list(connection.scalars(select(mails.c.message_id).where(is_old)))


def count_answers(connection: Connection, sender: str, since: datetime) -> int:
    """Return how many mails of a sender were answered since a time."""
    is_recent = (mails.c.sender == sender) & (mails.c.answered_at > since)
    count: int = connection.execute(select(func.count()).where(is_recent)).scalar_one()
    return count


def mailed_paths(connection: Connection, folder: str) -> list[MailedPath]:
    """Read what mails brought into a folder of the inbox, `PERIOD/UNIT/`."""
    rows = connection.execute(select(paths).where(paths.c.inbox_path.startswith(folder, autoescape=True)))
    return [MailedPath(**row._mapping) for row in rows]


def add_mailed_path(connection: Connection, mailed: MailedPath) -> None:
    """Record that a file of a mail is taken; that of an earlier mail under its path counts no more."""
    connection.execute(delete(paths).where(paths.c.inbox_path == mailed.inbox_path))
    connection.execute(insert(paths).values(asdict(mailed)))

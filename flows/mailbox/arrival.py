"""When a mail came, and whether a file of it is older than what was taken under its name already."""

from __future__ import annotations

import imaplib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from imap_tools import BaseMailBox

from flows.ingest.into_inbox import is_marked_form
from warehouse.engine import Engine, reading, writing
from warehouse.portal.mails import MailedPath, add_mailed_path, mailed_paths
from warehouse.portal.uploads import sent_uploads


@dataclass(frozen=True, order=True)
class Arrival:
    """When the server got a mail (UTC without a zone), and its number there: of one second the later."""

    arrived_at: datetime
    uid: int


def arrival_of(mailbox: BaseMailBox, uid: str, now: datetime) -> Arrival:
    """Return when the server got a mail, whatever the mail says of itself; now, where it does not say."""
    _, answer = mailbox.client.uid("FETCH", uid, "(INTERNALDATE)")
    for part in answer or []:
        text = part if isinstance(part, bytes) else b"".join(part or ())
        if local := imaplib.Internaldate2tuple(text):
            return Arrival(datetime.fromtimestamp(time.mktime(local), UTC).replace(tzinfo=None), int(uid))
    return Arrival(now, int(uid))


def later_arrival(store: Engine, path: str, arrival: Arrival) -> datetime | None:
    """Return when a later file of this name came, by mail or on the portal; None where this is the latest.

    A marked workbook that was sent back counts as of the name of its original.
    """
    period, unit, name = path.split("/")
    with reading(store) as connection:
        mailed = mailed_paths(connection, f"{period}/{unit}/")
        uploads = sent_uploads(connection, [unit], period)
    moments = [
        known.arrived_at
        for known in mailed
        if _is_of_name(known.inbox_path, name) and Arrival(known.arrived_at, known.uid) > arrival
    ]
    moments += [
        upload.sent_at
        for upload in uploads
        if upload.inbox_path and upload.sent_at and _is_of_name(upload.inbox_path, name)
        and upload.sent_at > arrival.arrived_at
    ]  # fmt: skip
    return max(moments, default=None)


def note_arrival(store: Engine, path: str, arrival: Arrival) -> None:
    """Record that a file is taken; before it lies in the inbox, so that no older one gets past a kill."""
    with writing(store) as connection:
        add_mailed_path(connection, MailedPath(path, arrival.arrived_at, arrival.uid))


def _is_of_name(path: str, name: str) -> bool:
    other = PurePosixPath(path).name
    return other == name or is_marked_form(name, other)

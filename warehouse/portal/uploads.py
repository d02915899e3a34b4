"""Files that clerks gave the portal, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, null, select, update

from warehouse.engine import Connection
from warehouse.portal.tables import accounts, uploads

#: states of an upload: being checked, checked, not to be checked, in the inbox, out of the inbox again, not
#: listed any more
CHECKING, CHECKED, FAILED, SENT, TAKEN_BACK = "checking", "checked", "failed", "sent", "taken_back"
REMOVED = "removed"


@dataclass(frozen=True)
class Upload:
    """A file as a clerk gave it; `verdict` is what the check found, once it has ended."""

    upload_id: int
    account_name: str
    unit_code: str
    period: str
    file_name: str
    sha256: str
    size_bytes: int
    uploaded_at: datetime
    state: str
    verdict: dict[str, Any] | None
    inbox_path: str | None
    sent_at: datetime | None

    @property
    def sentence(self) -> str:
        """What the check says of the file; empty while it is being checked."""
        return str((self.verdict or {}).get("sentence", ""))


def add_upload(
    connection: Connection,
    account_id: int,
    unit_code: str,
    period: str,
    file_name: str,
    sha256: str,
    size_bytes: int,
    address: str,
    now: datetime,
) -> int:
    """Record a file that is to be checked; return its number."""
    values = {
        "account_id": account_id, "unit_code": unit_code, "period": period, "file_name": file_name, "sha256": sha256,
        "size_bytes": size_bytes, "address": address, "uploaded_at": now, "state": CHECKING,
    }  # fmt: skip
    return int(
        connection.execute(insert(uploads).values(values).returning(uploads.c.upload_id)).scalar_one()
    )


def find_upload(connection: Connection, upload_id: int, unit_codes: Sequence[str]) -> Upload | None:
    """Return an upload of one of these units; None for any other number, and for one that was removed."""
    is_own = uploads.c.unit_code.in_(list(unit_codes)) & (uploads.c.state != REMOVED)
    query = _query().where(uploads.c.upload_id == upload_id, is_own)
    row = connection.execute(query).one_or_none()
    return Upload(**row._mapping) if row else None


def find_uploads(connection: Connection, upload_ids: Sequence[int]) -> list[Upload]:
    """Read uploads by their numbers."""
    query = _query().where(uploads.c.upload_id.in_(list(upload_ids)))
    return [Upload(**row._mapping) for row in connection.execute(query)]


def read_uploads(connection: Connection, unit_codes: Sequence[str], most: int, before: int) -> list[Upload]:
    """Read the latest uploads of some units with numbers below `before`, newest first."""
    is_listed = (uploads.c.upload_id < before) & (uploads.c.state != REMOVED)
    query = _query().where(uploads.c.unit_code.in_(list(unit_codes)), is_listed)
    rows = connection.execute(query.order_by(uploads.c.upload_id.desc()).limit(most))
    return [Upload(**row._mapping) for row in rows]


def uploads_before(connection: Connection, before: datetime) -> list[Upload]:
    """Read the uploads that came before a time and are not being checked, also those off the list."""
    is_old = (uploads.c.uploaded_at < before) & (uploads.c.state != CHECKING)
    return [Upload(**row._mapping) for row in connection.execute(_query().where(is_old))]


def find_sent(connection: Connection, path: str, unit_codes: Sequence[str]) -> Upload | None:
    """Return the latest upload of these units that was sent to a path of the inbox and not taken back."""
    is_there = (uploads.c.inbox_path == path) & (uploads.c.state == SENT)
    query = _query().where(is_there, uploads.c.unit_code.in_(list(unit_codes)))
    row = connection.execute(query.order_by(uploads.c.upload_id.desc()).limit(1)).one_or_none()
    return Upload(**row._mapping) if row else None


def sent_uploads(connection: Connection, unit_codes: Sequence[str], period: str) -> list[Upload]:
    """Read the uploads of some units for a month that were sent and not taken back."""
    is_sent = (uploads.c.period == period) & (uploads.c.state == SENT)
    query = _query().where(is_sent, uploads.c.unit_code.in_(list(unit_codes)))
    return [Upload(**row._mapping) for row in connection.execute(query)]


def sent_paths(connection: Connection, unit_code: str) -> set[str]:
    """Read the paths in the inbox of a unit's uploads that were sent and not taken back."""
    is_sent = (uploads.c.unit_code == unit_code) & (uploads.c.state == SENT)
    return {path for path in connection.scalars(select(uploads.c.inbox_path).where(is_sent)) if path}


def unfinished_checks(connection: Connection) -> list[Upload]:
    """Read the uploads whose check has not ended: what a stopped portal left."""
    return [
        Upload(**row._mapping) for row in connection.execute(_query().where(uploads.c.state == CHECKING))
    ]


def end_check(connection: Connection, upload_id: int, verdict: dict[str, Any], *, has_failed: bool) -> None:
    """Store the outcome of a check."""
    state = FAILED if has_failed else CHECKED
    is_own = (uploads.c.upload_id == upload_id) & (uploads.c.state == CHECKING)
    connection.execute(update(uploads).where(is_own).values(state=state, verdict=verdict))


def begin_check_again(connection: Connection, upload_id: int) -> bool:
    """Take back the verdict of a check; return False if there is none, or the file was sent."""
    is_own = (uploads.c.upload_id == upload_id) & uploads.c.state.in_([CHECKED, TAKEN_BACK])
    values = {"state": CHECKING, "verdict": null()}
    return connection.execute(update(uploads).where(is_own).values(values)).rowcount == 1


def mark_sent(connection: Connection, upload_id: int, inbox_path: str, now: datetime) -> bool:
    """Mark a checked upload as sent; return False if it is not one any more."""
    is_own = (uploads.c.upload_id == upload_id) & uploads.c.state.in_([CHECKED, TAKEN_BACK])
    values = {"state": SENT, "inbox_path": inbox_path, "sent_at": now}
    return connection.execute(update(uploads).where(is_own).values(values)).rowcount == 1


def mark_taken_back(connection: Connection, upload_id: int, now: datetime) -> bool:
    """Mark a sent upload as taken back; return False if it is not one any more."""
    is_own = (uploads.c.upload_id == upload_id) & (uploads.c.state == SENT)
    values = {"state": TAKEN_BACK, "inbox_path": None, "taken_back_at": now}
    return connection.execute(update(uploads).where(is_own).values(values)).rowcount == 1


def mark_removed(connection: Connection, upload_id: int) -> bool:
    """Take an upload off the list; return False if it was sent, or is being checked."""
    is_own = (uploads.c.upload_id == upload_id) & uploads.c.state.in_([CHECKED, FAILED, TAKEN_BACK])
    return connection.execute(update(uploads).where(is_own).values(state=REMOVED)).rowcount == 1


def _query() -> Any:
    columns = [uploads.c[name] for name in Upload.__dataclass_fields__ if name != "account_name"]
    return select(accounts.c.name.label("account_name"), *columns).join_from(uploads, accounts)

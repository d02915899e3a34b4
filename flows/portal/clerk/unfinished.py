"""Finish what a portal was killed at while it sent an upload or took one back, by what lies in the inbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from flows.ingest.into_inbox import lies_in_inbox, loaded_files, stored_name
from flows.logs import get_logger
from flows.portal.portal import Portal
from warehouse.engine import reading, writing
from warehouse.ops.loads import load_instants
from warehouse.portal.accounts import find_account
from warehouse.portal.audit import add_audit_entry
from warehouse.portal.uploads import (
    CHECKED,
    SENT,
    TAKEN_BACK,
    Upload,
    mark_sent,
    mark_taken_back,
    uploads_since,
)

#: what is older was settled at an earlier start
LOOKED_BACK = timedelta(days=7)

logger = get_logger(__name__)


def finish_interrupted(portal: Portal) -> None:
    """Mark as sent what lies in the inbox, and as taken back what was sent and is gone without a load.

    Where all that was loaded is gone too, the share with the inbox may be away: nothing was taken back.
    """
    workspace = portal.workspace()
    with portal.inbox_lock:
        with reading(portal.store) as connection:
            uploads = uploads_since(connection, portal.clock() - LOOKED_BACK)
        if not uploads:
            return
        with reading(workspace.engine) as connection:
            loaded = loaded_files(connection, workspace)
            last = max(load_instants(connection, workspace.tables).values(), default=None)
        is_away = bool(loaded) and not any((workspace.home.inbox / path).exists() for path, _ in loaded)
        claimed = {upload.inbox_path for upload in uploads if upload.state == SENT}
        for upload in uploads:
            path = (
                upload.inbox_path or f"{upload.period}/{upload.unit_code}/{stored_name(upload.file_name)}"
            )
            if upload.state == SENT:
                is_gone = (
                    not is_away
                    and not (workspace.home.inbox / path).exists()
                    and (path, upload.sha256) not in loaded
                )
                if is_gone and upload.sent_at and (last is None or upload.sent_at > last):
                    _mark(portal, upload, path, is_sent=False)
            elif _was_put_there(portal, upload, path, claimed):
                claimed.add(path)
                _mark(portal, upload, path, is_sent=True)


def _was_put_there(portal: Portal, upload: Upload, path: str, claimed: Collection[str | None]) -> bool:
    """Whether a checked upload lies in the inbox, and no other one was sent there."""
    is_unsent = upload.state in (CHECKED, TAKEN_BACK) and path not in claimed
    return is_unsent and lies_in_inbox(portal.workspace(), path, upload.sha256)


def _mark(portal: Portal, upload: Upload, path: str, *, is_sent: bool) -> None:
    now, number = portal.clock(), upload.upload_id
    with writing(portal.store) as connection:
        is_marked = (
            mark_sent(connection, number, path, now)
            if is_sent
            else mark_taken_back(connection, number, now)
        )
        account = find_account(connection, upload.account_name)
        if is_marked and account:
            action = "send" if is_sent else "take_back"
            add_audit_entry(
                connection, account, "", action, path, now, sha256=upload.sha256, is_resumed=True
            )
    logger.warning("upload %d was interrupted; marked as %s", number, "sent" if is_sent else "taken back")

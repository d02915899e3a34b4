"""Finish what a portal was killed at while it sent an upload or took one back."""

from __future__ import annotations

from flows.ingest.into_inbox import lies_in_inbox, loaded_files
from flows.logs import get_logger
from flows.portal.portal import Portal
from warehouse.engine import reading, writing
from warehouse.portal.accounts import find_account
from warehouse.portal.audit import add_audit_entry
from warehouse.portal.inbox_moves import SEND, InboxMove, end_move, open_moves
from warehouse.portal.uploads import Upload, find_uploads, mark_sent, mark_taken_back

logger = get_logger(__name__)


def finish_interrupted(portal: Portal) -> None:
    """Mark as sent what was being sent and lies in the inbox, and as taken back what is gone from there.

    Where all that was loaded is gone too, the share with the inbox may be away: the next start looks again.
    """
    workspace = portal.workspace()
    with portal.inbox_lock:
        with reading(portal.store) as connection:
            moves = {move.upload_id: move for move in open_moves(connection)}
            uploads = find_uploads(connection, list(moves))
        if not moves:
            return
        with reading(workspace.engine) as connection:
            loaded = loaded_files(connection, workspace)
        if loaded and not any((workspace.home.inbox / path).exists() for path, _ in loaded):
            return
        for upload in uploads:
            move = moves[upload.upload_id]
            is_in = (move.inbox_path, upload.sha256) in loaded or lies_in_inbox(
                workspace, move.inbox_path, upload.sha256
            )
            _finish(portal, upload, move, is_done=is_in == (move.action == SEND))


def _finish(portal: Portal, upload: Upload, move: InboxMove, *, is_done: bool) -> None:
    now, number = portal.clock(), upload.upload_id
    with writing(portal.store) as connection:
        end_move(connection, number)
        if not is_done:
            return
        is_marked = (
            mark_sent(connection, number, move.inbox_path, now)
            if move.action == SEND
            else mark_taken_back(connection, number, now)
        )
        account = find_account(connection, move.account_name)
        if is_marked and account:
            add_audit_entry(
                connection, account, move.address, move.action, move.inbox_path, now, sha256=upload.sha256,
                is_resumed=True,
            )  # fmt: skip
    logger.warning("upload %d was interrupted; finished: %s", number, move.action)

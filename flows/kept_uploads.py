"""Delete uploaded and mailed files that are older than the settings keep; what was known of them stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from flows.ingest.into_inbox import lies_in_inbox, loaded_files
from flows.portal_store import MAILS, PORTAL_FOLDER, RECEIPTS, STORE_FILE, UPLOADS, open_store
from flows.workspace import Workspace
from warehouse.engine import Engine, reading, writing
from warehouse.portal.mails import answered_mails
from warehouse.portal.uploads import REMOVED, SENT, Upload, mark_removed, uploads_before


def delete_old_uploads(workspace: Workspace, now: datetime) -> None:
    """Delete the files of uploads and mails that came longer ago than `uploads_kept_days`.

    Kept are uploads that are being checked or wait in the inbox, and mails that are not answered yet. An
    upload that was not sent leaves the list; a mail stays known, so that it is not taken again.
    """
    days, folder = workspace.home.settings.uploads_kept_days, workspace.home.folder / PORTAL_FOLDER
    if not days or not (folder / STORE_FILE).exists():
        return
    store = open_store(workspace.home.folder)
    try:
        before = now - timedelta(days=days)
        for upload_id in _old_uploads(workspace, store, folder, before):
            for kind in (UPLOADS, RECEIPTS):
                shutil.rmtree(folder / kind / str(upload_id), ignore_errors=True)
        with reading(store) as connection:
            mails = answered_mails(connection, before)
        for message_id in mails:
            shutil.rmtree(folder / MAILS / message_id.removeprefix("sha256:"), ignore_errors=True)
    finally:
        store.dispose()


def _old_uploads(workspace: Workspace, store: Engine, folder: Path, before: datetime) -> Iterator[int]:
    """Yield the numbers of the uploads whose files are to go; those that were not sent are marked first."""
    with reading(store) as connection:
        old = uploads_before(connection, before)
    with reading(workspace.engine) as connection:
        loaded = loaded_files(connection, workspace)
    for upload in old:
        if not (folder / UPLOADS / str(upload.upload_id)).exists():
            continue
        if upload.state == SENT:
            if not _waits(workspace, upload, loaded):
                yield upload.upload_id
            continue
        with writing(store) as connection:
            if upload.state == REMOVED or mark_removed(connection, upload.upload_id):
                yield upload.upload_id


def _waits(workspace: Workspace, upload: Upload, loaded: set[tuple[str, str]]) -> bool:
    path = str(upload.inbox_path)
    return (path, upload.sha256) not in loaded and lies_in_inbox(workspace, path, upload.sha256)

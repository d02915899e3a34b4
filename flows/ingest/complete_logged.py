"""Record what the archive's log has and the warehouse lacks: a run was killed between the two.

The files are in the archive, so the load is made again whether or not they still lie in the inbox.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.archive.entry_form import LOAD
from flows.archive.log import ArchiveLog, LogEntry
from flows.archive.store import InboxFile, InboxReadError, archive_file, archive_path, is_whole
from flows.errors import FlowError
from flows.ingest.changed_regions import regions_of_last_night
from flows.ingest.load_manifest import parse_scope
from flows.ingest.repeat_load import repeat_load
from flows.logs import get_logger
from flows.outputs.publication import complete_publication
from flows.storage_errors import describe_storage_error
from flows.workspace import LostUnitError, Workspace
from schemas.errors import TransientError
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.load.record_load import last_load

log = get_logger("huizong.run")


class LoggedLoadError(FlowError):
    """A load or publication of the archive's log cannot be made again; its number must stay its own."""


def complete_logged(workspace: Workspace) -> int | None:
    """Record the last load and publication of the log, if the warehouse lacks them; return the load's number.

    A warehouse that was put back from a backup and lacks no more than these is completed too. Call it under
    the run lock, where `ensure_not_behind_archive` says that something is missing.

    Raises LoggedLoadError where it cannot be made again: nothing may take its number, or its files were lost.
    """
    try:
        return _complete(workspace)
    except (LostUnitError, LoggedLoadError):
        raise
    except Exception as error:
        if isinstance(error, TransientError) or describe_storage_error(error):
            raise
        log.exception("what the archive's log has and the warehouse lacks could not be made again")
        raise LoggedLoadError(
            Sentence(
                "the archive's log has a load or publication that the warehouse lacks, and it "
                "cannot be made again: {error}. Nothing is lost and nothing was loaded: mend what "
                "it names (a file of the archive: put it back from a backup, or lay it into the "
                "inbox again under its name), then run the same command again",
                error=error,
            )
        ) from error


def _complete(workspace: Workspace) -> int | None:
    load_id = None
    if entry := _unrecorded_load(workspace):
        _mend_archive(workspace, entry.payload["files"])
        again = Workspace(workspace.home, workspace.engine)  # takes on the region table and headers of then
        repeat_load(again, entry, regions_of_last_night(again, parse_scope(entry.payload)))
        workspace.prepare()
        load_id = int(entry.payload["load_id"])
    complete_publication(workspace)
    return load_id


def _unrecorded_load(workspace: Workspace) -> LogEntry | None:
    """Return the log's last entry of the load that follows the warehouse's last one."""
    with reading(workspace.engine) as connection:
        number = last_load(connection, workspace.tables)[0] + 1
    wanted = None
    for entry in ArchiveLog(workspace.home.archive).entries():
        if entry.kind == LOAD and entry.payload["load_id"] == number:
            wanted = entry
    return wanted


def _mend_archive(workspace: Workspace, files: list[dict[str, Any]]) -> None:
    """Put damaged copies of a load's files right, where the inbox still has them or has them again."""
    home = workspace.home
    for file in files:
        if not is_whole(archive_path(home.archive, file["sha256"])):
            with suppress(OSError, ValueError, InboxReadError):
                _archive_again(home.archive, home.inbox, file)


def _archive_again(archive: Path, inbox: Path, file: dict[str, Any]) -> None:
    path = file["path"]
    status = (inbox / path).lstat()
    if stat.S_ISREG(status.st_mode) and status.st_size == file["size_bytes"]:
        listed = InboxFile(
            path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, disk_path=path, inbox=str(inbox)
        )
        archive_file(archive, listed, datetime.now(UTC).replace(tzinfo=None))

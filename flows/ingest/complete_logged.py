"""Record what the archive's log has and the warehouse lacks: a run was killed between the two.

The files are in the archive, so the load is made again whether or not they still lie in the inbox.
"""

from __future__ import annotations

from flows.archive.log import LOAD, ArchiveLog, LogEntry
from flows.ingest.changed_regions import regions_of_last_night
from flows.ingest.load_manifest import parse_scope
from flows.ingest.repeat_load import repeat_load
from flows.outputs.publication import complete_publication
from flows.workspace import Workspace
from warehouse.engine import reading
from warehouse.load.record_load import last_load


def complete_logged(workspace: Workspace) -> int | None:
    """Record the last load and publication of the log, if the warehouse lacks them; return the load's number.

    A warehouse that was put back from a backup and lacks no more than these is completed too. Call it under
    the run lock, where `ensure_not_behind_archive` says that something is missing.
    """
    load_id = None
    if entry := _unrecorded_load(workspace):
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

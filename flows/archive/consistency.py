"""Detect a warehouse that is older than its archive: nothing may be built on it."""

from __future__ import annotations

from collections.abc import Collection

from flows.archive.entry_form import LOAD
from flows.archive.log import ArchiveLog, LogEntry
from flows.archive.repeats import name_of
from flows.errors import FlowError
from flows.workspace import Workspace
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.load.recorded_entries import RecordedEntry, recorded_entries


class WarehouseBehindError(FlowError):
    """The archive's log has loads or publications that the warehouse lacks: a restored backup."""


def ensure_not_behind_archive(workspace: Workspace) -> bool:
    """Refuse to write to a warehouse older than its archive: numbers already used would be used again.

    The last load and the last publication in the log may have been killed before the warehouse committed
    them, so one of each may be missing: return whether it is, so that `flows.ingest.complete_logged` records
    it. Raises WarehouseBehindError.
    """
    entries = list(ArchiveLog(workspace.home.archive).entries())
    with reading(workspace.engine) as connection:
        recorded = recorded_entries(connection, workspace.tables)
    if lost := find_unrecorded(entries, recorded):
        raise WarehouseBehindError(
            Sentence(
                "the warehouse lacks {lost}, of which its archive tells: it is older than the archive, or they "
                "were deleted. Put back the newer one, or rebuild it with `huizong rebuild --replace`",
                lost=tuple(lost),
            )
        )
    return bool({name_of(entry) for entry in entries} - {entry.name for entry in recorded})


def find_unrecorded(entries: Collection[LogEntry], recorded: Collection[RecordedEntry]) -> list[Sentence]:
    """Name the loads and publications of the log that the warehouse lacks.

    The last load and the last publication may be missing: a run logs them before it commits them. A load
    that a publication or a later load was made on was committed.
    """
    names = {entry.name for entry in recorded}
    missing = []
    last = {entry.kind == LOAD: name_of(entry) for entry in entries}
    committed = max((entry.payload["load_id"] - (entry.kind == LOAD) for entry in entries), default=0)
    for entry in entries:
        is_last = last[entry.kind == LOAD] == name_of(entry)
        is_committed = entry.kind == LOAD and entry.payload["load_id"] <= committed
        if name_of(entry) not in names and (is_committed or not is_last):
            missing.append(name_of(entry))
    return list(dict.fromkeys(missing))

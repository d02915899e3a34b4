"""Detect a warehouse that does not belong to its archive, or is older than it: nothing may be built on it."""

from __future__ import annotations

from flows.archive.entry_form import LOAD
from flows.archive.log import ArchiveLog
from flows.errors import FlowError
from flows.workspace import Workspace
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.figures.publications import next_number
from warehouse.load.record_load import last_load, logged_entries


class WarehouseBehindError(FlowError):
    """The archive's log has loads or publications that the warehouse lacks: a restored backup."""


class ForeignArchiveError(FlowError):
    """The warehouse has loads that the archive's log does not know: it belongs to another home."""


def ensure_not_behind_archive(workspace: Workspace) -> bool:
    """Refuse to write to a warehouse older than its archive: numbers already used would be used again.

    The last load and the last publication in the log may have been killed before the warehouse committed
    them, so one of each may be missing: return whether it is, so that `flows.ingest.complete_logged` records
    it. Raises WarehouseBehindError; ForeignArchiveError where this archive never logged what is recorded.
    """
    logged_load, logged_publication, committed = 0, 0, 0
    digests = set[str]()
    for entry in ArchiveLog(workspace.home.archive).entries():
        digests.add(entry.digest)
        number = entry.payload["load_id"]
        logged_load = max(logged_load, number)
        committed = max(committed, number - (entry.kind == LOAD))
        logged_publication = max(logged_publication, entry.payload.get("number", 0))
    with reading(workspace.engine) as connection:
        load_id = last_load(connection, workspace.tables)[0]
        publication = next_number(connection, workspace.tables) - 1
        logged = logged_entries(connection, workspace.tables)
    if unknown := [what for what, digest in logged if digest and digest not in digests]:
        raise ForeignArchiveError(
            Sentence(
                "the warehouse has {unknown}, which the log of {archive} does not know: it belongs "
                "to the archive of another home, or the log was put back to an earlier state. Give "
                "each home a warehouse of its own (warehouse_url), or put the newer archive back",
                unknown=unknown[-1],
                archive=workspace.home.archive,
            )
        )
    if committed > load_id or logged_publication > publication + 1:
        raise WarehouseBehindError(
            Sentence(
                "the warehouse ends with {last}, but its archive tells of {archived}: the "
                "warehouse is older than the archive. Put back the newer one, or rebuild it with "
                "`huizong rebuild --replace`",
                last=_describe(load_id, publication),
                archived=_describe(logged_load, logged_publication),
            )
        )
    return logged_load > load_id or logged_publication > publication


def _describe(load: int, publication: int) -> Sentence:
    if publication:
        return Sentence("load {load} and publication {publication}", load=load, publication=publication)
    return Sentence("load {number}", number=load)

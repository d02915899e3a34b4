"""A load in the archive's log: all that it takes to make it again from the archive alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flows.archive.log import ArchiveLog
from flows.ingest.discover import NewFiles
from flows.ingest.inbox import ArchivedFile, archive_path, archive_text
from flows.ingest.load_spec import LoadSpec
from flows.workspace import RunScope, Workspace
from schemas.adjustments import Adjustment
from schemas.version import ruleset_version

LOAD = "load"


def log_load(
    place: Workspace,
    load_id: int,
    taking: LoadSpec,
    read: Collection[ArchivedFile],
    died: Mapping[str, str],
) -> str:
    """Tell a load before it is committed; the digest of its entry. One that is killed meanwhile is told again by the next.

    `read` are the files that were read or refused, `died` tells by path which rule refused those that no child could open.
    """
    archive, arrived = place.home.archive, taking.arrived
    decisions = json.dumps(
        [one.model_dump(mode="json") for one in taking.reopened.given], ensure_ascii=False
    )
    taken = [file for file in arrived.to_read if file in read]
    told = {
        "load_id": load_id,
        "run": taking.kind,
        "started_at": taking.started_at.isoformat(),
        "ruleset": ruleset_version(),
        "regions": archive_text(archive, place.regions_text),
        "adjustments": archive_text(archive, decisions) if taking.reopened.given else None,
        "selection": vars(taking.selection),
        "files": [
            _told(file) | ({"died": rule} if (rule := died.get(file.path)) else {}) for file in taken
        ],
        "copies": [_told(file) | {"of": path} for file, path in arrived.copies],
        "resent": sorted(arrived.resent),
        "outdated": taking.reopened.outdated,
        "unread": [
            {"path": path, "sha256": sha256} | ({"died": died[path]} if path in died else {})
            for path, sha256 in unread_for_revalidation(taking, read, died)
        ],
    }
    return ArchiveLog(archive).append(LOAD, told)


def unread_for_revalidation(
    taking: LoadSpec, read: Collection[ArchivedFile], died: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Path and hash of what was to be judged again, but could not be read or opened this time."""
    done = {(file.path, file.sha256) for file in read if file.path not in died}
    return sorted(taking.reopened.by_source.keys() - done)


def _told(file: ArchivedFile) -> dict[str, Any]:
    return {
        "path": file.path, "sha256": file.sha256, "received_at": file.received_at.isoformat(),
        "size_bytes": file.size_bytes, "modified_ns": file.modified_ns,
    }  # fmt: skip


def parse_new_files(place: Workspace, told: Mapping[str, Any]) -> NewFiles:
    """The files of a logged load, as they arrived then."""
    copies = [(_file(place, copy), str(copy["of"])) for copy in told["copies"]]
    return NewFiles([_file(place, file) for file in told["files"]], copies, [], [], set(told["resent"]))


def _file(place: Workspace, told: Mapping[str, Any]) -> ArchivedFile:
    received_at = datetime.fromisoformat(told["received_at"])
    archived = archive_path(place.home.archive, told["sha256"])
    return ArchivedFile(
        told["path"], told["size_bytes"], told["modified_ns"], told["sha256"], received_at, archived
    )


def parse_adjustments_of_load(place: Workspace, told: Mapping[str, Any]) -> tuple[Adjustment, ...]:
    """The corrections and waivers by which a logged load was judged."""
    if told["adjustments"] is None:
        return ()
    entries = json.loads(archive_path(place.home.archive, told["adjustments"]).read_text("utf-8"))
    return tuple(Adjustment.model_validate(entry) for entry in entries)


def parse_scope(told: Mapping[str, Any]) -> RunScope:
    return RunScope(**told["selection"])

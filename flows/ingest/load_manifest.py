"""A load in the archive's log: all that it takes to make it again from the archive alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flows.archive.log import ArchiveLog
from flows.ingest.discover import Arrived
from flows.ingest.inbox import ArchivedFile, archive_text, archived_at
from flows.ingest.load_spec import Taking
from flows.workspace import Selection, Workplace
from schemas.adjustments import Adjustment
from schemas.version import ruleset_version

LOAD = "load"


def log_load(place: Workplace, load_id: int, taking: Taking, read: Collection[ArchivedFile], died: Mapping[str, str]) -> str:
    """Tell a load before it is committed; the digest of its entry. One that is killed meanwhile is told again by the next.

    `read` are the files that were read or refused, `died` tells by path which rule refused those that no child could open.
    """
    archive, arrived = place.home.archive, taking.arrived
    decisions = json.dumps([one.model_dump(mode="json") for one in taking.reopened.given], ensure_ascii=False)
    taken = [file for file in arrived.to_read if file in read]
    told = {
        "load_id": load_id,
        "run": taking.kind,
        "started_at": taking.started_at.isoformat(),
        "ruleset": ruleset_version(),
        "regions": archive_text(archive, place.regions_text),
        "adjustments": archive_text(archive, decisions) if taking.reopened.given else None,
        "selection": vars(taking.selection),
        "files": [_told(file) | ({"died": rule} if (rule := died.get(file.path)) else {}) for file in taken],
        "copies": [_told(file) | {"of": path} for file, path in arrived.copies],
        "resent": sorted(arrived.resent),
        "outdated": taking.reopened.outdated,
        "unread": [
            {"path": path, "sha256": sha256} | ({"died": died[path]} if path in died else {})
            for path, sha256 in unread_again(taking, read, died)
        ],
    }
    return ArchiveLog(archive).append(LOAD, told)


def unread_again(taking: Taking, read: Collection[ArchivedFile], died: Mapping[str, str]) -> list[tuple[str, str]]:
    """Path and hash of what was to be judged again, but could not be read or opened this time."""
    done = {(file.path, file.sha256) for file in read if file.path not in died}
    return sorted(taking.reopened.by_source.keys() - done)


def _told(file: ArchivedFile) -> dict[str, Any]:
    return {
        "path": file.path, "sha256": file.sha256, "received_at": file.received_at.isoformat(),
        "size_bytes": file.size_bytes, "modified_ns": file.modified_ns,
    }  # fmt: skip


def arrived_as_told(place: Workplace, told: Mapping[str, Any]) -> Arrived:
    """The files of a logged load, as they arrived then."""
    copies = [(_file(place, one), str(one["of"])) for one in told["copies"]]
    return Arrived([_file(place, one) for one in told["files"]], copies, [], [], set(told["resent"]))


def _file(place: Workplace, told: Mapping[str, Any]) -> ArchivedFile:
    received_at = datetime.fromisoformat(told["received_at"])
    archived = archived_at(place.home.archive, told["sha256"])
    return ArchivedFile(told["path"], told["size_bytes"], told["modified_ns"], told["sha256"], received_at, archived)


def adjustments_as_told(place: Workplace, told: Mapping[str, Any]) -> tuple[Adjustment, ...]:
    """The corrections and waivers by which a logged load was judged."""
    if told["adjustments"] is None:
        return ()
    entries = json.loads(archived_at(place.home.archive, told["adjustments"]).read_text("utf-8"))
    return tuple(Adjustment.model_validate(one) for one in entries)


def selection_as_told(told: Mapping[str, Any]) -> Selection:
    return Selection(**told["selection"])

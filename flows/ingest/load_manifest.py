"""Write a load into the archive log, and read it back: all that a rebuild needs to make the load again.

Every key is written by name: archives outlive the names of classes and attributes. `FORMAT` counts the
changes of this form; entries written before it existed have no `format` and are of form 1.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flows.archive.entry_form import LOAD, NEWEST
from flows.archive.log import ArchiveLog
from flows.archive.store import ArchivedFile, archive_path, read_text, store_text
from flows.ingest.discover import NewFiles
from flows.ingest.load_spec import LoadSpec
from flows.workspace import RunScope, Workspace
from schemas.adjustments import Adjustment
from schemas.sentences import Sentence
from schemas.version import ruleset_version

#: the form of a load's entry: form 1 has no `format`, and in its first version no `unread`; form 2 has no
#: `headers`; form 3 has no `replacement_share`: every later submission replaced the earlier one, and files
#: of units that were unknown then were not read again; up to form 4 a change of the region table was not
#: followed; up to form 5 a confirmation was of every later file of its name; up to form 6 known content was
#: passed over even if it arrived after another file of its report; up to form 7 new files that a load left
#: were not named
FORMAT = NEWEST[LOAD]
FOLLOWS_REGIONS, CONFIRMS_ONE_ARRIVAL, TAKES_REPEATS = 5, 6, 7


def log_load(
    workspace: Workspace,
    load_id: int,
    spec: LoadSpec,
    read_files: Collection[ArchivedFile],
    crashed_rules: Mapping[str, str],
) -> str:
    """Append a load to the archive log before it is committed; return the digest of its entry.

    A load killed in between is logged again by the next run. `read_files` are the files that were read or
    rejected, `crashed_rules` maps the path of a file that crashed its worker to the rule that rejects it.
    """
    archive, new_files = workspace.home.archive, spec.new_files
    adjustments = spec.revalidation.adjustments
    entries = [adjustment.as_entry() for adjustment in adjustments]
    payload = {
        "format": FORMAT,
        "load_id": load_id,
        "run": spec.kind,
        "started_at": spec.started_at.isoformat(),
        "ruleset": ruleset_version(),
        "regions": store_text(archive, workspace.regions_text),
        "headers": store_text(archive, workspace.headers_text) if workspace.headers_text else None,
        "adjustments": store_text(archive, json.dumps(entries, ensure_ascii=False)) if entries else None,
        "selection": _write_scope(spec.scope),
        "files": [
            _write_file(file) | _write_crash(crashed_rules, file.path)
            for file in new_files.to_read
            if file in read_files
        ],
        "copies": [_write_file(file) | {"of": path} for file, path in new_files.copies],
        "resent": sorted(new_files.resent),
        "moved": dict(new_files.moved),
        "returned": sorted(new_files.returned),
        "left_behind": sorted(spec.revalidation.new_paths - _paths_of(new_files, read_files)),
        "replacement_share": spec.replacement_share,
        "outdated": spec.revalidation.outdated,
        "unread": [
            {"path": path, "sha256": sha256} | _write_crash(crashed_rules, path)
            for path, sha256 in spec.unread_for_revalidation(read_files, crashed_rules)
        ],
    }
    return ArchiveLog(archive).append(LOAD, payload)


def _paths_of(new_files: NewFiles, read_files: Collection[ArchivedFile]) -> set[str]:
    """Return the paths of the new files that a load has: those it read, and copies of known ones."""
    files = [file for file in new_files.to_read if file in read_files]
    return {file.path for file in (*files, *(copy for copy, _ in new_files.copies))}


def _write_crash(crashed_rules: Mapping[str, str], path: str) -> dict[str, str]:
    return {"died": crashed_rules[path]} if path in crashed_rules else {}


def _write_file(file: ArchivedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "sha256": file.sha256,
        "received_at": file.received_at.isoformat(),
        "size_bytes": file.size_bytes,
        "modified_ns": file.modified_ns,
    }


def _write_scope(scope: RunScope) -> dict[str, Any]:
    return {
        "unit_code": scope.unit_code,
        "period": scope.period,
        "ledger": scope.ledger,
        "judges_again": scope.is_revalidation,
    }


def require_known_format(payload: Mapping[str, Any]) -> None:
    """Raise ValueError for a load that a newer version of this program logged."""
    if payload.get("format", 1) > FORMAT:
        raise ValueError(
            Sentence(
                "load {load_id} was logged in form {format}, this program reads up to form "
                "{known}; install the newer version that wrote this archive",
                load_id=payload["load_id"],
                format=payload["format"],
                known=FORMAT,
            )
        )


def is_before_replacement_rules(payload: Mapping[str, Any]) -> bool:
    """Whether a load was made when every later submission replaced the earlier one."""
    return "replacement_share" not in payload


def follows_regions(payload: Mapping[str, Any]) -> bool:
    """Whether a load validated again what a change of the region table concerned."""
    return int(payload.get("format", 1)) >= FOLLOWS_REGIONS


def confirms_one_arrival(payload: Mapping[str, Any]) -> bool:
    """Whether a confirmation was of one arrival of its file when a load was made."""
    return int(payload.get("format", 1)) >= CONFIRMS_ONE_ARRIVAL


def takes_repeats(payload: Mapping[str, Any]) -> bool:
    """Whether known content was new after another file of its report when a load was made."""
    return int(payload.get("format", 1)) >= TAKES_REPEATS


def parse_new_files(workspace: Workspace, payload: Mapping[str, Any]) -> NewFiles:
    """Return the files of a logged load, as they arrived then."""
    files = [_parse_file(workspace, file) for file in payload["files"]]
    copies = [(_parse_file(workspace, copy), str(copy["of"])) for copy in payload["copies"]]
    moved, returned = payload.get("moved", {}), payload.get("returned", ())
    return NewFiles(files, copies, [], [], set(payload["resent"]), moved, returned)


def parse_new_paths(payload: Mapping[str, Any]) -> set[str]:
    """Return the paths of all files that were new when a load was made, also of those that it left."""
    arrived = (*payload["files"], *payload["copies"])
    return {file["path"] for file in arrived} | set(payload.get("left_behind", ()))


def _parse_file(workspace: Workspace, entry: Mapping[str, Any]) -> ArchivedFile:
    sha256 = entry["sha256"]
    return ArchivedFile(
        entry["path"],
        entry["size_bytes"],
        entry["modified_ns"],
        sha256,
        datetime.fromisoformat(entry["received_at"]),
        archive_path(workspace.home.archive, sha256),
    )


def headers_of_load(workspace: Workspace, payload: Mapping[str, Any]) -> str:
    """Return the city's own headers by which a logged load was read; older entries have none."""
    if payload.get("headers") is None:
        return ""
    return read_text(workspace.home.archive, payload["headers"])


def parse_adjustments_of_load(workspace: Workspace, payload: Mapping[str, Any]) -> tuple[Adjustment, ...]:
    """Return the adjustments by which a logged load was validated."""
    if payload["adjustments"] is None:
        return ()
    entries = json.loads(read_text(workspace.home.archive, payload["adjustments"]))
    return tuple(Adjustment.model_validate(entry) for entry in entries)


def parse_scope(payload: Mapping[str, Any]) -> RunScope:
    """Return what the run of a logged load was about."""
    scope = payload["selection"]
    return RunScope(scope["unit_code"], scope["period"], scope["ledger"], scope["judges_again"])

"""A fresh warehouse from the archive alone, load by load as the archive's log tells them; and whether the archive is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.archive.log import ArchiveLog, LogEntry
from flows.ingest.inbox import archive_path
from flows.ingest.load import build_load
from flows.ingest.load_manifest import (
    LOAD,
    parse_adjustments_of_load,
    parse_new_files,
    parse_scope,
    require_known_format,
)
from flows.ingest.load_spec import LoadSpec
from flows.ingest.process import read_and_validate, split_into_batches
from flows.ingest.revalidate import find_revalidation_set
from flows.outputs.publication import PUBLICATION, parse_publication
from flows.settings import Home
from flows.workspace import Workspace
from schemas.version import ruleset_version
from warehouse.engine import open_warehouse, reading, writing
from warehouse.figures.publications import record_publication
from warehouse.load.checksum import checksums
from warehouse.load.load import logged_entries
from warehouse.migrations.fingerprint import SchemaStatus


class WarehouseNotEmptyError(Exception):
    """A warehouse is rebuilt only where there is none."""


def committed_entries(log: ArchiveLog) -> list[LogEntry]:
    """Return the entries that made the warehouse: the last one of a load or publication that was begun twice."""
    last: dict[tuple[str, int], LogEntry] = {}
    for entry in log.entries():
        number = entry.payload["load_id"] if entry.kind == LOAD else entry.payload["number"]
        last.pop((entry.kind, number), None)
        last[entry.kind, number] = entry
    return list(last.values())


def rebuild(home: Home, url: str, tell: Callable[[str], None]) -> Workspace:
    """Rebuild the warehouse at `url` from the archive, load by load.

    Raises WarehouseNotEmptyError where there is one already, RuntimeError where a file cannot be read.
    """
    workspace = Workspace(home, open_warehouse(url))
    if workspace.form() is not SchemaStatus.ABSENT:
        raise WarehouseNotEmptyError(url)
    workspace.prepare()
    rulesets = set()
    for entry in committed_entries(ArchiveLog(home.archive)):
        if entry.kind == LOAD:
            _rebuild_load(workspace, entry)
            rulesets.add(entry.payload["ruleset"])
            tell(f"load {entry.payload['load_id']}: {len(entry.payload['files'])} files")
        elif entry.kind == PUBLICATION:
            _rebuild_publication(workspace, entry)
            tell(f"publication {entry.payload['number']} of {entry.payload['period']}")
    if other := sorted(rulesets - {ruleset_version()}):
        tell(
            f"some loads were judged by other rules ({', '.join(other)}) than now ({ruleset_version()}): they may differ"
        )
    return workspace


def _rebuild_load(workspace: Workspace, entry: LogEntry) -> None:
    payload = entry.payload
    require_known_format(payload)
    workspace.use_regions(archive_path(workspace.home.archive, payload["regions"]).read_text("utf-8"))
    workspace.adjustments = parse_adjustments_of_load(workspace, payload)
    scope, new_files = parse_scope(payload), parse_new_files(workspace, payload)
    outdated = [tuple(identity) for identity in payload["outdated"]]
    revalidation = find_revalidation_set(workspace, scope, (), outdated)
    unread = payload.get("unread", [])  # older entries lack it
    left_out = {(file["path"], file["sha256"]) for file in unread if "died" not in file}
    files = [file for file in revalidation.files(workspace) if (file.path, file.sha256) not in left_out]
    files += new_files.to_read
    crashed = {file["path"]: file["died"] for file in (*payload["files"], *unread) if "died" in file}
    started_at = datetime.fromisoformat(payload["started_at"])
    spec = LoadSpec(payload["run"], scope, new_files, revalidation, started_at)
    with build_load(workspace, spec, entry.digest) as load:
        for _, batch in split_into_batches(files, workspace.home.settings.files_per_task):
            processed = read_and_validate(load.terms, batch, crashed)
            if processed.failed:
                raise RuntimeError(processed.failed[0])
            load.stage(processed)
        load.commit()


def _rebuild_publication(workspace: Workspace, entry: LogEntry) -> None:
    """Record the figures as they were published, whatever today's definitions make of the rows."""
    publication = parse_publication(entry.payload, entry.digest)
    figures = json.loads(archive_path(workspace.home.archive, entry.payload["figures"]).read_text("utf-8"))
    with writing(workspace.engine) as connection:
        record_publication(connection, workspace.tables, publication, figures)


@dataclass(frozen=True)
class Comparison:
    """The comparison of two warehouses: the tables that differ, and a checksum of each warehouse."""

    differing: list[str]
    one: str
    other: str


def compare_warehouses(one: Workspace, other: Workspace) -> Comparison:
    found = []
    for workspace in (one, other):
        with reading(workspace.engine) as connection:
            found.append(checksums(connection, workspace.tables))
    whole = [hashlib.sha256(json.dumps(each, sort_keys=True).encode()).hexdigest() for each in found]
    return Comparison([name for name in found[0] if found[0][name] != found[1][name]], whole[0], whole[1])


def find_archive_problems(home: Home, workspace: Workspace | None) -> Iterator[str]:
    """What is wrong with the archive: a broken chain, a file that is gone or altered, a load that no entry tells.

    The warehouse is asked first: what a night commits meanwhile its log has told before.
    """
    logged = list[tuple[str, str]]()
    if workspace is not None:
        with reading(workspace.engine) as connection:
            logged = logged_entries(connection, workspace.tables)
    log = ArchiveLog(home.archive)
    yield from (f"log line {one.line}: {one.problem}" for one in log.breaks())
    entries = list(log.entries())
    seen: set[str] = set()
    for entry in entries:
        for sha256, what in _needed(entry):
            if sha256 not in seen:
                seen.add(sha256)
                yield from _problem_of_file(home, sha256, f"{what} (log line {entry.line})")
    digests = {entry.digest for entry in entries}
    for what, digest in logged:
        if digest not in digests:
            yield f"{what} stands in the warehouse, but its entry {digest[:12]} is not in the log"


def _needed(entry: LogEntry) -> Iterator[tuple[str, str]]:
    """Hash and meaning of every archived file that an entry rests on."""
    told: Any = entry.payload
    for one in (*told.get("files", ()), *told.get("copies", ())):
        yield one["sha256"], one["path"]
    for name in ("regions", "adjustments", "figures"):
        if told.get(name):
            yield told[name], name


def _problem_of_file(home: Home, sha256: str, what: str) -> Iterator[str]:
    file = archive_path(home.archive, sha256)
    if not file.exists():
        yield f"{what}: {sha256[:12]} is not in the archive"
    elif hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        yield f"{what}: {sha256[:12]} was altered"

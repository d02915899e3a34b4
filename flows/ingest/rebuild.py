"""Rebuild a warehouse from the archive, load by load as its log has them, and compare two warehouses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flows.archive.log import LOAD, PUBLICATION, ArchiveLog, LogEntry
from flows.archive.store import DamagedFileError, read_text
from flows.archive.verify import find_archive_problems
from flows.errors import FlowError
from flows.ingest.load import build_load
from flows.ingest.load_manifest import (
    confirms_one_arrival,
    follows_regions,
    headers_of_load,
    is_before_replacement_rules,
    parse_adjustments_of_load,
    parse_new_files,
    parse_scope,
    require_known_format,
)
from flows.ingest.load_spec import plan_load
from flows.ingest.process import read_and_validate, split_into_batches
from flows.ingest.revalidate import find_revalidation_set
from flows.outputs.publication import parse_publication
from flows.settings import Home
from flows.workspace import Workspace
from schemas.regions import RegionTable
from schemas.version import ruleset_version
from warehouse.engine import open_warehouse, reading, writing
from warehouse.figures.publications import record_publication
from warehouse.load.checksum import checksums
from warehouse.migrations.fingerprint import SchemaStatus


class WarehouseNotEmptyError(FlowError):
    """A warehouse is rebuilt only where there is none."""


def committed_entries(log: ArchiveLog) -> list[LogEntry]:
    """Return the entries that made the warehouse: the last one of a
    load or publication that was begun twice.
    """
    last: dict[tuple[str, int], LogEntry] = {}
    for entry in log.entries():
        number = entry.payload["load_id"] if entry.kind == LOAD else entry.payload["number"]
        last.pop((entry.kind, number), None)
        last[entry.kind, number] = entry
    return list(last.values())


def rebuild(home: Home, url: str, tell: Callable[[str], None]) -> Workspace:
    """Rebuild the warehouse at `url` from the archive, load by load.

    The archive is verified first. Raises DamagedFileError where it is not whole, WarehouseNotEmptyError where
    there is a warehouse already, RuntimeError where a file cannot be read.
    """
    if problems := list(find_archive_problems(home, None)):
        raise DamagedFileError("the archive is not whole, nothing was rebuilt:\n" + "\n".join(problems))
    workspace = Workspace(home, open_warehouse(url))
    if workspace.form() is not SchemaStatus.ABSENT:
        raise WarehouseNotEmptyError(url)
    workspace.prepare(is_rebuilt=True)
    rulesets, regions_before = set(), None
    for entry in committed_entries(ArchiveLog(home.archive)):
        if entry.kind == LOAD:
            _rebuild_load(workspace, entry, regions_before)
            regions_before = workspace.regions if parse_scope(entry.payload).is_all else regions_before
            rulesets.add(entry.payload["ruleset"])
            tell(f"load {entry.payload['load_id']}: {len(entry.payload['files'])} files")
        elif entry.kind == PUBLICATION:
            _rebuild_publication(workspace, entry)
            tell(f"publication {entry.payload['number']} of {entry.payload['period']}")
    workspace.use_regions(home.regions_text())
    workspace.use_headers(home.headers_text())
    if other := sorted(rulesets - {ruleset_version()}):
        tell(
            f"some loads were validated by other rules ({', '.join(other)}) than now ({ruleset_version()}): they may differ"
        )
    return workspace


def _rebuild_load(workspace: Workspace, entry: LogEntry, regions_before: RegionTable | None) -> None:
    """Make a load again; `regions_before` is the region table of the last nightly load before it."""
    payload = entry.payload
    require_known_format(payload)
    workspace.use_regions(read_text(workspace.home.archive, payload["regions"]))
    workspace.use_headers(headers_of_load(workspace, payload))
    workspace.adjustments = parse_adjustments_of_load(workspace, payload)
    scope, new_files = parse_scope(payload), parse_new_files(workspace, payload)
    outdated = [tuple(identity) for identity in payload["outdated"]]
    is_older = is_before_replacement_rules(payload)
    revalidation = find_revalidation_set(
        workspace,
        scope,
        (),
        outdated,
        is_unit_found=not is_older,
        regions_before=regions_before if scope.is_all and follows_regions(payload) else None,
    )
    unread = payload.get("unread", [])  # older entries lack it
    left_out = {(file["path"], file["sha256"]) for file in unread if "died" not in file}
    files = [
        file
        for file in revalidation.files(workspace.home.archive)
        if (file.path, file.sha256) not in left_out
    ]
    files += new_files.to_read
    crashed = {file["path"]: file["died"] for file in (*payload["files"], *unread) if "died" in file}
    started_at = datetime.fromisoformat(payload["started_at"])
    spec = plan_load(workspace, scope, new_files, revalidation, started_at)
    spec = replace(
        spec,
        kind=payload["run"],
        replacement_share=payload.get("replacement_share"),
        confirms_one_arrival=confirms_one_arrival(payload),
    )
    with build_load(workspace, spec, entry.digest) as load:
        for _, batch in split_into_batches(files, workspace.home.settings.files_per_task):
            processed = read_and_validate(spec, batch, crashed)
            if processed.failed:
                raise RuntimeError(processed.failed[0])
            load.stage(processed)
        load.commit()


def _rebuild_publication(workspace: Workspace, entry: LogEntry) -> None:
    """Record the figures as they were published, whatever today's definitions make of the rows."""
    publication = parse_publication(entry.payload, entry.digest)
    figures = json.loads(read_text(workspace.home.archive, entry.payload["figures"]))
    with writing(workspace.engine) as connection:
        record_publication(connection, workspace.tables, publication, figures)


@dataclass(frozen=True)
class Comparison:
    """The comparison of two warehouses: the tables that differ, and a checksum of each warehouse."""

    differing: list[str]
    checksum: str
    other_checksum: str


def compare_warehouses(workspace: Workspace, other: Workspace) -> Comparison:
    """Compare the content of two warehouses table by table."""
    first, second = _checksums(workspace), _checksums(other)
    differing = [name for name in first if first[name] != second[name]]
    return Comparison(differing, _checksum_of_all(first), _checksum_of_all(second))


def _checksums(workspace: Workspace) -> dict[str, str]:
    with reading(workspace.engine) as connection:
        return checksums(connection, workspace.tables)


def _checksum_of_all(by_table: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(by_table, sort_keys=True).encode()).hexdigest()

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
from flows.ingest.load_manifest import LOAD, parse_adjustments_of_load, parse_new_files, parse_scope
from flows.ingest.load_spec import LoadSpec
from flows.ingest.process import read_and_validate, split_into_batches
from flows.ingest.revalidate import find_revalidation_set
from flows.outputs.publication import PUBLICATION
from flows.settings import Home
from flows.workspace import Workspace
from schemas.version import ruleset_version
from warehouse.engine import open_warehouse, reading, writing
from warehouse.figures.publications import Publication, record_publication
from warehouse.load.checksum import checksums
from warehouse.load.load import logged_entries
from warehouse.migrations.fingerprint import SchemaStatus


class WarehouseNotEmptyError(Exception):
    """A warehouse is made anew only where none is."""


def committed_entries(log: ArchiveLog) -> list[LogEntry]:
    """The entries that made the warehouse: of a load or publication that was begun twice, the last."""
    last: dict[tuple[str, int], LogEntry] = {}
    for entry in log.entries():
        number = entry.told["load_id"] if entry.kind == LOAD else entry.told["number"]
        last.pop((entry.kind, number), None)
        last[entry.kind, number] = entry
    return list(last.values())


def rebuild(home: Home, url: str, tell: Callable[[str], None]) -> Workspace:
    """Make the warehouse at `url` from the archive. Raises NotEmpty where one is, RuntimeError where a file cannot be read."""
    place = Workspace(home, open_warehouse(url))
    if place.form() is not SchemaStatus.ABSENT:
        raise WarehouseNotEmptyError(url)
    place.prepare()
    rulesets = set()
    for entry in committed_entries(ArchiveLog(home.archive)):
        if entry.kind == LOAD:
            _load_again(place, entry)
            rulesets.add(entry.told["ruleset"])
            tell(f"load {entry.told['load_id']}: {len(entry.told['files'])} files")
        elif entry.kind == PUBLICATION:
            _publish_again(place, entry)
            tell(f"publication {entry.told['number']} of {entry.told['period']}")
    if other := sorted(rulesets - {ruleset_version()}):
        tell(
            f"some loads were judged by other rules ({', '.join(other)}) than now ({ruleset_version()}): they may differ"
        )
    return place


def _load_again(place: Workspace, entry: LogEntry) -> None:
    told = entry.told
    place.use_regions(archive_path(place.home.archive, told["regions"]).read_text("utf-8"))
    place.adjustments = parse_adjustments_of_load(place, told)
    selection, arrived = parse_scope(told), parse_new_files(place, told)
    reopened = find_revalidation_set(place, selection, (), [tuple(one) for one in told["outdated"]])
    unread = told.get("unread", [])  # which older entries lack
    left = {(one["path"], one["sha256"]) for one in unread if "died" not in one}
    files = [
        file for file in reopened.files(place) if (file.path, file.sha256) not in left
    ] + arrived.to_read
    died = {file["path"]: file["died"] for file in (*told["files"], *unread) if "died" in file}
    taking = LoadSpec(told["run"], selection, arrived, reopened, datetime.fromisoformat(told["started_at"]))
    with build_load(place, taking, entry.digest) as load:
        for _, batch in split_into_batches(files, place.home.settings.files_per_task):
            judged = read_and_validate(load.terms, batch, died)
            if judged.failed:
                raise RuntimeError(judged.failed[0])
            load.take(judged)
        load.finish()


def _publish_again(place: Workspace, entry: LogEntry) -> None:
    """The figures as they were published, whatever today's definitions make of the rows."""
    told = dict(entry.told)
    figures = json.loads(archive_path(place.home.archive, told.pop("figures")).read_text("utf-8"))
    told["published_at"] = datetime.fromisoformat(told["published_at"])
    with writing(place.engine) as connection:
        record_publication(connection, place.tables, Publication(**told, log_entry=entry.digest), figures)


@dataclass(frozen=True)
class Comparison:
    """How two warehouses compare: the tables whose content differs, and one checksum over each whole."""

    differing: list[str]
    one: str
    other: str


def compare_warehouses(one: Workspace, other: Workspace) -> Comparison:
    found = []
    for place in (one, other):
        with reading(place.engine) as connection:
            found.append(checksums(connection, place.tables))
    whole = [hashlib.sha256(json.dumps(each, sort_keys=True).encode()).hexdigest() for each in found]
    return Comparison([name for name in found[0] if found[0][name] != found[1][name]], whole[0], whole[1])


def find_archive_problems(home: Home, place: Workspace | None) -> Iterator[str]:
    """What is wrong with the archive: a broken chain, a file that is gone or altered, a load that no entry tells.

    The warehouse is asked first: what a night commits meanwhile its log has told before.
    """
    logged = list[tuple[str, str]]()
    if place is not None:
        with reading(place.engine) as connection:
            logged = logged_entries(connection, place.tables)
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
    told: Any = entry.told
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

"""Rebuild a warehouse from the archive, load by load as its log has them, and compare two warehouses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from flows.archive.entry_form import LOAD
from flows.archive.log import ArchiveLog, LogEntry
from flows.archive.repeats import find_repeat_problems, name_of
from flows.archive.store import DamagedFileError
from flows.archive.verify import find_archive_problems
from flows.errors import FlowError
from flows.home import Home
from flows.ingest.load_manifest import parse_scope
from flows.ingest.repeat_load import repeat_load
from flows.outputs.publication import is_publication, record_logged_publication
from flows.workspace import Workspace
from schemas.sentences import Sentence
from schemas.version import ruleset_version
from warehouse.engine import open_warehouse, reading, writing
from warehouse.load.checksum import checksums
from warehouse.load.recorded_entries import RecordedEntry, recorded_entries
from warehouse.migrations.fingerprint import SchemaStatus
from warehouse.schema.refresh_state import REBUILT, RefreshState, set_refresh_state


class WarehouseNotEmptyError(FlowError):
    """A warehouse is rebuilt only where there is none."""


def committed_entries(log: ArchiveLog) -> list[LogEntry]:
    """Return the entries that made the warehouse: the last one of a
    load or publication that was begun twice.
    """
    last: dict[str, LogEntry] = {}
    for entry in log.entries():
        last.pop(name_of(entry), None)
        last[name_of(entry)] = entry
    return list(last.values())


def rebuild(
    home: Home, url: str, tell: Callable[[str], None], *, although_different: bool = False
) -> Workspace:
    """Rebuild the warehouse at `url` from the archive, load by load.

    The archive is verified first; `although_different` admits loads whose last entry lacks files of an
    earlier one, has other settings or comes too late. Raises DamagedFileError where it is not whole,
    WarehouseNotEmptyError where there is a warehouse already, RuntimeError where a file cannot be read.
    """
    problems = list(find_archive_problems(home, None))
    if not although_different:
        problems += find_repeat_problems(home, None)
    if problems:
        raise DamagedFileError("the archive is not whole, nothing was rebuilt:\n" + "\n".join(problems))
    workspace = Workspace(home, open_warehouse(url))
    if workspace.form() is not SchemaStatus.ABSENT:
        raise WarehouseNotEmptyError(url)
    workspace.prepare(is_rebuilt=True)
    with writing(workspace.engine) as connection:  # the readers' copy of the former one is not its own
        set_refresh_state(connection, workspace.tables, REBUILT, RefreshState(0, uuid4().hex))
    rulesets, regions_before = set(), None
    for entry in committed_entries(ArchiveLog(home.archive)):
        if entry.kind == LOAD:
            repeat_load(workspace, entry, regions_before)
            regions_before = workspace.regions if parse_scope(entry.payload).is_all else regions_before
            rulesets.add(entry.payload["ruleset"])
            tell(
                Sentence(
                    "load {load_id}: {count} files",
                    load_id=entry.payload["load_id"],
                    count=len(entry.payload["files"]),
                )
            )
        elif is_publication(entry):
            record_logged_publication(workspace, entry)
            tell(
                Sentence(
                    "publication {number} of {period}",
                    number=entry.payload["number"],
                    period=entry.payload["period"],
                )
            )
    workspace.use_regions(home.regions_text())
    workspace.use_headers(home.headers_text())
    if other := sorted(rulesets - {ruleset_version()}):
        tell(
            Sentence(
                "some loads were validated by other rules ({other}) than now ({ruleset}): they may differ",
                other=", ".join(other),
                ruleset=ruleset_version(),
            )
        )
    return workspace


@dataclass(frozen=True)
class Comparison:
    """The comparison of two warehouses: the tables that differ, a checksum of each warehouse, and whether
    the first is merely behind: it lacks loads or publications, and what it has is of the same entries.
    """

    differing: list[str]
    checksum: str
    other_checksum: str
    is_behind: bool


def compare_warehouses(workspace: Workspace, other: Workspace) -> Comparison:
    """Compare the content of two warehouses table by table."""
    first, second = _checksums(workspace), _checksums(other)
    differing = [name for name in first if first[name] != second[name]]
    has, has_other = _recorded(workspace), _recorded(other)
    is_behind = has < has_other
    return Comparison(differing, _checksum_of_all(first), _checksum_of_all(second), is_behind)


def _recorded(workspace: Workspace) -> set[RecordedEntry]:
    with reading(workspace.engine) as connection:
        return set(recorded_entries(connection, workspace.tables))


def _checksums(workspace: Workspace) -> dict[str, str]:
    with reading(workspace.engine) as connection:
        return checksums(connection, workspace.tables)


def _checksum_of_all(by_table: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(by_table, sort_keys=True).encode()).hexdigest()

"""Compare what the warehouse remembers of loads, files and regions with what the archive has of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flows.archive.entry_form import LOAD
from flows.archive.log import ArchiveLog
from flows.archive.store import DamagedFileError, read_text
from flows.workspace import Workspace
from schemas.regions import RegionTable, RegionTableError, parse_regions
from schemas.sentences import Sentence
from warehouse.engine import reading
from warehouse.ops.loads import all_loads, file_arrivals
from warehouse.schema.regions import region_rows, stored_regions, stored_units, unit_names

#: an arrival of a file, as the archive's log has it
_ARRIVAL = ("path", "sha256", "size_bytes", "modified_ns", "received_at")


def find_altered_records(workspace: Workspace) -> Iterator[str]:
    """Name each load, file of the inbox and region that the warehouse has otherwise than the archive.

    A file that the warehouse does not remember is no problem: the next night reads it again. The warehouse is
    read first: whatever a run commits in the meantime was logged before.
    """
    with reading(workspace.engine) as connection:
        loads = all_loads(connection, workspace.tables)
        files = file_arrivals(connection, workspace.tables)
        regions = stored_regions(connection, workspace.tables.regions)
        units = stored_units(connection, workspace.tables.units)
    entries = [entry for entry in ArchiveLog(workspace.home.archive).entries() if entry.kind == LOAD]
    payloads = {entry.digest: entry.payload for entry in entries}
    yield from _find_altered_loads(loads, payloads)
    yield from _find_altered_files(
        files, {load["load_id"]: payloads.get(load["log_entry"]) for load in loads}
    )
    if loads:
        tables = [workspace.regions, *_table_of_last_load(workspace, payloads, loads[-1]["log_entry"])]
        yield from _find_altered_regions(regions, units, tables)


def _find_altered_loads(
    loads: list[dict[str, Any]], payloads: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    starts = list[datetime]()
    for load in loads:
        if (payload := payloads.get(load["log_entry"])) is None:
            continue  # the archive's own check tells of it
        starts.append(
            datetime.fromisoformat(payload["started_at"])
        )  # a clock that went back counts for nothing
        # its rules may be others than logged: a rebuild validates by those of today
        for name, value in (("kind", payload["run"]), ("recorded_at", max(starts))):
            if load[name] != value:
                yield Sentence(
                    "table loads, load {load_id}, {column}: stored {stored}, in the archive's log {logged}",
                    load_id=load["load_id"], column=name, stored=str(load[name]), logged=str(value),
                )  # fmt: skip


def _find_altered_files(
    files: list[dict[str, Any]], payloads: Mapping[int, Mapping[str, Any] | None]
) -> Iterator[str]:
    for file in files:
        if (payload := payloads.get(file["load_id"])) is None:
            continue
        arrivals = [
            [*(arrival[name] for name in _ARRIVAL[:-1]), datetime.fromisoformat(arrival["received_at"])]
            for arrival in (*payload["files"], *payload["copies"])
            if arrival["path"] == file["path"]
        ]
        if [file[name] for name in _ARRIVAL] not in arrivals:
            yield Sentence(
                "table inbox_files, {path}: it is not what the archive's log says of it",
                path=file["path"],
            )


def _table_of_last_load(
    workspace: Workspace, payloads: Mapping[str, Mapping[str, Any]], digest: str
) -> Iterator[RegionTable]:
    """The region table that the last load used; today's may have been edited since."""
    if digest in payloads:
        try:
            yield parse_regions(read_text(workspace.home.archive, payloads[digest]["regions"]))
        except (DamagedFileError, RegionTableError):
            return  # the archive's own check tells of it


def _find_altered_regions(
    regions: list[dict[str, Any]], units: dict[str, str], tables: list[RegionTable]
) -> Iterator[str]:
    """Name the lines that differ from both today's region table and that of the last load."""
    expected = [{row["region_code"]: row for row in region_rows(table)} for table in tables]
    names = [unit_names(table) for table in tables]
    pairs: list[tuple[str, Mapping[str, Any], list[Any]]] = [
        ("regions", {row["region_code"]: row for row in regions}, expected),
        ("units", units, names),
    ]
    for table, stored, sources in pairs:
        if any(stored == source for source in sources):
            continue
        for code in sorted(stored.keys() | sources[0].keys()):
            if stored.get(code) != sources[0].get(code):
                yield Sentence(
                    "table {table}, {code}: it is not what the region table says of it; the next "
                    "`huizong nightly` stores that again",
                    table=table, code=code,
                )  # fmt: skip

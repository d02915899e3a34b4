"""Recording a load: what was read is judged, told in the archive's log and put into the warehouse in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from flows.arrivals import Arrived
from flows.children import Died, Failed, in_children
from flows.inbox import ArchivedFile
from flows.load_log import log_load
from flows.reading import read_from_disk
from flows.reopening import Reopened
from flows.workplace import Selection, Workplace
from schemas.finding import BATCH_FINDING_COLUMNS, finding
from schemas.version import ruleset_version
from transforms.batch import judge
from transforms.read import FileRead, Submission, refused_file
from warehouse.engine import reading, writing
from warehouse.history import amount_ranges
from warehouse.judged_again import standing_since
from warehouse.load import NewLoad, last_load, record_load, taken_before

NOTHING_DIED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Read:
    """The files of a run and what they hold; what a fault of ours kept from being read; and which no child could open."""

    files: dict[str, ArchivedFile]
    read: list[FileRead]
    failed: list[str]
    died: dict[str, str]


def read_files(place: Workplace, files: Sequence[ArchivedFile]) -> list[FileRead | Died | Failed]:
    """Read archived files into submissions, each in a child process."""
    return in_children(
        place.home.limits, read_from_disk, [(file.path, file.archived, place.regions, place.headers) for file in files]
    )


def sort_out(
    place: Workplace,
    files: Sequence[ArchivedFile],
    outcomes: Sequence[FileRead | Died | Failed],
    died: Mapping[str, str] = NOTHING_DIED,
) -> Read:
    """Refuse the files that no child could open, or could not when they came (`died`: rule by path); set aside those that a
    fault of ours kept from being read: the next run tries them again.
    """
    read = Read({}, [], [], {})
    for file, one in zip(files, outcomes, strict=True):
        if isinstance(one, Failed):
            read.failed.append(f"{file.path}: {one.told()}")
            continue
        rule_id = one.rule_id if isinstance(one, Died) else died.get(file.path)
        if rule_id is not None:
            read.died[file.path] = rule_id
        if isinstance(one, Died) or rule_id is not None:
            one = refused_file(file.path, place.regions, str(rule_id))
        read.files[file.path] = file
        read.read.append(one)
    return read


@dataclass(frozen=True)
class Taking:
    """What a load takes: the files that arrived, what is judged again, and what was read of both."""

    kind: str
    selection: Selection
    arrived: Arrived
    reopened: Reopened
    read: Read
    started_at: datetime


def record(place: Workplace, taking: Taking, entry: str | None = None) -> int | None:
    """Judge what was read and record it in one transaction; the number of the load, None where there is nothing to record.

    It is told in the archive's log first, whose `entry` is given when a load is made anew from there.
    """
    arrived, reopened, read = taking.arrived, taking.reopened, taking.read
    with reading(place.engine) as connection:
        taken = taken_before(connection, place.tables, sorted({file.sha256 for file in arrived.to_read}))
        ranges = amount_ranges(connection, place.tables, place.ranged_fields())
        load_id = last_load(connection, place.tables)[0] + 1
        standing = standing_since(connection, place.tables, taking.selection.period) if reopened.outdated else {}
    chosen, put_off = _choose(taking, taken, standing)
    files = _file_rows(arrived, put_off | {file.path for file in arrived.to_read} - read.files.keys())
    if not chosen and files.empty and entry is None:
        return None
    received_on = {path: place.arrived_on(file) for path, file in read.files.items()}
    judged = judge(chosen, received_on, place.regions, place.ledgers, ranges, reopened.given, reopened.withdrawn)
    new = NewLoad(
        kind=taking.kind,
        started_at=taking.started_at,
        ruleset=ruleset_version(),
        log_entry=entry or log_load(place, load_id, taking),
        submissions=_submission_rows(chosen, judged.submissions, read.files, reopened.paths()),
        rows=judged.rows,
        held=judged.held,
        findings=pd.concat([judged.findings, _file_findings(arrived, read.read)], ignore_index=True),
        files=files,
        adjustments=reopened.given,
        adjusted=judged.adjusted,
    )
    names = {code: region.name for code, region in place.regions.regions.items()}
    with writing(place.engine) as connection:
        recorded = record_load(connection, place.tables, new, names)
        if recorded.load_id != load_id:
            raise RuntimeError(f"another run recorded load {load_id} meanwhile; run again")
    return load_id


def _choose(
    taking: Taking, taken: set[tuple[Any, ...]], standing: Mapping[tuple[Any, ...], datetime]
) -> tuple[list[Submission], set[str]]:
    """The submissions to judge, and the files of which a rerun leaves a part for later."""
    chosen, put_off, again = [], set(), taking.reopened.paths()
    for one in (one for file in taking.read.read for one in file.submissions):
        sha256 = taking.read.files[one.file].sha256
        identity = (sha256, one.sheet, one.ledger, one.unit_code, one.period)
        if one.file in again:
            chosen += [one] if taking.reopened.holds(one, sha256, standing) else []
        elif not taking.selection.holds(one):
            put_off.add(one.file)
        elif identity not in taken or one.file in taking.arrived.resent:
            taken.add(identity)
            chosen.append(one)
    return chosen, put_off


def _submission_rows(
    chosen: Sequence[Submission], outcomes: pd.DataFrame, files: dict[str, ArchivedFile], again: Collection[str]
) -> pd.DataFrame:
    rows = [
        {
            "unit_code": one.unit_code, "ledger": one.ledger, "period": one.period,
            "sha256": files[one.file].sha256, "source_file": one.file, "source_sheet": one.sheet,
            "source_columns": {name: column.letter for name, column in one.columns.items()},
            "received_at": files[one.file].received_at, "is_judged_again": one.file in again,
        }
        for one in chosen
    ]  # fmt: skip
    columns = [
        "unit_code", "ledger", "period", "sha256", "source_file", "source_sheet", "source_columns", "received_at",
        "is_judged_again",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns, dtype=object).join(outcomes)


def _file_findings(arrived: Arrived, read: Sequence[FileRead]) -> pd.DataFrame:
    """Findings that belong to a file and to no submission."""
    told = [one for file in read for one in file.findings]
    told += [finding("file.duplicate", file=copy.path, detail=path) for copy, path in arrived.copies]
    return pd.DataFrame(told, columns=BATCH_FINDING_COLUMNS)


def _file_rows(arrived: Arrived, put_off: set[str]) -> pd.DataFrame:
    """What to remember of the inbox; a file of which a rerun took only a part is not (nor its copies): it is read again."""
    columns = ["path", "size_bytes", "modified_ns", "sha256", "received_at"]
    files = [file for file in arrived.to_read if file.path not in put_off]
    files += [copy for copy, path in arrived.copies if path not in put_off]
    rows = [[getattr(file, name) for name in columns] for file in files]
    return pd.DataFrame(rows, columns=columns, dtype=object)

"""Recording a load: what was read is judged, told in the archive's log and put into the warehouse in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from flows.delivery.marts import keep_with_load
from flows.intake.arrivals import Arrived
from flows.intake.inbox import ArchivedFile
from flows.intake.load_log import log_load
from flows.intake.taking import Taking
from flows.workplace import Workplace
from schemas.catalogue import indicators
from schemas.finding import BATCH_FINDING_COLUMNS, finding
from schemas.version import ruleset_version
from transforms.batch import judge
from transforms.evidence import doubts, first_compared
from transforms.read import FileRead, Submission
from warehouse.engine import Connection, reading, writing
from warehouse.evidence import repeated_rows, reports_of_load, reports_since
from warehouse.history import amount_ranges
from warehouse.judged_again import standing_since
from warehouse.load import NewLoad, last_load, record_doubts, record_load, taken_before


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
    files = _file_rows(arrived, put_off | {file.path for file in arrived.to_read} - {file.path for file in read.files})
    if not chosen and files.empty and entry is None:
        return None
    submissions, received_on = [one for _, one in chosen], [place.arrived_on(file) for file, _ in chosen]
    stood = reopened.standing()
    still = {at for at, one in enumerate(chosen) if _identity(*one) in stood}
    judged = judge(submissions, received_on, place.regions, place.ledgers, ranges, reopened.given, reopened.withdrawn, still)
    new = NewLoad(
        kind=taking.kind,
        started_at=taking.started_at,
        ruleset=ruleset_version(),
        log_entry=entry or log_load(place, load_id, taking),
        submissions=_submission_rows(chosen, judged.submissions, reopened.by_source),
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
        record_doubts(connection, place.tables, _doubts(place, connection, load_id), load_id)
        if entry is None:  # of loads that are made anew only the last will be read
            keep_with_load(place, connection, taking.started_at)
    return load_id


def _doubts(place: Workplace, connection: Connection, load_id: int) -> pd.DataFrame:
    """What the reports of a load tell against themselves, held against all that stands now, those of the same load included.

    A roster is the same rows every month; nothing else is.
    """
    reports = reports_of_load(connection, place.tables, load_id)
    if reports.empty:
        return reports
    first_month = first_compared(reports["period"].min())
    rosters = {part.ledger for one in indicators().values() for part in one.parts() if part.stock}
    asked = sorted(set(reports["ledger"]) - rosters)
    repeated = repeated_rows(connection, place.tables, asked, load_id, first_month)
    return doubts(reports, reports_since(connection, place.tables, first_month), repeated)


def _choose(
    taking: Taking, taken: set[tuple[Any, ...]], standing: Mapping[tuple[Any, ...], datetime]
) -> tuple[list[tuple[ArchivedFile, Submission]], set[str]]:
    """The submissions to judge, each with its file, and the files of which a rerun leaves a part for later."""
    chosen, put_off, again = [], set(), taking.reopened.by_source
    held = zip(taking.read.files, taking.read.read, strict=True)
    for file, one in ((file, one) for file, all_of_it in held for one in all_of_it.submissions):
        path, *said = _identity(file, one)
        identity = tuple(said)
        if (path, file.sha256) in again:
            chosen += [(file, one)] if taking.reopened.holds((path, *identity), standing) else []
        elif not taking.selection.holds(one):
            put_off.add(one.file)
        elif identity not in taken or one.file in taking.arrived.resent:
            taken.add(identity)
            chosen.append((file, one))
    return chosen, put_off


def _identity(file: ArchivedFile, one: Submission) -> tuple[Any, ...]:
    return one.file, file.sha256, one.sheet, one.ledger, one.unit_code, one.period


def _submission_rows(
    chosen: Sequence[tuple[ArchivedFile, Submission]], outcomes: pd.DataFrame, again: Collection[tuple[str, str]]
) -> pd.DataFrame:
    rows = [
        {
            "unit_code": one.unit_code, "ledger": one.ledger, "period": one.period,
            "sha256": file.sha256, "source_file": one.file, "source_sheet": one.sheet,
            "source_columns": {name: column.letter for name, column in one.columns.items()},
            "received_at": file.received_at, "is_judged_again": (file.path, file.sha256) in again,
        }
        for file, one in chosen
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

"""Recording a load: what was read is judged and staged by batches, told in the log, and recorded in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pandas as pd

from flows.delivery.marts import keep_with_load
from flows.intake.arrivals import Arrived
from flows.intake.inbox import ArchivedFile
from flows.intake.load_log import log_load
from flows.intake.taking import Read, Taking
from flows.workplace import Workplace
from schemas.catalogue import indicators
from schemas.finding import BATCH_FINDING_COLUMNS, FINDING_COLUMNS, finding
from schemas.indicator import rosters
from schemas.version import ruleset_version
from transforms.batch import judge
from transforms.evidence import doubts, first_compared
from transforms.read import Submission
from warehouse.engine import Connection, reading
from warehouse.evidence import repeated_rows, reports_of_load, reports_since
from warehouse.history import amount_ranges
from warehouse.judged_again import standing_since
from warehouse.load import NewLoad, last_load, record_findings, record_load, taken_before
from warehouse.staging import Batch, Staging, staging

NOTHING_ADJUSTED = pd.DataFrame(columns=["submission", "adjustment_id", "rows"])


class Recording:
    """A load on its way: batches of read files are judged and staged, then all of it is recorded in one transaction.

    `entry` is the digest of its entry in the archive's log where a load is made anew from there.
    """

    def __init__(self, place: Workplace, taking: Taking, stage: Staging, entry: str | None = None) -> None:
        self.place, self.taking, self.stage, self.entry = place, taking, stage, entry
        arrived, reopened = taking.arrived, taking.reopened
        with reading(place.engine) as connection:
            self.taken = taken_before(connection, place.tables, sorted({file.sha256 for file in arrived.to_read}))
            self.load_id = last_load(connection, place.tables)[0] + 1
            self.standing = standing_since(connection, place.tables, taking.selection.period) if reopened.outdated else {}
        self.chosen, self.put_off = 0, set[str]()
        self.read, self.died = set[ArchivedFile](), dict[str, str]()
        self.adjusted = list[pd.DataFrame]()

    def take(self, read: Read) -> None:
        """Judge the submissions of some files and stage them."""
        place, reopened = self.place, self.taking.reopened
        taken = set(self.taken)
        chosen, put_off = _choose(self.taking, read, taken, self.standing)
        submissions, received_on = [one for _, one in chosen], [place.arrived_on(file) for file, _ in chosen]
        stood = reopened.standing()
        still = {at for at, one in enumerate(chosen) if _identity(*one) in stood}
        units = {one.unit_code for one in submissions if one.unit_code}
        with reading(place.engine) as connection:
            ranges = amount_ranges(connection, place.tables, place.ranged_fields(), units)
        judged = judge(
            submissions, received_on, place.regions, place.ledgers, ranges, reopened.given, reopened.withdrawn, still
        )
        told = pd.DataFrame([one for file in read.read for one in file.findings], columns=BATCH_FINDING_COLUMNS)
        rows = _submission_rows(chosen, judged.submissions, reopened.by_source)
        self.stage.add(Batch(rows, judged.rows, judged.held, pd.concat([judged.findings, told], ignore_index=True)))
        self.taken = taken  # once it is staged: a step that failed on the way may be tried again
        self.read |= set(read.files)
        self.died |= read.died
        self.adjusted.append(judged.adjusted)
        self.chosen, self.put_off = self.chosen + len(chosen), self.put_off | put_off

    def finish(self) -> int | None:
        """Record what was taken; the number of the load, None where there is nothing to record.

        It is told in the archive's log first.
        """
        place, taking = self.place, self.taking
        unread = {one.path for one in taking.arrived.to_read} - {one.path for one in self.read}
        files = _file_rows(taking.arrived, self.put_off | unread)
        if not self.chosen and files.empty and self.entry is None:
            return None
        new = NewLoad(
            kind=taking.kind,
            started_at=taking.started_at,
            ruleset=ruleset_version(),
            log_entry=self.entry or log_load(place, self.load_id, taking, self.read, self.died),
            files=files,
            adjustments=taking.reopened.given,
            adjusted=pd.concat(self.adjusted, ignore_index=True) if self.adjusted else NOTHING_ADJUSTED,
        )
        names = {code: region.name for code, region in place.regions.regions.items()}
        with self.stage.writing() as connection:
            recorded = record_load(self.stage, new, names)
            if recorded.load_id != self.load_id:
                raise RuntimeError(f"another run recorded load {self.load_id} meanwhile; run again")
            record_findings(connection, place.tables, _copies(taking.arrived), self.load_id)
            record_findings(connection, place.tables, _doubts(place, connection, self.load_id), self.load_id)
            if self.entry is None:  # of loads that are made anew only the last will be read
                keep_with_load(place, connection, taking.started_at)
        return self.load_id


@contextmanager
def recording(place: Workplace, taking: Taking, entry: str | None = None) -> Iterator[Recording]:
    """A load to be recorded; what is staged goes with it, recorded or not."""
    with staging(place.engine, place.tables) as stage:
        yield Recording(place, taking, stage, entry)


def _doubts(place: Workplace, connection: Connection, load_id: int) -> pd.DataFrame:
    """What the reports of a load tell against themselves, held against all that stands now, those of the same load included.

    A roster is the same rows every month; nothing else is.
    """
    reports = reports_of_load(connection, place.tables, load_id)
    if reports.empty:
        return reports
    first_month = first_compared(reports["period"].min())
    asked = sorted(set(reports["ledger"]) - rosters(indicators().values()))
    repeated = repeated_rows(connection, place.tables, asked, load_id, first_month)
    return doubts(reports, reports_since(connection, place.tables, first_month), repeated)


def _choose(
    taking: Taking, read: Read, taken: set[tuple[Any, ...]], standing: Mapping[tuple[Any, ...], datetime]
) -> tuple[list[tuple[ArchivedFile, Submission]], set[str]]:
    """The submissions to judge, each with its file, and the files of which a rerun leaves a part for later."""
    chosen, put_off, again = [], set(), taking.reopened.by_source
    held = zip(read.files, read.read, strict=True)
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


def _copies(arrived: Arrived) -> pd.DataFrame:
    """What is told of files that are copies of one that was taken."""
    told = [finding("file.duplicate", file=copy.path, detail=path) for copy, path in arrived.copies]
    return pd.DataFrame(told, columns=FINDING_COLUMNS)


def _file_rows(arrived: Arrived, put_off: set[str]) -> pd.DataFrame:
    """What to remember of the inbox; a file of which a rerun took only a part is not (nor its copies): it is read again."""
    columns = ["path", "size_bytes", "modified_ns", "sha256", "received_at"]
    files = [file for file in arrived.to_read if file.path not in put_off]
    files += [copy for copy, path in arrived.copies if path not in put_off]
    rows = [[getattr(file, name) for name in columns] for file in files]
    return pd.DataFrame(rows, columns=columns, dtype=object)

"""What a night does, step by step and without Prefect: find, archive, read, judge, record, report.

Each step can be run again after a kill: the archive is by hash, the load is one transaction, reports are made from the
warehouse. Prefect's flows call these steps as tasks; they are what runs when Prefect cannot come up.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from flows.adjusting import Reopened, find_reopened
from flows.children import Died, Failed, in_children
from flows.inbox import ArchivedFile, InboxFile, archive_file, is_known, list_inbox
from flows.reading import read_from_disk
from flows.settings import Home
from flows.workplace import Selection, Workplace
from schemas.finding import BATCH_FINDING_COLUMNS, finding
from transforms.batch import judge
from transforms.read import FileRead, Submission, refused_file
from transforms.read.identity import from_path
from warehouse.engine import is_transient, reading, writing
from warehouse.history import amount_ranges, known_files
from warehouse.load import NewLoad, record_load, taken_before

LOCK_FILE = "run.lock"
TRANSIENT_ERRNOS = {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}


@dataclass(frozen=True)
class Found:
    """What a look into the inbox found: what is new, how much was known, what the system would not let be read, and what is no
    file (`ignored`).

    `reopened` came before and is to be judged again, for the bureau's corrections or waivers changed.
    """

    new: list[InboxFile]
    known: int
    unreadable: list[str]
    ignored: list[str]
    reopened: Reopened

    @property
    def is_empty(self) -> bool:
        return not self.new and not self.reopened.submissions


def find_new(place: Workplace, selection: Selection) -> Found:
    """Files that were not taken yet, as they are, under the name they have."""
    with reading(place.engine) as connection:
        frame = known_files(connection, place.tables)
    known = {row.path: (row.size_bytes, row.modified_ns) for row in frame.itertuples()}
    new: list[InboxFile] = []
    known_count, unreadable, ignored = 0, list[str](), list[str]()
    for file in list_inbox(place.home.inbox, unreadable, ignored):
        if not selection.may_hold(*_said_by_path(place, file.path)):
            continue
        if is_known(file, known):
            known_count += 1
        else:
            new.append(file)
    reopened = find_reopened(place, selection, {file.path for file in new})
    return Found(new, known_count, unreadable, ignored, reopened)


def _said_by_path(place: Workplace, path: str) -> tuple[str | None, str | None]:
    """Unit and month that folders and file name give: the same bytes of another unit or month are another report."""
    evidence = from_path(path, place.regions)
    unit_code = next((one.unit for one in evidence if one.unit), None)
    return unit_code, next((one.period for one in evidence if one.period), None)


@dataclass(frozen=True)
class Arrived:
    """What became of new files: archived and to be read, or copies of one that was taken (with that one's path), or neither.

    `resent` are the paths whose content was another when they were taken: what they say now is new, even where it was said
    before, for a county may go back to an earlier version.
    """

    to_read: list[ArchivedFile]
    copies: list[tuple[ArchivedFile, str]]
    growing: list[str]
    unreadable: list[str]
    resent: set[str]


def archive_new(place: Workplace, files: Sequence[InboxFile], now: datetime) -> Arrived:
    """Archive new files, in the order of their arrival; tell copies of what was taken from the same place."""
    archived: list[ArchivedFile] = []
    growing, unreadable = [], []
    for found in files:
        try:
            done = archive_file(place.home.archive, found, now)
        except PermissionError as error:
            unreadable.append(f"{found.path}: {error.strerror}")
            continue
        if done is None:
            growing.append(found.path)
        else:
            archived.append(done)
    arrived = sorted(archived, key=lambda file: (file.received_at, file.path))
    with reading(place.engine) as connection:
        frame = known_files(connection, place.tables)
    taken = {(row.sha256, _said_by_path(place, row.path)): row.path for row in frame.itertuples()}
    sent = dict(zip(frame["path"], frame["sha256"], strict=True))
    resent = {file.path for file in arrived if sent.get(file.path, file.sha256) != file.sha256}
    to_read, copies = [], []
    for file in arrived:
        identity = (file.sha256, _said_by_path(place, file.path))
        if file.path in resent or taken.setdefault(identity, file.path) == file.path:
            to_read.append(file)
        else:
            copies.append((file, taken[identity]))
    return Arrived(to_read, copies, growing, unreadable, resent)


def read_files(place: Workplace, files: Sequence[ArchivedFile]) -> list[FileRead | Failed]:
    """Read archived files into submissions, each in a child process; Failed where a fault of ours was in the way."""
    calls = [(file.path, file.archived, place.regions, place.headers) for file in files]
    found = in_children(place.home.limits, read_from_disk, calls)
    return [
        refused_file(file.path, place.regions, one.rule_id) if isinstance(one, Died) else one
        for file, one in zip(files, found, strict=True)
    ]


@dataclass(frozen=True)
class Read:
    """The files of a run that could be read, what they hold, and what a fault of ours kept from being read."""

    files: dict[str, ArchivedFile]
    read: list[FileRead]
    failed: list[str]


def sort_out(files: Sequence[ArchivedFile], outcomes: Sequence[FileRead | Failed]) -> Read:
    """Set aside the files that a fault of ours kept from being read: the next run tries them again."""
    pairs = list(zip(files, outcomes, strict=True))
    failed = [f"{file.path}: {one.told()}" for file, one in pairs if isinstance(one, Failed)]
    good = [(file, one) for file, one in pairs if not isinstance(one, Failed)]
    return Read({file.path: file for file, _ in good}, [one for _, one in good], failed)


def record(
    place: Workplace, kind: str, selection: Selection, arrived: Arrived, reopened: Reopened, read: Read, now: datetime
) -> int:
    """Judge what was read and record it in one transaction; the number of the load."""
    with reading(place.engine) as connection:
        taken = taken_before(connection, place.tables, sorted({file.sha256 for file in arrived.to_read}))
        ranges = amount_ranges(connection, place.tables, place.ranged_fields())
    chosen, put_off = _choose(selection, arrived, reopened, read, taken)
    received_on = {path: place.arrived_on(file) for path, file in read.files.items()}
    judged = judge(chosen, received_on, place.regions, place.ledgers, ranges, reopened.given, reopened.withdrawn)
    again = reopened.identities()
    new = NewLoad(
        kind=kind,
        started_at=now,
        submissions=_submission_rows(chosen, judged.submissions, read.files, again),
        rows=judged.rows,
        held=judged.held,
        findings=pd.concat([judged.findings, _file_findings(arrived, read.read)], ignore_index=True),
        files=_file_rows(arrived, put_off | {file.path for file in arrived.to_read} - read.files.keys()),
        adjustments=reopened.given,
        adjusted=judged.adjusted,
    )
    names = {code: region.name for code, region in place.regions.regions.items()}
    with writing(place.engine) as connection:
        return record_load(connection, place.tables, new, names).load_id


def _choose(
    selection: Selection, arrived: Arrived, reopened: Reopened, read: Read, taken: set[tuple[Any, ...]]
) -> tuple[list[Submission], set[str]]:
    """The submissions to judge, and the files of which a rerun leaves a part for later."""
    chosen, put_off, again = [], set(), reopened.identities()
    for one in (one for file in read.read for one in file.submissions):
        identity = (read.files[one.file].sha256, one.sheet, one.ledger, one.unit_code, one.period)
        if (one.file, *identity) in again:
            chosen.append(one)
        elif one.file in {path for path, *_ in again}:
            continue
        elif not selection.holds(one):
            put_off.add(one.file)
        elif identity not in taken or one.file in arrived.resent:
            taken.add(identity)
            chosen.append(one)
    return chosen, put_off


def _submission_rows(
    chosen: Sequence[Submission], outcomes: pd.DataFrame, files: dict[str, ArchivedFile], again: set[tuple[Any, ...]]
) -> pd.DataFrame:
    reopened_paths = {path for path, *_ in again}
    rows = [
        {
            "unit_code": one.unit_code, "ledger": one.ledger, "period": one.period,
            "sha256": files[one.file].sha256, "source_file": one.file, "source_sheet": one.sheet,
            "source_columns": {name: column.letter for name, column in one.columns.items()},
            "received_at": files[one.file].received_at, "is_judged_again": one.file in reopened_paths,
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


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the load that it recorded (None where there was nothing to record) and what it left for later.

    `growing` were still being written or had gone, `unreadable` the system would not let be read, `failed` met a fault of
    ours; each says where.
    """

    load_id: int | None
    growing: list[str]
    unreadable: list[str]
    failed: list[str]


class RunHeld(Exception):
    """Another run is writing to this home."""


Call = Callable[[str, Callable[[], Any]], Any]


def run(place: Workplace, kind: str, selection: Selection, call: Call, now: datetime) -> Outcome:
    """One run over a home. Every step goes through `call`, which names it and may watch, time and retry it.

    Raises RunHeld at once where another run is writing: the lock goes with its process, so a killed run leaves none.
    """
    place.prepare()
    with alone(place.home):
        return _run_alone(place, kind, selection, call, now)


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Hold the home's lock; a process that holds it may ask again. Raises RunHeld at once where another process has it."""
    lock = FileLock(home.folder / LOCK_FILE, timeout=0, is_singleton=True, thread_local=False)
    try:
        lock.acquire()
    except Timeout as held:
        raise RunHeld(f"another run holds {home.folder / LOCK_FILE}; wait for it to end, then run again") from held
    try:
        yield
    finally:
        lock.release()


def _run_alone(place: Workplace, kind: str, selection: Selection, call: Call, now: datetime) -> Outcome:
    found: Found = call("Look into the inbox", partial(find_new, place, selection))
    if found.is_empty:
        return Outcome(None, [], found.unreadable, [])
    arrived: Arrived = call(f"Archive {len(found.new)} files", partial(archive_new, place, found.new, now))
    size = place.home.settings.files_per_task
    files = [*found.reopened.files(place), *arrived.to_read]
    outcomes: list[FileRead | Failed] = []
    for start in range(0, len(files), size):
        batch = files[start : start + size]
        outcomes += call(f"Read files {start + 1} to {start + len(batch)}", partial(read_files, place, batch))
    read = sort_out(files, outcomes)
    left = (arrived.growing, found.unreadable + arrived.unreadable, read.failed)
    if not read.read and not arrived.copies:
        return Outcome(None, *left)
    load_id = call("Judge and load", partial(record, place, kind, selection, arrived, found.reopened, read, now))
    return Outcome(load_id, *left)


def is_transient_fault(error: BaseException) -> bool:
    """Whether running a step again can help: a busy database, a share or disk that did not answer."""
    return is_transient(error) or (isinstance(error, OSError) and error.errno in TRANSIENT_ERRNOS)


def utc_now() -> datetime:
    """The clock, in UTC without a zone, as the warehouse keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)

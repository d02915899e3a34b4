"""Load files into a warehouse for trial: what a run would record can be read, and is undone.

A SQLite warehouse is copied, and the copy loaded; on PostgreSQL the load is rolled back.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

import pandas as pd

from flows.archive.store import ArchivedFile
from flows.ingest.discover import NewFiles, sort_new
from flows.ingest.inbox import decode_filename
from flows.ingest.load import SupersededLoadError, build_load
from flows.ingest.load_spec import plan_load
from flows.ingest.process import read_and_validate, split_into_batches
from flows.ingest.revalidate import RevalidationSet, find_revalidation_set
from flows.run_lock import RunLockedError
from flows.sandbox.scratch import scratch_folder
from flows.workspace import RunScope, Workspace
from schemas.sentences import Sentence
from warehouse.advisory_lock import database_lock
from warehouse.engine import open_warehouse
from warehouse.errors import DatabaseError
from warehouse.schema.as_of import AsOf

COPY = "warehouse.sqlite"
#: keeps files of one name apart, and says nothing of unit or month
SAME_NAME = "又一份{}/"
BUSY = Sentence("a run is at work on the warehouse; ask again when it has ended")
#: PostgreSQL's classes of errors: a key that is there already, a deadlock, a lock that is not given up
MET_A_RUN = ("23", "40", "55")
#: on PostgreSQL, those of one process wait for each other instead of meeting on the same rows
_one_at_a_time = Lock()


@dataclass(frozen=True)
class FileToLoad:
    """A file as it would arrive: its path below the inbox, and where it lies."""

    path: str
    file: Path


def paths_as_sent(files: Sequence[Path], submissions: Sequence[pd.DataFrame]) -> list[FileToLoad]:
    """Return checked files, each in the inbox folder of the unit and month that its submissions are of.

    One that is of several, or of none that is known, lies in no folder.
    """
    arriving = list[FileToLoad]()
    for index, (file, of_file) in enumerate(zip(files, submissions, strict=True)):
        reports = _reports(of_file)
        folder = "/".join(reports[0]) + "/" if len(reports) == 1 else ""
        name = decode_filename(file.name)
        is_known = f"{folder}{name}" in {other.path for other in arriving}
        arriving.append(FileToLoad(f"{folder}{SAME_NAME.format(index) if is_known else ''}{name}", file))
    return arriving


def scope_of(submissions: Sequence[pd.DataFrame]) -> RunScope:
    """Return the unit and month that all these submissions are of; everything if there are several."""
    reports = {report for of_file in submissions for report in _reports(of_file)}
    if len(reports) != 1:
        return RunScope()
    ((period, unit_code),) = reports
    return RunScope(unit_code, period)


def _reports(submissions: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the months and units of the submissions of a file, where both are known."""
    known = submissions[["period", "unit_code"]].dropna().drop_duplicates()
    return [(str(period), str(unit)) for period, unit in known.itertuples(index=False, name=None)]


@contextmanager
def rehearse(
    workspace: Workspace, files: Sequence[FileToLoad], scope: RunScope, now: datetime, *, refreshes: bool
) -> Iterator[AsOf | None]:
    """Load these files for trial; yield the warehouse as of that load, None if they hold nothing new.

    `scope` is the unit and month that they are of, or all; with `refreshes` figures are computed too. Raises
    RunLockedError where a run is at work on a warehouse that is no file.
    """
    with _trial_workspace(workspace) as trial:
        new_files = sort_new(trial, [_as_arrived(file, now) for file in files])
        revalidation = _revalidation(trial, scope, new_files)
        spec = plan_load(trial, scope, new_files, revalidation, now)
        to_read = [*revalidation.files(trial.home.archive), *new_files.to_read]
        with build_load(trial, spec) as load:
            for _, batch in split_into_batches(to_read, trial.home.settings.files_per_task):
                load.stage(read_and_validate(spec, batch))
            if load.is_empty and not (new_files.copies or new_files.repeats):
                yield None
                return
            with load.rehearse(refreshes=refreshes) as as_of:
                yield as_of


@contextmanager
def _trial_workspace(workspace: Workspace) -> Iterator[Workspace]:
    """Yield a workspace over a copy of the warehouse, or over the warehouse where it can roll back unseen."""
    engine = workspace.engine
    if engine.dialect.name != "sqlite":
        with database_lock(engine, 0.0) as is_free:
            if not is_free:
                raise RunLockedError(BUSY)
        with _one_at_a_time, _undisturbed():  # the lock is free again: no run has to wait for a rehearsal
            yield workspace
        return
    with scratch_folder() as folder:
        file = folder / COPY
        with (
            closing(sqlite3.connect(f"file:{engine.url.database}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(file)) as target,
        ):
            source.backup(target)
        copied = open_warehouse(f"sqlite:///{file}")
        try:
            yield Workspace(workspace.home, copied)
        finally:
            copied.dispose()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Give way to a run that began meanwhile. Raises RunLockedError."""
    try:
        yield
    except (DatabaseError, SupersededLoadError) as error:
        if isinstance(error, DatabaseError) and not _has_met_a_run(error):
            raise
        raise RunLockedError(BUSY) from error


def _has_met_a_run(error: DatabaseError) -> bool:
    """Whether a statement failed because a run that began meanwhile works on the same rows."""
    return str(getattr(error.orig, "sqlstate", "") or "")[:2] in MET_A_RUN


def _as_arrived(file: FileToLoad, now: datetime) -> ArchivedFile:
    data, details = file.file.read_bytes(), file.file.stat()
    sha256 = hashlib.sha256(data).hexdigest()
    return ArchivedFile(file.path, details.st_size, details.st_mtime_ns, sha256, now, file.file)


def _revalidation(workspace: Workspace, scope: RunScope, new_files: NewFiles) -> RevalidationSet:
    """Return what a rerun of the unit and month would validate again; files of several move nothing else."""
    if scope.is_all:
        adjustments = workspace.adjustments
        return RevalidationSet([], adjustments, (), [], adjustments, {})
    return find_revalidation_set(workspace, scope, {file.path for file in new_files.to_read})

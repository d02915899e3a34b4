"""Say which figures would move if files were loaded now, and leave the warehouse as it is.

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
from typing import Any

from flows.archive.store import ArchivedFile
from flows.ingest.discover import NewFiles, sort_new
from flows.ingest.inbox import decode_filename
from flows.ingest.load import SupersededLoadError, build_load
from flows.ingest.load_spec import plan_load
from flows.ingest.process import read_and_validate, split_into_batches
from flows.ingest.revalidate import RevalidationSet, find_revalidation_set
from flows.precheck import CheckResult
from flows.queries.moved_figures import values_moved_by_load
from flows.run_lock import RunLockedError
from flows.sandbox.scratch import scratch_folder
from flows.workspace import RunScope, Workspace
from schemas.ledgers.finding import compose_messages
from schemas.ledgers.rules import WAITING_RULES
from schemas.sentences import Sentence
from warehouse.advisory_lock import database_lock
from warehouse.engine import open_warehouse
from warehouse.errors import DatabaseError
from warehouse.ops.findings import findings_of_load

#: of each moved figure, in this order
PREVIEW_COLUMNS = [
    "indicator_id", "title", "region_code", "period", "before", "after", "display_before", "display_after",
]  # fmt: skip
#: keeps files of one name apart, and says nothing of unit or month
SAME_NAME = "又一份{}/"
COPY = "warehouse.sqlite"
BUSY = Sentence("a run is at work on the warehouse; ask again when it has ended")
#: PostgreSQL's classes of errors: a key that is there already, a deadlock, a lock that is not given up
MET_A_RUN = ("23", "40", "55")


@dataclass(frozen=True)
class FileToLoad:
    """A file as it would arrive: its path below the inbox, and where it lies."""

    path: str
    file: Path


@dataclass(frozen=True)
class Preview:
    """The figures that would move (PREVIEW_COLUMNS and `region_name`), and why reports would wait."""

    moved: Sequence[dict[str, Any]]
    awaiting: Sequence[str] = ()

    def as_printed(self) -> list[dict[str, Any]]:
        """Return the moved figures for programs: PREVIEW_COLUMNS alone."""
        return [{name: figure[name] for name in PREVIEW_COLUMNS} for figure in self.moved]


def preview_files(
    workspace: Workspace, files: Sequence[FileToLoad], scope: RunScope, now: datetime
) -> Preview:
    """Say what would move if these files were loaded now.

    `scope` is the unit and month that they are of, or all. Raises RunLockedError where a run is at work on
    a warehouse that is no file.
    """
    with _rehearsal(workspace) as rehearsal:
        return _load_and_undo(rehearsal, [_as_arrived(file, now) for file in files], scope, now)


def preview_checked(
    workspace: Workspace, files: Sequence[Path], results: Sequence[CheckResult], now: datetime
) -> Preview:
    """Preview files that were checked, as if each lay in the inbox folder of its unit and month."""
    reports = [_reports(result) for result in results]
    arriving = list[FileToLoad]()
    for index, (file, of_file) in enumerate(zip(files, reports, strict=True)):
        folder = "/".join(of_file[0]) + "/" if len(of_file) == 1 else ""
        name = decode_filename(file.name)
        is_known = f"{folder}{name}" in {other.path for other in arriving}
        arriving.append(FileToLoad(f"{folder}{SAME_NAME.format(index) if is_known else ''}{name}", file))
    all_reports = {report for of_file in reports for report in of_file}
    scope = RunScope()
    if len(all_reports) == 1:
        ((period, unit_code),) = all_reports
        scope = RunScope(unit_code, period)
    return preview_files(workspace, arriving, scope, now)


def _reports(result: CheckResult) -> list[tuple[str, str]]:
    """Return the months and units that a file was read as, where both are known."""
    known = result.submissions[["period", "unit_code"]].dropna().drop_duplicates()
    return [(str(period), str(unit)) for period, unit in known.itertuples(index=False, name=None)]


@contextmanager
def _rehearsal(workspace: Workspace) -> Iterator[Workspace]:
    """Yield a workspace over a copy of the warehouse, or over the warehouse where it can roll back unseen."""
    engine = workspace.engine
    if engine.dialect.name != "sqlite":
        with database_lock(engine, 0.0) as is_free:
            if not is_free:
                raise RunLockedError(BUSY)
        try:
            yield workspace
        except (DatabaseError, SupersededLoadError) as error:
            if isinstance(error, DatabaseError) and not _has_met_a_run(error):
                raise
            raise RunLockedError(BUSY) from error
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


def _has_met_a_run(error: DatabaseError) -> bool:
    """Whether a statement failed because a run that began meanwhile works on the same rows."""
    return str(getattr(error.orig, "sqlstate", "") or "")[:2] in MET_A_RUN


def _as_arrived(file: FileToLoad, now: datetime) -> ArchivedFile:
    data, details = file.file.read_bytes(), file.file.stat()
    sha256 = hashlib.sha256(data).hexdigest()
    return ArchivedFile(file.path, details.st_size, details.st_mtime_ns, sha256, now, file.file)


def _load_and_undo(
    workspace: Workspace, files: Sequence[ArchivedFile], scope: RunScope, now: datetime
) -> Preview:
    new_files = sort_new(workspace, files)
    revalidation = _revalidation(workspace, scope, new_files)
    spec = plan_load(workspace, scope, new_files, revalidation, now)
    to_read = [*revalidation.files(workspace.home.archive), *new_files.to_read]
    with build_load(workspace, spec) as load:
        for _, batch in split_into_batches(to_read, workspace.home.settings.files_per_task):
            load.stage(read_and_validate(spec, batch))
        if load.is_empty:
            return Preview([])
        with load.rehearse() as as_of:
            findings = findings_of_load(as_of.connection, as_of.tables, as_of.load_id)
            waiting = findings[findings["rule_id"].isin(WAITING_RULES)]
            return Preview(values_moved_by_load(workspace, as_of), compose_messages(waiting).tolist())


def _revalidation(workspace: Workspace, scope: RunScope, new_files: NewFiles) -> RevalidationSet:
    """Return what a rerun of the unit and month would validate again; files of several move nothing else."""
    if scope.is_all:
        adjustments = workspace.adjustments
        return RevalidationSet([], adjustments, (), [], adjustments, {})
    return find_revalidation_set(workspace, scope, {file.path for file in new_files.to_read})

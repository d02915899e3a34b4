"""The steps of a pipeline run, without Prefect: scan, archive, read, validate, load, refresh, report,
notify.

Each step can be run again after a kill: the archive is content-addressed, the load is one transaction, and
reports are made from the warehouse. Prefect's flows run these steps as tasks; without Prefect they run
directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from flows.archive.anchor import write_anchor
from flows.archive.consistency import ensure_not_behind_archive
from flows.archive.store import ArchivedFile
from flows.archive.verify import describe_log_breaks, find_log_breaks
from flows.executor import Executor, Task
from flows.ingest.complete_logged import complete_logged
from flows.ingest.discover import archive_new, scan_inbox
from flows.ingest.load import LoadBuilder, build_load
from flows.ingest.load_spec import plan_load
from flows.ingest.process import read_and_validate, split_into_batches
from flows.kept_uploads import delete_old_uploads
from flows.leftovers import remove_leftovers
from flows.notify.messages import (
    broken_log_notification,
    failed_receipts_notification,
    failed_run_notification,
    overdue_notifications,
    run_notifications,
)
from flows.notify.send import notify
from flows.notify.units import tell_units
from flows.outputs.load_reports import LoadReport, write_missing_reports
from flows.outputs.missing_publications import write_missing_publications
from flows.outputs.output_faults import OutputFaults
from flows.outputs.snapshot import refresh_snapshot
from flows.progress import advance_files, announce_steps, expect_files
from flows.refresh.marts import refresh_marts
from flows.run_lock import RunLockedError, hold_run_lock
from flows.run_log import log_run
from flows.step import Step, StepRunner, run_inline
from flows.workspace import RunScope, Workspace
from warehouse.errors import DatabaseError
from warehouse.ops.notifications import Notification


@dataclass(frozen=True)
class RunResult:
    """How a run ended: the load it recorded (None if there was nothing to record) and what it left for
    later.

    `growing` files were still being written or had gone, `unreadable` could not be read, `failed` met an
    internal error; each entry names the file. `status_fault` says why coverage could not be computed;
    `faulty_receipts` could not be rendered completely, `output_faults` say in whose place something else
    stands, `anchor_fault` says why the log's last digest could
    not be written to its second place, `log_fault` in which lines the log is broken; `may_be_unmounted`:
    the inbox was empty, though it was not before; `notifications` are those sent for this run, `report`
    says what its load did.
    """

    load_id: int | None
    growing: list[str]
    unreadable: list[str]
    failed: list[str]
    status_fault: str | None = None
    faulty_receipts: Sequence[str] = ()
    output_faults: Sequence[str] = ()
    anchor_fault: str | None = None
    log_fault: str | None = None
    may_be_unmounted: bool = False
    notifications: Sequence[Notification] = ()
    report: LoadReport | None = None

    @property
    def has_fault(self) -> bool:
        """Whether somebody has to act on what was left; files still
        being written are left to the next run.
        """
        of_outputs = (self.faulty_receipts, self.output_faults)
        return any((self.unreadable, self.failed, *of_outputs, self.anchor_fault, self.log_fault))

    def report_on(self, workspace: Workspace, load_id: int, *, every_region: bool = False) -> LoadReport:
        """Return the report on a load; that of the run has been read already."""
        if self.report and (self.report.load_id, self.report.every_region) == (load_id, every_region):
            return self.report
        return LoadReport(workspace, load_id, every_region=every_region)

    @property
    def is_complete_scan(self) -> bool:
        """Whether no file of the inbox was left behind."""
        return not (self.growing or self.has_fault or self.may_be_unmounted)


def run_pipeline(
    workspace: Workspace,
    scope: RunScope,
    now: datetime,
    *,
    run_step: StepRunner = run_inline,
    executor: Executor | None = None,
    wait_seconds: float = 0.0,
) -> RunResult:
    """Run the whole pipeline: ingest, refresh what readers see, write receipts and reports, notify.

    Receipts and reports of runs that were killed are written too. Raises RunLockedError if another run
    still holds the lock after `wait_seconds`, UpgradeError, WarehouseBehindError, ForeignArchiveError.
    """
    try:
        with hold_run_lock(workspace, wait_seconds):
            run_step = announce_steps(run_step)
            result = ingest(workspace, scope, now, run_step=run_step, executor=executor)
            status_fault = run_step(Step.REFRESH, partial(refresh_marts, workspace, now))
            faults = OutputFaults()
            run_step(Step.SNAPSHOT, partial(_refresh_snapshot, workspace, faults))
            report = (
                None
                if result.load_id is None
                else LoadReport(workspace, result.load_id, every_region=False)
            )
            write_reports = partial(_write_missing_outputs, workspace, executor, faults, now, report)
            run_step(Step.REPORT, write_reports)
            faults = faults.without_repeats()
            anchor_fault, breaks = write_anchor(workspace.home, now), find_log_breaks(workspace.home)
            notifications = [
                *run_notifications(
                    workspace, result.load_id, len(result.unreadable), len(result.failed), now
                ),
                *failed_receipts_notification(workspace, len(faults.receipts), now),
                *broken_log_notification(workspace, breaks, now),
                *overdue_notifications(workspace, workspace.to_local_time(now).date()),
            ]
            new_notifications = run_step(Step.NOTIFY, partial(notify, workspace, notifications, now))
            run_step(Step.NOTIFY, partial(tell_units, workspace, result.load_id, now), "units")
            return replace(
                result,
                status_fault=status_fault,
                faulty_receipts=faults.receipts,
                output_faults=faults.in_the_way,
                anchor_fault=anchor_fault,
                log_fault=describe_log_breaks(breaks),
                notifications=new_notifications,
                report=report,
            )
    except Exception as error:
        # a run started by hand does not wait for the lock: its user sees the error and needs no notification
        if wait_seconds or not isinstance(error, RunLockedError):
            with suppress(DatabaseError):
                notify(workspace, [failed_run_notification(workspace, scope.kind, now, error)], now)
        raise


def _write_missing_outputs(
    workspace: Workspace,
    executor: Executor | None,
    faults: OutputFaults,
    now: datetime,
    report_of_run: LoadReport | None,
) -> None:
    """Write receipts, reports and files of publications that are missing; delete what is kept no longer."""
    write_missing_reports(workspace, executor, faults, now, report_of_run)
    write_missing_publications(workspace, faults)
    delete_old_uploads(workspace, now)


def _refresh_snapshot(workspace: Workspace, faults: OutputFaults) -> None:
    """Refresh the readers' copy, unless something else stands in its place."""
    with faults.set_aside():
        refresh_snapshot(workspace)


def ingest(
    workspace: Workspace,
    scope: RunScope,
    now: datetime,
    *,
    run_step: StepRunner = run_inline,
    executor: Executor | None = None,
) -> RunResult:
    """Ingest what is new in the inbox.

    Every step goes through `run_step`; independent tasks go to the executor, if there is one. Raises
    RunLockedError at once if another run holds the lock, UpgradeError, WarehouseBehindError,
    ForeignArchiveError; LoggedLoadError if what a killed run logged cannot be made again.
    """
    with hold_run_lock(workspace):
        is_behind = ensure_not_behind_archive(workspace)
        remove_leftovers(workspace)
        with log_run(workspace, scope, now) as end:
            completed = None
            if is_behind:
                completed = run_step(
                    Step.LOAD, partial(complete_logged, workspace), "what a killed run logged"
                )
            result = _ingest(workspace, scope, now, run_step, executor)
            result = replace(result, load_id=result.load_id or completed)
            end(result.load_id, result.is_complete_scan)
            return result


def _ingest(
    workspace: Workspace, scope: RunScope, now: datetime, run_step: StepRunner, executor: Executor | None
) -> RunResult:
    scan = run_step(Step.SCAN, partial(scan_inbox, workspace, scope))
    if scan.is_empty:
        return RunResult(None, [], scan.unreadable, [], may_be_unmounted=scan.may_be_unmounted)
    new_files = run_step(
        Step.ARCHIVE,
        partial(archive_new, workspace, scan.new, now, scan.vanished),
        f"{len(scan.new)} files",
    )
    spec = plan_load(workspace, scope, new_files, scan.revalidation, now)
    files = [*scan.revalidation.files(workspace.home.archive), *new_files.to_read]
    with build_load(workspace, spec) as load:
        failed = _process_batches(load, files, run_step, executor)
        load_id = run_step(Step.LOAD, load.commit) if load.read or new_files.copies else None
    return RunResult(
        load_id,
        new_files.growing,
        scan.unreadable + new_files.unreadable,
        failed,
        may_be_unmounted=scan.may_be_unmounted,
    )


def _process_batches(
    load: LoadBuilder, files: Sequence[ArchivedFile], run_step: StepRunner, executor: Executor | None
) -> list[str]:
    """Read, validate and stage files batch by batch, to bound memory; return those that met an internal
    error.
    """
    failed = list[str]()
    batches = list(split_into_batches(files, load.workspace.home.settings.files_per_task))
    if len(batches) == 1:
        executor = None  # not worth distributing
    spec = load.spec.for_worker() if executor else load.spec
    expect_files(len(files))
    tasks: list[Task] = [partial(read_and_validate, spec, batch) for _, batch in batches]
    pending = executor(tasks) if executor else iter(tasks)
    for (batch_name, _), task in zip(batches, pending, strict=True):
        processed = run_step(Step.VALIDATE, task, batch_name)
        run_step(Step.STAGE, partial(load.stage, processed), batch_name)
        failed += processed.failed
        if executor:
            advance_files(len(processed.files) + len(processed.failed))
    return failed


def utc_now() -> datetime:
    """Return the current time in UTC without a zone, as the warehouse stores it."""
    return datetime.now(UTC).replace(tzinfo=None)

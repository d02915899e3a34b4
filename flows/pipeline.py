"""The steps of a pipeline run, without Prefect: scan, archive, read, validate, load, refresh, report,
notify.

Each step can be run again after a kill: the archive is content-addressed, the load is one transaction, and
reports are made from the warehouse. Prefect's flows call these steps as tasks; without Prefect they run
directly.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flows.archive.consistency import ensure_not_behind_archive
from flows.archive.store import ArchivedFile
from flows.executor import Spread, Work
from flows.ingest.discover import InboxScan, NewFiles, archive_new, scan_inbox
from flows.ingest.load import LoadBuilder, build_load
from flows.ingest.load_spec import LoadSpec
from flows.ingest.process import read_and_validate, split_into_batches
from flows.notify.messages import failed_receipts_notice, failed_run_notice, overdue_notices, run_notices
from flows.notify.send import notify
from flows.outputs.load_reports import write_missing_reports
from flows.outputs.snapshot import refresh_snapshot
from flows.refresh.marts import refresh_marts
from flows.run_lock import RunLockedError, hold_run_lock
from flows.run_log import log_run
from flows.workspace import RunScope, Workspace
from warehouse.engine import WarehouseFault, is_transient
from warehouse.ops.notices import Notice

TRANSIENT_ERRNOS = {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}


@dataclass(frozen=True)
class RunResult:
    """How a run ended: the load it recorded (None if there was nothing to record) and what it left for
    later.

    `growing` files were still being written or had gone, `unreadable` could not be read, `failed` met an
    internal error; each entry names the file. `status_fault` says why coverage could not be computed;
    `faulty_receipts` could not be rendered completely; `notifications` are those sent for this run.
    """

    load_id: int | None
    growing: list[str]
    unreadable: list[str]
    failed: list[str]
    status_fault: str | None = None
    faulty_receipts: Sequence[str] = ()
    notifications: Sequence[Notice] = ()

    @property
    def has_fault(self) -> bool:
        """Whether somebody has to act on what was left; files still being written are left to the next run."""
        return bool(self.unreadable or self.failed or self.faulty_receipts)

    @property
    def is_whole_look(self) -> bool:
        """Whether no file of the inbox was left behind."""
        return not (self.growing or self.has_fault)


Call = Callable[[str, Callable[[], Any]], Any]


def run_pipeline(
    workspace: Workspace,
    kind: str,
    selection: RunScope,
    call: Call,
    now: datetime,
    wait_seconds: float = 0.0,
    spread: Spread | None = None,
) -> RunResult:
    """Run the whole pipeline: ingest, refresh what readers see, write receipts and reports, notify.

    Receipts and reports of runs that were killed are written too. Raises RunLockedError if another run
    still holds the lock after `wait_seconds`, UpgradeError, WarehouseBehindError.
    """
    try:
        with hold_run_lock(workspace, wait_seconds):
            result = ingest(workspace, kind, selection, call, now, spread)
            status_fault = call("Refresh what readers see", partial(refresh_marts, workspace, now))
            call("Refresh the readers' snapshot", partial(refresh_snapshot, workspace))
            faulty = list[str]()
            call("Write receipts and reports", partial(write_missing_reports, workspace, spread, faulty))
            faulty = list(dict.fromkeys(faulty))  # a retried step lists them again
            notices = [*run_notices(workspace, result.load_id, len(result.unreadable), len(result.failed), now),
                       *failed_receipts_notice(workspace, len(faulty), now),
                       *overdue_notices(workspace, workspace.to_local_time(now).date())]  # fmt: skip
            notifications = call("Tell people", partial(notify, workspace, notices, now))
            return replace(
                result, status_fault=status_fault, faulty_receipts=faulty, notifications=notifications
            )
    except Exception as error:
        if wait_seconds or not isinstance(
            error, RunLockedError
        ):  # interactive callers see the error; only unattended runs notify
            with suppress(WarehouseFault):
                notify(workspace, [failed_run_notice(workspace, kind, now, error)], now)
        raise


def ingest(
    workspace: Workspace,
    kind: str,
    selection: RunScope,
    call: Call,
    now: datetime,
    spread: Spread | None = None,
) -> RunResult:
    """Ingest what is new in the inbox.

    Every step goes through `call`, which names it and may time, watch and retry it; independent tasks go to
    the executor `spread`, if there is one. Raises RunLockedError at once if another run holds the lock,
    UpgradeError, WarehouseBehindError.
    """
    with hold_run_lock(workspace):
        ensure_not_behind_archive(workspace)
        with log_run(workspace, kind, selection, now) as end:
            result = _ingest(workspace, kind, selection, call, spread, now)
            end(result.load_id, result.is_whole_look)
            return result


def _ingest(
    workspace: Workspace, kind: str, selection: RunScope, call: Call, spread: Spread | None, now: datetime
) -> RunResult:
    scan: InboxScan = call("Look into the inbox", partial(scan_inbox, workspace, selection))
    if scan.is_empty:
        return RunResult(None, [], scan.unreadable, [])
    new_files: NewFiles = call(
        f"Archive {len(scan.new)} files", partial(archive_new, workspace, scan.new, now)
    )
    spec = LoadSpec(kind, selection, new_files, scan.reopened, now)
    with build_load(workspace, spec) as load:
        failed = _process_batches(
            workspace, [*scan.reopened.files(workspace), *new_files.to_read], load, call, spread
        )
        load_id = call("Load", load.commit) if load.read or new_files.copies else None
    return RunResult(load_id, new_files.growing, scan.unreadable + new_files.unreadable, failed)


def _process_batches(
    workspace: Workspace,
    files: Sequence[ArchivedFile],
    load: LoadBuilder,
    call: Call,
    spread: Spread | None,
) -> list[str]:
    """Read, validate and stage files batch by batch, to bound memory; return those that met an internal
    error.
    """
    failed = list[str]()
    batches = list(split_into_batches(files, workspace.home.settings.files_per_task))
    if len(batches) == 1:
        spread = None  # not worth distributing
    context = load.terms.for_one_of_many() if spread else load.terms
    tasks: list[Work] = [partial(read_and_validate, context, batch) for _, batch in batches]
    pending = spread(tasks) if spread else iter(tasks)
    for (batch_name, _), task in zip(batches, pending, strict=True):
        processed = call(f"Read and judge {batch_name}", task)
        call(f"Stage {batch_name}", partial(load.stage, processed))
        failed += processed.failed
    return failed


def run_inline(_name: str, work: Callable[[], Any]) -> Any:
    """Run a step directly, without Prefect."""
    return work()


def is_transient_fault(error: BaseException) -> bool:
    """Whether retrying a step can help: a busy database, or a share or disk that did not answer."""
    return is_transient(error) or (isinstance(error, OSError) and error.errno in TRANSIENT_ERRNOS)


def utc_now() -> datetime:
    """Return the current time in UTC without a zone, as the warehouse stores it."""
    return datetime.now(UTC).replace(tzinfo=None)

"""The run lock: never two runs at once over one home or warehouse, from whichever process, home or host.

Locks end with the process that holds them, so a killed run leaves none behind.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from flows.errors import FlowError
from flows.file_modes import SECRET_MODE, set_mode
from flows.workspace import Workspace
from schemas.sentences import Sentence
from warehouse.advisory_lock import database_lock, lock_folder, lock_holder_of_another_role
from warehouse.engine import reading
from warehouse.migrations.fingerprint import SchemaStatus
from warehouse.ops.runs import last_run

LOCK_FILE = "run.lock"
#: a database takes a moment to find out that the process of a killed run is gone
GRACE_SECONDS = 2.0


class RunLockedError(FlowError):
    """Another run is at work on this home or its warehouse; the message names it."""

    exit_code = 4


@contextmanager
def hold_run_lock(
    workspace: Workspace, wait_seconds: float = 0.0, *, prepares: bool = True
) -> Iterator[None]:
    """Hold the locks of a home and its warehouse; with `prepares`, create or upgrade the warehouse first.

    The lock is re-entrant within a process. Raises RunLockedError if another process still holds it after
    `wait_seconds`, UpgradeError.
    """
    workspace.home.make()
    deadline = time.monotonic() + wait_seconds
    with ExitStack() as stack:
        locks = [_lock(file) for file in _lock_files(workspace)]
        for lock in locks:
            try:
                stack.enter_context(lock.acquire(timeout=max(0.0, deadline - time.monotonic())))
            except Timeout as error:
                raise RunLockedError(_describe_holder(workspace)) from error
        if locks[0].lock_counter == 1:
            remaining = max(GRACE_SECONDS, deadline - time.monotonic())
            if not stack.enter_context(database_lock(workspace.engine, remaining)):
                raise RunLockedError(_describe_holder(workspace))
            if prepares:
                workspace.prepare()
        yield


def _lock_files(workspace: Workspace) -> list[Path]:
    """Return the home's lock file, and that of a file warehouse that lies elsewhere."""
    folders = {workspace.home.folder, lock_folder(workspace.engine) or workspace.home.folder}
    return [folder / LOCK_FILE for folder in sorted(folders)]


def _lock(file: Path) -> FileLock:
    """Return the lock of a file that only its user can open: a reader of it could hold it for ever."""
    set_mode(file, SECRET_MODE)
    return FileLock(file, mode=SECRET_MODE, is_singleton=True, thread_local=False, fallback_to_soft=False)


def _describe_holder(workspace: Workspace) -> str:
    """Say who holds the lock, as far as the warehouse knows."""
    if stranger := lock_holder_of_another_role(workspace.engine):
        return Sentence(
            "{stranger} holds the lock of the warehouse, and is no run of this program; let "
            "its owner end it, or end it as the database's administrator with "
            "pg_terminate_backend",
            stranger=stranger,
        )
    with_whom = Sentence("another run")
    if workspace.form() is SchemaStatus.CURRENT:
        with reading(workspace.engine) as connection:
            run = last_run(connection, workspace.tables)
        if run and run["ended_at"] is None:
            since = f"{workspace.to_local_time(run['started_at']):%Y-%m-%d %H:%M}"
            with_whom = Sentence(
                "a {kind} run since {since} on {host}, process {process_id},",
                kind=run["kind"],
                since=since,
                host=run["host"],
                process_id=run["process_id"],
            )
    return Sentence(
        "{with_whom} is at work on {folder} or its warehouse; wait for it to end, then run again",
        with_whom=with_whom,
        folder=workspace.home.folder,
    )

"""Record each run in the warehouse: when it began and how it ended."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from flows.workspace import RunScope, Workspace
from schemas.states import REJECTED, RunOutcome
from warehouse.engine import reading, writing
from warehouse.errors import DatabaseError
from warehouse.ops.loads import submissions_of_load
from warehouse.ops.runs import EndOfRun, NewRun, begin_run, end_run


@contextmanager
def log_run(
    workspace: Workspace, scope: RunScope, now: datetime
) -> Iterator[Callable[[int | None, bool], None]]:
    """Record that a run began and how it ended.

    Yields a function to call with the load and whether the whole inbox was scanned; an exception records a
    failure. A killed run stays open until the next one begins.
    """
    began = time.monotonic()
    with writing(workspace.engine) as connection:
        run_id = begin_run(
            connection,
            workspace.tables,
            NewRun(scope.kind, str(scope), socket.gethostname(), os.getpid(), now),
        )

    def write(outcome: RunOutcome, load_id: int | None, is_complete_scan: bool) -> None:
        ended_at = now + timedelta(seconds=time.monotonic() - began)
        with writing(workspace.engine) as connection:
            end_run(
                connection, workspace.tables, run_id, EndOfRun(outcome, load_id, is_complete_scan, ended_at)
            )

    def end(load_id: int | None, is_complete_scan: bool) -> None:
        write(_outcome(workspace, load_id), load_id, is_complete_scan and scope.is_all)

    try:
        yield end
    except BaseException:
        with suppress(DatabaseError):
            write(RunOutcome.FAILED, None, False)
        raise


def _outcome(workspace: Workspace, load_id: int | None) -> RunOutcome:
    if load_id is None:
        return RunOutcome.NOTHING_NEW
    with reading(workspace.engine) as connection:
        states = submissions_of_load(connection, workspace.tables, load_id)["state"]
    return RunOutcome.LOADED_WITH_REJECTIONS if (states == REJECTED).any() else RunOutcome.LOADED

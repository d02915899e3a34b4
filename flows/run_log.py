"""The record of a run in the warehouse, kept while the run goes on: begun, and how it ended."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from flows.workspace import RunScope, Workspace
from schemas.states import REJECTED, RunOutcome
from warehouse.engine import WarehouseFault, reading, writing
from warehouse.ops.history import submissions_of_load
from warehouse.ops.runs import EndOfRun, NewRun, begin_run, end_run


@contextmanager
def log_run(
    place: Workspace, kind: str, selection: RunScope, now: datetime
) -> Iterator[Callable[[int | None, bool], None]]:
    """Record that a run began, and how it ended: by the load and the whole look that the caller tells, or by failing.

    One that is killed stays open until the next begins.
    """
    began = time.monotonic()
    with writing(place.engine) as connection:
        run_id = begin_run(
            connection, place.tables, NewRun(kind, str(selection), socket.gethostname(), os.getpid(), now)
        )

    def write(outcome: RunOutcome, load_id: int | None, is_whole_look: bool) -> None:
        at = now + timedelta(seconds=time.monotonic() - began)
        with writing(place.engine) as connection:
            end_run(connection, place.tables, run_id, EndOfRun(outcome, load_id, is_whole_look, at))

    def end(load_id: int | None, is_whole_look: bool) -> None:
        write(_outcome(place, load_id), load_id, is_whole_look and selection.is_all)

    try:
        yield end
    except BaseException:
        with suppress(WarehouseFault):
            write(RunOutcome.FAILED, None, False)
        raise


def _outcome(place: Workspace, load_id: int | None) -> RunOutcome:
    if load_id is None:
        return RunOutcome.NOTHING_NEW
    with reading(place.engine) as connection:
        states = submissions_of_load(connection, place.tables, load_id)["state"]
    return RunOutcome.LOADED_WITH_REJECTIONS if (states == REJECTED).any() else RunOutcome.LOADED

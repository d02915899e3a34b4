"""What a night does, step by step and without Prefect: find, archive, read, judge, record, report.

Each step can be run again after a kill: the archive is by hash, the load is one transaction, reports are made from the
warehouse. Prefect's flows call these steps as tasks; they are what runs when Prefect cannot come up.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from filelock import FileLock, Timeout

from flows.arrivals import Arrived, Found, archive_new, find_new
from flows.children import Died, Failed
from flows.recording import Taking, read_files, record, sort_out
from flows.settings import Home
from flows.status import refresh_coverage
from flows.workplace import Selection, Workplace
from transforms.read import FileRead
from warehouse.engine import is_transient

LOCK_FILE = "run.lock"
TRANSIENT_ERRNOS = {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ESTALE, errno.ETIMEDOUT}


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the load that it recorded (None where there was nothing to record) and what it left for later.

    `growing` were still being written or had gone, `unreadable` the system would not let be read, `failed` met a fault of
    ours; each says where. `status_fault` says why it cannot be told who has reported what.
    """

    load_id: int | None
    growing: list[str]
    unreadable: list[str]
    failed: list[str]
    status_fault: str | None = None


class RunHeld(Exception):
    """Another run is writing to this home."""


Call = Callable[[str, Callable[[], Any]], Any]


def run(place: Workplace, kind: str, selection: Selection, call: Call, now: datetime) -> Outcome:
    """One run over a home. Every step goes through `call`, which names it and may watch, time and retry it.

    Raises RunHeld at once where another run is writing: the lock goes with its process, so a killed run leaves none.
    """
    place.prepare()
    with alone(place.home):
        outcome = _run_alone(place, kind, selection, call, now)
        fault = call("Refresh who has reported", partial(refresh_coverage, place, now))
        return replace(outcome, status_fault=fault)


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
    outcomes: list[FileRead | Died | Failed] = []
    for start in range(0, len(files), size):
        batch = files[start : start + size]
        outcomes += call(f"Read files {start + 1} to {start + len(batch)}", partial(read_files, place, batch))
    read = sort_out(place, files, outcomes)
    left = (arrived.growing, found.unreadable + arrived.unreadable, read.failed)
    if not read.read and not arrived.copies:
        return Outcome(None, *left)
    taking = Taking(kind, selection, arrived, found.reopened, read, now)
    load_id = call("Judge and load", partial(record, place, taking))
    return Outcome(load_id, *left)


def is_transient_fault(error: BaseException) -> bool:
    """Whether running a step again can help: a busy database, a share or disk that did not answer."""
    return is_transient(error) or (isinstance(error, OSError) and error.errno in TRANSIENT_ERRNOS)


def utc_now() -> datetime:
    """The clock, in UTC without a zone, as the warehouse keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)

"""Run untrusted work in child processes with limits, so that a hostile or broken file cannot end the run.

A workbook of two kilobytes can make its reader allocate a terabyte, which aborts the process: no `except`
catches that. So whatever opens a county's file runs in a child with limited time and memory. Children are
forked from a server that holds only the imports, and serve many files one after the other.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import re
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as CallTimeout
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, wraps
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from schemas.sentences import Sentence

#: the module that the fork server imports once for all children
PRELOADED = "flows.sandbox.preload"
#: a child imports in two seconds on an idle machine
STARTING_SECONDS = 120.0
OUT_OF_MEMORY = 77  # exit code of a child that reached its limit
#: exit codes of a child that lacked memory: libraries abort where an allocation fails, and a system short of
#: memory kills. By name, as not every system has every signal
MEMORY_EXIT_CODES = {OUT_OF_MEMORY} | {
    -getattr(signal, name) for name in ("SIGABRT", "SIGKILL") if hasattr(signal, name)
}


@dataclass(frozen=True)
class Limits:
    """Time and memory of one call, and the number of children."""

    seconds: float
    mebibytes: int
    processes: int


@dataclass(frozen=True)
class ChildCrashed:
    """A call whose child timed out (`exit_code` is None) or died with
    `exit_code`, which is negative for a signal.
    """

    exit_code: int | None

    @property
    def rule_id(self) -> str:
        """The rule that rejects a file whose child crashed."""
        if self.exit_code is None:
            return "file.too_slow"
        return "file.too_demanding" if self.exit_code in MEMORY_EXIT_CODES else "file.reader_crashed"

    @property
    def detail(self) -> Sentence:
        """How the child ended, for the operator."""
        if self.exit_code is None:
            return Sentence("took too long")
        if self.exit_code == OUT_OF_MEMORY:
            return Sentence("out of memory")
        return Sentence("exit code {code}", code=self.exit_code)


@dataclass(frozen=True)
class ChildError:
    """A call that raised: an internal error, reported with its traceback."""

    error: BaseException

    def traceback_text(self) -> str:
        """Format the child's traceback for the operator's log."""
        return "".join(traceback.format_exception(self.error)).strip()


def start_children() -> None:
    """Start the fork server's imports in the background; the first child waits until they are done."""
    if _can_fork():
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload([PRELOADED])
        forkserver.ensure_running()


def map_isolated(
    limits: Limits, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]
) -> list[Any]:
    """Return the result of each call in order, ChildCrashed or ChildError if it failed.

    A call whose child died is retried once, alone: another call or a machine short of memory may be the
    cause.
    """
    results = map_once(limits, function, calls)
    for index, result in enumerate(results):
        if isinstance(result, ChildCrashed):
            [results[index]] = map_once(limits, function, [calls[index]])
    return results


def map_once(
    limits: Limits,
    function: Callable[..., Any],
    calls: Sequence[tuple[Any, ...]],
    on_result: Callable[[int], None] = lambda _index: None,
) -> list[Any]:
    """Return the result of each call like `map_isolated`, without a retry: for callers that retry crashed
    calls in their own way.

    `on_result` is called with the index of each call that has ended, in order.
    """
    pool = _ready_pool(limits, os.getpid()) if calls else None
    return (
        _gather(
            [pool.schedule(function, args=list(call), timeout=limits.seconds) for call in calls], on_result
        )
        if pool
        else []
    )


def _gather(futures: Sequence[Any], on_result: Callable[[int], None]) -> list[Any]:
    results: list[Any] = []
    for index, future in enumerate(futures):
        try:
            results.append(future.result())
        except CallTimeout:
            results.append(ChildCrashed(None))
        except ProcessExpired as expired:
            results.append(ChildCrashed(expired.exitcode))
        except Exception as error:
            results.append(ChildError(error))
        on_result(index)
    return results


@cache
def _ready_pool(limits: Limits, owner: int) -> ProcessPool:
    """Return the pool once a child has answered. Raises TimeoutError if none does, instead of waiting
    forever.
    """
    pool = _pool(limits, owner)
    pool.schedule(os.getpid).result(timeout=STARTING_SECONDS)
    return pool


@cache
def _pool(limits: Limits, _owner: int) -> ProcessPool:
    """Create the pool of this process for these limits; a forked process has its own."""
    # where the platform cannot fork, each child imports for itself
    context = multiprocessing.get_context("forkserver" if _can_fork() else "spawn")
    start_children()
    pool = ProcessPool(
        max_workers=limits.processes, context=context, initializer=_init_child, initargs=[limits.mebibytes]
    )
    # before multiprocessing ends the children itself: one by one they would be replaced, and a process that
    # was itself started as a child would wait for them for ever
    Finalize(None, _stop, args=[pool], exitpriority=100)
    return pool


def _can_fork() -> bool:
    return "forkserver" in multiprocessing.get_all_start_methods()


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _init_child(mebibytes: int) -> None:
    """Initialise a child: exit with the parent, silence stdout/stderr, cap memory."""
    gc.freeze()  # what was imported stays: no collection need look through it
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silent, stream)
    with suppress(ImportError, OSError):  # where the system knows no such limit, time alone is limited
        import resource

        has_now = re.search(r"VmData:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii"))
        if has_now:
            most = int(has_now[1]) * 1024 + mebibytes * 2**20
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def exit_on_memory_error(function: Callable[..., Any]) -> Callable[..., Any]:
    """Exit the child on MemoryError so the pool replaces it."""

    @wraps(function)
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)

    return call

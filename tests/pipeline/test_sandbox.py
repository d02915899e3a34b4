"""Calls in child processes: those that hang, abort or use too much
memory are reported, and the others go on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from flows.sandbox.pool import (
    OUT_OF_MEMORY,
    ChildCrashed,
    ChildError,
    Limits,
    exit_on_memory_error,
    map_isolated,
)

LIMITS = Limits(seconds=1.0, mebibytes=64, processes=2)


def double(number: int) -> int:
    return 2 * number


def hang(_number: int) -> None:
    time.sleep(60)


def abort(_number: int) -> None:
    os.abort()


def fault(_number: int) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


@exit_on_memory_error
def swallow(_number: int) -> int:
    return len(bytearray(512 * 2**20))


def divide(number: int) -> float:
    return 1 / number


def call_by_name(function_name: str, number: int) -> object:
    return globals()[function_name](number)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ("hang", ChildCrashed(None)),
        ("abort", ChildCrashed(-signal.SIGABRT)),
        ("fault", ChildCrashed(-signal.SIGSEGV)),
        ("swallow", ChildCrashed(OUT_OF_MEMORY)),
    ],
)
def test_a_bad_call_is_reported_and_the_others_return_their_results(
    bad: str, expected: ChildCrashed
) -> None:
    names = ["double", "double", bad, "double"]
    assert map_isolated(LIMITS, call_by_name, list(zip(names, range(4), strict=True))) == [
        0,
        2,
        expected,
        6,
    ]


@pytest.mark.parametrize(
    ("exit_code", "rule_id", "detail"),
    [
        (None, "file.too_slow", "took too long"),
        (OUT_OF_MEMORY, "file.too_demanding", "out of memory"),
        (-signal.SIGABRT, "file.too_demanding", "exit code -6"),
        (-signal.SIGKILL, "file.too_demanding", "exit code -9"),
        (-signal.SIGSEGV, "file.reader_crashed", "exit code -11"),
        (1, "file.reader_crashed", "exit code 1"),
    ],
)
def test_a_crash_blames_memory_only_where_it_may_have_been_the_cause(
    exit_code: int | None, rule_id: str, detail: str
) -> None:
    crashed = ChildCrashed(exit_code)
    assert (crashed.rule_id, crashed.detail) == (rule_id, detail)


def test_an_internal_error_is_returned_unchanged() -> None:
    good, failed = map_isolated(LIMITS, divide, [(1,), (0,)])
    assert good == 1
    assert isinstance(failed, ChildError)
    assert isinstance(failed.error, ZeroDivisionError)


def test_child_processes_end_with_a_killed_parent() -> None:
    """Kill the parent during a call: its child processes must end."""
    code = """
import os, sys
from flows.sandbox.pool import Limits, map_isolated
limits = Limits(60.0, 64, 1)
[child] = map_isolated(limits, os.getpid, [()])
print(child, flush=True)
os.kill(os.getpid(), 9)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    child = int(result.stdout)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _is_alive(child):
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True

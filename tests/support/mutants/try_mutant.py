"""Write a mutant into a copy of the project and run the tests that execute its line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import pytest

from tests.support.mutants.operators import Mutant
from tests.support.mutants.trace import NearTests

#: near and quick tests go first, alone, as they kill most mutants; then what else goes into this time
FIRST_SECONDS, SECOND_SECONDS = 10, 60
MAX_TESTS_AT_ONCE = 400
#: what a run may take: several times the traced seconds, as the machine may be busy
START_SECONDS, PATIENCE = 60, 5


class Outcome(StrEnum):
    KILLED = "killed"
    OUT_OF_TIME = "killed by the time limit"
    SURVIVED = "survived"
    NO_TEST = "survived: no test on SQLite executes it"


def copy_project(root: Path, tree: Path) -> None:
    """Copy all files that git knows or would add.

    They get an old time: Python takes compiled code as current if time and size agree, and a mutant may have
    the size of its file.
    """
    shutil.rmtree(tree, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, tree / name)
            os.utime(tree / name, (0, 0))


def try_mutant(mutant: Mutant, near: NearTests, tree: Path) -> Outcome:
    """Run the tests that execute the mutant's line until one fails."""
    tests = near.of_mutant(mutant)
    if not tests:
        return Outcome.NO_TEST
    for batch in _batches(tests, near):
        limit = START_SECONDS + PATIENCE * sum(near.seconds[test] for test in batch)
        try:
            with _written(mutant, tree):
                code = _run_tests(batch, tree, limit)
        except subprocess.TimeoutExpired:
            return Outcome.OUT_OF_TIME
        if code in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
            return Outcome.KILLED
        if code != pytest.ExitCode.OK:
            # a mistake that ends the import of a test's file looks like the wrong name of a test
            if _run_tests(["--collect-only", *batch], tree, limit) == pytest.ExitCode.OK:
                return Outcome.KILLED
            raise RuntimeError(f"pytest ended with {code} for {' '.join(batch)}")
    return Outcome.SURVIVED


@contextmanager
def _written(mutant: Mutant, tree: Path) -> Iterator[None]:
    path = tree / mutant.path
    original, code = path.read_bytes(), mutant.code(tree)
    path.write_text(code, encoding="utf-8")
    try:
        yield
    finally:
        path.write_bytes(original)
        os.utime(path, (0, 0))


def _batches(tests: Sequence[str], near: NearTests) -> list[list[str]]:
    """Split tests, the nearest first, into two batches; what is too slow for both is left out."""
    batches: list[list[str]] = [[], []]
    seconds = [0.0, 0.0]
    for test in tests[:MAX_TESTS_AT_ONCE]:
        for index, limit in enumerate((FIRST_SECONDS, SECOND_SECONDS)):
            if not batches[index] or seconds[index] + near.seconds[test] <= limit:
                batches[index].append(test)
                seconds[index] += near.seconds[test]
                break
    return [batch for batch in batches if batch]


def _run_tests(tests: Sequence[str], tree: Path, limit: float) -> int:
    """Run tests up to the first that fails; children that are left are ended with them."""
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "tests.support.mutants.plugin"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        return process.wait(limit)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

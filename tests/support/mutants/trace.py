"""Which tests execute a line, kept by test file in `build/mutants` until it or the product changes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.mutants.operators import Mutant
from tests.support.mutants.plugin import TRACE

#: rooms of tests that look at the mutated rooms; the others start whole nights, servers or browsers
NEAR_ROOMS = ("normalise", "read", "validate", "warehouse", "pipeline", "report", "receipt")
#: tests of processes, power, networks and upgrades: slow, and about none of these lines
FAR_FILES = {
    "test_dask_workers", "test_failing_disk", "test_kill", "test_migrations", "test_reader_roles",
    "test_readers_at_night", "test_run_lock", "test_sandbox", "test_true_histories", "test_older_archive",
    "test_report_tools", "test_atomic", "test_notifications",
}  # fmt: skip
PACKAGES = ("schemas", "transforms", "warehouse", "flows")
TRACE_SECONDS = 900


@dataclass
class NearTests:
    """By line, the tests that execute it, and the seconds of each test."""

    seconds: dict[str, float] = field(default_factory=dict)
    by_line: dict[str, dict[int, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    def of_mutant(self, mutant: Mutant) -> list[str]:
        """Return the tests that execute the line of a mutant, the nearest first, then the quickest.

        Near are those that run what the line decides about, and those of the same room. Of a statement over
        many lines only some count as executed. What is executed at import concerns all tests that execute
        anything of its file.
        """
        executed = self.by_line[mutant.path]
        lines: Iterable[int] = executed
        if mutant.is_in_function:
            lines = (
                [mutant.line] if mutant.line in executed else set(mutant.statement).intersection(executed)
            )
        tests = set().union(*(executed[line] for line in lines)) - {""}
        rooms = set(mutant.path.split("/"))
        deciding = executed.get(mutant.body_line, set())

        def rank(test: str) -> tuple[bool, bool, float, str]:
            return test not in deciding, test.split("/")[1] not in rooms, self.seconds[test], test

        return sorted(tests, key=rank)


def trace_tests(tree: Path, folder: Path, files: Iterable[str] = ()) -> NearTests:
    """Run each test file of the tree that is new or changed, and collect what all of them execute."""
    folder.mkdir(parents=True, exist_ok=True)
    product = _hash(sorted(path for name in PACKAGES for path in (tree / name).rglob("*.py")))
    near = NearTests()
    for file in files or list_near_files(tree):
        key = _hash([tree / file]) + product
        kept = folder / f"{file.replace('/', '-')}.json"
        if not kept.exists() or json.loads(kept.read_text(encoding="utf-8"))["key"] != key:
            _trace_file(tree, file, kept, key)
        _add(near, json.loads(kept.read_text(encoding="utf-8")))
    return near


def list_near_files(tree: Path) -> list[str]:
    return [
        str(path.relative_to(tree))
        for room in NEAR_ROOMS
        for path in sorted((tree / "tests" / room).glob("test_*.py"))
        if path.stem not in FAR_FILES
    ]


def _trace_file(tree: Path, file: str, kept: Path, key: str) -> None:
    print(f"tracing {file}", flush=True)
    passing = kept.with_suffix(".passing")
    passing.unlink(missing_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "tests.support.mutants.plugin", file],
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree), TRACE: str(passing)}, timeout=TRACE_SECONDS,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    traced = json.loads(passing.read_text(encoding="utf-8"))
    passing.unlink()
    for test in traced["failed"]:
        print(f"  fails without a mutant, so it is not asked: {test}", flush=True)
    kept.write_text(json.dumps({"key": key, "file": file, **traced}, ensure_ascii=False), encoding="utf-8")


def _add(near: NearTests, traced: dict) -> None:
    failed = set(traced["failed"])
    near.seconds |= traced["seconds"]
    near.seconds[traced["file"]] = sum(traced["seconds"].values())
    for path, lines in traced["lines"].items():
        for line, tests in lines.items():
            near.by_line[path][int(line)] |= {
                test for test in tests if test not in failed and not (failed and test == traced["file"])
            }


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()

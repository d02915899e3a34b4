"""What Prefect takes of a run over one month of the sample year (S1)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import Bench, Run
from benchmarks.homes import MONTH, sample_year


def prefect(bench: Bench) -> None:
    """Measure a run over S1 by the real command, with and without Prefect, each less its start-up.

    Prefect's start-up is starting and stopping its server, its imports, and a first empty flow.
    """
    made = sample_year(bench, bench.fresh("s1") / "made")
    for folder in (made / "inbox").iterdir():
        if folder.name != MONTH:
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    runs: dict[str, list[Run]] = {name: [] for name in ("with", "its start-up", "without", "start-up")}
    for _ in range(bench.size.short_repetitions):
        for name, run in _S1_RUNS.items():
            home = bench.folder / "s1" / "home"
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(made, home)
            runs[name].append(run(bench, home))
    names = {"with": "S1 by `huizong nightly`", "without": "S1 without Prefect"}
    took = {
        name: bench.keep(names.get(name, f"S1, {name}"), repetitions).measured
        for name, repetitions in runs.items()
    }
    beyond, plain = took["with"] - took["its start-up"], took["without"] - took["start-up"]
    share, wall = (beyond.cpu - plain.cpu) / beyond.cpu, (beyond.wall - plain.wall) / beyond.wall
    bench.goal(
        "S1", "Prefect's share ≤ 10 % of the night, beyond its start-up", f"{share:.1%}", share <= 0.1,
        f"CPU {beyond.cpu:.1f} s with and {plain.cpu:.1f} s without it; wall {wall:.0%}. Its start-up: "
        f"{took['its start-up'].cpu - took['start-up'].cpu:.1f} s CPU.",
    )  # fmt: skip


_S1_RUNS: dict[str, Callable[[Bench, Path], Run]] = {
    "with": lambda bench, home: bench.once("command", "--home", home, "nightly"),
    "its start-up": lambda bench, home: bench.once("night_start_up", home, "--with-prefect"),
    "without": lambda bench, home: bench.once("command", "--without-prefect", "--home", home, "nightly"),
    "start-up": lambda bench, home: bench.once("night_start_up", home),
}

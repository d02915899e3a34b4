"""The whole command `nightly` over the sample year, beside an earlier state of this repository."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

from benchmarks.bench import Bench, Run
from benchmarks.homes import sample_year

#: the state before receipts were written from templates
BEFORE = "bbec710dc14aa95fd1ebd2249248f8db281f6497"
ROOT = Path(__file__).parents[2]


def year(bench: Bench) -> None:
    """Measure both in turn, each over a home of its own."""
    made = sample_year(bench, bench.fresh("year") / "made")
    before = _earlier_state(bench)
    trees = {"sample year by `huizong nightly`": ROOT}
    if before is None:
        bench.notes.append(f"The sample year before: {BEFORE[:7]} is not in this clone.")
    else:
        trees["sample year before"] = before
    runs: dict[str, list[Run]] = {name: [] for name in trees}
    for _ in range(bench.size.short_repetitions):
        for name, tree in trees.items():
            home = bench.folder / "year" / "home"
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(made, home)
            runs[name].append(bench.once("command", "--home", home, "nightly", tree=tree))
    now, *earlier = [bench.keep(name, repetitions).measured for name, repetitions in runs.items()]
    if earlier:
        ratio = now.cpu / earlier[0].cpu
        bench.goal(
            "sample year", "`nightly` ≤ 0.5 × what it took before", f"{ratio:.2f} ×", ratio <= 0.5,
            f"CPU {now.cpu:.1f} s and {earlier[0].cpu:.1f} s at {BEFORE[:7]}; wall {now.wall / earlier[0].wall:.2f} ×.",
        )  # fmt: skip


def _earlier_state(bench: Bench) -> Path | None:
    """Unpack the earlier state; None where the history does not reach back to it."""
    folder = bench.fresh("before")
    packed = folder / "tree.tar"
    command = ["git", "-C", ROOT, "archive", "--output", packed, BEFORE]
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        return None
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return folder

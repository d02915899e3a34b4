"""One receipt beside what libraries take for less."""

from __future__ import annotations

from benchmarks.bench import Bench, Run, median
from benchmarks.homes import s2_home
from benchmarks.made_files import write_ledgers, write_workbooks

#: receipts of each kind; those of one kind differ little
UNITS = 20


def receipts(bench: Bench) -> None:
    """Measure receipts of CSV files and of workbooks, in one process and without the rest of a run."""
    run = _timed(bench, "csv")
    _hold(bench, run, 0.9, "a receipt of a CSV ≤ 0.9 × xlsxturbo's bare sheet", "xlsxturbo")
    run = _timed(bench, "xlsx")
    _hold(bench, run, 0.1, "a receipt in place ≤ 1/10 of openpyxl's load, mark, save", "openpyxl")


def _timed(bench: Bench, kind: str) -> Run:
    """Run over files of that kind, and measure their receipts again without the run."""
    inbox = bench.fresh("inbox")
    (write_ledgers if kind == "csv" else write_workbooks)(inbox, UNITS)
    home = s2_home(bench.fresh("receipts") / "home", UNITS, inbox)
    bench.once("night", home, "{results}")
    return median([
        bench.once("receipts_alone", home, "{results}") for _ in range(bench.size.short_repetitions)
    ])  # fmt: skip


def _hold(bench: Bench, run: Run, most: float, goal: str, library: str) -> None:
    ours, theirs = (1000 * run.phases[name] / UNITS for name in ("Huizong", library))
    bench.goal(
        "receipts", goal, f"{ours / theirs:.2f} ×", ours / theirs <= most,
        f"{ours:.1f} ms and {theirs:.1f} ms, of 350 × 20 cells with {run.phases['marks'] / UNITS:.0f} findings each.",
    )  # fmt: skip

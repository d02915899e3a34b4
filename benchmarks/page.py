"""Write the benchmark results to docs/performance.md; the text below
the mark is written by hand and preserved.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.parts import PARTS
from benchmarks.parts.s2 import EQUAL_WORK, FLOOR, NIGHT, NIGHT_PG, NIGHT_WITHOUT, WITHOUT_RECEIPTS

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MARK = "<!-- Below this line the page is written by hand; `make bench` keeps it. -->"
LIBRARIES = (
    "pandas",
    "pandera",
    "pyarrow",
    "sqlalchemy",
    "python-calamine",
    "prefect",
    "duckdb",
    "polars",
    "dlt",
    "xlsxwriter",
    "openpyxl",
    "xlsxturbo",
)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()} {platform.machine()}"


def _side_by_side(bench: Bench, names: Sequence[str], unit: str, in_words: str) -> str:
    """Compare the CPU time of some ways with that of one of them."""
    if unit not in bench.runs:
        return "Not measured in this run."
    reference = bench.runs[unit].measured.cpu
    measured = [(name, bench.runs[name].measured) for name in names if name in bench.runs]
    rows = [
        [name, f"{took.wall:.1f}", f"{took.cpu:.1f}", f"{took.peak_mib:,.0f}", f"{took.cpu / reference:.2f} ×"]
        for name, took in measured
    ]  # fmt: skip
    return _table(["way", "wall s", "CPU s", "peak MiB", f"CPU : {in_words}"], rows)


def _share_of(phase: str, seconds_by_phase: Mapping[str, float]) -> str:
    seconds = seconds_by_phase.get(phase, 0.0)
    return f"{seconds:.2f} ({seconds / sum(seconds_by_phase.values()):.0%})"


def _phases(bench: Bench) -> str:
    of_each = {
        name: bench.runs[name].phases for name in (NIGHT, NIGHT_WITHOUT, NIGHT_PG) if name in bench.runs
    }
    phases = dict.fromkeys(phase for seconds_by_phase in of_each.values() for phase in seconds_by_phase)
    rows = [[phase, *(_share_of(phase, seconds) for seconds in of_each.values())] for phase in phases]
    return _table(["CPU s of", *(name.removeprefix("Huizong's ") for name in of_each)], rows)


def _other_runs(bench: Bench) -> str:
    shown = {*EQUAL_WORK, *WITHOUT_RECEIPTS}
    rows = [
        [name, f"{run.measured.wall:.1f}", f"{run.measured.cpu:.2f}", f"{run.measured.peak_mib:,.0f}"]
        for name, run in bench.runs.items() if name not in shown
    ]  # fmt: skip
    return _table(["run", "wall s", "CPU s", "peak MiB"], rows) if rows else "Nothing in this run."


def _goals(bench: Bench) -> str:
    rows = [
        [goal.part, goal.wanted, goal.actual, "yes" if goal.holds else "**no**", goal.words]
        for goal in bench.goals
    ]
    return _table(["of", "goal", "found", "holds", "in detail"], rows)


def _missed(bench: Bench) -> str:
    missed = [goal for goal in bench.goals if not goal.holds]
    if not missed:
        return "Every goal holds."
    lines = [
        f"- {goal.part}: wanted was {goal.wanted}; found {goal.actual}. {goal.words}".rstrip()
        for goal in missed
    ]
    return f"{len(missed)} of {len(bench.goals)} goals do not hold:\n\n" + "\n".join(lines)


def text(bench: Bench) -> str:
    size = bench.size
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    figures = (
        "The thirty figures of all ways agree."
        if not bench.wrong
        else "**Figures differ:** " + "; ".join(bench.wrong)
    )
    notes = "\n".join(f"- {note}" for note in bench.notes)
    left_out = [part for part in PARTS if part not in bench.parts]
    left = f"\n\n**Not measured in this run:** {', '.join(left_out)}." if left_out else ""
    return f"""# What a night takes

Written by `make bench` (`BENCH={size.name}`) on {datetime.now(UTC):%Y-%m-%d}: {machine()}; Python {platform.python_version()},
{versions}.
Medians of {size.repetitions}, of S1, late counties and nights with nothing new {size.short_repetitions}; the plain script and
the nights of growth once.
CPU seconds and peak memory are those of all processes together, memory that several share counted once; into PostgreSQL the
server's CPU time is counted too. Goals are held against CPU time, which neighbours on the machine move least.{left}

S1 is one month of the sample year: 8 units, all ledgers. S2 is a ledger of penalties of {size.units:,} units each as CSV, about
350 rows each, three rows in a hundred doubled, and in each column one cell in a hundred wrong. All ways leave out rows with a
wrong cell, count a decision once and answer the same thirty questions by unit and month. {figures}

The other ways end there. Huizong's night also keeps the original files and every version of a row, judges by all of the
ledger's rules, tells each wrong cell with what to do about it, and computes all indicators. dlt validates nothing: polars
leaves the wrong rows out for it. The thirty questions are part of the other ways' time; Huizong is asked them after its
night, whose own figures are part of its time.

## S2 on equal work: every file returned

Each way returns each file as a workbook whose wrong cells are coloured and commented. Huizong's receipts have a first page
besides, with what was accepted and all findings in words; the comments of the others name the check that failed.

{_side_by_side(bench, EQUAL_WORK, NIGHT, "Huizong's night")}

## S2 without receipts

Nothing is returned (`receipts = "none"`). The other ways' times are those above less the writing of the workbooks.

{_side_by_side(bench, WITHOUT_RECEIPTS, FLOOR, "floor")}

## Where Huizong's time goes

{_phases(bench)}

## Goals

{_goals(bench)}

{_missed(bench)}

## What else was measured

{_other_runs(bench)}

{notes}
"""


def write(bench: Bench) -> None:
    by_hand = PAGE.read_text("utf-8").partition(MARK)[2] if PAGE.exists() else ""
    PAGE.write_text(text(bench) + f"\n{MARK}\n" + (by_hand or ""), "utf-8")

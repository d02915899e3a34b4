"""S2 into SQLite, beside other ways: with every file returned as a marked workbook, and without."""

from __future__ import annotations

import shutil
from dataclasses import replace

from benchmarks.bench import Bench, Run
from benchmarks.contenders.timing import MARKED_FILES
from benchmarks.homes import ledgers_of, s2_home

FLOOR, POLARS, DLT = "DuckDB alone (floor)", "polars, pandera, DuckDB", "dlt into SQLite"
PLAIN = "plain script into SQLite"
CONTENDERS = {
    FLOOR: ("contenders.duckdb_floor",),
    POLARS: ("contenders.polars_pandera",),
    "dlt into DuckDB": ("contenders.dlt_merge", "duckdb"),
    DLT: ("contenders.dlt_merge", "sqlite"),
    PLAIN: ("contenders.plain_script",),
}
#: the contenders that also return every file, and what with
WITH_MARKS = {POLARS: f"{POLARS}, xlsxwriter", PLAIN: f"{PLAIN}, openpyxl"}
NIGHT, NIGHT_WITHOUT = "Huizong's night", "Huizong's night without receipts"
NIGHT_PG = "Huizong's night without receipts into PostgreSQL"

#: the two tables of the page
EQUAL_WORK = [*WITH_MARKS.values(), NIGHT]
WITHOUT_RECEIPTS = [*CONTENDERS, NIGHT_WITHOUT, NIGHT_PG]


def s2(bench: Bench) -> None:
    """Measure a run over S2, with receipts and without, and all contenders."""
    inbox = ledgers_of(bench, bench.size.units)
    runs: dict[str, list[Run]] = {name: [] for name in (*EQUAL_WORK, *WITHOUT_RECEIPTS) if name != NIGHT_PG}
    for repetition in range(bench.size.repetitions):
        for name, receipts in ((NIGHT, "all"), (NIGHT_WITHOUT, "none")):
            home = s2_home(bench.fresh("s2") / "home", bench.size.units, inbox, receipts=receipts)
            runs[name].append(bench.once("night", home, "{results}"))
        figures = bench.once("night", home, "{results}", "--until", "figures").figures
        for name, (module, *more) in CONTENDERS.items():
            if name == PLAIN and repetition:
                continue
            run = bench.once(module, inbox, "{results}", *more)
            bench.compare(figures, run.figures, name)
            if name in WITH_MARKS:
                runs[WITH_MARKS[name]].append(run)
                run = _without_marked_files(run)
            runs[name].append(run)
    for name, repetitions in runs.items():
        bench.keep(name, repetitions)
    shutil.rmtree(bench.folder / "s2")
    _hold_against_goals(bench)


def _without_marked_files(run: Run) -> Run:
    """Leave out the time in which the files are written, by one thread at the end of everything else."""
    writing = run.phases[MARKED_FILES]
    took = replace(run.measured, wall=run.measured.wall - writing, cpu=run.measured.cpu - writing)
    phases = {phase: seconds for phase, seconds in run.phases.items() if phase != MARKED_FILES}
    return replace(run, measured=took, phases=phases)


def _hold_against_goals(bench: Bench) -> None:
    def ratio(name: str, other: str) -> tuple[float, str]:
        ours, theirs = bench.runs[name].measured, bench.runs[other].measured
        return (
            ours.cpu / theirs.cpu,
            f"CPU {ours.cpu:.1f} and {theirs.cpu:.1f} s; wall {ours.wall / theirs.wall:.2f} ×.",
        )

    of_polars, in_words = ratio(NIGHT, WITH_MARKS[POLARS])
    bench.goal(
        "S2",
        "≤ 0.6 × polars, pandera, DuckDB, xlsxwriter",
        f"{of_polars:.2f} ×",
        of_polars <= 0.6,
        in_words,
    )
    of_plain, in_words = ratio(NIGHT, WITH_MARKS[PLAIN])
    bench.goal(
        "S2",
        "≤ 1/12 of the plain script with openpyxl",
        f"1/{1 / of_plain:.1f}",
        of_plain <= 1 / 12,
        in_words,
    )
    of_floor, in_words = ratio(NIGHT_WITHOUT, FLOOR)
    bench.goal("S2 without receipts", "≤ 4 × DuckDB alone", f"{of_floor:.2f} ×", of_floor <= 4, in_words)
    of_dlt, in_words = ratio(NIGHT_WITHOUT, DLT)
    bench.goal("S2 without receipts", "≤ 0.8 × dlt into SQLite", f"{of_dlt:.2f} ×", of_dlt <= 0.8, in_words)
    night = bench.runs[NIGHT].measured
    at_once = night.wall / night.cpu
    bench.goal(
        "S2", "wall time ≤ 0.6 × CPU time", f"{at_once:.2f} ×", at_once <= 0.6,
        f"Wall {night.wall:.1f} s, CPU {night.cpu:.1f} s; two cores at most would be 0.5.",
    )  # fmt: skip

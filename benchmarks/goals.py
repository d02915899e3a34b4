"""The parts of the benchmark: `python -m benchmarks PART`. Each keeps
its runs and holds them against its goals.

Ratios are of CPU seconds, all processes included: a neighbour on the machine
moves them least. The page shows wall time beside.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import Bench, Run, median, postgresql
from benchmarks.homes import MONTH, s2_home
from benchmarks.made_files import write_late_ledger, write_ledgers, write_workbooks
from benchmarks.night_steps import READ
from flows.step import Step

CONTENDERS = {
    "DuckDB alone (floor)": ("contenders.duckdb_floor",),
    "polars, pandera, DuckDB": ("contenders.polars_pandera",),
    "dlt into DuckDB": ("contenders.dlt_merge", "duckdb"),
    "dlt into SQLite": ("contenders.dlt_merge", "sqlite"),
    "plain script into SQLite": ("contenders.plain_script",),
}
FLOOR, DLT, PLAIN = "DuckDB alone (floor)", "dlt into SQLite", "plain script into SQLite"
NIGHT, NIGHT_PG = "Huizong's night into SQLite", "Huizong's night into PostgreSQL"
MOST_MIB, GROWTHS = 2048, (1, 2, 4)


def ledgers_of(bench: Bench, units: int) -> Path:
    inbox = bench.folder / f"ledgers-{units}"
    if not inbox.exists():
        bench.say(f"{write_ledgers(inbox, units):,} rows of {units:,} units made")
    return inbox


def start_up(bench: Bench, home: Path) -> Run:
    return bench.once("night", home, "{results}", "--until", "open")


def s2(bench: Bench) -> None:
    """Measure a run over S2 and all contenders."""
    inbox = ledgers_of(bench, bench.size.units)
    runs: dict[str, list[Run]] = {name: [] for name in [NIGHT, *CONTENDERS]}
    for repetition in range(bench.size.repetitions):
        home = s2_home(bench.fresh("s2") / "home", bench.size.units, inbox)
        runs[NIGHT].append(bench.once("night", home, "{results}"))
        figures = bench.once("night", home, "{results}", "--until", "figures").figures
        for name, (module, *more) in CONTENDERS.items():
            if name == PLAIN and repetition:
                continue
            bench.fresh("told")
            runs[name].append(bench.once(module, inbox, "{results}", *more))
            bench.compare(figures, runs[name][-1].figures, name)
    for name, repetitions in runs.items():
        bench.keep(name, repetitions)
    night, floor, dlt, plain = (bench.runs[name].measured for name in (NIGHT, FLOOR, DLT, PLAIN))
    without = night.cpu - bench.runs[NIGHT].phases[Step.REPORT.title]
    ratio = night.cpu / floor.cpu
    bench.goal(
        "S2", "whole night into SQLite ≤ 2.5 × the floor", f"{ratio:.2f} ×", ratio <= 2.5,
        f"Without receipts and reports, which no contender makes, {without / floor.cpu:.2f} ×.",
    )  # fmt: skip
    ratio = plain.cpu / night.cpu
    bench.goal(
        "S2", "at least 8 × faster than the plain script", f"{ratio:.1f} ×", ratio >= 8,
        f"Wall {plain.wall / night.wall:.1f} ×; without receipts and reports {plain.cpu / without:.1f} ×.",
    )  # fmt: skip
    ratio = night.cpu / dlt.cpu
    bench.goal(
        "S2", "faster than dlt into the same database", f"{ratio:.2f} × its time", ratio < 1,
        f"Wall {night.wall / dlt.wall:.2f} ×; without receipts and reports {without / dlt.cpu:.2f} ×.",
    )  # fmt: skip
    shutil.rmtree(bench.folder / "s2")


def into_postgresql(bench: Bench) -> None:
    """Measure the same run into PostgreSQL, against the lowest possible cost."""
    inbox, nights, least = ledgers_of(bench, bench.size.units), [], []
    with postgresql(bench) as (url, server):
        for repetition in range(bench.size.repetitions):
            name = f"bench{repetition}"
            bench.once("database", url, name)
            own = url.replace("/postgres?", f"/{name}?")
            home_url = own.replace("postgresql://", "postgresql+psycopg://")
            home = s2_home(bench.fresh("pg") / "home", bench.size.units, inbox, home_url)
            nights.append(bench.once("night", home, "{results}", server_pid=server))
            figures = bench.once("night", home, "{results}", "--until", "figures").figures
            floor = bench.fresh("floor")
            bench.once("contenders.duckdb_floor", inbox, floor)
            copied = bench.once(
                "contenders.postgres_copy", floor / "floor.duckdb", "{results}", own, str(server)
            )
            bench.compare(figures, copied.figures, "COPY into PostgreSQL")
            read = bench.once("contenders.duckdb_floor", inbox, "{results}", "read")
            least.append(
                (
                    read.measured.cpu,
                    sum(seconds for phase, seconds in copied.phases.items() if phase != "start-up"),
                )
            )
    night = bench.keep(NIGHT_PG, nights)
    reading, copying = (sorted(times)[len(times) // 2] for times in zip(*least, strict=True))
    bench.notes.append(
        f"PostgreSQL's reference, CPU: the floor's reading {reading:.2f} s, COPY {copying:.2f} s with the server's."
    )
    ratio = night.measured.cpu / (reading + copying)
    without = (night.measured.cpu - night.phases[Step.REPORT.title]) / (reading + copying)
    bench.goal(
        "S2", "night into PostgreSQL ≤ 1.5 × COPY and the floor's reading", f"{ratio:.2f} ×", ratio <= 1.5,
        f"Without receipts and reports {without:.2f} ×; the server's own CPU time counts on both sides.",
    )  # fmt: skip


def growing(bench: Bench) -> None:
    """Measure runs over 1 ×, 2 ×, 4 × as many files; after each, a late county and a run with nothing new."""
    peaks, late_took, late_without, often = {}, {}, {}, bench.size.short_repetitions
    for factor in GROWTHS:
        units = bench.size.units * factor
        home = s2_home(bench.fresh("growing") / "home", units + often, ledgers_of(bench, units))
        night = bench.keep(f"night of {factor} × S2", [bench.once("night", home, "{results}")])
        opened = median([start_up(bench, home) for _ in range(often)]).measured
        late = []
        for repetition in range(often):
            write_late_ledger(home / "inbox", units + repetition)
            late.append(bench.once("night", home, "{results}"))
        late_run = bench.keep(f"late county into {factor} × S2", late)
        nothing = bench.keep(
            f"nothing new over {factor} × S2",
            [bench.once("night", home, "{results}") for _ in range(often)],
        )
        whole = night.measured.cpu - opened.cpu
        peaks[factor], late_took[factor] = night.measured.peak_mib, late_run.measured.cpu - opened.cpu
        late_without[factor] = late_took[factor] - late_run.phases[Step.SNAPSHOT.title]
        for what, run, most in (
            ("a late county", late_run, 0.01),
            ("a night with nothing new", nothing, 0.02),
        ):
            spent = run.measured.cpu - opened.cpu
            bench.goal(
                f"{factor} × S2", f"{what} ≤ {most:.0%} of the night, beyond start-up", f"{spent / whole:.2%}",
                spent / whole <= most, f"{spent:.2f} s of {whole:.1f} s; start-up {opened.cpu:.1f} s.",
            )  # fmt: skip
    first, last = GROWTHS[0], GROWTHS[-1]
    ratio, without = (took[last] / took[first] for took in (late_took, late_without))
    bench.goal(
        "S2", f"a late county takes the same into {last} ×", f"{ratio:.2f} × as long", ratio <= 1.25,
        f"Without the readers' file, which is copied whole, {without:.2f} ×.",
    )  # fmt: skip
    peaks_in_words = ", ".join(f"{peak:,.0f} MiB at {factor} ×" for factor, peak in peaks.items())
    bench.goal(
        "S2",
        "peak memory ≤ 2 GiB",
        f"{peaks[first]:,.0f} MiB",
        peaks[first] <= MOST_MIB,
        f"{peaks_in_words}.",
    )
    ratio = peaks[last] / peaks[first]
    bench.goal(
        "S2",
        "peak memory does not grow with the number of files",
        f"{ratio:.2f} × at {last} ×",
        ratio <= 1.25,
        f"{peaks_in_words}.",
    )
    bench.fresh("growing")


def workbooks(bench: Bench) -> None:
    """Measure reading small workbooks, against the reading library's own time."""
    inbox, ours, theirs = bench.fresh("workbooks"), [], []
    write_workbooks(inbox, bench.size.units)
    for _ in range(bench.size.repetitions):
        home = s2_home(bench.fresh("xlsx") / "home", bench.size.units, inbox)
        ours.append(bench.once("night", home, "{results}", "--until", "read"))
        theirs.append(bench.once("contenders.workbooks", inbox, "{results}", "calamine"))
    some = str(min(50, bench.size.units))
    calamine, openpyxl = (
        bench.once("contenders.workbooks", inbox, "{results}", name, some)
        for name in ("calamine", "openpyxl")
    )
    ratio = openpyxl.phases["read"] / calamine.phases["read"]
    bench.notes.append(
        f"openpyxl, read-only, takes {ratio:.1f} × calamine's time over {some} of the workbooks."
    )
    our, their = median(ours).phases.get(READ, 0.0), median(theirs).phases["read"]
    ratio = our / their
    bench.goal(
        "workbooks", "reading ≤ 1.3 × calamine's own time", f"{ratio:.2f} ×", bool(our) and ratio <= 1.3,
        f"{our:.2f} s and {their:.2f} s for {bench.size.units:,} workbooks of about 350 rows, start-up aside.",
    )  # fmt: skip


def prefect(bench: Bench) -> None:
    """Measure a run over S1 by the real command, with and without Prefect, each less its start-up.

    Prefect's start-up is starting and stopping its server, its imports, and a first empty flow.
    """
    made = bench.fresh("s1") / "made"
    bench.once("command", "--home", made, "demo")
    for folder in (made / "inbox").iterdir():
        if folder.name != MONTH:
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    (made / "huizong.toml").write_text("settle_seconds = 0\n", "utf-8")
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

PARTS: dict[str, Callable[[Bench], None]] = {
    "s2": s2, "postgresql": into_postgresql, "growing": growing, "workbooks": workbooks, "prefect": prefect,
}  # fmt: skip

"""S2 into PostgreSQL."""

from __future__ import annotations

from benchmarks.bench import Bench, postgresql
from benchmarks.homes import ledgers_of, s2_home
from benchmarks.parts.s2 import NIGHT_PG


def into_postgresql(bench: Bench) -> None:
    """Measure a run without receipts into PostgreSQL, against the lowest possible cost."""
    inbox, nights, least = ledgers_of(bench, bench.size.units), [], []
    with postgresql(bench) as (url, server):
        for repetition in range(bench.size.repetitions):
            name = f"bench{repetition}"
            bench.once("database", url, name)
            own = url.replace("/postgres?", f"/{name}?")
            home_url = own.replace("postgresql://", "postgresql+psycopg://")
            home = s2_home(
                bench.fresh("pg") / "home", bench.size.units, inbox, warehouse_url=home_url, receipts="none"
            )
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
    bench.goal(
        "S2 without receipts", "into PostgreSQL ≤ 5 × COPY and the floor's reading", f"{ratio:.2f} ×", ratio <= 5,
        "The server's own CPU time counts on both sides.",
    )  # fmt: skip

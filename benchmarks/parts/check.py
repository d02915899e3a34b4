"""The command `check` over a workbook with all ledgers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.bench import Bench
from flows.home import Home
from flows.sample_year.deliveries import Delivery, build_monthly_deliveries, write_delivery
from flows.sample_year.ledgers import build_truth
from flows.sample_year.published import Targets, published_figures
from flows.sample_year.scenario import Scenario

MOST_SECONDS, LEAST_ROWS = 1.5, 500


def check(bench: Bench) -> None:
    """Measure the command, start-up included."""
    file, sheets, rows = _workbook(bench.fresh("check"))
    home, out = bench.fresh("check-home"), bench.fresh("check-out")
    run = bench.keep("`check` of a workbook with all ledgers", [
        bench.once("command", "--home", home, "check", file, "--out", out, may_exit=(0, 1))
        for _ in range(bench.size.short_repetitions)
    ])  # fmt: skip
    bench.goal(
        "check", f"{sheets} sheets and {rows} rows ≤ {MOST_SECONDS} s", f"{run.measured.cpu:.1f} s",
        run.measured.cpu <= MOST_SECONDS, f"Start-up included; wall {run.measured.wall:.1f} s.",
    )  # fmt: skip


def _workbook(folder: Path) -> tuple[Path, int, int]:
    """Write the bureau's workbook with the rows of several months, as a month has fewer than five hundred."""
    scenario = Scenario(2023, Home(folder).regions(), Targets(published_figures()))
    of_bureau = [
        delivery
        for delivery in build_monthly_deliveries(scenario, build_truth(scenario))
        if delivery.unit == scenario.bureau
    ]
    together = of_bureau[-1]
    for delivery in reversed(of_bureau[:-1]):
        if _count(together).total() >= LEAST_ROWS:
            break
        for ledger, rows in delivery.ledgers.items():
            together = together.with_rows(ledger, [*together.ledgers.get(ledger, []), *rows])
    [file] = write_delivery(folder, together, scenario)
    return file, len(_count(together)), _count(together).total()


def _count(delivery: Delivery) -> Counter[str]:
    return Counter({ledger: len(rows) for ledger, rows in delivery.ledgers.items()})

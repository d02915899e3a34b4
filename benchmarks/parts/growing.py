"""Runs over more and more files; after each, a late county and a run with nothing new."""

from __future__ import annotations

from benchmarks.bench import Bench, median
from benchmarks.homes import ledgers_of, s2_home, start_up
from benchmarks.made_files import write_late_ledger
from flows.step import Step

GROWTHS = (1, 2, 4)
MOST_LATE, MOST_GROWTH, MOST_MIB = 1.2, 1.15, 1024


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
        "S2", f"a late county takes ≤ {MOST_LATE} × as long into {last} ×", f"{ratio:.2f} ×", ratio <= MOST_LATE,
        f"Without the readers' file {without:.2f} ×.",
    )  # fmt: skip
    peaks_in_words = ", ".join(f"{peak:,.0f} MiB at {factor} ×" for factor, peak in peaks.items())
    bench.goal(
        "S2", f"peak memory at {last} × ≤ {MOST_MIB:,} MiB", f"{peaks[last]:,.0f} MiB",
        peaks[last] <= MOST_MIB, f"{peaks_in_words}.",
    )  # fmt: skip
    ratio = peaks[last] / peaks[first]
    bench.goal(
        "S2", f"peak memory at {last} × ≤ {MOST_GROWTH} × that at {first} ×", f"{ratio:.2f} ×",
        ratio <= MOST_GROWTH, f"{peaks_in_words}.",
    )  # fmt: skip
    bench.fresh("growing")

"""Reading small workbooks."""

from __future__ import annotations

from benchmarks.bench import Bench, median
from benchmarks.homes import s2_home
from benchmarks.made_files import write_workbooks
from benchmarks.night_steps import READ


def workbooks(bench: Bench) -> None:
    """Measure reading small workbooks, against the library's own time and that of unpacking them once."""
    inbox, ours, theirs, unzippings = bench.fresh("workbooks"), [], [], []
    write_workbooks(inbox, bench.size.units)
    for _ in range(bench.size.repetitions):
        home = s2_home(bench.fresh("xlsx") / "home", bench.size.units, inbox)
        ours.append(bench.once("night", home, "{results}", "--until", "read"))
        theirs.append(bench.once("contenders.workbooks", inbox, "{results}", "calamine"))
        unzippings.append(bench.once("contenders.workbooks", inbox, "{results}", "unzip"))
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
    unzipped = median(unzippings).phases["read"]
    ratio = our / (their + unzipped)
    bench.goal(
        "workbooks", "reading ≤ 1.3 × calamine and one unzipping", f"{ratio:.2f} ×", bool(our) and ratio <= 1.3,
        f"{our:.2f} s, {their:.2f} s and {unzipped:.2f} s for {bench.size.units:,} workbooks of about 350 rows, "
        "start-up aside.",
    )  # fmt: skip

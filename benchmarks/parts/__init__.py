"""The parts of the benchmark: `python -m benchmarks PART`. Each keeps its runs and holds them against its
goals.

Ratios are of CPU seconds, all processes included: a neighbour on the machine moves them least. The page
shows wall time beside.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.bench import Bench
from benchmarks.parts.check import check
from benchmarks.parts.growing import growing
from benchmarks.parts.postgresql import into_postgresql
from benchmarks.parts.prefect import prefect
from benchmarks.parts.receipts import receipts
from benchmarks.parts.s2 import s2
from benchmarks.parts.workbooks import workbooks
from benchmarks.parts.year import year

PARTS: dict[str, Callable[[Bench], None]] = {
    "s2": s2, "postgresql": into_postgresql, "receipts": receipts, "growing": growing, "workbooks": workbooks,
    "prefect": prefect, "year": year, "check": check,
}  # fmt: skip

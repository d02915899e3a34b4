"""How fast the night is, beside other ways to the same figures:
`make bench`, or `python -m benchmarks [PART …]`.

BENCH says how much: `full` (a million rows, as a rule), `quick` (a tenth of it, each once), `smoke` (does
the bench work?). With --once what would be run three times is run once, S1 aside. With all parts, or with
--write, docs/performance.md is written again. Where figures of two ways differ, the bench fails.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from benchmarks.bench import SIZES, bench
from benchmarks.page import machine, write
from benchmarks.parts import PARTS


def main(arguments: list[str], size: str) -> int:
    parts = [argument for argument in arguments if not argument.startswith("--")]
    writes = size != "smoke" and (not parts or "--write" in arguments)
    if size not in SIZES or not set(parts) <= set(PARTS):
        print(f"BENCH is one of {', '.join(SIZES)}; parts are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    chosen = replace(SIZES[size], repetitions=1) if "--once" in arguments else SIZES[size]
    with bench(chosen) as bench_run:
        bench_run.say(f"BENCH={size}: {machine()}")
        for part in parts or PARTS:
            PARTS[part](bench_run)
            bench_run.parts.append(part)
        if writes:
            write(bench_run)
        for sentence in bench_run.wrong:
            print(sentence, file=sys.stderr)
        missed = sum(not goal.holds for goal in bench_run.goals)
        bench_run.say(f"{len(bench_run.goals) - missed} of {len(bench_run.goals)} goals hold.")
        return 1 if bench_run.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ.get("BENCH", "full")))

"""How fast the night is, beside other ways to the same figures: `make bench`, or `python -m benchmarks [PART …]`.

BENCH says how much: `full` (a million rows, as a rule), `quick` (a tenth of it, each once), `smoke` (does the bench work?).
With all parts, or with --write, docs/performance.md is written anew. Where figures of two ways differ, the bench fails.
"""

from __future__ import annotations

import os
import sys

from benchmarks.bench import SIZES, bench
from benchmarks.goals import PARTS
from benchmarks.page import machine, write


def main(parts: list[str], size: str) -> int:
    writes = size != "smoke" and (not parts or "--write" in parts)
    parts = [one for one in parts if one != "--write"]
    if size not in SIZES or not set(parts) <= set(PARTS):
        print(f"BENCH is one of {', '.join(SIZES)}; parts are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    with bench(SIZES[size]) as found:
        found.say(f"BENCH={size}: {machine()}")
        for part in parts or PARTS:
            PARTS[part](found)
            found.parts.append(part)
        if writes:
            write(found)
        for sentence in found.wrong:
            print(sentence, file=sys.stderr)
        missed = sum(not one.holds for one in found.goals)
        found.say(f"{len(found.goals) - missed} of {len(found.goals)} goals hold.")
        return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ.get("BENCH", "full")))

"""Stories of a home under faults: `python -m tests.support.simulation SEEDS`, `--minutes N`, `--seed N`."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.support.simulation.every_call import broken_at_every_call
from tests.support.simulation.play import broken_promises_of


def main() -> None:
    from tests.conftest import create_warehouse, memory_folder
    from tests.support.faster_warehouses import share_written_queries

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=int, nargs="?", default=100, help="how many seeds")
    parser.add_argument("--seed", type=int, help="play this one alone, and tell what happens")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--minutes", type=float, help="as many seeds as there is time for")
    parser.add_argument("--every-call", action="store_true", help="let every call of one night fail")
    arguments = parser.parse_args()
    seed = first = arguments.first if arguments.seed is None else arguments.seed
    last = first + (arguments.seeds if arguments.seed is None else 1)
    until = time.monotonic() + 60 * arguments.minutes if arguments.minutes else None
    wrong = []
    gc.collect()
    gc.freeze()
    with share_written_queries(), tempfile.TemporaryDirectory(dir=memory_folder()) as name:
        folder = Path(name)
        create_warehouse(folder, f"sqlite:///{folder / 'warehouse.sqlite'}")
        if arguments.every_call:
            wrong = list(broken_at_every_call(seed, folder / "home", folder / "warehouse.sqlite"))
            print(*wrong, sep="\n")
            sys.exit(1 if wrong else 0)
        with suppress(KeyboardInterrupt):
            while (time.monotonic() < until) if until else seed < last:
                if broken := broken_promises_of(seed, folder / "home", folder / "warehouse.sqlite"):
                    wrong.append(seed)
                    print(f"\nseed {seed}:", *broken, sep="\n  ", flush=True)
                seed += 1
    print(f"\n{seed - first} seeds; broken promises with: {wrong or 'none'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets have one order, so that a seed is one story
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.support.simulation", *sys.argv[1:]])
    main()

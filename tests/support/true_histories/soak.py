"""Try random histories for as long as there is time: `make soak MINUTES=60`.

A history in which a figure is wrong in silence is printed with its seed and the fewest plans that show it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.support.true_histories.city import City, make_history
from tests.support.true_histories.matters import INDICATORS, MONTHS, Numbers, unit_of
from tests.support.true_histories.plans import COUNTIES
from tests.support.true_histories.verdict import judge
from tests.support.true_histories.ways import ODD, ORDINARY, Plan


def draw_plans(seed: int, *, is_ordinary: bool) -> list[Plan]:
    """Draw the plans of a history."""
    rng = random.Random(seed)
    ways = list(ORDINARY) if is_ordinary else [*ODD, *ODD, *ORDINARY]
    plans: dict[tuple[str, str, str], Plan] = {}
    for _ in range(rng.randint(4, 14)):
        month = rng.choice(MONTHS)
        unit, ledger = unit_of(rng.choice(COUNTIES), month), rng.choice(list(INDICATORS))
        custom = "own" if is_ordinary else rng.choice(Numbers.CUSTOMS)
        plan = Plan(ledger, unit, month, rng.choice(ways), custom, rng.randint(0, 1), rng.randrange(10_000))
        plans.setdefault((ledger, unit, month), plan)
    return list(plans.values())


def find_wrong(folder: Path, laid_out_file: Path, plans: Sequence[Plan], *, is_ordinary: bool) -> list[str]:
    """Return what is wrong with a history, as lines."""
    history = make_history(plans)
    city = City(folder / "home", laid_out_file)
    try:
        city.live(history)
        verdict = judge(city, history)
    except Exception:
        return ["crash", traceback.format_exc()]
    return verdict.all_faults() if is_ordinary else verdict.silent_faults()


def shrink(folder: Path, laid_out_file: Path, plans: list[Plan], *, is_ordinary: bool) -> list[Plan]:
    """Leave out plans as long as something stays wrong."""
    for plan in list(plans):
        fewer = [other for other in plans if other is not plan]
        if fewer and find_wrong(folder, laid_out_file, fewer, is_ordinary=is_ordinary):
            plans = fewer
    return plans


def main() -> None:
    from tests.conftest import create_warehouse, memory_folder
    from tests.support.faster_warehouses import share_written_queries

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    arguments = parser.parse_args()
    until, seed, wrong = time.monotonic() + 60 * arguments.minutes, arguments.seed, Counter[str]()
    with share_written_queries(), tempfile.TemporaryDirectory(dir=memory_folder()) as name:
        folder = Path(name)
        create_warehouse(folder, f"sqlite:///{folder / 'warehouse.sqlite'}")
        laid_out = folder / "warehouse.sqlite"
        while time.monotonic() < until:
            is_ordinary = seed % 4 == 0
            plans = draw_plans(seed, is_ordinary=is_ordinary)
            if find_wrong(folder, laid_out, plans, is_ordinary=is_ordinary):
                plans = shrink(folder, laid_out, plans, is_ordinary=is_ordinary)
                print(f"\nseed {seed}{' (ordinary)' if is_ordinary else ''}")
                print(
                    *plans,
                    *find_wrong(folder, laid_out, plans, is_ordinary=is_ordinary),
                    sep="\n",
                    flush=True,
                )
                wrong.update({plan.way for plan in plans})
            seed += 1
    print(f"\n{seed - arguments.seed} histories; ways in wrong ones: {dict(wrong)}")


if __name__ == "__main__":
    main()

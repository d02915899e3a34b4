"""Make small mistakes in the product, and see whether a test fails: `make mutants SAMPLE=200 SEED=1`.

    python -m tests.support.mutants --sample 200 --seed 1
    python -m tests.support.mutants --line warehouse/schema/as_of.py:82     # every mistake in a line

As many places are drawn of each room, and one mistake for each place. Each survivor is printed as a diff; one
that makes no difference belongs into `equal.toml`, with the reason.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path

from tests.support.mutants.equal import read_equal
from tests.support.mutants.operators import Mutant, list_mutants
from tests.support.mutants.trace import trace_tests
from tests.support.mutants.try_mutant import Outcome, copy_project, try_mutant

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "build" / "mutants"
#: what turns county files into figures and keeps them
ROOMS = (
    "transforms/normalise", "transforms/read", "transforms/validate", "warehouse/load", "warehouse/figures",
    "warehouse/ops", "flows/archive",
)  # fmt: skip
ENOUGH_PERCENT = 90


def draw_mutants(root: Path, number: int, seed: int) -> list[Mutant]:
    """Draw places at random, as many of each room, and of each place one mistake."""
    rng = random.Random(seed)
    by_room = []
    for room in ROOMS:
        places = defaultdict(list)
        for path in sorted((root / room).rglob("*.py")):
            for mutant in list_mutants(root, str(path.relative_to(root))):
                places[mutant.path, mutant.line, mutant.column].append(mutant)
        order = list(places.values())
        rng.shuffle(order)
        by_room.append([rng.choice(mutants) for mutants in order])
    in_turn = filter(None, chain.from_iterable(zip_longest(*by_room)))
    return list(islice((mutant for mutant in in_turn if mutant.is_possible(root)), number))


def mutants_of_line(root: Path, line: str) -> Iterator[Mutant]:
    """List every mistake in a line, given as `path:number`."""
    path, number = line.split(":")
    return (mutant for mutant in list_mutants(root, path) if mutant.line == int(number))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.support.mutants")
    parser.add_argument("--sample", type=int, default=200, help="how many mutants to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--line", action="append", default=[], help="path:number; its mutants instead of a sample"
    )
    options = parser.parse_args(arguments)
    tree = FOLDER / "tree"
    copy_project(ROOT, tree)
    near = trace_tests(tree, FOLDER / "traces")
    mutants = list(chain.from_iterable(mutants_of_line(tree, line) for line in options.line))
    equal = {(entry.path, entry.line, entry.mutant) for entry in read_equal()}
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in mutants or draw_mutants(tree, options.sample, options.seed):
        room = next((room for room in ROOMS if mutant.path.startswith(room)), "elsewhere")
        if (mutant.path, *mutant.changed_line(tree)) in equal:
            outcomes[room]["equal"] += 1
            continue
        begun = time.monotonic()
        outcome = try_mutant(mutant, near, tree)
        print(
            f"{outcome}: {mutant.path}:{mutant.line} {mutant.operator} ({time.monotonic() - begun:.0f} s)",
            flush=True,
        )
        if outcome in (Outcome.SURVIVED, Outcome.NO_TEST):
            print(mutant.diff(tree), flush=True)
        outcomes[room][outcome] += 1
    return _summarize(outcomes)


def _summarize(outcomes: dict[str, Counter[str]]) -> int:
    """Print the number killed of each room, and return 1 if they are too few."""
    total: Counter[str] = Counter()
    for room, counts in outcomes.items():
        total += counts
        print(_sentence(room, counts))
    print(_sentence("all rooms", total))
    killed, survived = _split(total)
    return int(killed * 100 < ENOUGH_PERCENT * (killed + survived))


def _split(counts: Counter[str]) -> tuple[int, int]:
    killed = counts[Outcome.KILLED] + counts[Outcome.OUT_OF_TIME]
    return killed, counts[Outcome.SURVIVED] + counts[Outcome.NO_TEST]


def _sentence(room: str, counts: Counter[str]) -> str:
    killed, survived = _split(counts)
    percent = 100 * killed / max(killed + survived, 1)
    return f"{room}: {killed} killed, {survived} survived ({percent:.0f} % killed), {counts['equal']} make no difference"


if __name__ == "__main__":
    sys.exit(main())

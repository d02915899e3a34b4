"""Draw from a seed what happens in a home: who sends what, and what goes wrong in which night."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.support.simulation.faults import KILL, Fault
from tests.support.true_histories.city import History, make_history
from tests.support.true_histories.matters import INDICATORS, MONTHS, Numbers, unit_of
from tests.support.true_histories.plans import COUNTIES
from tests.support.true_histories.ways import ODD, ORDINARY, Plan

#: every sixth story runs the whole pipeline, the others leave out what follows from the rows alone
WHOLE_EVERY = 6
#: a call beyond the last one is a night without a fault
MOST_CALLS, MOST_CALLS_WHOLE = 260, 700
ERRORS = ("ENOSPC", "EIO", "EROFS")
#: what is put back from an old backup
WAREHOUSE, ARCHIVE = "warehouse", "archive"
JUMPS = (-400, -40, -1, 1, 40, 400)


@dataclass(frozen=True)
class Night:
    """What else happens in a night.

    `faults`: of one run after the other, until one ends as it should. `is_patient`: after the last of them
    nobody runs again before the next night. `days_off`: by how much the clock is wrong. `old`: what is put
    back from the backup of `old_night`; `is_rebuilt`: it is mended by a rebuild, not by the newer one.
    """

    faults: tuple[Fault, ...] = ()
    is_patient: bool = False
    days_off: int = 0
    old: str = ""
    old_night: int = 0
    is_rebuilt: bool = False
    loses_receipts: bool = False
    loses_reports: bool = False
    publishes: bool = False
    is_rerun: bool = False


@dataclass(frozen=True)
class Story:
    """A history of a city, and what goes wrong in each of its nights.

    `recoded_on`: the night before which the region table says that a county became a city.
    """

    seed: int
    history: History
    nights: list[Night] = field(default_factory=list)
    recoded_on: int = 0
    is_whole: bool = False


def draw_story(seed: int) -> Story:
    """Draw the story of a seed."""
    rng = random.Random(seed)
    is_whole = seed % WHOLE_EVERY == 0
    history = make_history(_draw_plans(rng))
    recoded_on = rng.randint(0, len(history.nights)) if rng.random() < 0.3 else 0
    nights = [_draw_night(rng, number, is_whole=is_whole) for number in range(len(history.nights))]
    return Story(seed, history, nights, recoded_on, is_whole)


def _draw_plans(rng: random.Random) -> list[Plan]:
    ways, customs = rng.choice([(list(ORDINARY), ["own"]), ([*ODD, *ORDINARY], list(Numbers.CUSTOMS))])
    plans: dict[tuple[str, str, str], Plan] = {}
    for _ in range(rng.randint(1, 3)):
        month = rng.choice(MONTHS)
        unit, ledger = unit_of(rng.choice(COUNTIES), month), rng.choice(list(INDICATORS))
        night = rng.choice((0, 0, 1, 2))
        plan = Plan(
            ledger, unit, month, rng.choice(ways), rng.choice(customs), night, rng.randrange(10_000)
        )
        plans.setdefault((ledger, unit, month), plan)
    return list(plans.values())


def _draw_night(rng: random.Random, number: int, *, is_whole: bool) -> Night:
    def happens(share: float) -> bool:
        return rng.random() < share

    faults = []
    while happens(0.55 if not faults else 0.25):
        faults.append(draw_fault(rng, MOST_CALLS_WHOLE if is_whole else MOST_CALLS))
    return Night(
        faults=tuple(faults),
        is_patient=happens(0.3),
        days_off=rng.choice(JUMPS) if happens(0.15) else 0,
        old=rng.choice((WAREHOUSE, ARCHIVE)) if number and happens(0.2) else "",
        old_night=rng.randrange(number) if number else 0,
        is_rebuilt=happens(0.5),
        loses_receipts=happens(0.1),
        loses_reports=happens(0.1),
        publishes=happens(0.5 if is_whole else 0.05),
        is_rerun=happens(0.15),
    )


def draw_fault(rng: random.Random, most_calls: int) -> Fault:
    """Draw a fault; half of them kill."""
    call = rng.randint(1, most_calls)
    if rng.random() < 0.5:
        return Fault(call, KILL)
    return Fault(call, rng.choice(ERRORS), rng.random() < 0.5)

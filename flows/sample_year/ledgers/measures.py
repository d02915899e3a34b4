"""Measures beside the fine: sealing and seizure, limiting and stopping production, as many as were published."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.case_lifecycle import Affair
from flows.sample_year.days import after, known, year_end
from flows.sample_year.event_calendar import Register
from flows.sample_year.scenario import TrueRow, Truth, World
from schemas.ledgers.common_checks import NATURAL_PERSON

NEEDS: tuple[str, ...] = ()

#: for each published figure the kinds of measure in it, with what their numbers are headed by and how long they last
_KINDS = {
    "seizure_count": (("查封", "查(封)", 30), ("扣押", "查(扣)", 30)),
    "production_limit_count": (("限制生产", "限产", 90), ("停产整治", "停产", 60)),
}


def build(world: World, _truth: Truth) -> list[TrueRow]:
    rng = world.rng("measures")
    kinds = [
        kinds[index % len(kinds)]
        for name, kinds in _KINDS.items()
        for index in range(world.targets.count(name))
    ]
    plans = sorted(_planned(rng, world, kinds), key=lambda plan: (plan[0], plan[1].case_no))
    register = Register(world)
    return [
        _row(rng, world, affair, day, kind, days, register.document_no(affair.unit, word))
        for day, affair, (kind, word, days) in plans
    ]


def _planned(
    rng: Random, world: World, kinds: list[tuple[str, str, int]]
) -> list[tuple[date, Affair, tuple[str, str, int]]]:
    """The day, the case and the kind of each measure; taken early in a case against an enterprise."""
    firms = [
        affair
        for affair in world.affairs
        if affair.filed_on.year == world.year and affair.party.kind != NATURAL_PERSON
    ]
    enough = firms * (len(kinds) // max(len(firms), 1) + 1)
    chosen = zip(rng.sample(enough, len(kinds)), kinds, strict=True)
    last = year_end(world.year)
    return [(after(affair.filed_on, rng.randrange(15), last), affair, kind) for affair, kind in chosen]


def _row(
    rng: Random, world: World, affair: Affair, decided_on: date, kind: str, days: int, number: str
) -> TrueRow:
    until_on = after(decided_on, days - 3)
    released_on = after(decided_on, rng.randrange(10, days - 3))
    first: dict[str, Any] = {
        "document_no": number,
        "kind": kind,
        "party_name": affair.party.name,
        "party_uscc": affair.party.uscc,
        "decided_on": decided_on,
        "until_on": until_on,
        "released_on": known(released_on, world.year, decided_on.month),
        "penalty_days": None,
        "amount_fen": None,
    }
    if first["released_on"] or released_on > year_end(world.year):
        return TrueRow(affair.unit, decided_on.month, first)
    return TrueRow(
        affair.unit, decided_on.month, first, released_on.month, {**first, "released_on": released_on}
    )

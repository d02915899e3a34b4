"""Lawsuits against decisions of the year, one of them appealed; all entered in the platform if the figures say so."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.days import after, known, last_known_day, year_end
from flows.sample_year.scenario import TrueRow, Truth, World

NEEDS = ("penalties",)

FIRST, APPEAL = "一审", "二审"
WITHDRAWN = "准予撤诉"
_OUTCOMES = ("驳回诉讼请求", "驳回诉讼请求", "驳回起诉", WITHDRAWN)
_FEWEST_FOR_AN_APPEAL = 4


def build(world: World, truth: Truth) -> list[TrueRow]:
    rng = world.rng("lawsuits")
    count = world.targets.count("lawsuit_count")
    appeals = 1 if count >= _FEWEST_FOR_AN_APPEAL else 0
    disputed = _disputed(rng, world, truth["penalties"], count - appeals)
    last = year_end(world.year)
    accepted = [after(decision.values["served_on"], rng.randrange(8, 100), last) for decision in disputed]
    plans = sorted(zip(accepted, range(len(disputed)), strict=True))
    serial = rng.randrange(3, 20)
    rows = []
    for number, (accepted_on, index) in enumerate(plans):
        serial += rng.randrange(1, 9)
        closed_on, outcome = after(accepted_on, rng.randrange(75, 160)), rng.choice(_OUTCOMES)
        if number < appeals:
            closed_on, outcome = after(accepted_on, 70), _OUTCOMES[0]
            rows.append(_row(world, rng, disputed[index], APPEAL, serial, after(closed_on, 25), None, None))
        rows.append(_row(world, rng, disputed[index], FIRST, serial, accepted_on, closed_on, outcome))
    return _enter(rows, world)


def _disputed(rng: Random, world: World, decisions: list[TrueRow], count: int) -> list[TrueRow]:
    """The decisions that are fought: large fines of the first eight months, the earliest first."""
    early = [
        decision for decision in decisions if decision.values["fine_fen"] and decision.month <= 8
    ] or decisions
    if len(early) < count:
        early = [decision for decision in decisions if decision.values["served_on"] <= year_end(world.year)]
    large = sorted(early, key=lambda decision: -(decision.values["fine_fen"] or 0))[: max(3 * count, count)]
    first = sorted(large, key=lambda decision: decision.values["decided_on"])[:1]
    remaining = [decision for decision in large if decision not in first]
    return [*first, *rng.sample(remaining, count - len(first))] if count else []


def _row(
    world: World, rng: Random, decision: TrueRow, instance: str, serial: int,
    accepted_on: date, closed_on: date | None, outcome: str | None,
) -> TrueRow:  # fmt: skip
    office = world.offices[decision.unit]
    is_appeal = instance == APPEAL
    entered_on = after(accepted_on, rng.randrange(1, 6))
    values: dict[str, Any] = {
        "case_no": office.case_no_of_court(world.year, serial, is_appeal=is_appeal),
        "instance": instance,
        "court": office.appeal_court if is_appeal else office.court,
        "plaintiff": decision.values["party_name"],
        "decision_no": decision.values["decision_no"],
        "accepted_on": accepted_on,
        "platform_entered_on": min(entered_on, last_known_day(world.year, accepted_on.month)),
    }
    month = accepted_on.month
    first = {**values, "closed_on": None, "outcome": None}
    if closed_on is None or closed_on > year_end(world.year) or known(closed_on, world.year, month):
        return TrueRow(office.code, month, first)
    later = {**values, "closed_on": closed_on, "outcome": outcome}
    return TrueRow(office.code, month, first, closed_on.month, later)


def _enter(rows: list[TrueRow], world: World) -> list[TrueRow]:
    """Leave as many out of the platform as the published share says."""
    left_out = world.targets.shortfall("lawsuit_platform_entry_rate", len(rows))
    return [
        TrueRow(row.unit, row.month, {**row.values, "platform_entered_on": None})
        if index < left_out
        else row
        for index, row in enumerate(rows)
    ]

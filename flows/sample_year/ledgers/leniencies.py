"""Enterprises spared or treated more mildly: counted once each, though some come twice in a year."""

from __future__ import annotations

from datetime import date
from random import Random

from flows.sample_year.event_calendar import Register, occasions
from flows.sample_year.parties import Party
from flows.sample_year.scenario import TrueRow, Truth, World
from schemas.ledgers.common_checks import NATURAL_PERSON

NEEDS = ("penalties",)

_SPARED, _MILDER = "不予处罚", ("从轻处罚", "从轻处罚", "减轻处罚")
_SPARED_GROUNDS = ("违法行为轻微并及时改正，没有造成危害后果", "初次违法且危害后果轻微并及时改正")
_MILDER_GROUNDS = ("主动消除或者减轻违法行为危害后果", "配合查处违法行为有立功表现")


def build(world: World, truth: Truth) -> list[TrueRow]:
    rng = world.rng("leniencies")
    rows = [*_spared(rng, world), *_milder(rng, world, truth["penalties"])]
    return sorted(
        rows, key=lambda row: (row.values["decided_on"], row.values["decision_no"] or "", row.unit)
    )


def _spared(rng: Random, world: World) -> list[TrueRow]:
    """As many enterprises as were published; one in ten is spared a second time later in the year."""
    days = occasions(world, rng, world.targets.count("no_penalty_enterprise_count"))
    books = {unit: world.new_book(unit) for unit in world.offices}
    firsts = [(day, unit, books[unit].pick_firm(rng)) for day, unit in days]
    agains = [
        (later, unit, party)
        for (day, unit, party), (later, _) in zip(firsts[::10], days[1::10], strict=False)
        if later > day
    ]
    register = Register(world)
    return [
        _row(unit, party, day, _SPARED, register.document_no(unit, "不罚"), rng.choice(_SPARED_GROUNDS))
        for day, unit, party in sorted([*firsts, *agains], key=lambda case: (case[0], case[2].name))
    ]


def _milder(rng: Random, world: World, decisions: list[TrueRow]) -> list[TrueRow]:
    """Decisions against so many different enterprises; where there are too few, matters that ended before a decision."""
    by_name: dict[str, list[TrueRow]] = {}
    for decision_ in decisions:
        if decision_.values["party_type"] != NATURAL_PERSON and decision_.values["fine_fen"]:
            by_name.setdefault(decision_.values["party_name"], []).append(decision_)
    count = world.targets.count("lenient_penalty_enterprise_count")
    names = rng.sample(sorted(by_name), min(count, len(by_name)))
    rows = []
    for decision in (decision_ for name in names for decision_ in by_name[name]):
        values = decision.values
        party = Party(values["party_name"], values["party_type"], values["party_uscc"])
        number, day = values["decision_no"], values["decided_on"]
        rows.append(
            _row(decision.unit, party, day, rng.choice(_MILDER), number, rng.choice(_MILDER_GROUNDS))
        )
    books = {unit: world.new_book(unit) for unit in world.offices}
    for day, unit in occasions(world, rng, count - len(names)):
        party = books[unit].pick_firm(rng)
        while party.name in by_name:
            party = books[unit].pick_firm(rng)
        rows.append(_row(unit, party, day, _MILDER[0], None, _MILDER_GROUNDS[0]))
    return rows


def _row(unit: str, party: Party, day: date, kind: str, number: str | None, ground: str) -> TrueRow:
    values = {
        "party_name": party.name,
        "party_uscc": party.uscc,
        "kind": kind,
        "decision_no": number,
        "ground": ground,
        "decided_on": day,
    }
    return TrueRow(unit, day.month, values)

"""Enterprises not punished or punished leniently: each counted once, though some occur twice in a year."""

from __future__ import annotations

from datetime import date
from random import Random

from flows.sample_year.event_calendar import Register, draw_event_days
from flows.sample_year.parties import Party
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth
from schemas.ledgers.common_checks import NATURAL_PERSON

NEEDS = ("penalties",)

_SPARED, _MILDER = "不予处罚", ("从轻处罚", "从轻处罚", "减轻处罚")
_SPARED_GROUNDS = ("违法行为轻微并及时改正，没有造成危害后果", "初次违法且危害后果轻微并及时改正")
_MILDER_GROUNDS = ("主动消除或者减轻违法行为危害后果", "配合查处违法行为有立功表现")


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("leniencies")
    rows = [*_make_spared_rows(rng, scenario), *_make_milder_rows(rng, scenario, truth["penalties"])]
    return sorted(
        rows, key=lambda row: (row.values["decided_on"], row.values["decision_no"] or "", row.unit)
    )


def _make_spared_rows(rng: Random, scenario: Scenario) -> list[ExpectedRow]:
    """Make a row for each published enterprise; one in ten is spared a second time later in the year."""
    days = draw_event_days(scenario, rng, scenario.targets.count("no_penalty_enterprise_count"))
    books = {unit: scenario.new_book(unit) for unit in scenario.offices}
    first_cases = [(day, unit, books[unit].pick_firm(rng)) for day, unit in days]
    repeat_cases = [
        (later, unit, party)
        for (day, unit, party), (later, _) in zip(first_cases[::10], days[1::10], strict=False)
        if later > day
    ]
    register = Register(scenario)
    return [
        _make_row(
            unit, party, day, _SPARED, register.document_no(unit, "不罚"), rng.choice(_SPARED_GROUNDS)
        )
        for day, unit, party in sorted(
            [*first_cases, *repeat_cases], key=lambda case: (case[0], case[2].name)
        )
    ]


def _make_milder_rows(rng: Random, scenario: Scenario, decisions: list[ExpectedRow]) -> list[ExpectedRow]:
    """Make rows for as many distinct fined enterprises as were published; if there are too few, add matters
    that ended without a decision.
    """
    by_name: dict[str, list[ExpectedRow]] = {}
    for penalty in decisions:
        if penalty.values["party_type"] != NATURAL_PERSON and penalty.values["fine_fen"]:
            by_name.setdefault(penalty.values["party_name"], []).append(penalty)
    count = scenario.targets.count("lenient_penalty_enterprise_count")
    names = rng.sample(sorted(by_name), min(count, len(by_name)))
    rows = []
    for decision in (penalty for name in names for penalty in by_name[name]):
        values = decision.values
        party = Party(values["party_name"], values["party_type"], values["party_uscc"])
        number, day = values["decision_no"], values["decided_on"]
        rows.append(
            _make_row(decision.unit, party, day, rng.choice(_MILDER), number, rng.choice(_MILDER_GROUNDS))
        )
    books = {unit: scenario.new_book(unit) for unit in scenario.offices}
    for day, unit in draw_event_days(scenario, rng, count - len(names)):
        party = books[unit].pick_firm(rng)
        while party.name in by_name:
            party = books[unit].pick_firm(rng)
        rows.append(_make_row(unit, party, day, _MILDER[0], None, _MILDER_GROUNDS[0]))
    return rows


def _make_row(
    unit: str, party: Party, day: date, kind: str, number: str | None, ground: str
) -> ExpectedRow:
    values = {
        "party_name": party.name,
        "party_uscc": party.uscc,
        "kind": kind,
        "decision_no": number,
        "ground": ground,
        "decided_on": day,
    }
    return ExpectedRow(unit, day.month, values)

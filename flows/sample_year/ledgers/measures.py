"""Measures beside the fine: sealing, seizure, limiting and stopping production, as many as published."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.case_lifecycle import CaseRecord
from flows.sample_year.days import after, known_by_month, year_end
from flows.sample_year.event_calendar import Register
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth
from schemas.ledgers.common_checks import NATURAL_PERSON

NEEDS: tuple[str, ...] = ()

#: for each published figure the kinds of measure in it, with what their
#: numbers are headed by and how long they last
_KINDS = {
    "seizure_count": (("查封", "查(封)", 30), ("扣押", "查(扣)", 30)),
    "production_limit_count": (("限制生产", "限产", 90), ("停产整治", "停产", 60)),
}


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("measures")
    kinds = [
        kinds[index % len(kinds)]
        for name, kinds in _KINDS.items()
        for index in range(scenario.targets.count(name))
    ]
    plans = sorted(_plan_measures(rng, scenario, kinds), key=lambda plan: (plan[0], plan[1].case_no))
    register = Register(scenario)
    return [
        _make_row(rng, scenario, case_record, day, kind, days, register.document_no(case_record.unit, word))
        for day, case_record, (kind, word, days) in plans
    ]


def _plan_measures(
    rng: Random, scenario: Scenario, kinds: list[tuple[str, str, int]]
) -> list[tuple[date, CaseRecord, tuple[str, str, int]]]:
    """Return the day, case and kind of each measure, early in a case against an enterprise."""
    firms = [
        case_record
        for case_record in scenario.case_records
        if case_record.filed_on.year == scenario.year and case_record.party.kind != NATURAL_PERSON
    ]
    candidates = firms * (len(kinds) // max(len(firms), 1) + 1)
    chosen = zip(rng.sample(candidates, len(kinds)), kinds, strict=True)
    last = year_end(scenario.year)
    return [
        (after(case_record.filed_on, rng.randrange(15), last), case_record, kind)
        for case_record, kind in chosen
    ]


def _make_row(
    rng: Random,
    scenario: Scenario,
    case_record: CaseRecord,
    decided_on: date,
    kind: str,
    days: int,
    number: str,
) -> ExpectedRow:
    until_on = after(decided_on, days - 3)
    released_on = after(decided_on, rng.randrange(10, days - 3))
    first: dict[str, Any] = {
        "document_no": number,
        "kind": kind,
        "party_name": case_record.party.name,
        "party_uscc": case_record.party.uscc,
        "decided_on": decided_on,
        "until_on": until_on,
        "released_on": known_by_month(released_on, scenario.year, decided_on.month),
        "penalty_days": None,
        "amount_fen": None,
    }
    if first["released_on"] or released_on > year_end(scenario.year):
        return ExpectedRow(case_record.unit, decided_on.month, first)
    return ExpectedRow(
        case_record.unit, decided_on.month, first, released_on.month, {**first, "released_on": released_on}
    )

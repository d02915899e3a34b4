"""Lawsuits against decisions of the year, one of them appealed;
entered in the platform as the figures say.
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.days import after, known_by_month, last_known_day, year_end
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS = ("penalties",)

FIRST, APPEAL = "一审", "二审"
WITHDRAWN = "准予撤诉"
_OUTCOMES = ("驳回诉讼请求", "驳回诉讼请求", "驳回起诉", WITHDRAWN)
_FEWEST_FOR_AN_APPEAL = 4


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("lawsuits")
    count = scenario.targets.count("lawsuit_count")
    appeals = 1 if count >= _FEWEST_FOR_AN_APPEAL else 0
    disputed = _select_disputed(rng, scenario, truth["penalties"], count - appeals)
    last = year_end(scenario.year)
    accepted = [after(decision.values["served_on"], rng.randrange(8, 100), last) for decision in disputed]
    plans = sorted(zip(accepted, range(len(disputed)), strict=True))
    serial = rng.randrange(3, 20)
    rows = []
    for number, (accepted_on, index) in enumerate(plans):
        serial += rng.randrange(1, 9)
        closed_on, outcome = after(accepted_on, rng.randrange(75, 160)), rng.choice(_OUTCOMES)
        if number < appeals:
            closed_on, outcome = after(accepted_on, 70), _OUTCOMES[0]
            rows.append(
                _make_row(scenario, rng, disputed[index], APPEAL, serial, after(closed_on, 25), None, None)
            )
        rows.append(
            _make_row(scenario, rng, disputed[index], FIRST, serial, accepted_on, closed_on, outcome)
        )
    return _mark_platform_entry(rows, scenario)


def _select_disputed(
    rng: Random, scenario: Scenario, decisions: list[ExpectedRow], count: int
) -> list[ExpectedRow]:
    """Select the disputed decisions: large fines of the first eight months, the earliest first."""
    early = [
        decision for decision in decisions if decision.values["fine_fen"] and decision.month <= 8
    ] or decisions
    if len(early) < count:
        early = [
            decision for decision in decisions if decision.values["served_on"] <= year_end(scenario.year)
        ]
    large = sorted(early, key=lambda decision: -(decision.values["fine_fen"] or 0))[: max(3 * count, count)]
    first = sorted(large, key=lambda decision: decision.values["decided_on"])[:1]
    remaining = [decision for decision in large if decision not in first]
    return [*first, *rng.sample(remaining, count - len(first))] if count else []


def _make_row(
    scenario: Scenario, rng: Random, decision: ExpectedRow, instance: str, serial: int,
    accepted_on: date, closed_on: date | None, outcome: str | None,
) -> ExpectedRow:  # fmt: skip
    office = scenario.offices[decision.unit]
    is_appeal = instance == APPEAL
    entered_on = after(accepted_on, rng.randrange(1, 6))
    values: dict[str, Any] = {
        "case_no": office.case_no_of_court(scenario.year, serial, is_appeal=is_appeal),
        "instance": instance,
        "court": office.appeal_court if is_appeal else office.court,
        "plaintiff": decision.values["party_name"],
        "decision_no": decision.values["decision_no"],
        "accepted_on": accepted_on,
        "platform_entered_on": min(entered_on, last_known_day(scenario.year, accepted_on.month)),
    }
    month = accepted_on.month
    first = {**values, "closed_on": None, "outcome": None}
    if (
        closed_on is None
        or closed_on > year_end(scenario.year)
        or known_by_month(closed_on, scenario.year, month)
    ):
        return ExpectedRow(office.code, month, first)
    later = {**values, "closed_on": closed_on, "outcome": outcome}
    return ExpectedRow(office.code, month, first, closed_on.month, later)


def _mark_platform_entry(rows: list[ExpectedRow], scenario: Scenario) -> list[ExpectedRow]:
    """Leave as many lawsuits out of the platform as the published share says."""
    left_out = scenario.targets.shortfall("lawsuit_platform_entry_rate", len(rows))
    return [
        ExpectedRow(row.unit, row.month, {**row.values, "platform_entered_on": None})
        if index < left_out
        else row
        for index, row in enumerate(rows)
    ]

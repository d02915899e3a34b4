"""Legal reviews: those by the legal section, each counted, and counsel's reviews of decided cases."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.days import before, known_by_month, work_day
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS = ("penalties",)

_SECTION, _COUNSEL, _OWN_LAWYER = "法制机构", "法律顾问", "公职律师"
_OPINIONS = ("事实清楚，证据确凿，同意拟处罚意见", "程序合法，同意", "同意，建议补充送达回证")
_ANOTHER_ROUND = "请补充证据后再审"
_AGAIN_PER_HUNDRED = 9


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("legal_reviews")
    decisions = truth["penalties"]
    rows = [
        _make_row(rng, scenario, decision, _SECTION, number)
        for decision, number in _plan_section_reviews(rng, scenario, decisions)
    ]
    left_out = scenario.targets.shortfall("legal_adviser_review_rate", len(decisions))
    lawyer_of = {unit: rng.choice((_COUNSEL, _COUNSEL, _OWN_LAWYER)) for unit in scenario.offices}
    rows += [
        _make_row(rng, scenario, decision, lawyer_of[decision.unit], 1) for decision in decisions[left_out:]
    ]
    return sorted(
        rows, key=lambda row: (row.values["reviewed_on"], row.values["case_no"], row.values["round"] or 1)
    )


def _plan_section_reviews(
    rng: Random, scenario: Scenario, decisions: list[ExpectedRow]
) -> list[tuple[ExpectedRow, int]]:
    """Return the decision and the round of each review; some cases are reviewed twice."""
    count = scenario.targets.count("legal_review_count")
    firsts = min(count - count * _AGAIN_PER_HUNDRED // 100, len(decisions))
    chosen = rng.sample(decisions, firsts)
    return [(chosen[index % firsts], index // firsts + 1) for index in range(count)] if chosen else []


def _make_row(
    rng: Random, scenario: Scenario, decision: ExpectedRow, reviewer: str, number: int
) -> ExpectedRow:
    """Make a review in the days before the decision; later rounds are closer to it."""
    decided_on: date = decision.values["decided_on"]
    first_day = min(work_day(date(scenario.year, 1, 1)), decided_on)
    reviewed_on = before(decided_on, rng.randrange(6, 12) if number == 1 else max(5 - number, 0), first_day)
    values: dict[str, Any] = {
        "case_no": decision.values["case_no"],
        "reviewed_on": reviewed_on,
        "reviewer_kind": reviewer,
        "round": number if number > 1 or rng.random() < 0.5 else None,
        "is_decided": True if known_by_month(decided_on, scenario.year, reviewed_on.month) else None,
        "opinion": rng.choice(_OPINIONS) if number > 1 or rng.random() < 0.9 else _ANOTHER_ROUND,
    }
    return ExpectedRow(decision.unit, reviewed_on.month, values)

"""Applications to the court for enforcement against parties who neither paid nor sued, after a reminder."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any

from flows.sample_year.days import after, before, known_by_month, year_end
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS = ("penalties", "payments", "lawsuits", "reconsiderations")

#: the remedies lapse six months after service; the court is asked within the three months after
_DAYS_OF_REMEDIES, _DAYS_TO_APPLY = 183, 80


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("court_enforcements")
    owed = _sum_owed(truth)
    chosen = _select_unpaid(truth, owed)[: scenario.targets.count("court_enforcement_count")]
    last = year_end(scenario.year)
    applied = [
        (
            after(decision.values["served_on"], _DAYS_OF_REMEDIES + rng.randrange(1, _DAYS_TO_APPLY), last),
            decision,
        )
        for decision in chosen
    ]
    applied.sort(key=lambda pair: (pair[0], pair[1].values["decision_no"]))
    return [
        _make_row(rng, scenario, decision, day, owed[decision.values["decision_no"]])
        for day, decision in applied
    ]


def _sum_owed(truth: Truth) -> dict[str, int]:
    """Compute what is left to pay of each fine, in 分."""
    paid: Counter[str] = Counter()
    for payment in truth["payments"]:
        if payment.values["kind"] == "罚款":
            paid[payment.values["decision_no"]] += payment.values["amount_fen"]
    decisions = [row.values for row in truth["penalties"]]
    return {
        decision["decision_no"]: (decision["fine_fen"] or 0) - paid[decision["decision_no"]]
        for decision in decisions
    }


def _select_unpaid(truth: Truth, owed: dict[str, int]) -> list[ExpectedRow]:
    """Select undisputed fines, those not fully paid first, then the oldest first."""
    disputed = {
        row.values["decision_no"] for name in ("lawsuits", "reconsiderations") for row in truth[name]
    }
    fined = [
        row
        for row in truth["penalties"]
        if row.values["fine_fen"] and row.values["decision_no"] not in disputed
    ]
    return sorted(fined, key=lambda row: (owed[row.values["decision_no"]] == 0, row.values["served_on"]))


def _make_row(
    rng: Random, scenario: Scenario, decision: ExpectedRow, applied_on: date, owed_fen: int
) -> ExpectedRow:
    """Make a row whose amount is the fine plus an equal surcharge, the legal maximum."""
    urged_on = before(applied_on, rng.randrange(11, 25))
    values: dict[str, Any] = {
        "decision_no": decision.values["decision_no"],
        "urged_on": urged_on,
        "applied_on": applied_on,
        "court": scenario.offices[decision.unit].court,
        "amount_fen": 2 * (owed_fen or decision.values["fine_fen"]),
        "ruling": "未裁",
    }
    ruled_on = after(applied_on, 20)
    if known_by_month(ruled_on, scenario.year, applied_on.month):
        return ExpectedRow(decision.unit, applied_on.month, {**values, "ruling": "准予"})
    later = {**values, "ruling": "准予"} if ruled_on <= year_end(scenario.year) else None
    return ExpectedRow(decision.unit, applied_on.month, values, ruled_on.month if later else None, later)

"""Reconsiderations of decisions not taken to court; as many are corrected as was published."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from flows.sample_year.days import after, known_by_month, year_end
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS = ("penalties", "lawsuits")

_OUTCOMES = ("维持", "维持", "驳回", "终止", "调解")
_CORRECTED = ("撤销", "变更", "确认违法")
_LONGEST_DAYS = 60


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("reconsiderations")
    corrected = scenario.targets.count("reconsideration_corrected_count")
    disputed = _select_disputed(rng, scenario, truth)
    serial = rng.randrange(10, 40)
    rows = []
    for index, (accepted_on, decision) in enumerate(disputed):
        serial += rng.randrange(1, 6)
        outcome = (_CORRECTED if index < corrected else _OUTCOMES)[index % 3]
        closed_on = after(accepted_on, rng.randrange(25, _LONGEST_DAYS - 3))
        rows.append(_make_row(scenario, decision, serial, accepted_on, closed_on, outcome))
    return rows


def _select_disputed(rng: Random, scenario: Scenario, truth: Truth) -> list[tuple[date, ExpectedRow]]:
    """Select decisions for reconsideration, with the day of acceptance:
    within 60 days of service, in the year.
    """
    in_court = {row.values["decision_no"] for row in truth["lawsuits"]}
    last = year_end(scenario.year)
    free = [
        penalty
        for penalty in truth["penalties"]
        if penalty.values["decision_no"] not in in_court and penalty.values["served_on"] <= last
    ]
    count = scenario.targets.count("reconsideration_count")
    early = [decision for decision in free if decision.month <= 9]
    chosen = rng.sample(early if len(early) >= count else free, count)
    accepted = [
        (after(decision.values["served_on"], rng.randrange(5, 50), last), decision) for decision in chosen
    ]
    return sorted(accepted, key=lambda pair: (pair[0], pair[1].values["decision_no"]))


def _make_row(
    scenario: Scenario, decision: ExpectedRow, serial: int, accepted_on: date, closed_on: date, outcome: str
) -> ExpectedRow:
    organ = scenario.offices[decision.unit].organ.removesuffix("环")
    values: dict[str, Any] = {
        "case_no": f"{organ}政复〔{scenario.year}〕{serial}号",
        "applicant": decision.values["party_name"],
        "organ": f"{scenario.regions.top.name}人民政府",
        "decision_no": decision.values["decision_no"],
        "accepted_on": accepted_on,
        "closed_on": closed_on,
        "outcome": outcome,
    }
    month = accepted_on.month
    if known_by_month(closed_on, scenario.year, month):
        return ExpectedRow(decision.unit, month, values)
    pending = {**values, "closed_on": None, "outcome": None}
    if closed_on > year_end(scenario.year):
        return ExpectedRow(decision.unit, month, pending)
    return ExpectedRow(decision.unit, month, pending, closed_on.month, values, is_reported_again=True)

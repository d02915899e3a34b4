"""Rewards paid to informants: their number and their sum are published."""

from __future__ import annotations

from flows.sample_year.amounts import adjust_to_sum
from flows.sample_year.days import before
from flows.sample_year.event_calendar import Register, draw_event_days
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS: tuple[str, ...] = ()

_USUAL_FEN = (300_00, 500_00, 500_00, 1_000_00)


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("rewards")
    paid = draw_event_days(scenario, rng, scenario.targets.count("report_reward_count"))
    target = scenario.targets.fen("report_reward_amount")
    mean = target // max(len(paid), 1)
    smallest, largest = min(200_00, mean), max(2_000_00, 4 * mean)
    amounts = (
        adjust_to_sum([rng.choice(_USUAL_FEN) for _ in paid], target, smallest, largest) if paid else []
    )
    register = Register(scenario)
    rows = []
    for (day, unit), fen in zip(paid, amounts, strict=True):
        values = {
            "report_no": register.entry_no(unit, "JB"),
            "verified_on": before(day, rng.randrange(5, 40)),
            "amount_fen": fen,
            "paid_on": day,
        }
        rows.append(ExpectedRow(unit, day.month, values))
    return rows

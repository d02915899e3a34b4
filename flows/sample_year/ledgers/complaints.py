"""Complaints about officers: some every year, as many upheld as was published."""

from __future__ import annotations

from flows.sample_year.days import after, year_end
from flows.sample_year.event_calendar import Register, draw_event_days
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth

NEEDS: tuple[str, ...] = ()

_UNFOUNDED = 9


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("complaints")
    upheld = scenario.targets.count("enforcement_complaint_count")
    last = year_end(scenario.year)
    register = Register(scenario)
    rows = []
    for index, (received_on, unit) in enumerate(draw_event_days(scenario, rng, upheld + _UNFOUNDED)):
        is_upheld = index < upheld
        closed_on = after(
            received_on, rng.randrange(5, 40), last if is_upheld else last.replace(year=last.year + 1)
        )
        pending = {
            "complaint_no": register.entry_no(unit, "TS"),
            "received_on": received_on,
            "closed_on": None,
            "is_upheld": None,
        }
        closed = {**pending, "closed_on": closed_on, "is_upheld": is_upheld}
        month = received_on.month
        if closed_on > last:
            rows.append(ExpectedRow(unit, month, pending))
        elif closed_on.month == month:
            rows.append(ExpectedRow(unit, month, closed))
        else:
            rows.append(ExpectedRow(unit, month, pending, closed_on.month, closed, is_reported_again=True))
    return rows

"""Complaints about officers: some every year, as many upheld as was published."""

from __future__ import annotations

from flows.sample_year.days import after, year_end
from flows.sample_year.event_calendar import Register, occasions
from flows.sample_year.scenario import TrueRow, Truth, World

NEEDS: tuple[str, ...] = ()

_UNFOUNDED = 9


def build(world: World, _truth: Truth) -> list[TrueRow]:
    rng = world.rng("complaints")
    upheld = world.targets.count("enforcement_complaint_count")
    last = year_end(world.year)
    register = Register(world)
    rows = []
    for index, (received_on, unit) in enumerate(occasions(world, rng, upheld + _UNFOUNDED)):
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
            rows.append(TrueRow(unit, month, pending))
        elif closed_on.month == month:
            rows.append(TrueRow(unit, month, closed))
        else:
            rows.append(TrueRow(unit, month, pending, closed_on.month, closed, is_told_again=True))
    return rows

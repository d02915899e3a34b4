"""Permits: the bureau's match the published count, timeliness and satisfaction; counties have their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from flows.sample_year.days import before, year_end
from flows.sample_year.event_calendar import Register, draw_event_days
from flows.sample_year.parties import Party, PartyBook
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth, Values
from schemas.datasets.permits import SATISFIED
from schemas.reporting.working_days import CalendarUnknownError, is_working_day

NEEDS: tuple[str, ...] = ()

_OF_COUNTIES_PER_HUNDRED = 30
_RATED, _REPORTED_WHILE_OPEN = 0.7, 0.35
_DISSATISFIED = ("不满意", "2")
_LIMITS = (7, 10, 20, 20, 30)
_KINDS = ("普通", "普通", "核准", "登记")
_RESULTS = ("许可", "许可", "许可", "许可", "变更", "延续", "不予许可")


@dataclass(frozen=True)
class _Permit:
    unit: str
    party: Party
    accepted_on: date
    closed_on: date
    limit: int
    extension: int | None
    suspended: int | None
    rating: str | None


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("permits")
    count = scenario.targets.count("permit_closed_count")
    books = {unit: scenario.new_book(unit) for unit in scenario.offices}
    of_bureau = draw_event_days(scenario, rng, count, [scenario.bureau] if scenario.bureau else [])
    late = scenario.targets.shortfall("permit_on_time_rate", len(of_bureau))
    own = [
        _draw_permit(rng, books[unit], unit, day, is_late=index < late)
        for index, (day, unit) in enumerate(of_bureau)
    ]
    of_counties = draw_event_days(scenario, rng, count * _OF_COUNTIES_PER_HUNDRED // 100, scenario.counties)
    other_permits = [
        _draw_permit(rng, books[unit], unit, day, is_late=rng.random() < 0.05) for day, unit in of_counties
    ]
    permits = sorted(
        [*_mark_dissatisfied(rng, scenario, own), *other_permits],
        key=lambda permit: (permit.accepted_on, permit.unit, permit.party.name),
    )
    register = Register(scenario)
    return [_make_row(rng, scenario, permit, register) for permit in permits]


def _draw_permit(rng: Random, book: PartyBook, unit: str, day: date, *, is_late: bool) -> _Permit:
    """Draw a permit closed on the first working day from `day`; accepted
    as many working days before as it took.
    """
    closed_on = _find_next_open_day(day)
    limit = rng.choice(_LIMITS)
    extension = 10 if rng.random() < 0.08 else None
    suspended = rng.randrange(5, 31) if rng.random() < 0.15 else None
    allowed = limit + (extension or 0) + (suspended or 0)
    used = (
        allowed + rng.randrange(1, 6)
        if is_late
        else rng.randrange(1 + (limit if extension else 0), allowed + 1)
    )
    accepted_on = closed_on
    for _ in range(used):
        accepted_on = _find_previous_open_day(accepted_on)
    rating = rng.choice(SATISFIED) if rng.random() < _RATED else None
    return _Permit(unit, book.pick_firm(rng), accepted_on, closed_on, limit, extension, suspended, rating)


def _mark_dissatisfied(rng: Random, scenario: Scenario, permits: list[_Permit]) -> list[_Permit]:
    """Mark as many rated permits dissatisfied as the published rate says."""
    rated = sum(permit.rating is not None for permit in permits)
    unhappy = scenario.targets.shortfall("permit_satisfaction_rate", rated)
    rated_permits = []
    for permit in permits:
        if permit.rating is not None and unhappy:
            unhappy -= 1
            rated_permits.append(replace(permit, rating=rng.choice(_DISSATISFIED)))
        else:
            rated_permits.append(permit)
    return rated_permits


def _make_row(rng: Random, scenario: Scenario, permit: _Permit, register: Register) -> ExpectedRow:
    """Make the row, reported when the permit is closed; some are also reported earlier, while open."""
    unit, month = permit.unit, permit.closed_on.month
    values: dict[str, Any] = {
        "acceptance_no": register.entry_no(unit, "SL", permit.accepted_on.year),
        "permit_no": register.document_no(unit, "审"),
        "applicant_name": permit.party.name,
        "applicant_uscc": permit.party.uscc,
        "kind": rng.choice(_KINDS),
        "applied_on": before(permit.accepted_on, rng.randrange(6)),
        "accepted_on": permit.accepted_on,
        "limit_working_days": permit.limit,
        "extension_working_days": permit.extension,
        "suspended_working_days": permit.suspended,
        "closed_on": permit.closed_on,
        "result": rng.choice(_RESULTS),
        "rating": permit.rating,
    }
    is_open_at_first = permit.accepted_on.year == scenario.year and permit.accepted_on.month < month
    if not is_open_at_first or rng.random() >= _REPORTED_WHILE_OPEN:
        return ExpectedRow(unit, month, values)
    return ExpectedRow(
        unit, permit.accepted_on.month, _clear_closing_values(values), month, values, is_reported_again=True
    )


def _clear_closing_values(values: Values) -> Values:
    later = (
        "permit_no",
        "extension_working_days",
        "suspended_working_days",
        "closed_on",
        "result",
        "rating",
    )
    return {name: None if name in later else value for name, value in values.items()}


def _is_open(day: date) -> bool:
    """Return whether offices work on a day; every weekday if the year's calendar is unknown."""
    try:
        return is_working_day(day)
    except CalendarUnknownError:
        return day.weekday() < 5


def _find_next_open_day(day: date) -> date:
    """Return the day or the next working day of its year, else the last one before."""
    last = year_end(day.year)
    open_day = next((candidate for candidate in _list_days(day, last) if _is_open(candidate)), None)
    return open_day or _find_previous_open_day(day)


def _find_previous_open_day(day: date) -> date:
    day -= timedelta(days=1)
    while not _is_open(day):
        day -= timedelta(days=1)
    return day


def _list_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

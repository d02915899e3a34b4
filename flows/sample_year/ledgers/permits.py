"""Permits: the bureau closes as many as were published, in time and to the applicants' content; counties have their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from flows.sample_year.days import before, year_end
from flows.sample_year.event_calendar import Register, occasions
from flows.sample_year.parties import Party, PartyBook
from flows.sample_year.scenario import TrueRow, Truth, Values, World
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


def build(world: World, _truth: Truth) -> list[TrueRow]:
    rng = world.rng("permits")
    count = world.targets.count("permit_closed_count")
    books = {unit: world.new_book(unit) for unit in world.offices}
    of_bureau = occasions(world, rng, count, [world.bureau] if world.bureau else [])
    late = world.targets.shortfall("permit_on_time_rate", len(of_bureau))
    own = [
        _permit(rng, books[unit], unit, day, is_late=index < late)
        for index, (day, unit) in enumerate(of_bureau)
    ]
    of_counties = occasions(world, rng, count * _OF_COUNTIES_PER_HUNDRED // 100, world.counties)
    other_permits = [
        _permit(rng, books[unit], unit, day, is_late=rng.random() < 0.05) for day, unit in of_counties
    ]
    permits = sorted(
        [*_rated(rng, world, own), *other_permits],
        key=lambda permit: (permit.accepted_on, permit.unit, permit.party.name),
    )
    register = Register(world)
    return [_row(rng, world, permit, register) for permit in permits]


def _permit(rng: Random, book: PartyBook, unit: str, day: date, *, is_late: bool) -> _Permit:
    """Closed on the day or the next on which the office works; accepted so many working days before as it took."""
    closed_on = _next_open(day)
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
        accepted_on = _previous_open(accepted_on)
    rating = rng.choice(SATISFIED) if rng.random() < _RATED else None
    return _Permit(unit, book.pick_firm(rng), accepted_on, closed_on, limit, extension, suspended, rating)


def _rated(rng: Random, world: World, permits: list[_Permit]) -> list[_Permit]:
    """As many of the rated are unhappy as the published rate says."""
    rated = sum(permit.rating is not None for permit in permits)
    unhappy = world.targets.shortfall("permit_satisfaction_rate", rated)
    rated_permits = []
    for permit in permits:
        if permit.rating is not None and unhappy:
            unhappy -= 1
            rated_permits.append(replace(permit, rating=rng.choice(_DISSATISFIED)))
        else:
            rated_permits.append(permit)
    return rated_permits


def _row(rng: Random, world: World, permit: _Permit, register: Register) -> TrueRow:
    """Reported when it is closed; some offices report it before, while it is open."""
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
    is_open_at_first = permit.accepted_on.year == world.year and permit.accepted_on.month < month
    if not is_open_at_first or rng.random() >= _REPORTED_WHILE_OPEN:
        return TrueRow(unit, month, values)
    return TrueRow(unit, permit.accepted_on.month, _while_open(values), month, values, is_told_again=True)


def _while_open(values: Values) -> Values:
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
    """Whether offices work; where the calendar of a year is not known, on all but weekends."""
    try:
        return is_working_day(day)
    except CalendarUnknownError:
        return day.weekday() < 5


def _next_open(day: date) -> date:
    """The day or the next working day of its year, else the last one before."""
    last = year_end(day.year)
    open_day = next((candidate for candidate in _span(day, last) if _is_open(candidate)), None)
    return open_day or _previous_open(day)


def _previous_open(day: date) -> date:
    day -= timedelta(days=1)
    while not _is_open(day):
        day -= timedelta(days=1)
    return day


def _span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

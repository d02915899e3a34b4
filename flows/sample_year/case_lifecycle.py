"""Cases from filing to closing: the basis of the ledgers of cases, penalties and their consequences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from flows.sample_year.days import after, day_of_year, work_day, year_end
from flows.sample_year.offices import Office
from flows.sample_year.parties import Party, PartyBook
from flows.sample_year.violations import VIOLATIONS, Violation
from schemas.datasets.cases import SOURCES

#: cases of last year that are decided in this one, for each hundred filed this year
_CARRIED_IN_PER_HUNDRED = 8
_WITHDRAWN, _NEVER_DECIDED = 0.03, 0.03


@dataclass(frozen=True)
class CaseRecord:
    """One case. A date is None where it did not happen before the year was over."""

    unit: str
    case_no: str
    party: Party
    violation: Violation
    source: str
    filed_on: date
    withdrawn_on: date | None
    decided_on: date | None
    closed_on: date | None


def make_case_records(
    rng: Random, year: int, offices: Mapping[str, Office], city_code: str, filed: int
) -> list[CaseRecord]:
    """Make `filed` cases of the year and some carried over from the year before, in the order of filing."""
    days = [_draw_day_late_last_year(rng, year) for _ in range(filed * _CARRIED_IN_PER_HUNDRED // 100)]
    days += [day_of_year(rng, year) for _ in range(filed)]
    shares = {code: rng.uniform(0.6, 1.5) for code in offices}
    units = rng.choices(list(shares), list(shares.values()), k=len(days))
    books = {
        office.code: PartyBook(office.place_name, office.code, city_code) for office in offices.values()
    }
    serials = {(code, year - 1): rng.randrange(15, 40) for code in offices}
    case_records = []
    for day, unit in sorted(zip(days, units, strict=True)):
        serials[unit, day.year] = serials.get((unit, day.year), 0) + 1
        case_no = offices[unit].document_no("立", day.year, serials[unit, day.year])
        case_records.append(_make_case_record(rng, year, unit, case_no, books[unit].pick(rng), day))
    return case_records


def _make_case_record(
    rng: Random, year: int, unit: str, case_no: str, party: Party, filed_on: date
) -> CaseRecord:
    suitable = [violation for violation in VIOLATIONS if party.kind in violation.suits]
    violation = rng.choices(suitable, [violation_kind.weight for violation_kind in suitable])[0]
    fate = rng.random() if filed_on.year == year else 1.0
    withdrawn_on = after(filed_on, rng.randrange(10, 50)) if fate < _WITHDRAWN else None
    is_decided = fate >= _WITHDRAWN + _NEVER_DECIDED
    decided_on = _draw_decision_day(rng, year, filed_on) if is_decided else None
    closed_on = after(decided_on, rng.randrange(15, 60)) if decided_on and rng.random() < 0.8 else None
    last = year_end(year)
    return CaseRecord(
        unit, case_no, party, violation, rng.choices(SOURCES, (20, 25, 20, 20, 5, 5, 5))[0], filed_on,
        *(day if day and day <= last else None for day in (withdrawn_on, decided_on, closed_on)),
    )  # fmt: skip


def _draw_decision_day(rng: Random, year: int, filed_on: date) -> date:
    """Draw a day within the legal limit of 90 days; a case of last
    year is still open when the year begins.
    """
    if filed_on.year == year:
        return after(filed_on, rng.randrange(12, 80))
    return after(max(filed_on, date(year - 1, 12, 22)), rng.randrange(12, 45))


def _draw_day_late_last_year(rng: Random, year: int) -> date:
    return work_day(year_end(year - 1) - timedelta(days=rng.randrange(40)), year_end(year - 1))

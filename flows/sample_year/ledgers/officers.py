"""The complete roster of every office at the end of every month: newcomers, renewals, officers off duty."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from flows.sample_year.days import add_years, after, year_end
from flows.sample_year.event_calendar import draw_event_days
from flows.sample_year.ledgers.exams import CERTIFICATE
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth
from schemas.periods import Period

NEEDS = ("exams",)

_YEARS_VALID = 6
_FEWEST, _MOST = 14, 24
_NEVER_CERTIFIED, _LAPSED, _RENEWED, _LEAVES = 0.05, 0.04, 0.06, 0.03


@dataclass(frozen=True)
class _Officer:
    """An officer through the year; `renewed_in` is the month whose roster
    first knows the certificate as renewed.
    """

    unit: str
    certified_on: date | None
    valid_until: date | None
    is_on_duty: bool = True
    renewed_in: int = 13
    last_month: int = 12
    officer_no: str = ""

    def values(self, year: int, month: int) -> dict[str, Any]:
        """Return the officer's row in a month's roster; nobody is on
        duty before the certificate is issued.
        """
        is_certified = (
            self.certified_on is not None and self.certified_on < Period.of_month(year, month).end_on
        )
        is_newcomer = self.certified_on is not None and not is_certified
        valid_until = self.valid_until
        if valid_until and month >= self.renewed_in:
            valid_until = add_years(valid_until, _YEARS_VALID)
        return {
            "officer_no": self.officer_no,
            "certificate_no": f"ZF{self.officer_no}" if is_certified else None,
            "certified_on": self.certified_on if is_certified else None,
            "valid_until": valid_until if is_certified else None,
            "is_on_duty": self.is_on_duty and not is_newcomer,
        }


def build(scenario: Scenario, truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("officers")
    officers = [
        _draw_serving_officer(rng, scenario.year, unit)
        for unit in scenario.offices
        for _ in range(rng.randrange(_FEWEST, _MOST))
    ]
    officers = _remove_certificates([*officers, *_make_newcomers(rng, scenario, truth)], scenario)
    rosters = _number_officers(officers)
    return [
        ExpectedRow(officer.unit, month, officer.values(scenario.year, month))
        for month in range(1, 13)
        for officer in rosters
        if month <= officer.last_month
    ]


def _draw_serving_officer(rng: Random, year: int, unit: str) -> _Officer:
    """Draw an officer certified years ago; a few are not certified,
    have lapsed, renew this year, or leave.
    """
    certified_on = after(date(year - rng.randrange(1, 5), 1, 4), rng.randrange(300))
    valid_until = add_years(certified_on, _YEARS_VALID)
    luck = rng.random()
    if luck < _NEVER_CERTIFIED:
        return _Officer(unit, None, None, is_on_duty=False)
    if (luck := luck - _NEVER_CERTIFIED) < _LAPSED:
        return _Officer(
            unit, certified_on.replace(year=year - 8, day=1), date(year - 1, 6, 30), is_on_duty=False
        )
    if (luck := luck - _LAPSED) < _RENEWED:
        expires_on = date(year, rng.randrange(2, 11), 15)
        certified_on = expires_on.replace(year=year - _YEARS_VALID) + timedelta(days=1)
        return _Officer(unit, certified_on, expires_on, renewed_in=expires_on.month + 1)
    last_month = rng.randrange(4, 11) if luck - _RENEWED < _LEAVES else 12
    return _Officer(unit, certified_on, valid_until, last_month=last_month)


def _make_newcomers(rng: Random, scenario: Scenario, truth: Truth) -> list[_Officer]:
    """Make an officer for each passed exam of the year; the certificate is issued some weeks later."""
    passed = [
        (row.unit, after(row.values["held_on"], rng.randrange(20, 45), year_end(scenario.year)))
        for row in truth["exams"]
        if row.values["kind"] == CERTIFICATE
        for _ in range(row.values["passed"])
    ]
    needed = scenario.targets.count("newly_certified_officer_count")
    passed += [(unit, day) for day, unit in draw_event_days(scenario, rng, needed - len(passed))]
    return [_Officer(unit, day, add_years(day, _YEARS_VALID)) for unit, day in passed]


def _remove_certificates(officers: list[_Officer], scenario: Scenario) -> list[_Officer]:
    """Remove as many certificates of officers on duty at the end of the year as the published rate says."""
    on_duty = [
        index for index, officer in enumerate(officers) if officer.is_on_duty and officer.last_month == 12
    ]
    uncertified = set(on_duty[: scenario.targets.shortfall("officer_certified_rate", len(on_duty))])
    return [
        replace(officer, certified_on=None, valid_until=None) if index in uncertified else officer
        for index, officer in enumerate(officers)
    ]


def _number_officers(officers: list[_Officer]) -> list[_Officer]:
    last: Counter[str] = Counter()
    numbered = []
    for officer in officers:
        last[officer.unit] += 1
        numbered.append(replace(officer, officer_no=f"{officer.unit}{last[officer.unit]:03}"))
    return numbered

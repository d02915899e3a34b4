"""The roster of every office at the end of every month, each on its own feet: newcomers, renewals, officers off duty."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from flows.sample_year.days import after, year_end, years_on
from flows.sample_year.event_calendar import occasions
from flows.sample_year.ledgers.exams import CERTIFICATE
from flows.sample_year.scenario import TrueRow, Truth, World
from schemas.periods import Period

NEEDS = ("exams",)

_YEARS_VALID = 6
_FEWEST, _MOST = 14, 24
_NEVER_CERTIFIED, _LAPSED, _RENEWED, _LEAVES = 0.05, 0.04, 0.06, 0.03


@dataclass(frozen=True)
class _Officer:
    """An officer through the year; `renewed_in` is the month whose roster first knows the certificate as renewed."""

    unit: str
    certified_on: date | None
    valid_until: date | None
    is_on_duty: bool = True
    renewed_in: int = 13
    last_month: int = 12
    officer_no: str = ""

    def values(self, year: int, month: int) -> dict[str, Any]:
        """As the roster of a month knows the officer: nobody is on duty before the certificate is there."""
        is_certified = (
            self.certified_on is not None and self.certified_on < Period.of_month(year, month).end_on
        )
        is_newcomer = self.certified_on is not None and not is_certified
        valid_until = self.valid_until
        if valid_until and month >= self.renewed_in:
            valid_until = years_on(valid_until, _YEARS_VALID)
        return {
            "officer_no": self.officer_no,
            "certificate_no": f"ZF{self.officer_no}" if is_certified else None,
            "certified_on": self.certified_on if is_certified else None,
            "valid_until": valid_until if is_certified else None,
            "is_on_duty": self.is_on_duty and not is_newcomer,
        }


def build(world: World, truth: Truth) -> list[TrueRow]:
    rng = world.rng("officers")
    officers = [
        _old_hand(rng, world.year, unit)
        for unit in world.offices
        for _ in range(rng.randrange(_FEWEST, _MOST))
    ]
    officers = _without_certificate([*officers, *_newcomers(rng, world, truth)], world)
    rosters = _numbered(officers)
    return [
        TrueRow(officer.unit, month, officer.values(world.year, month))
        for month in range(1, 13)
        for officer in rosters
        if month <= officer.last_month
    ]


def _old_hand(rng: Random, year: int, unit: str) -> _Officer:
    """Certified years ago. A few are no officers yet, have let it lapse, renew it this year, or leave."""
    certified_on = after(date(year - rng.randrange(1, 5), 1, 4), rng.randrange(300))
    valid_until = years_on(certified_on, _YEARS_VALID)
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


def _newcomers(rng: Random, world: World, truth: Truth) -> list[_Officer]:
    """Those who passed the exams of the year; their certificates come some weeks later."""
    passed = [
        (row.unit, after(row.values["held_on"], rng.randrange(20, 45), year_end(world.year)))
        for row in truth["exams"]
        if row.values["kind"] == CERTIFICATE
        for _ in range(row.values["passed"])
    ]
    wanted = world.targets.count("newly_certified_officer_count")
    passed += [(unit, day) for day, unit in occasions(world, rng, wanted - len(passed))]
    return [_Officer(unit, day, years_on(day, _YEARS_VALID)) for unit, day in passed]


def _without_certificate(officers: list[_Officer], world: World) -> list[_Officer]:
    """As many on duty have no certificate at the year's end as the published rate says."""
    on_duty = [
        index for index, officer in enumerate(officers) if officer.is_on_duty and officer.last_month == 12
    ]
    without = set(on_duty[: world.targets.shortfall("officer_certified_rate", len(on_duty))])
    return [
        replace(officer, certified_on=None, valid_until=None) if index in without else officer
        for index, officer in enumerate(officers)
    ]


def _numbered(officers: list[_Officer]) -> list[_Officer]:
    last: Counter[str] = Counter()
    numbered = []
    for officer in officers:
        last[officer.unit] += 1
        numbered.append(replace(officer, officer_no=f"{officer.unit}{last[officer.unit]:03}"))
    return numbered

"""Petitions: as many accepted, and as many closed by their due day, as was published.

Every office reports a petition again in the month in which it closes
it; some are carried over from last year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from flows.sample_year.days import after, before, known_by_month, work_day, year_end
from flows.sample_year.event_calendar import Register, draw_event_days
from flows.sample_year.scenario import ExpectedRow, Scenario, Truth, Values
from schemas.datasets.petitions import DAYS_TO_CLOSE

NEEDS: tuple[str, ...] = ()

_CARRIED_IN_PER_HUNDRED = 6
_EXTENDED = 0.04
_DAYS_OF_EXTENSION = 30
_PROMISED_DAYS = (None, None, DAYS_TO_CLOSE, 45)  # None: what the law gives
_CHANNELS = ("12345", "网络", "来信", "来访", "微信", "电话")
_SATISFACTION = ("满意", "基本满意", None)


@dataclass(frozen=True)
class _Petition:
    unit: str
    petition_no: str
    accepted_on: date
    due_on: date | None
    extended_to: date | None
    closed_on: date | None

    @property
    def last_day_on(self) -> date:
        return self.extended_to or self.due_on or self.accepted_on + timedelta(days=DAYS_TO_CLOSE)

    def counts_in(self, year: int) -> bool:
        """Return whether the due day is in the year, or the petition is closed."""
        return self.last_day_on.year == year or self.closed_on is not None


def build(scenario: Scenario, _truth: Truth) -> list[ExpectedRow]:
    rng = scenario.rng("petitions")
    accepted = draw_event_days(scenario, rng, scenario.targets.count("petition_accepted_count"))
    carried_in = draw_event_days(scenario, rng, len(accepted) * _CARRIED_IN_PER_HUNDRED // 100)
    register = Register(scenario)
    petitions = []
    for index, (_, unit) in enumerate(carried_in):
        accepted_on = before(year_end(scenario.year - 1), index % 40)
        number = register.entry_no(unit, "XF", accepted_on.year)
        petitions.append(_close_carried_over(rng, _Petition(unit, number, accepted_on, None, None, None)))
    for day, unit in accepted:
        promised = rng.choice(_PROMISED_DAYS)
        due_on = day + timedelta(days=promised) if promised else None
        petitions.append(
            _close(rng, _Petition(unit, register.entry_no(unit, "XF"), day, due_on, None, None))
        )
    return [_make_row(scenario, rng, petition) for petition in _delay(petitions, scenario)]


def _close_carried_over(rng: Random, petition: _Petition) -> _Petition:
    """Close a petition of the last weeks of the year before early in this one, in time."""
    first = date(petition.accepted_on.year + 1, 1, 4)
    return replace(petition, closed_on=after(first, rng.randrange(14)))


def _close(rng: Random, petition: _Petition) -> _Petition:
    """Close a petition by its due day, or leave it open at the end of the year; some are extended in time."""
    last = year_end(petition.accepted_on.year)
    extended_to = petition.last_day_on + timedelta(days=_DAYS_OF_EXTENSION)
    if rng.random() < _EXTENDED and extended_to <= last:
        closed_on = after(petition.last_day_on, rng.randrange(1, _DAYS_OF_EXTENSION), extended_to)
        return replace(petition, extended_to=extended_to, closed_on=closed_on)
    closed_on = after(petition.accepted_on, rng.randrange(2, 55), petition.last_day_on)
    return replace(petition, closed_on=closed_on if closed_on <= last else None)


def _delay(petitions: list[_Petition], scenario: Scenario) -> list[_Petition]:
    """Close as many petitions after their due day as the published rate says."""
    last = year_end(scenario.year)
    counting = [petition for petition in petitions if petition.counts_in(scenario.year)]
    late_count = scenario.targets.shortfall("petition_on_time_rate", len(counting))
    candidates = [
        petition
        for petition in counting
        if petition.closed_on and petition.last_day_on + timedelta(days=20) <= last
    ]
    late = {petition.petition_no for petition in candidates[:late_count]}
    return [
        replace(petition, closed_on=work_day(petition.last_day_on + timedelta(days=9)))
        if petition.petition_no in late
        else petition
        for petition in petitions
    ]


def _make_row(scenario: Scenario, rng: Random, petition: _Petition) -> ExpectedRow:
    accepted_on, closed_on = petition.accepted_on, petition.closed_on
    registered_on = accepted_on - timedelta(days=rng.randrange(8))
    channel, satisfaction = rng.choice(_CHANNELS), rng.choice(_SATISFACTION)

    def values(month: int) -> Values:
        is_closed = known_by_month(closed_on, scenario.year, month) is not None
        return {
            "petition_no": petition.petition_no,
            "channel": channel,
            "registered_on": registered_on,
            "accepted_on": accepted_on,
            "due_on": petition.due_on,
            "extended_to": petition.extended_to if is_closed else None,
            "closed_on": closed_on if is_closed else None,
            "satisfaction": satisfaction if is_closed else None,
        }

    if accepted_on.year < scenario.year and closed_on:
        return ExpectedRow(petition.unit, closed_on.month, values(closed_on.month))
    month = accepted_on.month
    if closed_on is None or known_by_month(closed_on, scenario.year, month):
        return ExpectedRow(petition.unit, month, values(month))
    return ExpectedRow(
        petition.unit,
        month,
        values(month),
        closed_on.month,
        values(closed_on.month),
        is_reported_again=True,
    )

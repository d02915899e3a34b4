"""Working days and reporting days, computed from the given year without a clock."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from schemas.periods import Period

_SATURDAY = 5
#: the earliest day of the next month on which a month's files arrive;
#: they may contain what happened before it
FIRST_ARRIVAL_DAY = 3


def work_day(day: date, last: date = date.max) -> date:
    """Return the day or the next weekday; the weekday before if the next would be after `last`."""
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    if day <= last:
        return day
    day = last
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return day


def after(day: date, days: int, last: date = date.max) -> date:
    """Return a weekday `days` later, never after `last`."""
    return work_day(day + timedelta(days=days), last)


def year_end(year: int) -> date:
    return date(year, 12, 31)


def day_of_year(rng: Random, year: int) -> date:
    """Draw a weekday of the year."""
    return work_day(date(year, 1, 1) + timedelta(days=rng.randrange(365)), year_end(year))


def before(day: date, days: int, first: date = date.min) -> date:
    """Return a weekday at least `days` earlier, never before `first`."""
    day -= timedelta(days=days)
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return max(day, first)


def last_known_day(year: int, month: int) -> date:
    """Return the last day that a month's file can mention: the day before the first arrivals."""
    return Period.of_month(year, month).end_on + timedelta(days=FIRST_ARRIVAL_DAY - 2)


def add_years(day: date, years: int) -> date:
    """Return the last day of a term of some years that begins on `day`."""
    leapless = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return leapless.replace(year=day.year + years) - timedelta(days=1)


def known_by_month(day: date | None, year: int, month: int) -> date | None:
    """Return the day, or None if it is after the month's file was written."""
    return day if day is not None and day <= last_known_day(year, month) else None

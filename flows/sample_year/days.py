"""Days on which offices work and hand in: plain arithmetic on the year that is handed in, no clock."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from schemas.periods import Period

_SATURDAY = 5
#: the earliest day of the next month on which a month's files come in; what happened before it may stand in them
FIRST_ARRIVAL_DAY = 3


def work_day(day: date, last: date = date.max) -> date:
    """The day itself or the next that is no weekend; before `last` where the next would be after it."""
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    if day <= last:
        return day
    day = last
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return day


def after(day: date, days: int, last: date = date.max) -> date:
    """A working day `days` later, never after `last`."""
    return work_day(day + timedelta(days=days), last)


def year_end(year: int) -> date:
    return date(year, 12, 31)


def day_of_year(rng: Random, year: int) -> date:
    """A working day of the year."""
    return work_day(date(year, 1, 1) + timedelta(days=rng.randrange(365)), year_end(year))


def before(day: date, days: int, first: date = date.min) -> date:
    """A day `days` earlier, or a little more so that it is no weekend; never before `first`."""
    day -= timedelta(days=days)
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return max(day, first)


def last_known_day(year: int, month: int) -> date:
    """The last day that the file of a month can speak of: the eve of the first arrivals."""
    return Period.of_month(year, month).end_on + timedelta(days=FIRST_ARRIVAL_DAY - 2)


def years_on(day: date, years: int) -> date:
    """The eve of the day some years later."""
    leapless = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return leapless.replace(year=day.year + years) - timedelta(days=1)


def known(day: date | None, year: int, month: int) -> date | None:
    """The day, or None where the file of that month cannot know it yet."""
    return day if day is not None and day <= last_known_day(year, month) else None

"""China's working days, make-up days included, as the State Council sets them year by year."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import chinese_calendar
import numpy as np
import pandas as pd

FIRST_KNOWN, LAST_KNOWN = date(2004, 1, 1), date(max(day.year for day in chinese_calendar.holidays), 12, 31)


#: as `date.weekday` counts
SATURDAY = 5


class CalendarUnknownError(ValueError):
    """The working days of a year are not known; the message says what to do."""


@cache
def is_working_day(day: date) -> bool:
    """Whether a day is a working day. Raises CalendarUnknown for a year that the calendar does not know."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise CalendarUnknownError(
            f"the working days of {day.year} are not known; install a newer chinesecalendar (the State Council announces a "
            f"year's holidays in the autumn before it), or write its days off and make-up days under [holidays.{day.year}] in "
            "huizong.toml"
        ) from error


@dataclass(frozen=True)
class HolidaysOfYear:
    """What the State Council announced for a year: week days that are free, and weekend days that are worked for them."""

    days_off: Collection[date]
    make_up_days: Collection[date]


@dataclass(frozen=True)
class WorkingCalendar:
    """The calendar that the package knows; a year `given` by the home is taken as the home says."""

    given: Mapping[int, HolidaysOfYear] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Raises CalendarUnknown for a year that neither the package nor the home knows."""
        told = self.given.get(day.year)
        if told is None:
            return is_working_day(day)
        return day in told.make_up_days or (day.weekday() < SATURDAY and day not in told.days_off)

    def nth_working_day(self, start: date, number: int) -> date:
        """The n-th working day from `start` on, which counts itself."""
        day = start
        while True:
            number -= self.is_working_day(day)
            if number == 0:
                return day
            day += timedelta(days=1)

    def days_late(self, due: date, received: date) -> int:
        """Working days after `due` up to and with `received`; 0 where it came in time."""
        span = (received - due).days
        return sum(self.is_working_day(due + timedelta(days=offset)) for offset in range(1, span + 1))


@cache
def _counted() -> np.ndarray:
    """Working days from FIRST_KNOWN up to and with each known day."""
    days = (LAST_KNOWN - FIRST_KNOWN).days + 1
    return np.cumsum([is_working_day(FIRST_KNOWN + timedelta(days=offset)) for offset in range(days)])


def working_days_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Working days after `start` up to and with `end` (Int64); missing where either is, or lies in a year not known."""
    known = start.between(pd.Timestamp(FIRST_KNOWN), pd.Timestamp(LAST_KNOWN))
    known &= end.between(pd.Timestamp(FIRST_KNOWN), pd.Timestamp(LAST_KNOWN))
    offsets = [
        (one.where(known, pd.Timestamp(FIRST_KNOWN)) - pd.Timestamp(FIRST_KNOWN)).dt.days
        for one in (start, end)
    ]
    first, last = (_counted()[offset.to_numpy()] for offset in offsets)
    return pd.Series(last - first, index=start.index, dtype="Int64").mask(~known)

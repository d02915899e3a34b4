"""Working days in China, including make-up days, as the State Council announces them each year."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import chinese_calendar
import numpy as np
import pandas as pd

from schemas.errors import DefinitionError
from schemas.sentences import Sentence

FIRST_KNOWN, LAST_KNOWN = date(2004, 1, 1), date(max(day.year for day in chinese_calendar.holidays), 12, 31)

#: as `date.weekday` counts
SATURDAY = 5


class CalendarUnknownError(DefinitionError):
    """The working days of a year are not known; the message says how to supply them."""

    @property
    def sentence(self) -> Sentence:
        """The message, which is a rule's code and therefore text only, as a sentence."""
        return Sentence(
            "the working days of {year} are not known; install a newer chinesecalendar (the State Council "
            "announces a year's holidays in the autumn before it), or write its days off and make-up days "
            "under [holidays.{year}] in huizong.toml",
            year=str(self).split(" ")[4],
        )


@cache
def is_working_day(day: date) -> bool:
    """True if a day is a working day.

    Raises CalendarUnknownError for a year that the calendar does not cover.
    """
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
    """The announced holidays of a year: weekdays off, and weekend days worked in exchange (make-up days)."""

    days_off: Collection[date]
    make_up_days: Collection[date]


@dataclass(frozen=True)
class WorkingCalendar:
    """The calendar of the `chinese_calendar` package.

    Years in `overrides` come from the settings instead.
    """

    overrides: Mapping[int, HolidaysOfYear] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """True if a day is a working day.

        Raises CalendarUnknownError for a year known to neither source.
        """
        holidays = self.overrides.get(day.year)
        if holidays is None:
            return is_working_day(day)
        return day in holidays.make_up_days or (day.weekday() < SATURDAY and day not in holidays.days_off)

    def nth_working_day(self, start: date, number: int) -> date:
        """Return the n-th working day from `start` on; `start` counts if it is one."""
        day = start
        while True:
            number -= self.is_working_day(day)
            if number == 0:
                return day
            day += timedelta(days=1)

    def days_late(self, due: date, received: date) -> int:
        """Count working days after `due` up to and including `received`; 0 if received in time."""
        span = (received - due).days
        return sum(self.is_working_day(due + timedelta(days=offset)) for offset in range(1, span + 1))

    def after_working_days(self, start: pd.Series, number: pd.Series | int) -> pd.Series:
        """Return the n-th working day after each day, the day itself where n is zero.

        Missing where a date is, or where the count leaves the years that are known.
        """
        days = _working_days_of(self, *_years_of(start))
        last = len(days) - 1
        known = start >= pd.Timestamp(FIRST_KNOWN)
        position = np.searchsorted(days, start.to_numpy("datetime64[D]"), side="right") - 1 + number
        position = pd.Series(position, index=start.index, dtype="Float64").where(known)
        is_found = position.between(0, last) & known
        last_days = days[position.where(is_found).fillna(0).astype("int64").to_numpy()]
        due = pd.Series(last_days.astype("datetime64[s]"), index=start.index).where(is_found.fillna(False))
        return due.where(pd.Series(number, index=start.index).ne(0), start)


def _years_of(days: pd.Series) -> tuple[int, int]:
    """Return the first and last year to count working days in; a limit ends within three years."""
    if days.notna().any():
        return int(days.min().year), int(days.max().year) + 3
    return LAST_KNOWN.year, LAST_KNOWN.year


def _working_days_of(calendar: WorkingCalendar, first: int, last: int) -> np.ndarray:
    """List the working days of these years as far as the calendar knows them, without a gap."""
    days = []
    for year in range(max(first, FIRST_KNOWN.year), last + 1):
        if year > LAST_KNOWN.year and year not in calendar.overrides:
            break
        day = date(year, 1, 1)
        while day.year == year:
            if calendar.is_working_day(day):
                days.append(day)
            day += timedelta(days=1)
    return np.array(days, dtype="datetime64[D]")


@cache
def _cumulative_working_days() -> np.ndarray:
    """Count working days from FIRST_KNOWN up to and including each known day."""
    days = (LAST_KNOWN - FIRST_KNOWN).days + 1
    return np.cumsum([is_working_day(FIRST_KNOWN + timedelta(days=offset)) for offset in range(days)])


def working_days_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Count working days after `start` up to and including `end`.

    Int64; missing where a date is missing or in a year that the calendar does not cover.
    """
    known = start.between(pd.Timestamp(FIRST_KNOWN), pd.Timestamp(LAST_KNOWN))
    known &= end.between(pd.Timestamp(FIRST_KNOWN), pd.Timestamp(LAST_KNOWN))
    offsets = [
        (dates.where(known, pd.Timestamp(FIRST_KNOWN)) - pd.Timestamp(FIRST_KNOWN)).dt.days
        for dates in (start, end)
    ]
    first, last = (_cumulative_working_days()[offset.to_numpy()] for offset in offsets)
    return pd.Series(last - first, index=start.index, dtype="Int64").mask(~known)

"""China's working days, make-up days included, as the State Council sets them year by year."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import chinese_calendar
import numpy as np
import pandas as pd

FIRST_KNOWN, LAST_KNOWN = date(2004, 1, 1), date(max(day.year for day in chinese_calendar.holidays), 12, 31)


class CalendarUnknown(ValueError):
    """The working days of a year are not known; the message says what to do."""


def is_working_day(day: date) -> bool:
    """Whether a day is a working day. Raises CalendarUnknown for a year that the calendar does not know."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise CalendarUnknown(
            f"the working days of {day.year} are not known; install a newer chinesecalendar (the State Council announces a "
            "year's holidays in the autumn before it)"
        ) from error


@cache
def _counted() -> np.ndarray:
    """Working days from FIRST_KNOWN up to and with each known day."""
    days = (LAST_KNOWN - FIRST_KNOWN).days + 1
    return np.cumsum([is_working_day(FIRST_KNOWN + timedelta(days=offset)) for offset in range(days)])


def working_days_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Working days after `start` up to and with `end` (Int64); missing where either is, or lies in a year not known."""
    known = start.between(pd.Timestamp(FIRST_KNOWN), pd.Timestamp(LAST_KNOWN))
    known &= end.between(pd.Timestamp(FIRST_KNOWN), pd.Timestamp(LAST_KNOWN))
    offsets = [(one.where(known, pd.Timestamp(FIRST_KNOWN)) - pd.Timestamp(FIRST_KNOWN)).dt.days for one in (start, end)]
    first, last = (_counted()[offset.to_numpy()] for offset in offsets)
    return pd.Series(last - first, index=start.index, dtype="Int64").mask(~known)

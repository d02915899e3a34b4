"""Periods of figures and reports: a month `2023-06`, a quarter `2023-Q2`, a year `2023`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_PERIOD = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")

_MONTH = re.compile("(?<![0-9-])20[0-9]{2}-(?:0[1-9]|1[0-2])(?![0-9/-])")
#: between two months: 2023-01 to 2023-03, 2023-05
_MONTHS, _BETWEEN_MONTHS = (
    re.compile(f"(?<=20[0-9][0-9]-[0-9][0-9]){between}(?=20[0-9][0-9]-[0-9][0-9](?![0-9/-]))")
    for between in (" to ", ", ")
)
_SPAN = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])~(0[1-9]|1[0-2])")


def month_words(period: str) -> str:
    """Write 2023-06 as 2023年6月; return anything else unchanged."""
    match = _PERIOD.fullmatch(period)
    return f"{match['year']}年{int(match['month'])}月" if match and match["month"] else period


def day_words(day: date | str) -> str:
    """Write 2023-06-07 as people do: 2023年6月7日."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.year}年{day.month}月{day.day}日"


def instant_words(instant: datetime) -> str:
    """Write an instant as people do: 2023年6月7日 08:30."""
    return f"{day_words(instant)} {instant:%H:%M}"


def months_in_words(text: str) -> str:
    """Write the months of a sentence as people do, also spans: 2023-01 to 2023-03 is 2023年1月至2023年3月."""
    text = _BETWEEN_MONTHS.sub("、", _MONTHS.sub("至", text))
    return _MONTH.sub(lambda month: month_words(month[0]), text)


def is_period(text: str) -> bool:
    """True if a text is a period.

    Years outside 1900-2099 are not, although a date in a cell may have one.
    """
    return _PERIOD.fullmatch(text) is not None


@dataclass(frozen=True, order=True)
class Period:
    """A span of whole months of one year."""

    year: int
    first_month: int
    last_month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """Parse `2023`, `2023-Q2` or `2023-06`. Raises ValueError with the valid forms."""
        match = _PERIOD.fullmatch(text.strip())
        if match is None:
            raise ValueError(
                f"'{text}' is no period; write a year 2023, a quarter 2023-Q2 or a month 2023-06"
            )
        year = int(match["year"])
        if match["quarter"]:
            last = 3 * int(match["quarter"])
            return cls(year, last - 2, last)
        if match["month"]:
            return cls.of_month(year, int(match["month"]))
        return cls(year, 1, 12)

    @classmethod
    def parse_span(cls, text: str) -> Period:
        """Parse a period, or months of a year as `str` writes them: 2023-01~09, which no command takes."""
        match = _SPAN.fullmatch(text)
        if match is None:
            return cls.parse(text)
        return cls(*(int(number) for number in match.groups()))

    @classmethod
    def of_month(cls, year: int, month: int) -> Period:
        return cls(year, month, month)

    @property
    def start_on(self) -> date:
        return date(self.year, self.first_month, 1)

    @property
    def end_on(self) -> date:
        """Return the first day after the period."""
        return (
            date(self.year + 1, 1, 1) if self.last_month == 12 else date(self.year, self.last_month + 1, 1)
        )

    @property
    def last_on(self) -> date:
        return self.end_on - timedelta(days=1)

    @property
    def end_month(self) -> str:
        """Return the last month, as 2023-06."""
        return f"{self.year}-{self.last_month:02}"

    @property
    def is_month(self) -> bool:
        return self.first_month == self.last_month

    @property
    def is_quarter(self) -> bool:
        return self.last_month % 3 == 0 and self.last_month - self.first_month == 2

    def before(self) -> Period | None:
        """Return the month before a month, the quarter before a quarter; None for other spans."""
        if not (self.is_month or self.is_quarter):
            return None
        length = self.last_month - self.first_month + 1
        year, first = (self.year, self.first_month - length)
        year, first = (year, first) if first > 0 else (year - 1, first + 12)
        return Period(year, first, first + length - 1)

    def a_year_before(self) -> Period:
        return Period(self.year - 1, self.first_month, self.last_month)

    def months(self) -> list[str]:
        """List the months of the period, `2023-06`."""
        return [f"{self.year}-{month:02}" for month in range(self.first_month, self.last_month + 1)]

    def containing(self) -> list[Period]:
        """Return the month itself, its quarter and its year."""
        quarter_end = (self.first_month + 2) // 3 * 3
        return [self, Period(self.year, quarter_end - 2, quarter_end), Period(self.year, 1, 12)]

    def __str__(self) -> str:
        if self.is_month:
            return f"{self.year}-{self.first_month:02}"
        if self.last_month - self.first_month == 11:
            return str(self.year)
        if self.is_quarter:
            return f"{self.year}-Q{self.last_month // 3}"
        return f"{self.year}-{self.first_month:02}~{self.last_month:02}"


def month_after(month: str, number: int = 1) -> str:
    """Return the month `number` months after `month` (2023-06), or before it if negative."""
    months = int(month[:4]) * 12 + int(month[5:]) - 1 + number
    return f"{months // 12}-{months % 12 + 1:02}"


def months_between(first: str, last: str) -> list[str]:
    """List the months from `first` to `last`, both included; empty if `last` is earlier."""
    years = range(int(first[:4]), int(last[:4]) + 1)
    return [month for year in years for month in Period(year, 1, 12).months() if first <= month <= last]

"""Who owes which report, and by when: the one place that both questions are asked of.

An obligation is a table of the home's settings, of which the last that fits a unit, a ledger and a month decides:

    [[obligations]]
    units = ["990102"]            # left out: all
    ledgers = ["permits"]         # left out: all
    every = "quarter"             # month (if left out), quarter, half_year, year or never
    from = "2022-01"              # the first month that it holds for; left out: always has
    until = "2024-06"             # the last; left out: always will
    due_working_day = 10          # of the next month; left out: that of the settings

    [holidays.2027]               # a year that the calendar does not know yet
    days_off = [2027-01-01]
    make_up_days = [2027-02-07]

A report owed every quarter is that of the quarter's last month, and speaks for all three.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from schemas.periods import Period, month_after
from schemas.reporting.working_days import SATURDAY, HolidaysOfYear, WorkingCalendar

#: how many months a report of each rhythm speaks for
SPANS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "never": 0}
EVERY_MONTH, DEFAULT_WORKING_DAY = "month", 5


Grid = np.ndarray[Any, np.dtype[np.int8]]


class ObligationError(ValueError):
    """An obligation or holiday of the settings cannot be used; the message names it and says what would do."""


class Obligation(BaseModel):
    """One entry: how often these units owe these ledgers, in these months."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: tuple[str, ...] | None = Field(None, min_length=1)
    ledgers: tuple[str, ...] | None = Field(None, min_length=1)
    every: Literal["month", "quarter", "half_year", "year", "never"] = "month"
    first: str | None = Field(None, alias="from")
    until: str | None = None
    due_working_day: int | None = Field(None, ge=1, le=20)

    @field_validator("first", "until")
    @classmethod
    def _is_month(cls, text: str | None) -> str | None:
        if text is not None and not Period.parse(text).is_month:
            raise ValueError(f"'{text}' is no month; write it as 2023-06")
        return text

    def fits(self, unit: str, ledger: str, month: str) -> bool:
        return (
            (self.units is None or unit in self.units)
            and (self.ledgers is None or ledger in self.ledgers)
            and self.holds_in(month)
        )

    def holds_in(self, month: str) -> bool:
        return (self.first or "") <= month <= (self.until or "9999")


class _Holidays(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    days_off: frozenset[date]
    make_up_days: frozenset[date]


@dataclass(frozen=True)
class Obligations:
    """Asked of a unit, a ledger and a month (2023-06): is a report owed, due on which day, and which one speaks for it?"""

    entries: Sequence[Obligation] = ()
    due_working_day: int = DEFAULT_WORKING_DAY
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)

    @cached_property
    def longest_span(self) -> int:
        """Of how many months at most one report may speak."""
        return max((SPANS[entry.every] for entry in self.entries), default=1) or 1

    def is_owed(self, unit: str, ledger: str, month: str) -> bool:
        """Whether the unit owes a report of the ledger for this very month."""
        return self.report_for(unit, ledger, month) == month

    def report_for(self, unit: str, ledger: str, month: str) -> str | None:
        """The month whose report speaks for `month`: itself, or the last of its quarter, half-year or year; None: none does."""
        key = (unit, ledger, month)
        if key not in self._speaking:
            span = SPANS[self._rule(*key)[0]]
            self._speaking[key] = _last_of_span(month, span) if span else None
        return self._speaking[key]

    def months_before(self, month: str) -> list[str]:
        """Those for which a report of a month may speak, itself included."""
        number = int(month[5:])
        return [
            f"{month[:5]}{one:02}" for one in range(number - (number - 1) % self.longest_span, number + 1)
        ]

    def last_owed(self, unit: str, ledger: str, month: str) -> str | None:
        """The last month up to `month`, within a year, for which a report is owed: what a state of that month rests on."""
        for _ in range(12):
            if self.is_owed(unit, ledger, month):
                return month
            month = month_after(month, -1)
        return None

    def due_on(self, unit: str, ledger: str, month: str) -> date:
        """The day by which a report that is owed must have come. Raises CalendarUnknown."""
        return self.nth_working_day_after(month, self._rule(unit, ledger, month)[1])

    def nth_working_day_after(self, month: str, number: int) -> date:
        """The n-th working day of the month that follows. Raises CalendarUnknown."""
        if (month, number) not in self._due:
            self._due[month, number] = self.calendar.nth_working_day(Period.parse(month).end_on, number)
        return self._due[month, number]

    def days_late(self, due: date, received: date) -> int:
        """Working days after `due` up to and with `received`. Raises CalendarUnknown."""
        if (due, received) not in self._late:
            self._late[due, received] = self.calendar.days_late(due, received)
        return self._late[due, received]

    def table(
        self,
        units: Sequence[str],
        ledgers: Sequence[str],
        months: Sequence[str],
        besides: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """The same of each month, unit and ledger, in that order: `period`, `unit_code`, `ledger`, `every` (how many months a
        report speaks for; 0: none is owed), `is_owed`, `working_day`.

        With `besides` (reports: the first three columns) only of what is owed and of these.
        """
        index = pd.MultiIndex.from_product(
            [months, units, ledgers], names=["period", "unit_code", "ledger"]
        )
        every, working_day = (grid.reshape(-1) for grid in self.spans(units, ledgers, months))
        number = np.repeat(
            np.array([int(month[5:]) for month in months], dtype="int8"), len(units) * len(ledgers)
        )
        is_owed = (every > 0) & (number % np.maximum(every, 1) == 0)
        told = np.arange(len(index)) if besides is None else np.flatnonzero(is_owed)
        if besides is not None:
            places = [
                pd.Index(of).get_indexer(besides[name])
                for of, name in zip((months, units, ledgers), index.names, strict=True)
            ]
            known = np.logical_and.reduce([place >= 0 for place in places])
            also = np.ravel_multi_index(
                [place[known] for place in places], (len(months), len(units), len(ledgers))
            )
            told = np.union1d(told, also)
        asked = index[told].to_frame(index=False)
        return asked.assign(every=every[told], is_owed=is_owed[told], working_day=working_day[told])

    def spans(
        self, units: Sequence[str], ledgers: Sequence[str], months: Sequence[str]
    ) -> tuple[Grid, Grid]:
        """By month, unit and ledger: how many months a report speaks for (0: none is owed), by which working day."""
        shape = len(months), len(units), len(ledgers)
        every = np.full(shape, SPANS[EVERY_MONTH], dtype="int8")
        working_day = np.full(shape, self.due_working_day, dtype="int8")
        for entry in self.entries:
            of_months = [entry.holds_in(month) for month in months]
            of_units, of_ledgers = (
                [chosen is None or name in chosen for name in names]
                for names, chosen in (
                    (units, entry.units and set(entry.units)),
                    (ledgers, entry.ledgers and set(entry.ledgers)),
                )
            )
            there = np.ix_(*(np.array(flags, dtype=bool) for flags in (of_months, of_units, of_ledgers)))
            every[there], working_day[there] = (
                SPANS[entry.every],
                entry.due_working_day or self.due_working_day,
            )
        return every, working_day

    def _rule(self, unit: str, ledger: str, month: str) -> tuple[str, int]:
        """How often and by which working day, as the last entry that fits says."""
        for entry in reversed(self.entries):
            if entry.fits(unit, ledger, month):
                return entry.every, entry.due_working_day or self.due_working_day
        return EVERY_MONTH, self.due_working_day

    @cached_property
    def _speaking(self) -> dict[tuple[str, str, str], str | None]:
        return {}

    @cached_property
    def _late(self) -> dict[tuple[date, date], int]:
        return {}

    @cached_property
    def _due(self) -> dict[tuple[str, int], date]:
        return {}


EVERYTHING = Obligations()


def _last_of_span(month: str, span: int) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year}-{(number + span - 1) // span * span:02}"


def parse_obligations(
    entries: Iterable[Mapping[str, Any]],
    holidays: Mapping[str, Mapping[str, Any]],
    due_working_day: int,
    ledgers: Collection[str],
    units: Collection[str],
) -> Obligations:
    """The obligations of one home, from its settings as they were read. Raises ObligationError."""
    found = [
        _entry(f"[[obligations]] {at}", entry, ledgers, units) for at, entry in enumerate(entries, start=1)
    ]
    years = {_year(name): _holidays(name, told) for name, told in holidays.items()}
    return Obligations(tuple(found), due_working_day, WorkingCalendar(years))


def _entry(
    where: str, entry: Mapping[str, Any], ledgers: Collection[str], units: Collection[str]
) -> Obligation:
    one = _validated(where, Obligation, entry)
    for what, named, valid in (("unit", one.units, units), ("ledger", one.ledgers, ledgers)):
        if unknown := [name for name in named or () if name not in valid]:
            raise ObligationError(f"{where}: no {what} '{unknown[0]}'; there are {', '.join(valid)}")
    if one.first and one.until and one.first > one.until:
        raise ObligationError(f"{where}: from {one.first} lies after until {one.until}")
    return one


def _year(name: str) -> int:
    if not re.fullmatch(r"20\d\d", name):
        raise ObligationError(f"[holidays.{name}]: '{name}' is no year; write it as [holidays.2027]")
    return int(name)


def _holidays(name: str, told: Mapping[str, Any]) -> HolidaysOfYear:
    where = f"[holidays.{name}]"
    one = _validated(where, _Holidays, told)
    for day in sorted(one.days_off | one.make_up_days):
        if day.year != int(name):
            raise ObligationError(f"{where}: {day} is no day of {name}")
    if wrong := [day for day in sorted(one.make_up_days) if day.weekday() < SATURDAY]:
        raise ObligationError(f"{where}: make-up day {wrong[0]} is no Saturday or Sunday")
    if both := sorted(one.days_off & one.make_up_days):
        raise ObligationError(f"{where}: {both[0]} is both a day off and a make-up day")
    return HolidaysOfYear(one.days_off, one.make_up_days)


_Model = TypeVar("_Model", bound=BaseModel)


def _validated(where: str, model: type[_Model], told: Any) -> _Model:
    keys = [one.alias or name for name, one in model.model_fields.items()]
    if not isinstance(told, Mapping):
        raise ObligationError(f"{where}: write a table with the keys {', '.join(keys)}")
    if unknown := [name for name in told if name not in keys]:
        raise ObligationError(f"{where}: no key '{unknown[0]}'; there are {', '.join(keys)}")
    try:
        return model.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        raise ObligationError(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error

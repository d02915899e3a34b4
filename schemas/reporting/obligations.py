"""Obligations: which unit owes which report, and by when.

They are read from the settings (`schemas.reporting.parse_obligations`); the last entry that matches a unit,
a ledger and a month decides. A quarterly report is the one of the quarter's last month, and covers all three
months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.periods import Period, month_after
from schemas.regions.region import ALWAYS, MonthSpan
from schemas.reporting.working_days import WorkingCalendar
from schemas.sentences import Sentence

#: how many months a report covers, by `every`
SPANS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "never": 0}
EVERY_MONTH, DEFAULT_WORKING_DAY = "month", 5

Grid = np.ndarray[Any, np.dtype[np.int8]]


class Obligation(BaseModel):
    """One entry of the settings: how often these units owe these ledgers, in these months."""

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
            raise ValueError(Sentence("'{text}' is no month; write it as 2023-06", text=text))
        return text

    def matches(self, unit: str, ledger: str, month: str) -> bool:
        """Whether the entry is about this report."""
        return (
            (self.units is None or unit in self.units)
            and (self.ledgers is None or ledger in self.ledgers)
            and self.is_valid_in(month)
        )

    def is_valid_in(self, month: str) -> bool:
        return (self.first or "") <= month <= (self.until or "9999")


@dataclass(frozen=True)
class Obligations:
    """Answers, for a unit, a ledger and a month (2023-06): is a report owed, when is it due, which covers it.

    `reporting_months` are those of the units that began or ended: obligations begin and end with them.
    """

    entries: Sequence[Obligation] = ()
    due_working_day: int = DEFAULT_WORKING_DAY
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    reporting_months: Mapping[str, MonthSpan] = field(default_factory=dict)

    @cached_property
    def longest_span(self) -> int:
        """Return the largest number of months that one report can cover."""
        return max((SPANS[entry.every] for entry in self.entries), default=1) or 1

    def is_owed(self, unit: str, ledger: str, month: str) -> bool:
        """True if the unit owes a report of the ledger for this month itself."""
        return self.report_for(unit, ledger, month) == month

    def report_for(self, unit: str, ledger: str, month: str) -> str | None:
        """Return the month whose report covers `month`, or None.

        That is the month itself, or the last one of its quarter, half-year or year. A unit that ended before
        that reports for the whole of it with its own last month.
        """
        key = (unit, ledger, month)
        if key not in self._covering_months:
            span, months = SPANS[self._rule(*key)[0]], self.months_of(unit)
            is_owed = span and month in months
            self._covering_months[key] = min(_last_of_span(month, span), months.last) if is_owed else None
        return self._covering_months[key]

    def months_of(self, unit: str) -> MonthSpan:
        """Return the months for which a unit reports."""
        return self.reporting_months.get(unit, ALWAYS)

    def months_before(self, month: str) -> list[str]:
        """List the months that a report of `month` may cover, up to and including itself."""
        number = int(month[5:])
        first = number - (number - 1) % self.longest_span
        return [f"{month[:5]}{earlier:02}" for earlier in range(first, number + 1)]

    def last_owed(self, unit: str, ledger: str, month: str) -> str | None:
        """Return the last month up to `month`, within a year, whose report is owed.

        Point-in-time figures use it. None for a unit that has ended: its last report says nothing of today.
        """
        if month not in self.months_of(unit):
            return None
        for _ in range(12):
            if self.is_owed(unit, ledger, month):
                return month
            month = month_after(month, -1)
        return None

    def due_on(self, unit: str, ledger: str, month: str) -> date:
        """Return the due date of a report that is owed. Raises CalendarUnknownError."""
        return self.nth_working_day_after(month, self._rule(unit, ledger, month)[1])

    def nth_working_day_after(self, month: str, number: int) -> date:
        """Return the n-th working day of the following month. Raises CalendarUnknownError."""
        if (month, number) not in self._due:
            self._due[month, number] = self.calendar.nth_working_day(Period.parse(month).end_on, number)
        return self._due[month, number]

    def days_late(self, due: date, received: date) -> int:
        """Count working days after `due` up to and including `received`. Raises CalendarUnknownError."""
        if (due, received) not in self._late:
            self._late[due, received] = self.calendar.days_late(due, received)
        return self._late[due, received]

    def table(
        self,
        units: Sequence[str],
        ledgers: Sequence[str],
        months: Sequence[str],
        extra_reports: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Return the obligations as a frame with a row for each month, unit and ledger, in that order.

        Columns: `period`, `unit_code`, `ledger`, `every` (how many months a report covers; 0: none is owed),
        `is_owed`, `working_day`. With `extra_reports` (the first three columns) the frame has
        only the rows of these reports and of owed ones.
        """
        index = pd.MultiIndex.from_product(
            [months, units, ledgers], names=["period", "unit_code", "ledger"]
        )
        every, working_day = (grid.reshape(-1) for grid in self.spans(units, ledgers, months))
        number = np.repeat(
            np.array([int(month[5:]) for month in months], dtype="int8"), len(units) * len(ledgers)
        )
        is_last = np.repeat(self._is_last_month(units, months).reshape(-1), len(ledgers))
        is_owed = (every > 0) & ((number % np.maximum(every, 1) == 0) | is_last)
        row_indices = np.arange(len(index)) if extra_reports is None else np.flatnonzero(is_owed)
        if extra_reports is not None:
            positions = [
                pd.Index(values).get_indexer(extra_reports[name])
                for values, name in zip((months, units, ledgers), index.names, strict=True)
            ]
            known = np.logical_and.reduce([position >= 0 for position in positions])
            extra_indices = np.ravel_multi_index(
                [position[known] for position in positions], (len(months), len(units), len(ledgers))
            )
            row_indices = np.union1d(row_indices, extra_indices)
        rows = index[row_indices].to_frame(index=False)
        return rows.assign(
            every=every[row_indices], is_owed=is_owed[row_indices], working_day=working_day[row_indices]
        )

    def spans(
        self, units: Sequence[str], ledgers: Sequence[str], months: Sequence[str]
    ) -> tuple[Grid, Grid]:
        """By month, unit and ledger: how many months a report covers (0:
        none is owed), due on which working day.
        """
        shape = len(months), len(units), len(ledgers)
        every = np.full(shape, SPANS[EVERY_MONTH], dtype="int8")
        working_day = np.full(shape, self.due_working_day, dtype="int8")
        for entry in self.entries:
            of_months = [entry.is_valid_in(month) for month in months]
            of_units, of_ledgers = (
                [chosen is None or name in chosen for name in names]
                for names, chosen in (
                    (units, entry.units and set(entry.units)),
                    (ledgers, entry.ledgers and set(entry.ledgers)),
                )
            )
            cells = np.ix_(*(np.array(flags, dtype=bool) for flags in (of_months, of_units, of_ledgers)))
            every[cells], working_day[cells] = (
                SPANS[entry.every],
                entry.due_working_day or self.due_working_day,
            )
        for index, unit in self._limited(units):
            is_outside = np.array(
                [month not in self.reporting_months[unit] for month in months], dtype=bool
            )
            every[is_outside, index, :] = 0
        return every, working_day

    def last_covered(
        self, units: Sequence[str], months: Sequence[str]
    ) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return, by unit, the index of the last of these months that a report of it can be for."""
        last = np.full(len(units), len(months) - 1, dtype="int64")
        for index, unit in self._limited(units):
            last[index] = max(
                (i for i, month in enumerate(months) if month in self.reporting_months[unit]), default=0
            )
        return last

    def _is_last_month(
        self, units: Sequence[str], months: Sequence[str]
    ) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """By month and unit: whether it is the last for which the unit reports."""
        is_last = np.zeros((len(months), len(units)), dtype=bool)
        for index, unit in self._limited(units):
            is_last[:, index] = [month == self.reporting_months[unit].last for month in months]
        return is_last

    def _limited(self, units: Sequence[str]) -> list[tuple[int, str]]:
        """Return index and code of the units that do not always report."""
        return [(index, unit) for index, unit in enumerate(units) if unit in self.reporting_months]

    def _rule(self, unit: str, ledger: str, month: str) -> tuple[str, int]:
        """Return `every` and the due working day from the last matching entry, or the defaults."""
        for entry in reversed(self.entries):
            if entry.matches(unit, ledger, month):
                return entry.every, entry.due_working_day or self.due_working_day
        return EVERY_MONTH, self.due_working_day

    @cached_property
    def _covering_months(self) -> dict[tuple[str, str, str], str | None]:
        return {}

    @cached_property
    def _late(self) -> dict[tuple[date, date], int]:
        return {}

    @cached_property
    def _due(self) -> dict[tuple[str, int], date]:
        return {}


DEFAULT_OBLIGATIONS = Obligations()


def _last_of_span(month: str, span: int) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year}-{(number + span - 1) // span * span:02}"

"""Coverage of figures for all units and periods at once.

`schemas/reporting/coverage.py` has the same for one unit and period.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from schemas.figures.indicator import Indicator
from schemas.periods import Period, months_between
from schemas.reporting.coverage import report_requirements
from schemas.reporting.obligations import Obligations

#: a point-in-time figure uses the last report owed within this many months
MOST_MONTHS_BACK = 12
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class CoverageFlags:
    """By period and unit: whether the unit owes any report for a figure,
    has sent all of them, and any of them; `may_be_zero`: whether it has any of each ledger that a zero
    rests on.
    """

    is_expected: Flags
    has_all: Flags
    has_any: Flags
    may_be_zero: Flags


class CoverageTable:
    """Compute coverage flags of indicators, cached for those that need the same reports.

    `current_reports` has a row (`ledger`, `unit_code`, `period`) for each current report from one year before
    the first period on; `first` maps (ledger, unit), of all units, to the first month with a report.
    """

    def __init__(
        self, units: Sequence[str], periods: Sequence[Period], current_reports: pd.DataFrame,
        first: Mapping[tuple[str, str], str], obligations: Obligations,
    ) -> None:  # fmt: skip
        self.units, self.periods, self.obligations, self.first = (
            list(units),
            list(periods),
            obligations,
            first,
        )
        self.months = months_of(periods)
        self._first_months: dict[str, str] = {}
        for (ledger, _), month in first.items():
            self._first_months[ledger] = min(month, self._first_months.get(ledger, month))
        self._by_ledger = dict(iter(current_reports.groupby("ledger")))
        self._ledgers: dict[str, tuple[Any, Flags]] = {}
        self._answers: dict[Any, CoverageFlags] = {}

    def answers(self, indicator: Indicator) -> CoverageFlags:
        """Return the flags for an indicator, regardless of its scope."""
        key = report_requirements(indicator)
        if key not in self._answers:
            needed, counted, zero_ledgers, is_stock = key
            compute_flags = self._point_in_time_flags if is_stock else self._period_flags
            period_flags = [compute_flags(needed, counted, zero_ledgers, period) for period in self.periods]
            shape = (len(self.periods), len(self.units))
            self._answers[key] = CoverageFlags(
                *(np.array(flags, dtype=bool).reshape(shape) for flags in zip(*period_flags, strict=True))
            )
        return self._answers[key]

    def _ledger(self, name: str) -> tuple[Any, Flags]:
        """By month and unit: index of the month whose report covers it (-1:
        none), and whether a report is current.
        """
        if name not in self._ledgers:
            shape = (len(self.months), len(self.units))
            span = self.obligations.spans(self.units, [name], self.months)[0].reshape(shape).astype("int64")
            month_index = np.arange(len(self.months))[:, None]
            last_of_span = month_index + (-(month_index + 1)) % np.maximum(span, 1)
            last_of_unit = self.obligations.last_covered(self.units, self.months)
            covering = np.where(span > 0, np.minimum(last_of_span, last_of_unit), -1)
            has_report = np.zeros(shape, dtype=bool)
            if name in self._by_ledger:
                reports = self._by_ledger[name]
                month = pd.Index(self.months).get_indexer(reports["period"])
                unit = pd.Index(self.units).get_indexer(reports["unit_code"])
                is_here = (month >= 0) & (unit >= 0)
                has_report[month[is_here], unit[is_here]] = True
            self._ledgers[name] = covering, has_report
        return self._ledgers[name]

    def _period_flags(
        self,
        needed: frozenset[tuple[str, int]],
        counted: frozenset[str],
        zero_ledgers: frozenset[str],
        period: Period,
    ) -> tuple[Flags, ...]:
        start, end = self.months.index(period.months()[0]), self.months.index(period.end_month) + 1
        is_expected, has_all, has_any = self._initial_flags()
        may_be_zero = has_all.copy()
        for ledger, months_before in needed:
            covering, has_report = self._ledger(ledger)
            is_expected |= (covering[start:end] >= 0).any(axis=0)
            all_months = slice(self._first_needed(ledger, start, months_before), end)
            is_owed = covering[all_months] >= 0
            has_one = np.take_along_axis(has_report, np.maximum(covering[all_months], 0), axis=0)
            has_all &= (has_one | ~is_owed).all(axis=0)
            if ledger in zero_ledgers:
                may_be_zero &= (has_one & is_owed).any(axis=0) | ~is_owed.any(axis=0)
        for ledger in counted:
            covering, has_report = self._ledger(ledger)
            is_owed = covering[start:end] >= 0
            has_one = np.take_along_axis(has_report, np.maximum(covering[start:end], 0), axis=0)
            has_any |= (has_report[start:end] | (has_one & is_owed)).any(axis=0)
        return is_expected, is_expected & has_all, has_any, may_be_zero

    def _first_needed(self, ledger: str, start: int, months_before: int) -> int:
        """Return the index of the first month that a figure needs: none before the ledger was reported."""
        earliest = start - months_before
        while earliest < start and self.months[earliest] < self._first_months.get(ledger, "9999"):
            earliest += 1
        return earliest

    def _point_in_time_flags(
        self,
        needed: frozenset[tuple[str, int]],
        counted: frozenset[str],
        zero_ledgers: frozenset[str],
        period: Period,
    ) -> tuple[Flags, ...]:
        """Use the last report owed up to the period's end.

        For `has_any`, a report of any month up to then.
        """
        last = self.months.index(period.end_month)
        is_expected, has_all, has_any = self._initial_flags()
        may_be_zero = has_all.copy()
        for ledger, _ in needed:
            covering, has_report = self._ledger(ledger)
            is_open = np.array(
                [period.end_month in self.obligations.months_of(unit) for unit in self.units]
            )
            for month in range(last, last - MOST_MONTHS_BACK, -1):
                is_owed = is_open & (covering[month] == month)
                is_expected |= is_owed
                has_all &= has_report[month] | ~is_owed
                is_open &= ~is_owed
            if ledger in zero_ledgers:  # an earlier roster stands until there is a later one
                is_owed = covering[last] >= 0
                may_be_zero &= self._is_reported(ledger, period) | ~is_owed
        for ledger in counted:
            has_any |= self._is_reported(ledger, period)
        return is_expected, is_expected & has_all, has_any, may_be_zero

    def _is_reported(self, ledger: str, period: Period) -> Flags:
        """Whether there is a report of any month up to the period's end, by unit."""
        first = [self.first.get((ledger, unit), "9999") for unit in self.units]
        return np.array([month <= period.end_month for month in first], dtype=bool)

    def _initial_flags(self) -> tuple[Flags, Flags, Flags]:
        count = len(self.units)
        return np.zeros(count, dtype=bool), np.ones(count, dtype=bool), np.zeros(count, dtype=bool)


def months_of(periods: Sequence[Period]) -> list[str]:
    """List the months of all years of the periods, and of the year before."""
    years = [period.year for period in periods]
    return months_between(f"{min(years) - 1}-01", f"{max(years)}-12")

"""Who has reported what figures rest on, for all units and periods at once; `schemas/reporting/coverage.py` says it of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from schemas.figures.indicator import Indicator
from schemas.periods import Period, months_between
from schemas.reporting.coverage import rests_on
from schemas.reporting.obligations import Obligations

#: a state rests on the last report owed within so many months
MOST_MONTHS_BACK = 12
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class CoverageFlags:
    """By period and unit: whether the unit owes anything that a figure rests on, has sent all of it, and any of it."""

    is_expected: Flags
    has_all: Flags
    has_any: Flags


class CoverageTable:
    """Asked of indicators; those that rest on the same ledgers share the answer.

    `standing` has a row (`ledger`, `unit_code`, `period`) for each report that stands from a year before the first period on;
    `first` gives by ledger and unit the first month for which one ever stood.
    """

    def __init__(
        self, units: Sequence[str], periods: Sequence[Period], standing: pd.DataFrame,
        first: Mapping[tuple[str, str], str], obligations: Obligations,
    ) -> None:  # fmt: skip
        self.units, self.periods, self.obligations, self.first = (
            list(units),
            list(periods),
            obligations,
            first,
        )
        self.months = months_of(periods)
        self._by_ledger = dict(iter(standing.groupby("ledger")))
        self._ledgers: dict[str, tuple[Any, Flags]] = {}
        self._answers: dict[Any, CoverageFlags] = {}

    def answers(self, indicator: Indicator) -> CoverageFlags:
        """The answers for an indicator, whose scope is not asked about."""
        which = rests_on(indicator)
        if which not in self._answers:
            needed, counted, is_stock = which
            one_by_one = self._of_state if is_stock else self._of_span
            told = [one_by_one(needed, counted, period) for period in self.periods]
            shape = (len(self.periods), len(self.units))
            self._answers[which] = CoverageFlags(
                *(np.array(flags, dtype=bool).reshape(shape) for flags in zip(*told, strict=True))
            )
        return self._answers[which]

    def _ledger(self, name: str) -> tuple[Any, Flags]:
        """By month and unit: the place of the month whose report speaks for it (-1: none does), and whether one stands."""
        if name not in self._ledgers:
            shape = (len(self.months), len(self.units))
            span = self.obligations.spans(self.units, [name], self.months)[0].reshape(shape).astype("int64")
            place = np.arange(len(self.months))[:, None]
            speaking = np.where(span > 0, place + (-(place + 1)) % np.maximum(span, 1), -1)
            stands = np.zeros(shape, dtype=bool)
            if name in self._by_ledger:
                reports = self._by_ledger[name]
                month = pd.Index(self.months).get_indexer(reports["period"])
                unit = pd.Index(self.units).get_indexer(reports["unit_code"])
                is_here = (month >= 0) & (unit >= 0)
                stands[month[is_here], unit[is_here]] = True
            self._ledgers[name] = speaking, stands
        return self._ledgers[name]

    def _of_span(
        self, needed: frozenset[str], counted: frozenset[str], period: Period
    ) -> tuple[Flags, Flags, Flags]:
        at = slice(self.months.index(period.months()[0]), self.months.index(period.end_month) + 1)
        expected, all_stand, any_stands = self._start()
        for ledger in needed | counted:
            speaking, stands = self._ledger(ledger)
            is_owed = speaking[at] >= 0
            has_one = np.take_along_axis(stands, np.maximum(speaking[at], 0), axis=0)
            if ledger in needed:
                expected |= is_owed.any(axis=0)
                all_stand &= (has_one | ~is_owed).all(axis=0)
            if ledger in counted:
                any_stands |= (stands[at] | (has_one & is_owed)).any(axis=0)
        return expected, expected & all_stand, any_stands

    def _of_state(
        self, needed: frozenset[str], counted: frozenset[str], period: Period
    ) -> tuple[Flags, Flags, Flags]:
        """Of a state it is the last report owed up to the period's end, and any that ever stood."""
        last = self.months.index(period.end_month)
        expected, all_stand, any_stands = self._start()
        for ledger in needed:
            speaking, stands = self._ledger(ledger)
            is_open = np.ones(len(self.units), dtype=bool)
            for month in range(last, last - MOST_MONTHS_BACK, -1):
                is_owed = is_open & (speaking[month] == month)
                expected |= is_owed
                all_stand &= stands[month] | ~is_owed
                is_open &= ~is_owed
        for ledger in counted:
            any_stands |= [
                self.first.get((ledger, unit), "9999") <= period.end_month for unit in self.units
            ]
        return expected, expected & all_stand, any_stands

    def _start(self) -> tuple[Flags, Flags, Flags]:
        count = len(self.units)
        return np.zeros(count, dtype=bool), np.ones(count, dtype=bool), np.zeros(count, dtype=bool)


def months_of(periods: Sequence[Period]) -> list[str]:
    """The months of all years that the periods lie in, and of the year before."""
    years = [period.year for period in periods]
    return months_between(f"{min(years) - 1}-01", f"{max(years)}-12")

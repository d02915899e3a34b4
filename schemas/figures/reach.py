"""Which periods' figures a change can move, and which comparisons move with a figure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from schemas.figures.indicator import Indicator
from schemas.periods import Period, month_after, months_between


def periods_reached(
    indicator: Indicator,
    months: Collection[str],
    changed_ledgers: Collection[str],
    periods: Sequence[Period],
) -> list[Period]:
    """Select those of `periods` whose figures of an indicator can have moved, in their order.

    `months` are those of the dates and reports that changed. A point-in-time figure moves for later periods
    too, and one that looks rows up in a changed ledger for any period.
    """
    if looked_up_ledgers(indicator) & set(changed_ledgers):
        return list(periods)
    further = max(indicator.months_before().values())
    reached = {month_after(month, step) for month in months for step in range(further + 1)}
    containing = {period for month in reached for period in Period.parse(month).containing()}
    first = min(months, default="9999-99") if any(part.stock for part in indicator.parts()) else "9999-99"
    return [period for period in periods if period in containing or period.end_month >= first]


def looked_up_ledgers(indicator: Indicator) -> set[str]:
    """Return the ledgers in which an indicator looks rows up."""
    return {test.ledger for part in indicator.parts() for test in part.where if test.ledger}


@dataclass(frozen=True)
class Comparisons:
    """What is compared with figures that moved: the months that come after them in their year, the same
    periods of the next year, the months and quarters directly after them.
    """

    cumulative: Sequence[str]
    next_year: Sequence[str]
    next_period: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.cumulative or self.next_year or self.next_period)


def comparisons_of(moved: Iterable[Period], existing: Collection[Period]) -> Comparisons:
    """Return the periods among the `existing` ones whose cumulative figure (累计), change on the year before
    (同比) or on the period before (环比) moves with these periods' figures.

    The cumulative figure of a month that moved, and of its year, is not repeated.
    """
    moved_periods = set(moved)
    cumulative, next_year, following = set[Period](), set[Period](), set[Period]()
    for period in moved_periods:
        next_year.add(Period(period.year + 1, period.first_month, period.last_month))
        if period.is_month:
            first, last = period.end_month, f"{period.year}-12"
            cumulative |= {Period.parse(month) for month in months_between(first, last)}
        if str(period) != str(period.year):
            following.add(_next_period(period))
    return Comparisons(
        *(
            [str(period) for period in sorted(periods & set(existing))]
            for periods in (cumulative, next_year, following)
        )
    )


def _next_period(period: Period) -> Period:
    """Return the month after a month, the quarter after a quarter."""
    first = Period.parse(month_after(period.end_month))
    if period.is_month:
        return first
    return Period(first.year, first.first_month, first.first_month + 2)

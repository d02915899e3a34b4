"""Whether a unit has reported what a figure rests on: a figure without any report is none, and never a zero."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.reporting.obligations import EVERYTHING, Obligations

#: a ledger's report for a month
Report = tuple[str, str]


@dataclass(frozen=True)
class Reports(Mapping[str, Mapping[str, Collection[str]]]):
    """By ledger and unit, the months for which a report stands; and which of them are owed."""

    standing: Mapping[str, Mapping[str, Collection[str]]]
    obligations: Obligations = field(default=EVERYTHING)

    def __getitem__(self, ledger: str) -> Mapping[str, Collection[str]]:
        return self.standing[ledger]

    def __iter__(self) -> Iterator[str]:
        return iter(self.standing)

    def __len__(self) -> int:
        return len(self.standing)

    def has(self, unit: str, ledger: str, month: str) -> bool:
        return month in self.standing[ledger].get(unit, ())


def owed_reports(indicator: Indicator, unit: str, period: Period, obligations: Obligations) -> set[Report]:
    """The reports that a unit owes so that its share of the figure is whole; none: it is not expected to have one.

    A month that a later report speaks for needs that one; of a state it is the last report owed up to the period's end.
    """
    last = period.months()[-1]
    if _is_stock(indicator):
        owed = {(ledger, obligations.last_owed(unit, ledger, last)) for ledger in indicator.ledgers()}
    else:
        owed = {
            (ledger, obligations.report_for(unit, ledger, month))
            for ledger in indicator.ledgers()
            for month in period.months()
        }
    return {(ledger, month) for ledger, month in owed if month is not None}


def missing_reports(indicator: Indicator, unit: str, period: Period, reports: Reports) -> set[Report]:
    """The reports of these that do not stand."""
    owed = owed_reports(indicator, unit, period, reports.obligations)
    return {(ledger, month) for ledger, month in owed if not reports.has(unit, ledger, month)}


def expected_units(
    indicator: Indicator, units: Iterable[str], period: Period, obligations: Obligations
) -> list[str]:
    """Those of the units that owe any report on which the figure rests."""
    return [unit for unit in units if owed_reports(indicator, unit, period, obligations)]


def has_reported_all(indicator: Indicator, unit: str, period: Period, reports: Reports) -> bool:
    """Whether all reports stand that a unit owes for the figure."""
    return not missing_reports(indicator, unit, period, reports)


def has_reported_any(indicator: Indicator, unit: str, period: Period, reports: Reports) -> bool:
    """Whether a unit reported anything that the figure could rest on: for the period, for a longer time that it is part of,
    or, of a state, for any month before.
    """
    first, last = "" if _is_stock(indicator) else period.months()[0], period.months()[-1]
    for ledger in {part.ledger for part in indicator.parts()}:
        if any(first <= month <= last for month in reports[ledger].get(unit, ())):
            return True
        speaking = (
            reports.obligations.report_for(unit, ledger, month) for month in period.months() if first
        )
        if any(reports.has(unit, ledger, month) for month in speaking if month):
            return True
    return False


def rests_on(indicator: Indicator) -> tuple[frozenset[str], frozenset[str], bool]:
    """What decides which reports a figure rests on: two indicators with the same rest on the same."""
    return (
        frozenset(indicator.ledgers()),
        frozenset(part.ledger for part in indicator.parts()),
        _is_stock(indicator),
    )


def _is_stock(indicator: Indicator) -> bool:
    return all(part.stock for part in indicator.parts())

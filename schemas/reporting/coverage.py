"""The reports that a unit's figure needs, and the missing ones:
without reports there is no figure, not a zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from schemas.figures.indicator import Indicator
from schemas.periods import Period, month_after, months_between
from schemas.regions import RegionTable
from schemas.reporting.obligations import DEFAULT_OBLIGATIONS, Obligations

#: ledger and month of a report
Report = tuple[str, str]


@dataclass(frozen=True)
class Reports(Mapping[str, Mapping[str, Collection[str]]]):
    """Months with a current report, by ledger and unit, and the obligations to report."""

    current_months: Mapping[str, Mapping[str, Collection[str]]]
    obligations: Obligations = field(default=DEFAULT_OBLIGATIONS)

    def __getitem__(self, ledger: str) -> Mapping[str, Collection[str]]:
        return self.current_months[ledger]

    def __iter__(self) -> Iterator[str]:
        return iter(self.current_months)

    def __len__(self) -> int:
        return len(self.current_months)

    @cached_property
    def first_months(self) -> dict[str, str]:
        """By ledger, the first month for which any unit has a current report."""
        months = {
            ledger: [month for of_unit in by_unit.values() for month in of_unit]
            for ledger, by_unit in self.current_months.items()
        }
        return {ledger: min(of_ledger) for ledger, of_ledger in months.items() if of_ledger}

    def has(self, unit: str, ledger: str, month: str) -> bool:
        """Whether a report came, or another one that speaks for its month."""
        return month in self.current_months[ledger].get(unit, ())


def owed_reports(
    indicator: Indicator,
    unit: str,
    period: Period,
    obligations: Obligations,
    first_months: Mapping[str, str] = MappingProxyType({}),
) -> set[Report]:
    """Return the reports a unit owes for its share of a figure; empty if no share is expected of it.

    A month covered by a later report (quarterly, yearly) needs that one. A point-in-time figure (`stock`)
    needs the last report owed up to the period's end. A figure that rests on earlier reports needs those
    too, from the first month on for which the ledger was reported at all (`first_months`).
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
        if any(month is not None for _, month in owed):
            owed |= {
                (ledger, obligations.report_for(unit, ledger, month))
                for ledger, count in indicator.months_before().items()
                for month in _months_before(period, count, first_months.get(ledger))
            }
    return {(ledger, month) for ledger, month in owed if month is not None}


def _months_before(period: Period, count: int, first_month: str | None) -> list[str]:
    """List up to `count` months before a period, none before `first_month`."""
    start = period.months()[0]
    if not count or first_month is None:
        return []
    return months_between(max(month_after(start, -count), first_month), month_after(start, -1))


def missing_reports(indicator: Indicator, unit: str, period: Period, reports: Reports) -> set[Report]:
    """Return the owed reports of which none is current."""
    owed = owed_reports(indicator, unit, period, reports.obligations, reports.first_months)
    return {(ledger, month) for ledger, month in owed if not reports.has(unit, ledger, month)}


def units_of_figure(indicator: Indicator, regions: RegionTable, region_code: str) -> list[str]:
    """Return the units whose rows make up an indicator's figure of a region. Raises KeyError."""
    units = regions.units_below(region_code)
    if indicator.scope == "city":
        return units
    return [unit for unit in units if regions.regions[unit].is_bureau]


def has_reported_all(indicator: Indicator, unit: str, period: Period, reports: Reports) -> bool:
    """True if all reports that a unit owes for the figure are current."""
    return not missing_reports(indicator, unit, period, reports)


def has_reported_any(indicator: Indicator, unit: str, period: Period, reports: Reports) -> bool:
    """True if a unit has any report that the figure could use.

    That is a report for the period, for a longer time that contains it, or, for a
    point-in-time figure, for any earlier month.
    """
    first, last = "" if _is_stock(indicator) else period.months()[0], period.months()[-1]
    for ledger in {part.ledger for part in indicator.parts()}:
        if any(first <= month <= last for month in reports[ledger].get(unit, ())):
            return True
        covering_months = (
            reports.obligations.report_for(unit, ledger, month) for month in period.months() if first
        )
        if any(reports.has(unit, ledger, month) for month in covering_months if month):
            return True
    return False


def may_report_zero(indicator: Indicator, unit: str, period: Period, reports: Reports) -> bool:
    """True if a unit has any of the reports that it owes of each ledger that a zero rests on.

    For a point-in-time figure a report of any earlier month is enough: it stands until there is a later one.
    """
    if _is_stock(indicator):
        owed_ledgers = {ledger for ledger, _ in owed_reports(indicator, unit, period, reports.obligations)}
        return all(
            any(month <= period.months()[-1] for month in reports.current_months[name].get(unit, ()))
            for name in indicator.zero_ledgers() & owed_ledgers
        )
    owed = owed_reports(indicator, unit, period, reports.obligations, reports.first_months)
    months = {
        name: [month for ledger, month in owed if ledger == name] for name in indicator.zero_ledgers()
    }
    return all(
        not owed_months or any(reports.has(unit, name, month) for month in owed_months)
        for name, owed_months in months.items()
    )


def report_requirements(
    indicator: Indicator,
) -> tuple[frozenset[tuple[str, int]], frozenset[str], frozenset[str], bool]:
    """Return what decides which reports a figure needs: by ledger, how many months before the period it
    rests on; the ledgers whose rows it counts; those that a zero rests on; whether it is a point-in-time
    figure.

    Indicators with equal results need the same reports.
    """
    return (
        frozenset(indicator.months_before().items()),
        frozenset(part.ledger for part in indicator.parts()),
        frozenset(indicator.zero_ledgers()),
        _is_stock(indicator),
    )


def _is_stock(indicator: Indicator) -> bool:
    return all(part.stock for part in indicator.parts())

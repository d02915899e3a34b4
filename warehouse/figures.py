"""Figures as of one load: the sums of an indicator, and which units they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from schemas.indicator import Indicator, Part
from schemas.periods import Period
from schemas.regions import RegionTable
from warehouse.parts import Warehouse, part_filter, report_stood_at, sum_query


@dataclass(frozen=True)
class Figure:
    """One indicator of one region for one period; sums of money in 分. `numerator` is None where nobody reported."""

    indicator_id: str
    region_code: str
    period: str
    numerator: int | None
    denominator: int | None
    units_expected: int
    units_reported: int

    @property
    def is_provisional(self) -> bool:
        return self.units_reported < self.units_expected


class FigureReader:
    """Reads figures as of one load over one connection; who has reported is read once a ledger."""

    def __init__(self, connection: Connection, warehouse: Warehouse, regions: RegionTable, load_id: int) -> None:
        self.connection, self.warehouse, self.regions, self.load_id = connection, warehouse, regions, load_id
        self._reported: dict[str, dict[str, set[str]]] = {}

    def figure(self, indicator: Indicator, region_code: str, period: Period) -> Figure:
        """One figure; a sum is None where nobody reported, and a zero that needs every unit where one is missing."""
        units = self.units(indicator, region_code)
        months = period.months()[-1:] if _is_stock(indicator) else period.months()
        reported = [unit for unit in units if self._has_reported_all(unit, indicator, months)]
        numerator = denominator = None
        if any(self._has_reported_any(unit, indicator, period) for unit in units):
            numerator = self._sum(indicator.numerator, units, period)
            denominator = self._sum(indicator.denominator, units, period) if indicator.is_rate else None
        if indicator.zero_needs_every_unit and numerator == 0 and len(reported) < len(units):
            numerator = None
        return Figure(indicator.indicator_id, region_code, str(period), numerator, denominator, len(units), len(reported))

    def reports(self, indicator: Indicator) -> dict[str, dict[str, set[str]]]:
        """By ledger that the indicator needs and by unit, the months for which a report stood."""
        return {ledger: self._reports(ledger) for ledger in indicator.ledgers()}

    def units(self, indicator: Indicator, region_code: str) -> list[str]:
        """The units whose rows make an indicator's figure of a region."""
        units = self.regions.units_below(region_code)
        if indicator.scope == "city":
            return units
        return [unit for unit in units if self.regions.regions[unit].is_bureau]

    def _sum(self, parts: Sequence[Part], units: Sequence[str], period: Period) -> int:
        total = 0
        for part in parts:
            rows = part_filter(self.warehouse, part, units, period, self.load_id)
            total += int(self.connection.scalar(sum_query(self.warehouse, part, rows)))
        return total

    def _has_reported_all(self, unit: str, indicator: Indicator, months: Sequence[str]) -> bool:
        """Whether a unit's reports stand for all these months of every ledger that the indicator needs."""
        return all(set(months) <= self._reports(ledger).get(unit, set()) for ledger in indicator.ledgers())

    def _has_reported_any(self, unit: str, indicator: Indicator, period: Period) -> bool:
        """Whether a unit reported anything that the figure could rest on; a state may rest on an earlier month."""
        first = "" if _is_stock(indicator) else period.months()[0]
        return any(
            first <= month <= period.months()[-1]
            for part in indicator.parts() for month in self._reports(part.ledger).get(unit, ())
        )  # fmt: skip

    def _reports(self, ledger: str) -> dict[str, set[str]]:
        """Months by unit for which a report of the ledger stood."""
        if ledger not in self._reported:
            reports = self.warehouse.tables.submissions
            standing = report_stood_at(reports, self.load_id) & (reports.c.ledger == ledger)
            found: dict[str, set[str]] = {}
            for unit, month in self.connection.execute(select(reports.c.unit_code, reports.c.period).where(standing)):
                found.setdefault(unit, set()).add(month)
            self._reported[ledger] = found
        return self._reported[ledger]


def _is_stock(indicator: Indicator) -> bool:
    return all(part.stock for part in indicator.parts())

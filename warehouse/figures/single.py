"""Single figures as of one load: the sums of an indicator and the coverage of its units."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, Text, bindparam, select

from schemas.figures.indicator import Indicator, Part
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.coverage import Reports, has_reported_any, owed_reports, report_requirements
from schemas.reporting.obligations import DEFAULT_OBLIGATIONS, Obligations
from warehouse.figures.filters import UNITS_PARAM, measure_filter, sum_query
from warehouse.schema.as_of import AsOf, report_current_at


@dataclass(frozen=True)
class Figure:
    """One indicator of one region for one period; sums of money in 分.

    `numerator` is None where nobody reported.
    """

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


class UnitCoverage(NamedTuple):
    """Coverage of a figure by one unit: owes any report, has sent all of them, has sent any."""

    is_expected: bool
    has_all: bool
    has_any: bool


class PeriodParams(NamedTuple):
    """Period bounds as bind parameters.

    A measure's query is built and compiled once for all regions and periods.
    """

    start_on: Any = bindparam("start_on", type_=Date)
    end_on: Any = bindparam("end_on", type_=Date)
    last_on: Any = bindparam("last_on", type_=Date)
    end_month: Any = bindparam("end_month", type_=Text)


PERIOD_PARAMS = PeriodParams()


class FigureReader:
    """Reader of figures as of one load over one connection; reports are read once per ledger."""

    def __init__(
        self, as_of: AsOf, regions: RegionTable, obligations: Obligations = DEFAULT_OBLIGATIONS
    ) -> None:
        self.as_of, self.regions, self.obligations = as_of, regions, obligations
        self._reported: dict[str, dict[str, set[str]]] = {}
        self._queries: dict[int, Select[Any]] = {}
        self._reports_by_indicator: dict[str, tuple[Any, Reports]] = {}
        self._coverages: dict[tuple[Any, str, Period], UnitCoverage] = {}

    def prefetch(self, indicators: Iterable[Indicator]) -> None:
        """Read the reports of all ledgers that these indicators need in one query."""
        self._read_reports(
            {ledger for indicator in indicators for ledger in indicator.ledgers()} - self._reported.keys()
        )

    def figure(self, indicator: Indicator, region_code: str, period: Period) -> Figure:
        """Read one figure.

        It is null where nobody reported; so is a zero that needs every unit, where one is missing.
        """
        units = self.units(indicator, region_code)
        coverages = [self._unit_coverage(indicator, unit, period) for unit in units]
        expected, reported = (
            (sum(flags) for flags in zip(*(coverage[:2] for coverage in coverages), strict=True))
            if units
            else (0, 0)
        )
        numerator = denominator = None
        if any(coverage.has_any for coverage in coverages):
            numerator, denominator = self.sums(indicator, units, period)
        if indicator.zero_needs_every_unit and numerator == 0 and reported < expected:
            numerator = None
        return Figure(
            indicator.indicator_id, region_code, str(period), numerator, denominator, expected, reported
        )

    def sums(self, indicator: Indicator, units: Sequence[str], period: Period) -> tuple[int, int | None]:
        """Sum numerator and denominator over the rows that these units have sent, complete or not."""
        numerator = self._sum(indicator.numerator, units, period)
        return numerator, self._sum(indicator.denominator, units, period) if indicator.is_rate else None

    def reports(self, indicator: Indicator) -> Reports:
        """Return the months with a current report, by ledger that the indicator needs and by unit."""
        return Reports({ledger: self._reports(ledger) for ledger in indicator.ledgers()}, self.obligations)

    def units(self, indicator: Indicator, region_code: str) -> list[str]:
        """Return the units whose rows make up an indicator's figure of a region."""
        units = self.regions.units_below(region_code)
        if indicator.scope == "city":
            return units
        return [unit for unit in units if self.regions.regions[unit].is_bureau]

    def _unit_coverage(self, indicator: Indicator, unit: str, period: Period) -> UnitCoverage:
        """Return the coverage of a figure by a unit; indicators of the same ledgers share the result."""
        if indicator.indicator_id not in self._reports_by_indicator:
            self._reports_by_indicator[indicator.indicator_id] = (
                report_requirements(indicator),
                self.reports(indicator),
            )
        basis, reports = self._reports_by_indicator[indicator.indicator_id]
        key = (basis, unit, period)
        if key not in self._coverages:
            owed = owed_reports(indicator, unit, period, self.obligations)
            has_all = bool(owed) and all(reports.has(unit, *report) for report in owed)
            self._coverages[key] = UnitCoverage(
                bool(owed), has_all, has_reported_any(indicator, unit, period, reports)
            )
        return self._coverages[key]

    def _sum(self, parts: Sequence[Part], units: Sequence[str], period: Period) -> int:
        params = {"units": units, **{name: getattr(period, name) for name in PeriodParams._fields}}
        return sum(int(self.as_of.connection.scalar(self._query(part), params)) for part in parts)

    def _query(self, part: Part) -> Select[Any]:
        if id(part) not in self._queries:
            rows = measure_filter(
                self.as_of.warehouse, part, UNITS_PARAM, PERIOD_PARAMS, self.as_of.load_id
            )
            self._queries[id(part)] = sum_query(self.as_of.warehouse, part, rows)
        return self._queries[id(part)]

    def _reports(self, ledger: str) -> dict[str, set[str]]:
        """Return the months with a current report of the ledger, by unit."""
        if ledger not in self._reported:
            self._read_reports({ledger})
        return self._reported[ledger]

    def _read_reports(self, ledgers: Collection[str]) -> None:
        reports = self.as_of.submissions
        self._reported |= {ledger: {} for ledger in ledgers}
        is_current = report_current_at(reports, self.as_of.load_id) & reports.c.ledger.in_(sorted(ledgers))
        query = select(reports.c.ledger, reports.c.unit_code, reports.c.period)
        for ledger, unit, month in self.as_of.connection.execute(query.where(is_current)):
            self._reported[ledger].setdefault(unit, set()).add(month)

"""All figures of many periods and units at once: a query for many sums, not one a figure.

`FigureReader` asks of one period; here the same conditions are asked of a list of periods that stands in the query as a table,
so the two cannot disagree about what a figure counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Date, Text, column, func, select, values

from schemas.coverage_table import CoverageTable, months_of
from schemas.indicator import Indicator, Part
from schemas.obligations import EVERYTHING, Obligations
from schemas.periods import Period
from schemas.regions import RegionTable
from warehouse.figures import Figure
from warehouse.parts import Warehouse, must_compare, part_filter, report_stood_at, sum_query, sums_together

#: what a figure is made of: sums (分, or counts), and how many units are expected, have sent all that is owed, and anything
SUMS = ["numerator_sum", "denominator_sum"]
UNITS = ["units_expected", "units_reported", "units_heard"]
MADE_OF = [*SUMS, *UNITS]


class GroupedFigures:
    """Figures of these periods as of one load; of all units, or of those `units` that are asked about."""

    def __init__(
        self, connection: Connection, warehouse: Warehouse, regions: RegionTable, load_id: int, periods: Sequence[Period],
        obligations: Obligations = EVERYTHING, units: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.connection, self.warehouse, self.regions, self.load_id = connection, warehouse, regions, load_id
        self.periods, self.names = list(periods), [str(one) for one in periods]
        self.units = regions.unit_codes() if units is None else list(units)
        self.unit_at = {code: at for at, code in enumerate(self.units)}
        names = sorted({month for one in periods for month in one.months()})
        self.months, self.month_at = [Period.parse(one) for one in names], {name: at for at, name in enumerate(names)}
        self.all_units = set(regions.unit_codes())
        self.bureau = {unit.code for unit in regions.units if unit.is_bureau}
        self.coverage = CoverageTable(self.units, periods, *self._reports(), obligations)
        self._foreseen: list[Part] = []
        self._known: dict[int, Any] = {}

    def foresee(self, indicators: Iterable[Indicator]) -> None:
        """Which indicators will be asked for: their sums are then read together, in one pass over a ledger's rows."""
        self._foreseen = [part for one in indicators for part in one.parts() if adds_up_over_months(self.warehouse, part)]

    def figures(self, indicator: Indicator, *, with_units: bool = True) -> Iterator[Figure]:
        """The figures of the city and of all its units."""
        of_units = self.of_units(indicator)
        of_city = self.of_city(indicator, of_units)
        told = finished(indicator, pd.concat([of_city, of_units], ignore_index=True) if with_units else of_city)
        for row in told.itertuples():
            numerator, denominator = (int(one) if pd.notna(one) else None for one in (row.numerator, row.denominator))
            units = int(row.units_expected), int(row.units_reported)
            yield Figure(indicator.indicator_id, str(row.region_code), str(row.period), numerator, denominator, *units)

    def of_units(self, indicator: Indicator) -> pd.DataFrame:
        """MADE_OF by `region_code` and `period`, for each unit; one outside the indicator's scope has nothing."""
        answers = self.coverage.answers(indicator)
        scope = self._scope(indicator)
        is_in_scope = np.array([unit in scope for unit in self.units], dtype=bool)
        columns = {
            "numerator_sum": self._sums(indicator, indicator.numerator),
            "denominator_sum": self._sums(indicator, indicator.denominator),
            "units_expected": answers.is_expected & is_in_scope,
            "units_reported": answers.has_all & is_in_scope,
            "units_heard": answers.has_any & is_in_scope,
        }
        index = pd.MultiIndex.from_product([self.names, self.units], names=["period", "region_code"])
        made_of = pd.DataFrame({name: one.ravel().astype("int64") for name, one in columns.items()}, index=index)
        return made_of.reset_index()

    def of_city(self, indicator: Indicator, of_units: pd.DataFrame) -> pd.DataFrame:
        """The same of the city, where those of all its units are given."""
        of_all = of_units.groupby("period", as_index=False, sort=False)[MADE_OF].sum()
        return self.with_distinct(indicator, of_all.assign(region_code=self.regions.city.code))

    def with_distinct(self, indicator: Indicator, of_city: pd.DataFrame) -> pd.DataFrame:
        """Figures of the city; where units do not add up, since what two of them have counts once, with sums asked anew."""
        scope = self._scope(indicator)
        if len(scope) < 2 or not any(must_compare(self.warehouse, part) for part in indicator.parts()):
            return of_city
        spans, sums = _as_table([Period.parse(one) for one in of_city["period"]]), {}
        for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
            found = [pd.Series(dict(self._asked(part, scope, spans)), dtype="int64") for part in parts]
            sums[name] = sum(one.reindex(of_city["period"]).fillna(0).to_numpy(dtype="int64") for one in found)
        return of_city.assign(**sums)

    def _scope(self, indicator: Indicator) -> set[str]:
        """The units whose rows make the indicator's figure of the city."""
        return self.all_units if indicator.scope == "city" else self.bureau

    def _sums(self, indicator: Indicator, parts: Sequence[Part]) -> Any:
        """By period and unit."""
        total = np.zeros((len(self.periods), len(self.units)), dtype="int64")
        scope = self._scope(indicator)
        asked, is_asked = scope & set(self.units), np.array([unit in scope for unit in self.units], dtype=bool)
        for part in parts if asked else ():
            if adds_up_over_months(self.warehouse, part):
                of_months = self._of_months(part) * is_asked
                total += [sum(of_months[self.month_at[one]] for one in period.months()) for period in self.periods]
            else:
                total += self._sums_of(part, asked)
        return total

    def _of_months(self, part: Part) -> Any:
        """A part's sums by month and unit. All foreseen parts over rows of one ledger by one date are summed in one go."""
        if id(part) not in self._known:
            alike = [one for one in self._foreseen if (one.ledger, one.dated_by) == (part.ledger, part.dated_by)] or [part]
            sums = np.zeros((len(alike), len(self.months), len(self.units)), dtype="int64")
            spans = _as_table(self.months).c
            query = sums_together(self.warehouse, alike, self.units, spans, self.load_id)
            for month, unit, *totals in self.connection.execute(query):
                sums[:, self.month_at[month], self.unit_at[unit]] = [int(one) for one in totals]
            self._known |= {id(one): found for one, found in zip(alike, sums, strict=True)}
        return self._known[id(part)]

    def _sums_of(self, part: Part, units: set[str]) -> Any:
        found = np.zeros((len(self.periods), len(self.units)), dtype="int64")
        period_at = {name: at for at, name in enumerate(self.names)}
        unit_code = self.warehouse.tables.ledgers[part.ledger].c.unit_code
        for period, unit, total in self._asked(part, units, _as_table(self.periods), unit_code):
            found[period_at[period], self.unit_at[unit]] = int(total)
        return found

    def _asked(self, part: Part, units: set[str], spans: Any, *by: Any) -> list[tuple[Any, ...]]:
        """A part's sum over these units, by period and by what else is named."""
        rows = part_filter(self.warehouse, part, sorted(units), spans.c, self.load_id)
        return [tuple(row) for row in self.connection.execute(sum_query(self.warehouse, part, rows, (spans.c.period, *by)))]

    def _reports(self) -> tuple[pd.DataFrame, dict[tuple[str, str], str]]:
        """The reports that stand in the periods' years and the one before, and the first months for which any ever did."""
        reports, months = self.warehouse.tables.submissions, months_of(self.periods)
        standing = report_stood_at(reports, self.load_id)
        if len(self.units) < len(self.regions.units):
            standing = standing & reports.c.unit_code.in_(self.units)
        which = (reports.c.ledger, reports.c.unit_code)
        query = select(*which, reports.c.period).where(standing, reports.c.period.between(months[0], months[-1]))
        found = pd.DataFrame(self.connection.execute(query).tuples().all(), columns=["ledger", "unit_code", "period"])
        first = self.connection.execute(select(*which, func.min(reports.c.period)).where(standing).group_by(*which))
        return found, {(ledger, unit): month for ledger, unit, month in first}


def finished(indicator: Indicator, made_of: pd.DataFrame) -> pd.DataFrame:
    """With `numerator` and `denominator` (Int64), missing where there are none.

    A sum is none where nobody reported, and a zero that needs every unit where one is missing.
    """
    heard = made_of["units_heard"] > 0
    numerator = made_of["numerator_sum"].astype("Int64").where(heard)
    if indicator.zero_needs_every_unit:
        numerator = numerator.mask(numerator.eq(0) & (made_of["units_reported"] < made_of["units_expected"]))
    denominator = made_of["denominator_sum"].astype("Int64").where(heard & indicator.is_rate)
    return made_of.assign(numerator=numerator, denominator=denominator)


def adds_up_over_months(warehouse: Warehouse, part: Part) -> bool:
    """Whether a part's sum of a quarter or year is that of its months: each row counts in one, whatever the period's end."""
    is_bound_to_end = any(one.test == "reaches_end" for one in part.where)
    return not part.stock and not must_compare(warehouse, part) and len(part.dated_by) == 1 and not is_bound_to_end


def _as_table(periods: Sequence[Period]) -> Any:
    """The periods with what bounds them, as the part's conditions ask for it."""
    days = [column(name, Date) for name in ("start_on", "end_on", "last_on")]
    told = values(column("period", Text), *days, column("end_month", Text), name="told")
    rows = [(str(one), one.start_on, one.end_on, one.last_on, one.end_month) for one in periods]
    return select(told.data(rows).cte("spans")).cte("periods")

"""All figures of many periods and units at once: a query for many sums, not one a figure.

`FigureReader` asks of one period; here the same conditions are asked of a list of periods that stands in the query as a table,
so the two cannot disagree about what a figure counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Date, Text, and_, bindparam, func, select, text

from schemas.figures.indicator import Indicator, Part
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.reporting.coverage_bulk import CoverageTable, months_of
from schemas.reporting.obligations import EVERYTHING, Obligations
from warehouse.figures.distinct_counts import (
    changed_in_load,
    has_shared_value,
    has_unique_value,
    in_one_month,
    values_list,
)
from warehouse.figures.filters import (
    Warehouse,
    bulk_sum_query,
    measure_filter,
    needs_distinct_scan,
    report_current_at,
    sum_query,
)
from warehouse.figures.single import Figure
from warehouse.frames import read_frame

#: what a figure is made of: sums (分, or counts), and how many units are expected, have sent all that is owed, and anything
SUMS = ["numerator_sum", "denominator_sum"]
UNITS = ["units_expected", "units_reported", "units_heard"]
MADE_OF = [*SUMS, *UNITS]
#: which figure it is
FIGURE = ["indicator_id", "period", "region_code"]


class BulkFigures:
    """Figures of these periods as of one load; of all units, or of those `units` that are asked about."""

    def __init__(
        self, connection: Connection, warehouse: Warehouse, regions: RegionTable, load_id: int, periods: Sequence[Period],
        obligations: Obligations = EVERYTHING, units: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.connection, self.warehouse, self.regions, self.load_id = (
            connection,
            warehouse,
            regions,
            load_id,
        )
        self.periods, self.names = list(periods), [str(period) for period in periods]
        self.units = regions.unit_codes() if units is None else list(units)
        self.is_whole = len(self.units) == len(regions.units)
        self.unit_at = {code: at for at, code in enumerate(self.units)}
        names = sorted({month for period in periods for month in period.months()})
        self.months, self.month_at = (
            [Period.parse(name) for name in names],
            {name: at for at, name in enumerate(names)},
        )
        self.all_units = set(regions.unit_codes())
        self.bureau = {unit.code for unit in regions.units if unit.is_bureau}
        self.coverage = CoverageTable(self.units, periods, *self._reports(), obligations)
        self._foreseen: list[Part] = []
        self._known: dict[int, Any] = {}
        self._first_load: dict[str, int | None] = {}

    def foresee(self, indicators: Iterable[Indicator]) -> None:
        """Which indicators will be asked for: their sums are then read together, in one pass over a ledger's rows."""
        self._foreseen = [
            part for indicator in indicators for part in indicator.parts() if self._is_summed_by_month(part)
        ]

    def figures(self, indicators: Sequence[Indicator], *, with_units: bool = True) -> Iterator[Figure]:
        """The figures of the city and of all its units."""
        of_units = self.of_units(indicators)
        of_city = self.of_city(indicators, of_units)
        told = apply_null_rules(
            indicators, pd.concat([of_city, of_units], ignore_index=True) if with_units else of_city
        )
        for row in told.itertuples():
            numerator, denominator = (
                int(one) if pd.notna(one) else None for one in (row.numerator, row.denominator)
            )
            units = int(row.units_expected), int(row.units_reported)
            yield Figure(
                str(row.indicator_id), str(row.region_code), str(row.period), numerator, denominator, *units
            )

    def of_units(self, indicators: Sequence[Indicator]) -> pd.DataFrame:
        """FIGURE and MADE_OF of each indicator, for each unit; one outside an indicator's scope has nothing."""
        made_of = np.array([self._made_of(indicator) for indicator in indicators], dtype="int64")
        places = [[indicator.indicator_id for indicator in indicators], self.names, self.units]
        index = pd.MultiIndex.from_product(places, names=FIGURE)
        return pd.DataFrame(
            made_of.transpose(0, 2, 3, 1).reshape(-1, len(MADE_OF)), index=index, columns=MADE_OF
        ).reset_index()

    def of_city(self, indicators: Sequence[Indicator], of_units: pd.DataFrame) -> pd.DataFrame:
        """The same of the city, where those of all its units are given.

        Units do not add up where what two of them have counts once.
        """
        of_all = of_units.groupby(FIGURE[:2], as_index=False, sort=False)[MADE_OF].sum()
        for indicator in filter(self.compares_units, indicators):
            is_its = of_all["indicator_id"].eq(indicator.indicator_id)
            for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
                of_all.loc[is_its, name] = (
                    sum(self._in_city(indicator, part) for part in parts) if parts else 0
                )
        return of_all.assign(region_code=self.regions.city.code)[[*FIGURE, *MADE_OF]]

    def _made_of(self, indicator: Indicator) -> list[Any]:
        """MADE_OF, each by period and unit."""
        answers, is_in_scope = self.coverage.answers(indicator), self._in_scope(indicator)
        sums = (self._sums(indicator, parts) for parts in (indicator.numerator, indicator.denominator))
        return [
            *sums,
            *(one & is_in_scope for one in (answers.is_expected, answers.has_all, answers.has_any)),
        ]

    def moved_in_city(self, indicator: Indicator, periods: Sequence[str]) -> pd.DataFrame:
        """By how much the load moved the city's SUMS of these periods: what it touched, as of it and as of the one before."""
        scope = self._scope(indicator)
        moved = pd.DataFrame(0, index=pd.Index(self.names, name="period"), columns=SUMS)
        for name, parts in zip(SUMS, (indicator.numerator, indicator.denominator), strict=True):
            for part in (one for one in parts if self._has_rows(one.ledger, self.load_id)):
                further, units = [], scope & set(self.units)
                if needs_distinct_scan(self.warehouse, part):
                    further, units = (
                        [] if part.stock else [changed_in_load(self.warehouse, part, self.load_id)],
                        scope,
                    )
                now, before = (
                    self._together(part, units, further, load) for load in (self.load_id, self.load_id - 1)
                )
                moved[name] += now - before
        return moved.loc[list(periods)]

    def compares_units(self, indicator: Indicator) -> bool:
        """Whether the city's figure is another than the sum of its units' figures."""
        return len(self._scope(indicator)) > 1 and any(
            needs_distinct_scan(self.warehouse, part) for part in indicator.parts()
        )

    def _in_city(self, indicator: Indicator, part: Part) -> Any:
        """A part's sums over all units, by period."""
        if not self._has_rows(part.ledger, self.load_id):
            return np.zeros(len(self.periods), dtype="int64")
        scope = self._scope(indicator)
        if not needs_distinct_scan(self.warehouse, part):
            return self._sums(indicator, [part]).sum(axis=1)
        if not self._is_summed_by_month(part):
            return self._together(part, scope)
        alone = self._by_period(self._of_months(part) * self._in_scope(indicator)).sum(axis=1)
        return alone + self._together(part, scope, [has_shared_value(self.warehouse, part)])

    def _scope(self, indicator: Indicator) -> set[str]:
        """The units whose rows make the indicator's figure of the city."""
        return self.all_units if indicator.scope == "city" else self.bureau

    def _in_scope(self, indicator: Indicator) -> Any:
        scope = self._scope(indicator)
        return np.array([unit in scope for unit in self.units], dtype=bool)

    def _has_rows(self, ledger: str, load_id: int) -> bool:
        """Whether there was a row of it by a load: most small nights know of few ledgers, and the first of none before."""
        if ledger not in self._first_load:
            first = select(func.min(self.warehouse.tables.ledgers[ledger].c.recorded_load))
            self._first_load[ledger] = self.connection.scalar(first)
        found = self._first_load[ledger]
        return found is not None and found <= load_id

    def _is_summed_by_month(self, part: Part) -> bool:
        """Whether sums by month serve: of few units it takes less to compare all rows than to find out which must be."""
        return in_one_month(part) and (self.is_whole or not needs_distinct_scan(self.warehouse, part))

    def _sums(self, indicator: Indicator, parts: Sequence[Part]) -> Any:
        """By period and unit."""
        total = np.zeros((len(self.periods), len(self.units)), dtype="int64")
        asked = self._scope(indicator) & set(self.units)
        for part in parts if asked else ():
            if not self._has_rows(part.ledger, self.load_id):
                continue
            if self._is_summed_by_month(part):
                total += self._by_period(self._of_months(part) * self._in_scope(indicator))
                if needs_distinct_scan(self.warehouse, part):
                    total += self._by_unit(part, asked, [has_shared_value(self.warehouse, part)])
            else:
                total += self._by_unit(part, asked)
        return total

    def _by_period(self, of_months: Any) -> Any:
        """Sums by period, of sums by month."""
        return np.array(
            [sum(of_months[self.month_at[month]] for month in period.months()) for period in self.periods]
        )

    def _of_months(self, part: Part) -> Any:
        """A part's sums by month and unit, of rows that need not be compared.

        All foreseen parts over rows of one ledger by one date are summed in one go.
        """
        if id(part) not in self._known:
            alike = [
                one for one in self._foreseen if (one.ledger, one.dated_by) == (part.ledger, part.dated_by)
            ] or [part]
            sums = np.zeros((len(alike), len(self.months), len(self.units)), dtype="int64")
            asked = [(one, has_unique_value(self.warehouse, one)) for one in alike]
            query = bulk_sum_query(
                self.warehouse,
                asked,
                values_list(self.units),
                _as_table(tuple(self.months)).c,
                self.load_id,
            )
            for month, unit, *totals in self.connection.execute(query):
                sums[:, self.month_at[month], self.unit_at[unit]] = [int(total) for total in totals]
            self._known |= {id(one): found for one, found in zip(alike, sums, strict=True)}
        return self._known[id(part)]

    def _by_unit(self, part: Part, units: set[str], further: Sequence[Any] = ()) -> Any:
        """A part's sums by period and unit."""
        found = np.zeros((len(self.periods), len(self.units)), dtype="int64")
        unit_code = self.warehouse.tables.ledgers[part.ledger].c.unit_code
        for period, unit, total in self._asked(part, units, further, self.load_id, unit_code):
            found[self.names.index(period), self.unit_at[unit]] = int(total)
        return found

    def _together(
        self, part: Part, units: set[str], further: Sequence[Any] = (), load_id: int | None = None
    ) -> Any:
        """A part's sums over these units together, by period."""
        found = np.zeros(len(self.periods), dtype="int64")
        for period, total in self._asked(
            part, units, further, self.load_id if load_id is None else load_id
        ):
            found[self.names.index(period)] = int(total)
        return found

    def _asked(
        self, part: Part, units: set[str], further: Sequence[Any], load_id: int, *by: Any
    ) -> list[tuple[Any, ...]]:
        if not self._has_rows(part.ledger, load_id):
            return []
        spans = _as_table(tuple(self.periods)).c
        rows = and_(
            measure_filter(self.warehouse, part, values_list(sorted(units)), spans, load_id), *further
        )
        return [
            tuple(row)
            for row in self.connection.execute(sum_query(self.warehouse, part, rows, (spans.period, *by)))
        ]

    def _reports(self) -> tuple[pd.DataFrame, dict[tuple[str, str], str]]:
        """The reports that stand in the periods' years and the one before, and the first months for which any ever did."""
        reports, months = self.warehouse.tables.submissions, months_of(self.periods)
        standing = report_current_at(reports, self.load_id)
        if len(self.units) < len(self.regions.units):
            standing = standing & reports.c.unit_code.in_(self.units)
        which = (reports.c.ledger, reports.c.unit_code)
        query = select(*which, reports.c.period).where(
            standing, reports.c.period.between(months[0], months[-1])
        )
        found = read_frame(self.connection, query, ["ledger", "unit_code", "period"])
        first = self.connection.execute(
            select(*which, func.min(reports.c.period)).where(standing).group_by(*which)
        )
        return found, {(ledger, unit): month for ledger, unit, month in first}


def apply_null_rules(indicators: Sequence[Indicator], made_of: pd.DataFrame) -> pd.DataFrame:
    """With `numerator` and `denominator` (Int64), missing where there are none.

    A sum is none where nobody reported, and a zero that needs every unit where one is missing.
    """
    heard, is_partial = made_of["units_heard"] > 0, made_of["units_reported"] < made_of["units_expected"]
    needs_all = _where(
        made_of, {indicator.indicator_id for indicator in indicators if indicator.zero_needs_every_unit}
    )
    is_rate = _where(made_of, {indicator.indicator_id for indicator in indicators if indicator.is_rate})
    numerator = made_of["numerator_sum"].astype("Int64").where(heard)
    numerator = numerator.mask(needs_all & is_partial & made_of["numerator_sum"].eq(0))
    return made_of.assign(
        numerator=numerator, denominator=made_of["denominator_sum"].astype("Int64").where(heard & is_rate)
    )


def _where(figures: pd.DataFrame, which: set[str]) -> pd.Series:
    return figures["indicator_id"].isin(sorted(which))


@lru_cache(maxsize=8)
def _as_table(periods: tuple[Period, ...]) -> Any:
    """The periods with what bounds them, as the part's conditions ask for it.

    As text, so that SQLAlchemy writes a query over them once: it writes one over its own VALUES anew each time.
    """
    kinds = {"period": Text, "start_on": Date, "end_on": Date, "last_on": Date, "end_month": Text}
    rows = [
        (str(period), period.start_on, period.end_on, period.last_on, period.end_month)
        for period in periods
    ]
    names = ", ".join(f"column{at} AS {name}" for at, name in enumerate(kinds, 1))
    told = ", ".join(f"({', '.join(f':span_{name}_{at}' for name in kinds)})" for at in range(len(rows)))
    query = text(f"SELECT {names} FROM (VALUES {told}) AS told")  # noqa: S608 - names of ours and parameters
    for at, row in enumerate(rows):
        query = query.bindparams(
            *(bindparam(f"span_{name}_{at}", row[which], kinds[name]) for which, name in enumerate(kinds))
        )
    return select(query.columns(**kinds).cte("spans")).cte("periods")

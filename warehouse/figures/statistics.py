"""The counts of the yearly statistics as of a load, with the filters of the indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from schemas.figures.indicator import Part
from schemas.periods import Period
from schemas.statistics import DECISIONS, FINES, KINDS, PENALTIES, PenaltyTable, Statistics
from warehouse.figures.filters import TEST_FILTERS, UNITS_PARAM, part_filter, sum_query
from warehouse.schema.as_of import AsOf

#: the count of each row of the tables, by table and column; money in 分
Counts = dict[tuple[str, str], dict[str, int]]


class StatisticsReader:
    """Reader of a year's counts.

    `units_by_row` maps the code of each row of the tables to the units that it consists of.
    """

    def __init__(self, as_of: AsOf, units_by_row: Mapping[str, Sequence[str]], period: Period) -> None:
        self.as_of, self.units_by_row, self.period = as_of, units_by_row, period
        self._queries: dict[int, Select[Any]] = {}

    def count_columns(self, statistics: Statistics) -> Counts:
        """Count every column that a ledger provides; penalty columns are keyed by their printed headings."""
        counts = self.count_penalties(statistics.penalties)
        for name, table in statistics.count_tables().items():
            for column in table.columns:
                if column.counts:
                    counts[name, column.title] = {
                        row_code: self._sum(column.counts, row_code) for row_code in self.units_by_row
                    }
        return counts

    def _sum(self, parts: Sequence[Part], row_code: str) -> int:
        return sum(
            int(self.as_of.connection.scalar(self._query(part), {"units": self.units_by_row[row_code]}))
            for part in parts
        )

    def _query(self, part: Part) -> Select[Any]:
        # by identity: a part holds lists and cannot be hashed, and the definitions outlive the reader
        if id(part) not in self._queries:
            self._queries[id(part)] = sum_query(self.as_of.warehouse, part, self._row_filter(part))
        return self._queries[id(part)]

    def _row_filter(self, part: Part) -> ColumnElement[bool]:
        return part_filter(self.as_of.warehouse, part, UNITS_PARAM, self.period, self.as_of.load_id)

    def count_penalties(self, table: PenaltyTable) -> Counts:
        """Count the decisions by their heaviest kind, all of them, and the fines."""
        *kinds, total, amount = [head.title for head in table.heads()]
        counts: Counts = {(PENALTIES, title): {} for title in (*kinds, total, amount)}
        for row_code in self.units_by_row:
            decisions = self._count_decisions(table, row_code)
            for title in kinds:
                counts[PENALTIES, title][row_code] = decisions.get(title, 0)
            counts[PENALTIES, total][row_code] = sum(decisions.values())
            counts[PENALTIES, amount][row_code] = self._sum(FINES, row_code)
        return counts

    def _count_decisions(self, table: PenaltyTable, row_code: str) -> dict[str, int]:
        """Count decisions by the title of their heaviest kind; each once, as one row per key counts."""
        rows = self.as_of.ledger(PENALTIES)
        kinds_by_weight = [
            (column.title, [TEST_FILTERS["has"](rows.c[KINDS], kind) for kind in column.kinds])
            for column in table.by_weight()
        ]
        heaviest = case(*((or_(*has_any), title) for title, has_any in kinds_by_weight))
        decisions = select(heaviest.label("title")).where(self._row_filter(DECISIONS)).subquery()
        query = select(decisions.c.title, func.count()).group_by(decisions.c.title)
        return {
            str(title): int(number)
            for title, number in self.as_of.connection.execute(
                query, {"units": self.units_by_row[row_code]}
            )
        }

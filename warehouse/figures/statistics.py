"""The counts of the yearly statistics as of a load, with the filters of the indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from schemas.figures.indicator import Part
from schemas.periods import Period
from schemas.statistics import DECISIONS, FINES, KINDS, PENALTIES, PenaltyTable, Statistics
from warehouse.figures.filters import TESTS, UNITS_PARAM, measure_filter, sum_query
from warehouse.schema.as_of import AsOf

#: the count of each body, by table and column; money in 分
Counts = dict[tuple[str, str], dict[str, int]]


class StatisticsReader:
    """Reader of a year's counts.

    `bodies` are the rows of a table, each with the units that it consists of.
    """

    def __init__(self, as_of: AsOf, bodies: Mapping[str, Sequence[str]], period: Period) -> None:
        self.as_of, self.bodies, self.period = as_of, bodies, period
        self._queries: dict[int, Select[Any]] = {}

    def counts(self, statistics: Statistics) -> Counts:
        """Count every column that a ledger provides; penalty columns go by their printed headings."""
        counts = self._count_penalties(statistics.penalties)
        for name, table in statistics.count_tables().items():
            for column in table.columns:
                if column.counts:
                    counts[name, column.title] = {
                        body: self._sum(column.counts, body) for body in self.bodies
                    }
        return counts

    def _sum(self, parts: Sequence[Part], body: str) -> int:
        return sum(
            int(self.as_of.connection.scalar(self._query(part), {"units": self.bodies[body]}))
            for part in parts
        )

    def _query(self, part: Part) -> Select[Any]:
        if id(part) not in self._queries:
            self._queries[id(part)] = sum_query(self.as_of.warehouse, part, self._rows(part))
        return self._queries[id(part)]

    def _rows(self, part: Part) -> ColumnElement[bool]:
        return measure_filter(self.as_of.warehouse, part, UNITS_PARAM, self.period, self.as_of.load_id)

    def _count_penalties(self, table: PenaltyTable) -> Counts:
        *kinds, total, amount = [head.title for head in table.heads()]
        counts: Counts = {(PENALTIES, title): {} for title in (*kinds, total, amount)}
        for body in self.bodies:
            decisions = self._count_decisions(table, body)
            for title in kinds:
                counts[PENALTIES, title][body] = decisions.get(title, 0)
            counts[PENALTIES, total][body] = sum(decisions.values())
            counts[PENALTIES, amount][body] = self._sum(FINES, body)
        return counts

    def _count_decisions(self, table: PenaltyTable, body: str) -> dict[str, int]:
        """Count decisions by the title of their heaviest kind; each once, as one row per key counts."""
        rows = self.as_of.ledger(PENALTIES)
        kinds_by_weight = [
            (column.title, [TESTS["has"](rows.c[KINDS], kind) for kind in column.kinds])
            for column in table.by_weight()
        ]
        heaviest = case(*((or_(*has_any), title) for title, has_any in kinds_by_weight))
        decisions = select(heaviest.label("title")).where(self._rows(DECISIONS)).subquery()
        query = select(decisions.c.title, func.count()).group_by(decisions.c.title)
        return {
            str(title): int(number)
            for title, number in self.as_of.connection.execute(query, {"units": self.bodies[body]})
        }

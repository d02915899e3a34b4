"""What a load leaves open between ledgers and between figures; asked anew of what stands, so it goes when it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd

from flows.workplace import Workplace
from schemas.catalogue import indicators
from schemas.cross_rules import Reconciliation, reconciliations
from schemas.finding import findings_frame
from schemas.periods import Period
from warehouse.cross_checks import CROSS_COLUMNS, cross_findings
from warehouse.engine import Connection
from warehouse.grouped import GroupedFigures
from warehouse.parts import Warehouse


def open_questions(place: Workplace, connection: Connection, load_id: int, years: Iterable[int]) -> pd.DataFrame:
    """CROSS_COLUMNS of rows and of figures that do not fit together as of a load."""
    between_ledgers = cross_findings(connection, Warehouse(place.tables, place.ledgers), load_id)
    told = [finding for year in sorted(years) for finding in _between_figures(place, connection, load_id, Period(year, 1, 12))]
    between_figures = findings_frame(told).assign(unit_code=place.regions.city.code, submission_id=None)
    return pd.concat([between_ledgers, between_figures[CROSS_COLUMNS]], ignore_index=True) if told else between_ledgers


def _between_figures(place: Workplace, connection: Connection, load_id: int, year: Period) -> list[dict[str, Any]]:
    warehouse = Warehouse(place.tables, place.ledgers)
    reader = GroupedFigures(connection, warehouse, place.regions, load_id, [year], place.obligations)
    reader.foresee(indicators()[name] for one in reconciliations().values() for name in (one.total, *one.parts))

    @cache
    def figures(indicator_id: str) -> dict[str, int | None]:
        return {each.region_code: each.numerator for each in reader.figures(indicators()[indicator_id])}

    def is_heard(one: Reconciliation) -> bool:
        """Whether anybody reported what its total counts; if not, there is no figure, and none need be asked for."""
        return bool(reader.coverage.answers(indicators()[one.total]).has_any.any())

    return [
        _told(place, name, one, year, *broken)
        for name, one in reconciliations().items()
        if is_heard(one)
        for broken in _broken(place, figures, one)
    ]


def _broken(place: Workplace, figures: Callable[[str], Mapping[str, int | None]], one: Reconciliation) -> list[tuple[int, int]]:
    """(total, what it is held against) wherever they do not agree; figures that nobody reported say nothing."""
    city = place.regions.city.code
    totals = figures(one.total)
    total = totals[city]
    if total is None:
        return []
    if one.relation == "equals":
        parts = [figures(part)[city] or 0 for part in one.parts]
        return [(total, sum(parts))] if total != sum(parts) else []
    units = [totals[unit] or 0 for unit in place.regions.unit_codes()]
    return [(total, most) for most in [max(units)] if total < most]


def _told(place: Workplace, name: str, one: Reconciliation, period: Period, total: int, other: int) -> dict[str, Any]:
    message = f"{place.regions.city.name} {period} 年：{one.sentence}，现为 {total} 与 {other}。"
    rule = one.rule(name)
    return {"rule_id": rule.rule_id, "severity": rule.severity.value, "file": "", "message": message}

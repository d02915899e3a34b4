"""What a load leaves open between ledgers and between figures; asked anew of what stands, so it goes when it is mended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from flows.answers.figures import figure_reader
from flows.workplace import Workplace
from schemas.catalogue import indicators
from schemas.cross_rules import Reconciliation, reconciliations
from schemas.finding import findings_frame
from schemas.periods import Period
from warehouse.cross_checks import CROSS_COLUMNS, cross_findings
from warehouse.engine import Connection
from warehouse.figures import FigureReader
from warehouse.parts import Warehouse


def open_questions(place: Workplace, connection: Connection, load_id: int, years: Iterable[int]) -> pd.DataFrame:
    """CROSS_COLUMNS of rows and of figures that do not fit together as of a load."""
    between_ledgers = cross_findings(connection, Warehouse(place.tables, place.ledgers), load_id)
    reader = figure_reader(place, connection, load_id)
    told = [
        _told(place, name, one, period, *broken)
        for name, one in reconciliations().items()
        for period in (Period(year, 1, 12) for year in sorted(years))
        for broken in _broken(place, reader, one, period)
    ]
    between_figures = findings_frame(told).assign(unit_code=place.regions.city.code, submission_id=None)
    return pd.concat([between_ledgers, between_figures[CROSS_COLUMNS]], ignore_index=True) if told else between_ledgers


def _broken(place: Workplace, reader: FigureReader, one: Reconciliation, period: Period) -> list[tuple[int, int]]:
    """(total, what it is held against) wherever they do not agree; figures that nobody reported say nothing."""

    def figure(indicator_id: str, region_code: str) -> int | None:
        return reader.figure(indicators()[indicator_id], region_code, period).numerator

    city = place.regions.city.code
    total = figure(one.total, city)
    if total is None:
        return []
    if one.relation == "equals":
        parts = [figure(part, city) or 0 for part in one.parts]
        return [(total, sum(parts))] if total != sum(parts) else []
    units = [figure(one.total, unit) or 0 for unit in place.regions.unit_codes()]
    return [(total, most) for most in [max(units)] if total < most]


def _told(place: Workplace, name: str, one: Reconciliation, period: Period, total: int, other: int) -> dict[str, Any]:
    message = f"{place.regions.city.name} {period} 年：{one.sentence}，现为 {total} 与 {other}。"
    rule = one.rule(name)
    return {"rule_id": rule.rule_id, "severity": rule.severity.value, "file": "", "message": message}

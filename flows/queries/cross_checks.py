"""Disagreements between ledgers and between figures, computed from current rows, so a correction removes
them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

import pandas as pd

from flows.queries.figures import figures_of_all_units
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.ledgers.cross_ledger_rules import Reconciliation, reconciliations
from schemas.ledgers.finding import findings_frame
from schemas.periods import Period
from transforms.report.status import REPORT
from warehouse.figures.cross_checks import CROSS_COLUMNS, find_cross_ledger_rows
from warehouse.ops.loads import ledgers_reported
from warehouse.schema.as_of import AsOf


def find_cross_ledger_findings(
    workspace: Workspace, as_of: AsOf, years: Collection[int], units: Collection[str]
) -> pd.DataFrame:
    """Return CROSS_COLUMNS of these units' rows and of the city's yearly figures that disagree."""
    periods = [Period(year, 1, 12) for year in sorted(years)]
    expected_ledgers = _expected_ledgers(workspace, as_of, periods)
    between_ledgers = find_cross_ledger_rows(as_of, sorted(units), expected_ledgers)
    figure_findings = [
        finding for period in periods for finding in _between_figures(workspace, as_of, period)
    ]
    between_figures = findings_frame(figure_findings).assign(
        unit_code=workspace.regions.top.code, submission_id=None
    )
    return (
        pd.concat([between_ledgers, between_figures[CROSS_COLUMNS]], ignore_index=True)
        if figure_findings
        else between_ledgers
    )


def _expected_ledgers(workspace: Workspace, as_of: AsOf, periods: Sequence[Period]) -> set[str]:
    """Return the ledgers that anybody reports, or owes in these periods."""
    months, units = (
        [month for period in periods for month in period.months()],
        workspace.regions.unit_codes(),
    )
    owed = workspace.obligations.table(units, list(workspace.ledgers), months, pd.DataFrame(columns=REPORT))
    return set(owed["ledger"]) | ledgers_reported(as_of)


def _between_figures(workspace: Workspace, as_of: AsOf, year: Period) -> list[dict[str, Any]]:
    @cache
    def numerators(indicator_id: str) -> pd.Series:
        figures = figures_of_all_units(workspace, as_of, indicators()[indicator_id], year)
        return figures.set_index("region_code")["numerator"].dropna().astype("int64")

    return [
        _finding(workspace, name, reconciliation, year, *broken)
        for name, reconciliation in reconciliations().items()
        for broken in _broken_relations(workspace, numerators, reconciliation)
    ]


def _broken_relations(
    workspace: Workspace, numerators: Callable[[str], pd.Series], reconciliation: Reconciliation
) -> list[tuple[int, int]]:
    """Return (total, compared value) where they disagree; unreported figures are skipped."""
    city, totals = workspace.regions.top.code, numerators(reconciliation.total)
    total = totals.get(city)
    if total is None:
        return []
    if reconciliation.relation == "equals":
        parts = [numerators(part).get(city, 0) for part in reconciliation.parts]
        return [(total, sum(parts))] if total != sum(parts) else []
    most = totals.drop(city).max()
    return [(total, most)] if total < most else []


def _finding(
    workspace: Workspace,
    name: str,
    reconciliation: Reconciliation,
    period: Period,
    total: int,
    compared: int,
) -> dict[str, Any]:
    rule = reconciliation.rule(name)
    return {
        "rule_id": rule.rule_id,
        "severity": rule.severity.value,
        "file": "",
        "problem": f"{workspace.regions.top.name} {period} 年：{rule.problem}，现为 {total} 与 {compared}",
        "expected": rule.expected,
        "remedy": rule.remedy,
    }

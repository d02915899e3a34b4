"""Explain a figure: its rule, each unit's share, the rows that count and the excluded ones, each with its
cell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flows.queries.explained_rows import SIDES, ExplainedRows
from flows.queries.figures import figure_rows
from flows.workspace import Workspace
from schemas.figures.describe import rule_words
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.reporting.coverage import Reports, missing_reports, units_of_figure
from warehouse.figures.current_reports import read_reports
from warehouse.figures.excluded_rows import ExcludedRowReader
from warehouse.schema.as_of import AsOf


def explain_figure(
    workspace: Workspace,
    as_of: AsOf,
    indicator: Indicator,
    region_code: str,
    period: Period,
    most: int | None = None,
) -> dict[str, Any]:
    """Build the object that `explain --json` prints.

    `most` limits how many counted rows are listed, and excluded rows for each reason; all are counted.
    """
    (figure,) = figure_rows(workspace, as_of, [indicator], [region_code], period)
    units = units_of_figure(indicator, workspace.regions, region_code)
    reader = ExcludedRowReader(as_of, units, period)
    builder = ExplainedRows(workspace, indicator, most)
    builder.read(reader, is_known=figure["numerator"] is not None)
    reports = read_reports(as_of, indicator.ledgers(), workspace.obligations)
    missing_months = _months_with_missing_reports(indicator, units, period, reports)
    missing = [
        (unit, *missing_report)
        for unit in units
        for missing_report in sorted(missing_reports(indicator, unit, period, reports))
    ]
    rule = rule_words(indicator, workspace.ledgers)
    return {
        "indicator_id": indicator.indicator_id,
        "definition": f"{indicator.definition}算法：{''.join(rule)}",
        "source": indicator.source,
        **{name: figure[name] for name in ("value", "numerator", "denominator", "display")},
        "by_unit": _by_unit(
            workspace, builder.sums(), units, period, missing_months, is_rate=indicator.is_rate
        ),
        "rows": builder.rows,
        "left_out": builder.left_out,
        "row_count": builder.row_count,
        "left_out_counts": builder.numbers(),
        **{name: figure[name] for name in ("title", "unit", "region_code", "region_name", "period")},
        "rule": rule,
        **{name: figure[name] for name in ("units_expected", "units_reported", "is_provisional", "as_of")},
        "missing": [_missing(workspace, *report) for report in missing],
    }


def _months_with_missing_reports(
    indicator: Indicator, units: Sequence[str], period: Period, reports: Reports
) -> set[tuple[str, str]]:
    """Return the (unit, month) pairs that lack a report which the month's figure needs."""
    months = [Period.parse(month) for month in period.months()]
    return {
        (unit, str(month))
        for unit in units
        for month in months
        if missing_reports(indicator, unit, month, reports)
    }


def _by_unit(
    workspace: Workspace, sums: Mapping[tuple[str, str, str], Any], units: Sequence[str], period: Period,
    lacking: Collection[tuple[str, str]], *, is_rate: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return each unit's share by month, adding up to the figure; None if nothing counts and a report is
    missing.
    """
    months = sorted({*period.months(), *(month for _, month, _ in sums)})
    shares = []
    for unit in units:
        for month in months:
            sums_by_side = [sums.get((unit, month, side)) for side in SIDES]
            has_any = any(value is not None for value in sums_by_side)
            if month not in period.months() and not has_any:
                continue
            zero = 0 if has_any or (unit, month) not in lacking else None
            numerator, denominator = (zero if value is None else value for value in sums_by_side)
            shares.append({
                "unit_code": unit, "unit_name": workspace.regions.name_of(unit), "month": month, "numerator": numerator,
                "denominator": denominator if is_rate else None, "has_reported": (unit, month) not in lacking,
            })  # fmt: skip
    return shares


def _missing(workspace: Workspace, unit: str, ledger: str, month: str) -> dict[str, str]:
    name, title = workspace.regions.name_of(unit), workspace.ledgers[ledger].title
    return {"unit_code": unit, "unit_name": name, "ledger": ledger, "ledger_title": title, "month": month}

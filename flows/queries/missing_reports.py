"""Describe the reports that figures lack: without a unit's report a figure is too low, unseen."""

from __future__ import annotations

from collections.abc import Sequence

from flows.workspace import Workspace
from schemas.figures.indicator import Indicator
from schemas.periods import Period
from schemas.reporting.coverage import Report, missing_reports, owed_reports, units_of_figure
from schemas.sentences import Sentence
from transforms.report.status_report import spans
from warehouse.figures.current_reports import read_reports
from warehouse.schema.as_of import AsOf


def describe_missing_reports(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], region_code: str, period: Period
) -> list[str]:
    """Describe which units owe which ledgers for which months that these figures need."""
    owed, missing = _owed_and_missing(workspace, as_of, chosen, region_code, period)
    descriptions: list[str] = []
    for unit in (unit for unit in workspace.regions.unit_codes() if missing.get(unit)):
        descriptions += [
            Sentence("{unit} {line}", unit=workspace.regions.name_of(unit), line=line)
            for line in _describe_months(workspace, missing[unit], owed[unit])
        ]
    return descriptions


def count_missing_reports(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], region_code: str, period: Period
) -> int:
    """Count the reports (unit, ledger, month) that these figures lack."""
    _, missing = _owed_and_missing(workspace, as_of, chosen, region_code, period)
    return sum(map(len, missing.values()))


def _owed_and_missing(
    workspace: Workspace, as_of: AsOf, chosen: Sequence[Indicator], region_code: str, period: Period
) -> tuple[dict[str, set[Report]], dict[str, set[Report]]]:
    """Return by unit the reports that these figures need, and those of them that are missing."""
    owed: dict[str, set[Report]] = {}
    missing: dict[str, set[Report]] = {}
    ledgers = {ledger for indicator in chosen for ledger in indicator.ledgers()}
    reports = read_reports(as_of, ledgers, workspace.obligations)
    for indicator in chosen:
        for unit in units_of_figure(indicator, workspace.regions, region_code):
            owed.setdefault(unit, set()).update(
                owed_reports(indicator, unit, period, workspace.obligations, reports.first_months)
            )
            missing.setdefault(unit, set()).update(missing_reports(indicator, unit, period, reports))
    return owed, missing


def _describe_months(workspace: Workspace, missing: set[Report], owed: set[Report]) -> list[str]:
    """Group the months that lack the same ledgers into one line."""
    by_month: dict[str, list[str]] = {}
    for ledger, month in sorted(
        missing, key=lambda report: (report[1], list(workspace.ledgers).index(report[0]))
    ):
        by_month.setdefault(month, []).append(ledger)
    months_by_names: dict[str, list[str]] = {}
    for month, ledgers in by_month.items():
        is_all = len(ledgers) == sum(report == month for _, report in owed)
        names = (
            Sentence("全部台账")
            if is_all
            else "、".join(workspace.ledgers[ledger].title for ledger in ledgers)
        )
        months_by_names.setdefault(names, []).append(month)
    return [
        Sentence("{months}: {ledgers}", months=spans(months), ledgers=names)
        for names, months in months_by_names.items()
    ]

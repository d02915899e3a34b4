"""Read how the data of a bulletin came: in time or not, what is missing or adjusted, and what moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flows.language import say_in_chinese
from flows.queries.changes import Change, changed_figures
from flows.queries.earlier_regions import workspace_as_of
from flows.queries.missing_reports import describe_missing_reports
from flows.refresh.status import report_states_of_months
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.figure_changes import CAUSE_WORDS, DEFINITION
from schemas.periods import Period, months_in_words
from transforms.bulletin.model import AdjustmentCount, MovedFigure, Quality, exact
from transforms.bulletin.moves import describe_causes
from transforms.bulletin.punctuality import punctuality_of_units
from warehouse.figures.publications import Publication, publications, published_figures
from warehouse.load.adjustments import adjustments_of_load
from warehouse.ops.loads import submissions_of_months
from warehouse.schema.as_of import AsOf

KIND_WORDS = {"correction": "更正", "waiver": "豁免", "confirm": "确认", "withdraw": "撤回"}
#: of a publication that was not made by this program, or was made of nothing
NO_LOAD = 0


def read_quality(
    workspace: Workspace,
    as_of: AsOf,
    publication: Publication | None,
    period: Period,
    region_code: str,
    figures: Mapping[str, Mapping[str, Any]],
    today: date,
) -> Quality:
    """Read the quality of the data behind the figures of a region. Raises CalendarUnknownError."""
    units = workspace.regions.units_below(region_code)
    names = {unit: workspace.regions.name_of(unit) for unit in units}
    months = period.months()
    states = report_states_of_months(workspace, as_of, months, today, units)
    submissions = submissions_of_months(as_of, months, units)
    previous = _previous(as_of, publication, period)
    return Quality(
        punctuality_of_units(states, submissions, names),
        [
            months_in_words(say_in_chinese(line))
            for line in describe_missing_reports(
                workspace, as_of, list(indicators().values()), region_code, period
            )
        ],
        _count_adjustments(workspace, as_of, months, names),
        previous.number if previous else None,
        _moved(workspace, as_of, previous, period, region_code, figures) if previous else (),
    )


def _previous(as_of: AsOf, publication: Publication | None, period: Period) -> Publication | None:
    """Return the last publication of the period that was computed, before this one."""
    computed = [
        each
        for each in publications(as_of.connection, as_of.tables, str(period))
        if not each.is_imported and (publication is None or each.number < publication.number)
    ]
    return computed[-1] if computed else None


def _count_adjustments(
    workspace: Workspace, as_of: AsOf, months: Sequence[str], names: Mapping[str, str]
) -> list[AdjustmentCount]:
    """Count the adjustments that took effect; their reasons and rows may name persons and are left out."""
    counts: dict[tuple[str, str, str, str], int] = {}
    for entry in adjustments_of_load(as_of):
        if entry["period"] in months and entry["unit_code"] in names and entry["rows"]:
            key = (entry["entry"]["kind"], entry["unit_code"], entry["ledger"], entry["period"])
            counts[key] = counts.get(key, 0) + entry["rows"]
    return [
        AdjustmentCount(KIND_WORDS[kind], names[unit], workspace.ledgers[ledger].title, month, rows)
        for (kind, unit, ledger, month), rows in sorted(counts.items(), key=lambda item: item[0][1:])
    ]


def _moved(
    workspace: Workspace,
    as_of: AsOf,
    previous: Publication,
    period: Period,
    region_code: str,
    figures: Mapping[str, Mapping[str, Any]],
) -> list[MovedFigure]:
    """List the figures that differ from the last publication, with the causes that moved them since."""
    published = published_figures(as_of.connection, as_of.tables, previous.number, region_code)
    before = {row["indicator_id"]: row for row in published}
    differing = {
        name: row
        for name, row in figures.items()
        if name in before and exact(before[name]["value"]) != exact(row["value"])
    }
    if not differing:
        return []
    changes = _changes(workspace, as_of, previous, period, region_code, list(differing))
    names = {code: workspace.regions.name_of(code) for code in workspace.regions.regions}
    return [
        MovedFigure(
            row["title"],
            before[name]["display"],
            row["display"],
            describe_causes(changes[name].indicator, changes[name].shares, names)
            if name in changes
            else CAUSE_WORDS[DEFINITION],
        )
        for name, row in differing.items()
    ]


def _changes(
    workspace: Workspace,
    as_of: AsOf,
    previous: Publication,
    period: Period,
    region_code: str,
    chosen: Sequence[str],
) -> dict[str, Change]:
    workspace_then, since = workspace_as_of(workspace, as_of.with_load(previous.load_id))
    selected = [indicators()[name] for name in chosen]
    changes = changed_figures(workspace, since, as_of, selected, [region_code], period, workspace_then)
    return {change.indicator.indicator_id: change for change in changes}

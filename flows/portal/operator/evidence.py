"""What a figure is made of: its rows with file, sheet and cell, as of any day."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from starlette.responses import Response

from flows.portal.numbers import parse_number
from flows.portal.reader.figures import choices, chosen_region, chosen_year, find_indicator, offered_years
from flows.portal.visit import Visit
from flows.queries.cell_texts import add_cell_texts
from flows.queries.earlier_regions import workspace_as_of
from flows.queries.explain import explain_figure
from flows.queries.explain_workbook import build_explain_workbook
from flows.workspace import Workspace
from schemas.figures.indicator import Indicator
from schemas.periods import Period, is_period
from warehouse.engine import Connection, reading
from warehouse.schema.as_of import AsOf

#: rows that a page lists, of those that count and for each reason of the others; the workbook has all
MOST_ROWS = 300
#: archived files of which the cells are read again, for a page and for a workbook
MOST_FILES, MOST_FILES_IN_WORKBOOK = 30, 500
SIDES = {"numerator": "分子", "denominator": "分母", "": ""}


@dataclass(frozen=True)
class Evidence:
    """What a figure is made of, as `explain` says it, as of a load."""

    indicator: Indicator
    period: Period
    region: str
    explained: dict[str, Any]
    load_id: int
    recorded_at: datetime | None
    has_all_texts: bool


def show_rows(visit: Visit) -> Response:
    """Show what a figure is made of: units and months, the rows that count, and those left out with the
    reason.
    """
    evidence = _read_evidence(visit, MOST_ROWS)
    if isinstance(evidence, str):
        return visit.refuse(404, evidence)
    shares = evidence.explained["by_unit"]
    return visit.page(
        "operator/rows.html",
        indicator=evidence.indicator,
        unit="" if evidence.indicator.is_rate else evidence.indicator.unit,
        explained=evidence.explained,
        period=str(evidence.period),
        months=_by_month(shares),
        units=list({share["unit_code"]: share["unit_name"] for share in shares}.items()),
        load_id=evidence.load_id,
        load=visit.query("load"),
        as_of=visit.query("as_of"),
        recorded_at=evidence.recorded_at,
        sides=SIDES,
        has_all_texts=evidence.has_all_texts,
        **choices(visit, Period.parse(str(evidence.period.year)), evidence.region),
    )


def download_rows(visit: Visit) -> Response:
    """Download what a figure is made of as a workbook, with every row."""
    evidence = _read_evidence(visit)
    if isinstance(evidence, str):
        return visit.refuse(404, evidence)
    region = evidence.explained["region_name"]
    name = f"{evidence.indicator.title}-{region}-{evidence.period}-构成.xlsx"
    visit.portal.record(visit.visitor, visit.address, "download", name)
    return visit.download(build_explain_workbook(evidence.explained), name)


def _read_evidence(visit: Visit, most: int | None = None) -> Evidence | str:
    """Read what the page's address asks for, `most` rows of it, or say why there is nothing."""
    indicator = find_indicator(visit)
    if indicator is None:
        return "没有这个指标。"
    period, region = chosen_period(visit), chosen_region(visit)
    with reading(visit.workspace.engine) as connection:
        workspace, as_of = _chosen_state(visit, connection)
        if region not in workspace.regions.regions:
            return "那时还没有这个单位。"
        explained = explain_figure(workspace, as_of, indicator, region, period, most)
        recorded_at = workspace.recorded_at(as_of)
    rows = [*explained["rows"], *explained["left_out"]]
    is_whole = add_cell_texts(visit.workspace, rows, MOST_FILES if most else MOST_FILES_IN_WORKBOOK)
    return Evidence(indicator, period, region, explained, as_of.load_id, recorded_at, is_whole)


def chosen_period(visit: Visit) -> Period:
    """Return the period of the page's address (a year, quarter or month), or its year."""
    chosen = visit.query("period")
    if is_period(chosen) and chosen[:4] in offered_years(visit):
        return Period.parse(chosen)
    return chosen_year(visit)


def _chosen_state(visit: Visit, connection: Connection) -> tuple[Workspace, AsOf]:
    """Return the warehouse as of the load or day of the page's address, or as it is now."""
    load, last = parse_number(visit.query("load")), visit.workspace.as_of_moment(connection)
    if load and load < last.load_id:
        return workspace_as_of(visit.workspace, last.with_load(load))
    with suppress(ValueError):
        day = date.fromisoformat(visit.query("as_of"))
        if date(2000, 1, 1) <= day < visit.today:
            end = datetime.combine(day + timedelta(days=1), time(), visit.workspace.home.timezone)
            moment = end.astimezone(UTC).replace(tzinfo=None) - timedelta(microseconds=1)
            return workspace_as_of(visit.workspace, visit.workspace.as_of_moment(connection, moment))
    return visit.workspace, last


def _by_month(shares: list[dict[str, Any]]) -> list[tuple[str, dict[str, dict[str, Any]]]]:
    """Return the shares by month and unit."""
    months: dict[str, dict[str, dict[str, Any]]] = {}
    for share in shares:
        months.setdefault(share["month"], {})[share["unit_code"]] = share
    return sorted(months.items())

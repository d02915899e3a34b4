"""The kinds of penalty of a year: how many decisions of each."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from flows.portal.reader.figures import choices, chosen_region, chosen_year
from flows.portal.visit import Visit
from flows.queries.figures import figure_rows
from schemas.catalogue import indicators
from schemas.periods import Period
from schemas.statistics import PENALTIES
from transforms.charts.chart import Point
from transforms.charts.svg import bar_chart
from warehouse.engine import reading
from warehouse.figures.statistics import StatisticsReader

TITLES = {"kind": "种类", "decisions": "件数", "decisions_before": "上年件数"}
#: the indicator that says how complete the decisions are
FINES = "fine_imposed_amount"


def show_penalties(visit: Visit) -> Response:
    """Show the decisions of a year by their heaviest kind, as a chart and a table, with last year's."""
    year, region = chosen_year(visit), chosen_region(visit)
    kinds, fines = _kinds(visit, year, region), _fines(visit, year, region)
    bars = [
        Point(row["kind"], float(row["decisions"]), f"{row['decisions']}件", fines["is_provisional"])
        for row in kinds
    ]
    return visit.page(
        "reader/penalties.html", kinds=kinds, bars=bar_chart(bars, "处罚种类"), fines=fines,
        total=sum(row["decisions"] for row in kinds), **choices(visit, year, region),
    )  # fmt: skip


def download_penalties(visit: Visit) -> Response:
    """Download the numbers of the chart."""
    year, region = chosen_year(visit), chosen_region(visit)
    rows = _kinds(visit, year, region)
    return visit.download_table(rows, TITLES, f"处罚种类-{year}")


def _kinds(visit: Visit, year: Period, region: str) -> list[dict[str, Any]]:
    """Count the decisions by kind, the most frequent first; kinds that did not occur are left out."""
    earlier = Period.parse(str(year.year - 1))
    now, before = (_count(visit, of, region) for of in (year, earlier))
    is_known = _fines(visit, earlier, region)["value"] is not None
    rows = [
        {"kind": kind, "decisions": number, "decisions_before": before[kind] if is_known else None}
        for kind, number in now.items()
        if number or before[kind]
    ]
    return sorted(rows, key=lambda row: -row["decisions"])


def _fines(visit: Visit, year: Period, region: str) -> dict[str, Any]:
    """Return the figure that says how complete the decisions of a year are."""
    with reading(visit.workspace.engine) as connection:
        as_of = visit.workspace.as_of_moment(connection)
        [row] = figure_rows(visit.workspace, as_of, [indicators()[FINES]], [region], year)
    return row


def _count(visit: Visit, year: Period, region: str) -> dict[str, int]:
    workspace = visit.workspace
    table = workspace.home.statistics(workspace.ledgers).penalties
    units = list(workspace.regions.units_below(region))
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)

        def compute() -> dict[str, int]:
            counts = StatisticsReader(as_of, {region: units}, year).count_penalties(table)
            *kinds, _, _ = [head.title for head in table.heads()]
            return {kind: counts[PENALTIES, kind][region] for kind in kinds}

        return visit.portal.memory.recall(("penalties", as_of.load_id, str(year), region), compute)

"""How complete the reports are: units and months as a heat map, with its numbers."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from flows.language import say_in_chinese
from flows.portal.reader.figures import chosen_year, data_day, offered_years
from flows.portal.visit import Visit
from flows.refresh.status import report_states_of_months
from schemas.figures.display import format_share
from schemas.periods import Period
from schemas.reporting.working_days import CalendarUnknownError
from warehouse.engine import reading

#: states of a report of which something counts
CAME = ("on_time", "late", "zero", "partial", "replaced")
TITLES = {"unit_name": "单位", "period": "月份", "owed": "应报", "came": "已报", "share": "报送率"}
#: shades of the heat map below the full one
SHADES = 4


def show_coverage(visit: Visit) -> Response:
    """Show, for each unit and month of a year, how many of the reports that are owed have come."""
    year = chosen_year(visit)
    cells, fault = _cells_of_year(visit, year)
    names = dict.fromkeys(cell["unit_name"] for cell in cells)
    by_unit = {
        name: {cell["period"]: cell for cell in cells if cell["unit_name"] == name} for name in names
    }
    return visit.page(
        "reader/coverage.html", year=str(year), years=offered_years(visit), data_on=data_day(visit), months=year.months(),
        units=by_unit.items(), shades=range(SHADES + 1), fault=fault,
    )  # fmt: skip


def download_coverage(visit: Visit) -> Response:
    """Download the numbers of the heat map."""
    year = chosen_year(visit)
    cells, fault = _cells_of_year(visit, year)
    if fault:
        return visit.refuse(409, fault)
    return visit.download_table(cells, TITLES, f"报送覆盖-{year}")


def _cells_of_year(visit: Visit, year: Period) -> tuple[list[dict[str, Any]], str]:
    """Return a cell for each unit and month, or the sentence that says why there are none."""
    workspace, months = visit.workspace, year.months()
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)

        def compute() -> list[dict[str, Any]]:
            states = report_states_of_months(workspace, as_of, months, visit.today)
            has_come = states["state"].isin(CAME)
            grouped = states.assign(came=has_come.astype(int), owed=1).groupby(
                ["unit_code", "unit_name", "period"], sort=False, as_index=False
            )
            return [_cell(row) for row in grouped[["owed", "came"]].sum().to_dict("records")]

        try:
            key = ("coverage", as_of.load_id, str(year), visit.today)
            return visit.portal.memory.recall(key, compute), ""
        except CalendarUnknownError as error:
            return [], say_in_chinese(error)


def _cell(row: dict[Any, Any]) -> dict[str, Any]:
    share = format_share(row["came"], row["owed"])
    return {**row, "share": share, "shade": row["came"] * SHADES // row["owed"]}

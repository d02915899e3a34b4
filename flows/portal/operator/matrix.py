"""Who has reported what: the matrix of units, ledgers and months, each cell leading to its report."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from flows.portal.operator.morning import status_of_year
from flows.portal.operator.years import working_year
from flows.portal.reader.figures import offered_years
from flows.portal.visit import Visit
from schemas.states import REPORT_WORDS
from transforms.report.status_report import DOUBTED, SIGNS


def show_reports(visit: Visit) -> Response:
    """Show the matrix of a year: ledgers that need attention, all of them, or those of one unit."""
    year, unit = working_year(visit), visit.query("unit")
    units = {code: visit.workspace.regions.name_of(code) for code in visit.workspace.regions.unit_codes()}
    status, fault = status_of_year(visit, year)
    is_full = visit.query("full") == "1" or unit in units
    lines = _with_codes(visit, status.matrix(visit.workspace, is_full=is_full)) if status else []
    return visit.page(
        "operator/reports.html",
        year=str(year),
        years=offered_years(visit),
        months=year.months(),
        lines=[line for line in lines if unit not in units or line["unit_code"] == unit],
        is_full=is_full,
        unit=unit if unit in units else "",
        units=list(units.items()),
        legend=[(sign, REPORT_WORDS[state].title) for state, sign in SIGNS.items()],
        doubted=DOUBTED,
        fault=fault,
    )


def _with_codes(visit: Visit, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the code of the unit and the name of the ledger; a unit's first line is of all its ledgers."""
    regions = visit.workspace.regions
    codes = {regions.name_of(code): code for code in regions.unit_codes()}
    ledgers = {ledger.title: name for name, ledger in visit.workspace.ledgers.items()}
    unit_code, coded = "", []
    for line in lines:
        unit_code = codes[line["unit"]] if line["unit"] else unit_code
        ledger_name = "" if line["unit"] else ledgers[line["ledger"]]
        coded.append(line | {"unit_code": unit_code, "ledger_name": ledger_name})
    return coded

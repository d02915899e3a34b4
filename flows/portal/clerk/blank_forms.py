"""The blank workbooks that clerks fill in, with their unit and a month filled in already."""

from __future__ import annotations

from starlette.responses import Response

from flows.portal.visit import Visit
from flows.queries.months import default_month, offered_months
from transforms.foreign_text import safe_stem
from transforms.receipt.words import month_words
from transforms.template import BLANK, Prefilled, blank_workbook, name_of_month, workbook_of_month
from transforms.template.ledger_sheet import WAYS_OF_NOTHING


def show_templates(visit: Visit) -> Response:
    """List the blank workbooks for a unit and a month."""
    workspace, months = visit.workspace, offered_months(visit.workspace, visit.today)
    period = visit.query("period") or default_month(workspace, visit.today)
    unit = visit.query("unit") or visit.visitor.unit_codes[0]
    if period not in months or unit not in visit.visitor.unit_codes:
        return visit.refuse(404, "没有这个单位或月份。")
    return visit.page(
        "clerk/templates.html",
        months=months,
        offered_month=period,
        period=period,
        unit=unit,
        units=[(code, workspace.regions.name_of(code)) for code in visit.visitor.unit_codes],
        ledgers=list(workspace.ledgers.values()),
        owed=owed_ledgers(visit, unit, period),
        ways_of_nothing=WAYS_OF_NOTHING,
    )


def owed_ledgers(visit: Visit, unit: str, period: str) -> list[str]:
    """List the ledgers that a unit owes for a month."""
    obligations = visit.workspace.obligations
    return [name for name in visit.workspace.ledgers if obligations.is_owed(unit, name, period)]


def download_template(visit: Visit) -> Response:
    """Download the blank workbook of a ledger."""
    ledgers, prefilled = visit.workspace.ledgers, _prefilled(visit)
    name = visit.request.path_params["ledger"]
    if name not in ledgers or prefilled is None:
        return visit.refuse(404, "没有这种台账，或没有这个单位、月份。")
    data = blank_workbook(name, ledgers, _unit_names(visit), prefilled)
    stem = safe_stem(f"{prefilled.unit}{prefilled.month}{ledgers[name].title}.xlsx")
    return visit.download(data, f"{stem}.xlsx")


def download_month(visit: Visit) -> Response:
    """Download one workbook with all ledgers that a unit owes for a month."""
    prefilled = _prefilled(visit)
    if prefilled is None or prefilled == BLANK:
        return visit.refuse(404, "没有这个单位或月份。")
    names = owed_ledgers(visit, visit.query("unit"), visit.query("period"))
    if not names:
        return visit.refuse(404, "这个月没有应报的台账。")
    data = workbook_of_month(names, visit.workspace.ledgers, _unit_names(visit), prefilled)
    return visit.download(data, name_of_month(prefilled))


def _prefilled(visit: Visit) -> Prefilled | None:
    """Return what to fill in; None for a unit or a month that is not the clerk's."""
    unit, period = visit.query("unit"), visit.query("period")
    if not unit and not period:
        return BLANK
    if unit not in visit.visitor.unit_codes or period not in offered_months(visit.workspace, visit.today):
        return None
    return Prefilled(visit.workspace.regions.name_of(unit), month_words(period))


def _unit_names(visit: Visit) -> list[str]:
    return [unit.name for unit in visit.workspace.regions.units if unit.valid_to is None]

"""A clerk's month: what the unit owes, in what state it is, what came back, and the blank workbooks."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from flows.portal.clerk.outcomes import waiting_reports
from flows.portal.operator.words import REMINDER_WORDS
from flows.portal.visit import Visit
from flows.queries.months import default_month, offered_months
from flows.refresh.status import report_states_of_months, report_status
from schemas.periods import Period, is_period
from schemas.states import REPORT_WORDS
from warehouse.engine import reading

SENT_WORD = "已报送，等待入库"
#: how a state looks in a table
LOOKS = {
    "on_time": "good", "zero": "good", "replaced": "good", "late": "fair", "partial": "fair",
    "missing": "bad", "rejected": "bad", "not_due": "",
}  # fmt: skip


def show_month(visit: Visit) -> Response:
    """Show the ledgers that the clerk's units owe for a month, and the receipts that came back."""
    workspace, months = visit.workspace, own_months(visit)
    period = visit.query("period") or default_month(workspace, visit.today)
    if period not in months:
        return visit.refuse(404, "没有这个月份。")
    units = visit.visitor.unit_codes
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        states = report_states_of_months(workspace, as_of, [period], visit.today, units)
    waiting = waiting_reports(visit, period)
    can_upload = period in offered_months(workspace, visit.today)
    reports = [
        _describe_report(visit, row, is_sent=(row.unit_code, row.ledger) in waiting)
        for row in states.astype(object).where(states.notna(), None).itertuples()
    ]
    return visit.page(
        "clerk/month.html",
        months=months,
        period=period,
        units=[(unit, workspace.regions.name_of(unit)) for unit in units],
        reports=reports,
        receipts=[(unit, name) for unit in units for name in receipt_names(visit, period, unit)],
        to_do=to_do(visit, period),
        can_upload=can_upload,
        offered_month=period if can_upload else "",
        open_count=sum(report["look"] in ("bad", "") for report in reports),
        sent_count=sum(report["word"] == SENT_WORD for report in reports),
    )


def to_do(visit: Visit, period: str) -> list[dict[str, Any]]:
    """List what the clerk's units have to settle for a month, as operators see it; the table says what is
    missing.
    """
    workspace = visit.workspace
    names = {workspace.regions.name_of(unit) for unit in visit.visitor.unit_codes}
    with reading(workspace.engine) as connection:
        status = report_status(workspace, workspace.as_of_moment(connection), [period], visit.today)
    return [
        {
            "unit": line["unit"],
            "ledgers": line["ledgers"],
            "word": REMINDER_WORDS.get(line["what"], line["what"]),
            "reason": line["reason"] or "",
        }
        for line in status.reminders(workspace, shows_files=True)
        if line["unit"] in names and line["what"] not in ("missing", "late")
    ]


def own_months(visit: Visit) -> list[str]:
    """List the months that may be reported, and earlier ones of which the clerk's units have receipts."""
    months = set(offered_months(visit.workspace, visit.today))
    folders = visit.workspace.home.receipts.glob("*/*")
    units = visit.visitor.unit_codes
    months |= {
        folder.parent.name for folder in folders if folder.name in units and _is_month(folder.parent.name)
    }
    return sorted(months, reverse=True)


def _is_month(name: str) -> bool:
    return is_period(name) and Period.parse(name).is_month


def _describe_report(visit: Visit, row: Any, *, is_sent: bool) -> dict[str, Any]:
    """Return a line of the table: ledger, state, due day and days left (None where it is in order).

    An open one of which a file lies in the inbox has been sent, and waits for the next load.
    """
    word = REPORT_WORDS[row.state]
    due: date | None = row.due_on
    is_open = row.state in ("missing", "rejected", "not_due", "partial")
    is_sent, is_open = is_open and is_sent, is_open and not is_sent
    return {
        "unit": row.unit_name,
        "unit_code": row.unit_code,
        "ledger": visit.workspace.ledgers[row.ledger].title,
        "ledger_name": row.ledger,
        "word": SENT_WORD if is_sent else word.title,
        "meaning": word.meaning,
        "look": "fair" if is_sent else LOOKS[row.state],
        "due_on": due,
        "days_left": (due - visit.today).days if due and is_open else None,
        "rows": row.rows,
        "held_back": row.held_back,
    }


def receipt_names(visit: Visit, period: str, unit_code: str) -> list[str]:
    """List the names of a unit's receipts of a month."""
    folder = visit.workspace.home.receipts / period / unit_code
    if not folder.is_dir():
        return []
    return sorted(
        file.name for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")
    )


def download_receipt(visit: Visit) -> Response:
    """Download a receipt of the clerk's own units; a name is only compared, never used as a path."""
    period, unit, name = (visit.request.path_params[key] for key in ("period", "unit", "name"))
    is_own = unit in visit.visitor.unit_codes and _is_month(period)
    if is_own and name in receipt_names(visit, period, unit):
        data = (visit.workspace.home.receipts / period / unit / name).read_bytes()
        return visit.download(data, name)
    return visit.refuse(404, "没有这份回执。")

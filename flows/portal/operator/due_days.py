"""The next days on which reports are due, and who has kept them so far."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any

from flows.portal.visit import Visit
from flows.refresh.status import report_states_of_months
from schemas.figures.display import format_share
from schemas.periods import Period, month_after
from schemas.reporting.working_days import CalendarUnknownError
from transforms.report.timeliness import timeliness
from warehouse.engine import reading
from warehouse.ops.loads import submissions_of_months
from warehouse.schema.as_of import AsOf

#: states of a report that has come
CAME = ("on_time", "late", "zero", "partial", "replaced")


def next_due_days(visit: Visit) -> list[dict[str, Any]]:
    """List the days from today on by which last month's and this month's reports are due, with how many
    came.
    """
    current = f"{visit.today:%Y-%m}"
    months = [month_after(current, -1), current]
    counts: dict[tuple[date, str], list[int]] = {}
    with suppress(CalendarUnknownError), reading(visit.workspace.engine) as connection:
        as_of = visit.workspace.as_of_moment(connection)
        for month, due_on, has_come in _reports(visit, as_of, months):
            if due_on >= visit.today:
                count = counts.setdefault((due_on, month), [0, 0])
                count[0] += 1
                count[1] += has_come
    return [
        {
            "due_on": due_on,
            "month": month,
            "owed": owed,
            "came": came,
            "days_left": (due_on - visit.today).days,
        }
        for (due_on, month), (owed, came) in sorted(counts.items())
    ]


def _reports(visit: Visit, as_of: AsOf, months: list[str]) -> Iterable[tuple[str, date, bool]]:
    """Yield month, due day and whether it came of each report that is owed."""
    workspace = visit.workspace
    states = report_states_of_months(workspace, as_of, months, visit.today)
    for row in states.itertuples():
        is_owed = workspace.obligations.is_owed(row.unit_code, row.ledger, row.period)
        if is_owed:
            due_on = row.due_on or workspace.obligations.due_on(row.unit_code, row.ledger, row.period)
            yield row.period, due_on, row.state in CAME


def rates_by_unit(visit: Visit, year: Period) -> list[dict[str, Any]]:
    """Return, by unit, how many of a year's reports came in time and how many passed at once.

    Raises CalendarUnknownError.
    """
    workspace, months = visit.workspace, year.months()
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        states = report_states_of_months(workspace, as_of, months, visit.today)
        submissions = submissions_of_months(as_of, months)
    counts = timeliness(states, submissions)
    return [row | _shares(row) for row in counts.to_dict("records")]


def _shares(row: dict[Any, Any]) -> dict[str, str]:
    return {
        "on_time_share": format_share(row["on_time"], row["due"]),
        "first_pass_share": format_share(row["first_pass"], row["came"]),
    }

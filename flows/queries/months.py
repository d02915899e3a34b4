"""The months that are offered where somebody chooses one: the portal, the form of a rerun."""

from __future__ import annotations

from datetime import date

from flows.workspace import Workspace
from schemas.periods import month_after, months_between
from warehouse.engine import reading
from warehouse.ops.loads import accepted_by_month, reported_months

#: months back that are offered where nobody has reported for longer
FEWEST = 24
#: with no report for this number of months, pages open at the last reported one
SILENT = 12


def offered_months(workspace: Workspace, today: date, fewest: int = FEWEST) -> list[str]:
    """List the months that may be reported or looked at, the latest first; `fewest` months back at least."""
    first, _ = _reported(workspace)
    current = f"{today:%Y-%m}"
    earliest = min(first or current, month_after(current, -fewest))
    return months_between(earliest, current)[::-1]


def default_month(workspace: Workspace, today: date) -> str:
    """Return the last month that is over, or the last reported one if that is long ago."""
    _, last = _reported(workspace)
    due = month_after(f"{today:%Y-%m}", -1)
    return last if last and last < month_after(due, -SILENT) else due


def default_year(workspace: Workspace, today: date) -> str:
    """Return the year of the last month of which the reports have come: at least half as many as of the
    fullest month, so that a single late file leads nowhere. Before that, the year that is being reported.
    """
    due = default_month(workspace, today)
    with reading(workspace.engine) as connection:
        counts = accepted_by_month(connection, workspace.tables)
    full = [month for month, count in counts.items() if 2 * count >= max(counts.values())]
    return max((month for month in full if month <= due), default=due)[:4]


def _reported(workspace: Workspace) -> tuple[str | None, str | None]:
    with reading(workspace.engine) as connection:
        return reported_months(connection, workspace.tables)

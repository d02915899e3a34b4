"""The year at which the pages about reports open, and what the pages of it leave to other years."""

from __future__ import annotations

from datetime import date
from functools import partial

from flows.portal.reader.figures import offered_years
from flows.portal.visit import Visit
from flows.refresh.status import last_month_to_chase, last_year, report_status
from schemas.periods import Period, day_words
from schemas.reporting.working_days import CalendarUnknownError
from warehouse.engine import reading
from warehouse.ops.loads import reported_months
from warehouse.ops.submissions import years_after

#: earlier years whose reports are counted beside those of a page
MOST_YEARS = 3


def working_year(visit: Visit) -> Period:
    """Return the year of the page's address, or the last for which anybody has reported.

    Figures open at the last year that is mostly reported; who has to chase reports must see the first ones
    that are missing of the year after it.
    """
    chosen = visit.query("year")
    return (
        Period.parse(chosen) if chosen in offered_years(visit) else last_year(visit.workspace, visit.today)
    )


def years_to_show(visit: Visit, year: Period, first_load: int) -> list[Period]:
    """Return the year of a page, and where its address names none, the others that loads brought anything for
    after `first_load`, the latest first.
    """
    if visit.query("year") == str(year):
        return [year]
    with reading(visit.workspace.engine) as connection:
        loaded = years_after(connection, visit.workspace.tables, first_load)
    other_years = [name for name in offered_years(visit) if name in loaded and name != str(year)]
    return [year, *map(Period.parse, other_years)]


def count_other_years(visit: Visit, year: Period) -> dict[str, int]:
    """Count what is to be chased of other years for which anybody has reported, or could have since, the
    latest first; MOST_YEARS of them. Years of which the calendar is not known are left out.
    """
    with reading(visit.workspace.engine) as connection:
        first, _ = reported_months(connection, visit.workspace.tables)
        load_id = visit.workspace.as_of_moment(connection).load_id
    last = str(last_year(visit.workspace, visit.today))
    other_years = [
        name for name in offered_years(visit) if first and first[:4] <= name <= last and name != str(year)
    ]
    counts = {
        name: visit.portal.memory.recall(
            ("to chase", load_id, name, visit.today), partial(_count, visit, Period.parse(name))
        )
        for name in other_years[:MOST_YEARS]
    }
    return {name: count for name, count in counts.items() if count}


def _count(visit: Visit, year: Period) -> int:
    workspace, today = visit.workspace, visit.today
    try:
        with reading(workspace.engine) as connection:
            as_of = workspace.as_of_moment(connection)
            until = last_month_to_chase(workspace, year, today)
            status = report_status(workspace, as_of, year.months(), today, until)
    except CalendarUnknownError:
        return 0
    return sum(line["reports"] for line in status.reminders(workspace, is_whole=True))


def is_of_several(months: str) -> bool:
    """Whether a line of what is to be chased is about more than one month."""
    return len(months) > len("2023-06")


def due_words(due_on: date | None, months: str) -> str:
    """Say by when the reports of a line were due; of several months, by when the first."""
    if due_on is None:
        return ""
    return f"{day_words(due_on)}（最早的月份）" if is_of_several(months) else day_words(due_on)

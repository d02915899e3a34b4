"""The warehouse's table of who has reported what, kept with each load: only the months that can have changed are asked anew."""

from __future__ import annotations

from datetime import date, datetime

from flows.answers.status import reported_so_far, states_of_months
from flows.workplace import Workplace
from schemas.periods import month_after
from schemas.working_days import CalendarUnknown
from warehouse.coverage import first_kept, kept_coverage, replace_coverage
from warehouse.engine import Connection
from warehouse.history import months_of_load
from warehouse.kept import COVERAGE, Kept, kept_state, set_kept_state
from warehouse.load import last_load

#: a report is due by the twentieth working day of the next month at the latest: after so many months its state turns no more
TURNING_MONTHS = 3


def keep_coverage(place: Workplace, connection: Connection, now: datetime, fingerprint: str) -> str | None:
    """Bring the table to the last load and to this day, within the caller's transaction; why it cannot be, where it cannot.

    `fingerprint` is of all that it rests on beside the reports. A load must not fail for it: what counties sent is loaded
    whatever the calendar knows.
    """
    load_id, _ = last_load(connection, place.tables)
    before = kept_state(connection, place.tables, COVERAGE)
    today = place.local(now).date()
    months = _months(place, connection, today, Kept(load_id, fingerprint), before)
    try:
        states = states_of_months(place, connection, months or reported_so_far(place, connection, today), load_id, today)
    except CalendarUnknown as error:
        return f"who has reported what could not be told: {error}"
    table = place.tables.coverage
    states = states[table.columns.keys()].sort_values(table.primary_key.columns.keys(), ignore_index=True)
    if before == Kept(load_id, fingerprint) and kept_coverage(connection, place.tables, months).equals(states):
        return None
    replace_coverage(connection, place.tables, months, states)
    set_kept_state(connection, place.tables, COVERAGE, Kept(load_id, fingerprint, place.local(now).isoformat()))
    return None


def _months(place: Workplace, connection: Connection, today: date, now: Kept, before: Kept | None) -> list[str] | None:
    """The months whose states may differ from those kept; None: all, for those kept do not follow from what stands now."""
    if before is None or before.as_of is None or before.fingerprint != now.fingerprint or now.load_id - before.load_id > 1:
        return None
    touched = months_of_load(connection, place.tables, now.load_id) if before.load_id < now.load_id else set()
    still_turning, first = month_after(before.as_of[:7], -TURNING_MONTHS), first_kept(connection, place.tables) or ""
    so_far = reported_so_far(place, connection, today)
    return [month for month in so_far if month in touched or month >= still_turning or month < first]

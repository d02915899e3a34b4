"""Refresh the materialised coverage with each load; only months that can have changed are recomputed."""

from __future__ import annotations

from datetime import date, datetime

from flows.refresh.status import report_states_of_months, reports_received_until
from flows.workspace import Workspace
from schemas.periods import month_after
from schemas.reporting.working_days import CalendarUnknownError
from schemas.sentences import Sentence
from warehouse.engine import Connection
from warehouse.marts.coverage import first_materialized, materialized_coverage, replace_coverage
from warehouse.ops.loads import units_and_months_of_load
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import COVERAGE, RefreshState, refresh_state, set_refresh_state

#: a report is due by the twentieth working day of the next month at the latest:
#: after this many months its state is final
TURNING_MONTHS = 3


def refresh_coverage(
    workspace: Workspace, connection: Connection, now: datetime, fingerprint: str
) -> str | None:
    """Refresh coverage to the last load and today, in the caller's transaction; return an error text if
    impossible.

    `fingerprint` is of every input besides the reports. An unknown calendar must not fail a load, so it is
    returned, not raised.
    """
    as_of = workspace.as_of_moment(connection)
    previous = refresh_state(connection, workspace.tables, COVERAGE)
    today = workspace.to_local_time(now).date()
    state = RefreshState(as_of.load_id, fingerprint, workspace.to_local_time(now).isoformat())
    table = workspace.tables.coverage
    months, units = _changed(workspace, as_of, today, state, previous)
    requested_months = reports_received_until(workspace, connection, today) if months is None else months
    try:
        states = report_states_of_months(workspace, as_of, requested_months, today, units)
    except CalendarUnknownError as error:
        return Sentence("the reporting status could not be computed: {error}", error=error)
    states = states[table.columns.keys()].sort_values(table.primary_key.columns.keys(), ignore_index=True)
    if previous == state and materialized_coverage(connection, workspace.tables, months).equals(states):
        return None
    replace_coverage(connection, workspace.tables, months, units, states)
    set_refresh_state(connection, workspace.tables, COVERAGE, state)
    return None


def _changed(
    workspace: Workspace,
    as_of: AsOf,
    today: date,
    current: RefreshState,
    previous: RefreshState | None,
) -> tuple[list[str] | None, list[str] | None]:
    """Return the months and units whose states may differ from the stored ones.

    None = recompute everything (state unusable). On the same day only what the load touched can have
    changed.
    """
    if (
        previous is None
        or previous.as_of is None
        or previous.fingerprint != current.fingerprint
        or current.load_id - previous.load_id > 1
        or f"{today}" < previous.as_of[:10]  # the clock was ahead
    ):
        return None, None
    first = first_materialized(as_of.connection, as_of.tables)
    if first is None:  # materialised before anybody reported
        return None, None
    brought = units_and_months_of_load(as_of) if previous.load_id < as_of.load_id else set()
    touched = {month for _, month in brought}
    still_turning = month_after(previous.as_of[:7], -TURNING_MONTHS)
    so_far = reports_received_until(workspace, as_of.connection, today)
    if previous.as_of.startswith(f"{today}") and all(month >= first for month in so_far):
        return [month for month in so_far if month in touched], sorted({unit for unit, _ in brought})
    return [month for month in so_far if month in touched or month >= still_turning or month < first], None

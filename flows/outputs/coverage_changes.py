"""The reporting states that a load's report shows: those that differ from the states at the load before it.

Nearly all states are the same from one night to the next; written whole, three hundred nights are mostly
repetition.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from flows.refresh.coverage import TURNING_MONTHS
from flows.refresh.status import report_states_of_months, reports_received_until
from flows.workspace import Workspace
from schemas.periods import month_after
from transforms.report.status import REPORT, STATUS_COLUMNS
from warehouse.marts.coverage import pages_of_coverage
from warehouse.ops.loads import reported_months, units_and_months_of_load
from warehouse.schema.as_of import AsOf
from warehouse.schema.refresh_state import COVERAGE, refresh_state


def coverage_of_load(workspace: Workspace, as_of: AsOf) -> Iterable[pd.DataFrame]:
    """Return the states, on the day of the load, that were others at the load before; of the first load all.

    Raises CalendarUnknownError.
    """
    today = _day_of(workspace, as_of)
    before = as_of.with_load(as_of.load_id - 1)
    first_before, _ = reported_months(as_of.connection, as_of.tables, before.load_id)
    if first_before is None:
        return _all_states(workspace, as_of, today)
    day_before = _day_of(workspace, before)
    brought = {month for _, month in units_and_months_of_load(as_of)}
    still_turning = month_after(f"{day_before:%Y-%m}", -TURNING_MONTHS)
    months = [
        month
        for month in _months(workspace, as_of, today)
        if month in brought or month >= still_turning or month < first_before
    ]
    months_before = [month for month in months if first_before <= month <= f"{day_before:%Y-%m}"]
    states = report_states_of_months(workspace, as_of, months, today)
    return [_differing(states, report_states_of_months(workspace, before, months_before, day_before))]


def _day_of(workspace: Workspace, as_of: AsOf) -> date:
    recorded_at = workspace.recorded_at(as_of)
    if recorded_at is None:
        raise ValueError(f"there is no load {as_of.load_id}")
    return recorded_at.date()


def _all_states(workspace: Workspace, as_of: AsOf, today: date) -> Iterable[pd.DataFrame]:
    state = refresh_state(as_of.connection, as_of.tables, COVERAGE)
    if state and state.load_id == as_of.load_id and str(state.as_of).startswith(f"{today}"):
        return pages_of_coverage(as_of.connection, as_of.tables, STATUS_COLUMNS)
    states = report_states_of_months(workspace, as_of, _months(workspace, as_of, today), today)
    return [states.sort_values(REPORT, ignore_index=True)]


def _months(workspace: Workspace, as_of: AsOf, today: date) -> list[str]:
    """List every month from the first one reported until the load; a later load may bring an earlier one."""
    first, _ = reported_months(as_of.connection, as_of.tables, as_of.load_id)
    months = reports_received_until(workspace, as_of.connection, today)
    return [month for month in months if first is not None and month >= first]


def _differing(states: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `states` that `before` does not have."""
    states, before = (
        frame[STATUS_COLUMNS].astype(object).where(frame[STATUS_COLUMNS].notna(), None)
        for frame in (states, before)
    )
    is_known = pd.MultiIndex.from_frame(states.astype(str)).isin(
        pd.MultiIndex.from_frame(before.astype(str))
    )
    return states[~is_known].sort_values(REPORT, ignore_index=True)

"""The materialised coverage is the same as when it is computed again from all current reports."""

from __future__ import annotations

from datetime import datetime

import pytest

from flows.pipeline import run_pipeline
from flows.refresh.status import report_states_of_months, reports_received_until
from flows.workspace import RunScope, Workspace
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import RIVER, STAR, case
from warehouse.engine import reading
from warehouse.marts.coverage import materialized_coverage

MORNING = "2024-02-01T08:00"
LATER = ("2024-02-01T09:00", "2024-02-02T00:00", "2024-06-03T00:00")
CUT_SHORT = b"PK\x03\x04"


def night_of(workspace: Workspace, instant: str) -> None:
    run_pipeline(workspace, RunScope(), datetime.fromisoformat(instant))


def send(workspace: Workspace, unit: str, month: str, *, data: bytes = b"") -> None:
    put(
        workspace.home.inbox,
        f"{month}/{unit}/a.xlsx",
        data or ledger_bytes("cases", case(1, filed_on=f"{month}-06")),
    )


def count_checked_rows(workspace: Workspace, instant: str) -> int:
    """Check the stored rows against computed ones; return how many there are."""
    today = workspace.to_local_time(datetime.fromisoformat(instant)).date()
    with reading(workspace.engine) as connection:
        stored = materialized_coverage(connection, workspace.tables)
        months = reports_received_until(workspace, connection, today)
        recomputed = report_states_of_months(workspace, workspace.as_of_moment(connection), months, today)
    assert stored.equals(
        recomputed[stored.columns].sort_values(["period", "unit_code", "ledger"], ignore_index=True)
    )
    return len(stored)


@pytest.mark.parametrize(
    ("first_file", "before"), [("a refused file", "2024-01-31T00:00"), ("nothing", "2024-02-01T00:00")]
)
def test_the_first_report_comes_after_a_run_that_stored_nothing(
    workspace: Workspace, first_file: str, before: str
) -> None:
    if first_file == "a refused file":
        send(workspace, RIVER, "2023-06", data=CUT_SHORT)
    night_of(workspace, before)
    assert count_checked_rows(workspace, before) == 0
    send(workspace, STAR, "2023-06")
    for instant in (MORNING, *LATER):
        night_of(workspace, instant)
        assert count_checked_rows(workspace, instant) > 8 * len(workspace.regions.unit_codes())


def test_an_earlier_month_is_sent_later_on_the_same_day(workspace: Workspace) -> None:
    send(workspace, STAR, "2023-06")
    night_of(workspace, MORNING)
    stored = count_checked_rows(workspace, MORNING)
    send(workspace, RIVER, "2023-03")
    for instant in LATER:
        night_of(workspace, instant)
        assert count_checked_rows(workspace, instant) > stored


def test_a_clock_that_was_ahead_for_a_night_leaves_nothing_behind(workspace: Workspace) -> None:
    send(workspace, STAR, "2023-06")
    counts = []
    for instant in (MORNING, "2025-06-01T00:00", LATER[1]):
        night_of(workspace, instant)
        counts.append(count_checked_rows(workspace, instant))
    assert counts[0] == counts[2] < counts[1]

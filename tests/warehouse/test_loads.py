"""What the warehouse knows of its loads: the months they touched, the submissions without a month."""

from __future__ import annotations

from datetime import datetime

import pytest

from flows.workspace import Workspace
from schemas.ledgers.rules import Severity
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.histories import NAMES, RIVER, STAR, make_payments
from tests.support.history_warehouse import Warehouse
from tests.support.office import Office, case, cases
from tests.support.views import night
from warehouse.engine import reading
from warehouse.load.record_load import ingested_submissions
from warehouse.ops.findings import findings_of_load, settling_reasons
from warehouse.ops.loads import submissions_without_month, units_and_months_of_load
from warehouse.ops.units import LostUnit, lost_units


@on_each_database
def test_a_load_touches_what_it_records_and_what_it_retires(history_warehouse: Warehouse) -> None:
    """The rows are of May; a report of another month is touched as well, and no row of another load."""
    history_warehouse.clear()
    nights = [
        [make_payments(STAR, "2023-05", "k1"), make_payments(RIVER, "2023-05", "k2")],
        [make_payments(STAR, "2023-06", "k3")],
        [make_payments(RIVER, "2023-05")],
        [make_payments(STAR, "2023-07")],
    ]
    for day, submissions in enumerate(nights, start=1):
        history_warehouse.load(submissions, datetime(2024, 1, day))
    assert [history_warehouse.touched(load_id) for load_id in range(1, 5)] == [
        {(STAR, "2023-05"), (RIVER, "2023-05")},
        {(STAR, "2023-05"), (STAR, "2023-06")},
        {(RIVER, "2023-05")},
        {(STAR, "2023-07")},
    ]
    with reading(history_warehouse.engine) as connection:
        brought = [
            units_and_months_of_load(history_warehouse.as_of(connection, load_id))
            for load_id in range(1, 5)
        ]
    assert brought == [
        {(STAR, "2023-05"), (RIVER, "2023-05")},
        {(STAR, "2023-06")},
        {(RIVER, "2023-05")},
        {(STAR, "2023-07")},
    ]


@on_each_database
@pytest.mark.parametrize("before", [0, 499, 500, 501, 1200])
def test_a_file_that_was_read_is_known_among_many(history_warehouse: Warehouse, before: int) -> None:
    """Hashes are looked up in portions."""
    history_warehouse.clear()
    history_warehouse.load([make_payments(STAR, "2023-05", "k1")], datetime(2024, 1, 1))
    hashes = [*(f"unknown-{number}" for number in range(before)), "0", "unknown"]
    with reading(history_warehouse.engine) as connection:
        known = ingested_submissions(connection, history_warehouse.tables, hashes)
    assert known == {("0", "", "payments", STAR, "2023-05")}


@on_each_database
def test_units_that_a_table_lacks_are_those_with_reports(history_warehouse: Warehouse) -> None:
    history_warehouse.clear()
    reports = [
        make_payments(STAR, "2023-05"),
        *(make_payments(RIVER, month) for month in ("2023-05", "2023-07")),
    ]
    history_warehouse.load(reports, datetime(2024, 1, 1))
    with reading(history_warehouse.engine) as connection:
        tables = history_warehouse.tables
        assert lost_units(connection, tables, [STAR]) == [
            LostUnit(RIVER, NAMES[RIVER], 2, "2023-05", "2023-07")
        ]
        assert lost_units(connection, tables, [STAR, RIVER]) == []


def test_files_without_a_month_are_those_received_in_the_time(workspace: Workspace) -> None:
    put(workspace.home.inbox, "990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    put(workspace.home.inbox, "2023-06/990121/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, datetime(2023, 7, 2))
    first, end = datetime(2023, 6, 1), datetime(2023, 8, 1)
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        files = submissions_without_month(as_of, first, end)["source_file"].tolist()
        assert files == ["990102/立案.xlsx"]
        assert submissions_without_month(as_of, end, datetime(2023, 9, 1)).empty


def test_a_file_waits_for_the_reason_that_it_waits(workspace: Workspace) -> None:
    """What else is doubted in it is no reason."""
    office = Office(workspace)
    office.send("a", *cases(1, 2, 3))
    office.night()
    office.send("b", case(4, filed_on="2021-06-03"), *cases(5))
    office.night()
    assert office.open_states()["b"] == "awaiting"
    doubts = [finding for finding in office.findings() if finding.submission_id == 2]
    [reason] = [doubt for doubt in doubts if doubt.rule_id == "submission.awaits_confirmation"]
    assert len(doubts) > 1
    with reading(workspace.engine) as connection:
        reasons = settling_reasons(workspace.as_of_moment(connection), ["2023-06"])
        assert settling_reasons(workspace.as_of_moment(connection), ["2023-05"]) == {}
        assert settling_reasons(workspace.as_of(connection, 1), ["2023-06"]) == {}
        recorded = findings_of_load(connection, workspace.tables, 2)
        warnings = findings_of_load(connection, workspace.tables, 2, Severity.WARNING)
        assert findings_of_load(connection, workspace.tables, 2, Severity.ERROR).empty
    assert recorded["finding_id"].tolist() == sorted(doubt.finding_id for doubt in office.findings())
    assert warnings["finding_id"].tolist() == recorded["finding_id"].tolist()
    assert list(reasons) == [2]
    assert reason.problem in reasons[2]
    assert not any(doubt.problem in reasons[2] for doubt in doubts if doubt is not reason)

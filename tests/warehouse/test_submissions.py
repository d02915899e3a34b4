"""Queries over single submissions, on each database."""

from __future__ import annotations

from flows.ingest.discover import scan_inbox
from flows.pipeline import ingest, utc_now
from flows.workspace import RunScope, Workspace
from schemas.states import REJECTED
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading
from warehouse.ops.submissions import (
    awaiting_submissions,
    find_submission,
    findings_of_submission,
    loads_about,
    submissions_after,
    submissions_of_report,
)


def test_submissions_are_found_by_number_report_load_and_state(workspace: Workspace) -> None:
    put(
        workspace.home.inbox,
        "2023-06/990102/a.xlsx",
        ledger_bytes("cases", {}, {"case_no": "某环立(星)〔2023〕2号"}),
    )
    put(workspace.home.inbox, "2023-06/990121/b.xlsx", b"no workbook")
    ingest(workspace, RunScope(), utc_now())
    assert scan_inbox(workspace, RunScope()).is_empty
    tables = workspace.tables
    with reading(workspace.engine) as connection:
        report = submissions_of_report(connection, tables, "990102", "cases", "2023-06")
        assert report["rows"].tolist() == [2]
        submission = find_submission(connection, tables, int(report["submission_id"].iloc[0]))
        assert submission is not None
        assert submission["source_file"] == "2023-06/990102/a.xlsx"
        assert find_submission(connection, tables, 99) is None
        refused = submissions_after(connection, tables, 0, [REJECTED])
        assert refused["source_file"].tolist() == ["2023-06/990121/b.xlsx"]
        assert submissions_after(connection, tables, 1, [REJECTED]).empty
        assert len(findings_of_submission(connection, tables, int(refused["submission_id"].iloc[0]))) == 1
        assert awaiting_submissions(connection, tables).empty
        assert loads_about(connection, tables, {"cases"}, 9) == [1]
        assert loads_about(connection, tables, {"officers"}, 9) == []

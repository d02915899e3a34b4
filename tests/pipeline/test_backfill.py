"""Backfill of months: new files from the inbox; from the archive what older rules validated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.ingest import process as judging
from flows.ingest.discover import scan_inbox
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.pipeline import ingest
from flows.sandbox.pool import ChildCrashed
from flows.workspace import RunScope, Workspace
from tests.support.counties import csv_bytes, ledger_bytes, put, rows_of, sheet_cells
from transforms.read import HeaderIndex
from warehouse.engine import reading

STAR, RIVER = "990102", "990181"


def night(workspace: Workspace, day: int) -> None:
    ingest(workspace, RunScope(), datetime(2023, 7, day, 2))


def run_without_cases(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, day: int) -> None:
    """A nightly run by rules without the ledger of cases."""
    with monkeypatch.context() as older:
        for module in ("load", "load_manifest", "revalidate"):
            older.setattr(f"flows.ingest.{module}.ruleset_version", lambda: "0.0.1-older")
        older.setattr(
            workspace,
            "headers",
            HeaderIndex({name: ledger for name, ledger in workspace.ledgers.items() if name != "cases"}),
        )
        night(workspace, day)


def run_rejecting_all_files(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, day: int) -> None:
    """A nightly run by other rules, in which no file could be opened."""
    with monkeypatch.context() as older:
        for module in ("load", "load_manifest", "revalidate"):
            older.setattr(f"flows.ingest.{module}.ruleset_version", lambda: "0.0.1-older")
        older.setattr(
            judging,
            "read_isolated",
            lambda _limits, files, *_, **__: [ChildCrashed(None) for _ in files],
        )
        night(workspace, day)


def submissions(workspace: Workspace) -> list[tuple[Any, ...]]:
    """List ledger, month, state and load of each submission."""
    table = workspace.tables.submissions
    with reading(workspace.engine) as connection:
        rows = connection.execute(table.select().order_by(table.c.submission_id))
        return [(row.ledger, row.period, row.state, row.load_id) for row in rows]


def cases(workspace: Workspace) -> list[str]:
    table = workspace.tables.ledgers["cases"]
    with reading(workspace.engine) as connection:
        return sorted(
            row.case_no for row in connection.execute(table.select().where(table.c.retired_load.is_(None)))
        )


def backfill(workspace: Workspace, *arguments: str) -> Result:
    result = CliRunner().invoke(main, ["--home", str(workspace.home.folder), "backfill", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.mark.usefixtures("without_prefect")
def test_files_that_older_rules_rejected_are_revalidated_month_by_month(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = "某环立(星)〔2023〕{}号".format
    june = put(
        workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", {"case_no": number(1)})
    )
    put(
        workspace.home.inbox,
        f"2023-05/{STAR}/a.xlsx",
        ledger_bytes("cases", {"case_no": number(2), "filed_on": "2023-05-03"}),
    )
    put(workspace.home.inbox, f"2023-05/{STAR}/b.xlsx", ledger_bytes("lawsuits"))
    run_without_cases(workspace, monkeypatch, 1)
    june.unlink()
    assert cases(workspace) == []
    result = backfill(workspace, "--from", "2023-04", "--to", "2023-06")
    assert result.exit_code == 0, result.output
    assert "2 of 3 months have something new or something to revalidate." in result.output
    assert "2023-05: Load 2: 2 submissions: 1 accepted, 1 zero" in result.output
    assert "2023-06: Load 3: 1 submission: 1 accepted" in result.output
    assert cases(workspace) == [number(1), number(2)]
    assert [submission for submission in submissions(workspace) if submission[3] > 1] == [
        ("cases", "2023-05", "accepted", 2), ("lawsuits", "2023-05", "zero", 2), ("cases", "2023-06", "accepted", 3),
    ]  # fmt: skip
    again = backfill(workspace, "--from", "2023-04", "--to", "2023-06")
    assert again.stdout.startswith("0 of 3 months")
    rebuilt = rebuild(workspace.home, "sqlite://", lambda _line: None)  # by today's rules, load by load
    assert cases(rebuilt) == [number(1), number(2)]
    assert "loads" in compare_warehouses(workspace, rebuilt).differing
    rebuilt.engine.dispose()


@pytest.mark.usefixtures("without_prefect")
def test_newer_reports_are_not_undone(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    number = "某环立(星)〔2023〕{}号".format
    put(
        workspace.home.inbox,
        f"2023-06/{STAR}/a.xlsx",
        ledger_bytes("cases", {"case_no": number(1)}),
        "2023-07-01T01:00",
    )
    run_without_cases(workspace, monkeypatch, 1)
    put(
        workspace.home.inbox,
        f"2023-06/{STAR}/b.xlsx",
        ledger_bytes("cases", {"case_no": number(2)}),
        "2023-07-02T01:00",
    )
    night(workspace, 2)
    assert cases(workspace) == [number(2)]
    backfill(workspace, "--from", "2023-06", "--to", "2023-06")
    assert cases(workspace) == [number(2)]


@pytest.mark.usefixtures("without_prefect")
def test_a_file_of_unknown_month_is_loaded_into_its_month_and_replaces_nothing_newer(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, above = "某环立(星)〔2023〕{}号".format, [["填报期间：2023年6月"]]
    for unit, named in ((STAR, 1), (RIVER, 3)):
        first = ledger_bytes("cases", {"case_no": number(named)}, above=above)
        put(workspace.home.inbox, f"{unit}/a.xlsx", first, "2023-07-01T01:00")
    run_rejecting_all_files(workspace, monkeypatch, 1)
    newer = ledger_bytes("cases", {"case_no": number(1)}, {"case_no": number(2)}, above=above)
    put(workspace.home.inbox, f"{STAR}/b.xlsx", newer, "2023-07-02T01:00")
    night(workspace, 2)
    backfill(workspace, "--from", "2023-01", "--to", "2023-02")
    assert (cases(workspace), submissions(workspace)[-1][3]) == ([number(1), number(2)], 2)
    backfill(workspace, "--from", "2023-05", "--to", "2023-06")
    backfill(workspace, "--from", "2023-05", "--to", "2023-06")
    assert (cases(workspace), submissions(workspace)[-1][3]) == ([number(1), number(2), number(3)], 3)
    assert scan_inbox(workspace, RunScope(RIVER, "2023-06", is_revalidation=True)).is_empty


@pytest.mark.usefixtures("without_prefect")
def test_a_unit_and_its_new_files_in_the_inbox(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", {}))
    put(workspace.home.inbox, f"2023-06/{RIVER}/a.xlsx", ledger_bytes("lawsuits"))
    run_without_cases(workspace, monkeypatch, 1)
    put(workspace.home.inbox, f"2023-06/{RIVER}/b.xlsx", ledger_bytes("penalties", {}))
    result = backfill(workspace, "--from", "2023-06", "--to", "2023-06", "--unit", RIVER)
    assert "2023-06: Load 2: 2 submissions" in result.output
    assert [submission[0] for submission in submissions(workspace) if submission[3] == 2] == [
        "lawsuits",
        "penalties",
    ]
    assert [
        submission["ledger"]
        for submission in scan_inbox(
            workspace, RunScope(STAR, "2023-06", is_revalidation=True)
        ).revalidation.submissions
    ] == [None]


def test_months_in_the_wrong_order_and_unknown_units_are_wrong_usage(workspace: Workspace) -> None:
    result = backfill(workspace, "--from", "2023-06", "--to", "2023-05")
    assert (result.exit_code, "--to 2023-05 comes before --from 2023-06" in result.output) == (2, True)
    result = backfill(workspace, "--from", "2023-06", "--to", "2023-06", "--unit", "1")
    assert (result.exit_code, "no unit 1; there are" in result.output) == (2, True)


@pytest.mark.usefixtures("without_prefect")
def test_a_change_of_the_citys_headers_is_applied_to_what_other_headers_read(workspace: Workspace) -> None:
    cells = sheet_cells("cases", rows_of("cases", {}), headers={"case_no": "立案文书编号"})
    put(workspace.home.inbox, f"2023-06/{STAR}/立案台账.csv", csv_bytes(cells))
    put(workspace.home.inbox, f"2023-06/{RIVER}/立案台账.xlsx", ledger_bytes("cases", {}))
    night(workspace, 1)
    assert sorted(state for _, _, state, _ in submissions(workspace)) == ["accepted", "rejected"]
    june = ("--from", "2023-06", "--to", "2023-06")
    assert backfill(workspace, *june).stdout.startswith("0 of 1 months")
    headers = workspace.home.folder / "headers.toml"
    headers.write_text('[cases]\ncase_no = ["立案文书编号"]\n', "utf-8")
    assert "2023-06: Load 2: 2 submissions: 2 accepted" in backfill(workspace, *june).output
    assert backfill(workspace, *june).stdout.startswith("0 of 1 months")

"""Nightly runs of a small home: what is loaded, rejected, current and changed. On SQLite and PostgreSQL."""

from __future__ import annotations

import errno
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import flows.archive.store
from flows.outputs.load_reports import write_missing_reports
from flows.pipeline import ingest
from flows.queries.figures import figure_rows
from flows.queries.moved_figures import figures_moved_by_load
from flows.storage_errors import describe_errno
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators, ledgers
from schemas.periods import Period
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from tests.support.nightly_runs import (
    ALL,
    CITY,
    RIVER,
    STAR,
    case,
    displayed_figure,
    findings_of,
    inbox,
    night,
)
from warehouse.engine import reading
from warehouse.ops.loads import load_instants


@on_each_database
def test_a_second_run_loads_nothing_and_changes_nothing(workspace: Workspace) -> None:
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1), case(2)))
    assert night(workspace) is not None
    assert night(workspace) is None
    with reading(workspace.engine) as connection:
        assert list(load_instants(connection, workspace.tables)) == [1]
    assert displayed_figure(workspace, "case_filed_count") == "2件"


def test_a_copy_under_another_name_is_loaded_once_and_reported(workspace: Workspace) -> None:
    data = ledger_bytes("payments", {"receipt_no": "P-1"})
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", data)
    put(inbox(workspace), f"2023-06/{STAR}/copy of a.xlsx", data)
    report = night(workspace)
    assert report is not None
    assert findings_of(report)["rule_id"].tolist() == ["file.duplicate"]
    assert len(report.submissions) == 1
    put(inbox(workspace), f"2023-06/{STAR}/again.xlsx", data)
    again = night(workspace)
    assert again is not None
    assert len(again.submissions) == 0
    assert displayed_figure(workspace, "fine_collected_amount") == "3.5万元"


@pytest.mark.parametrize("size", [1, 200])
def test_two_files_with_the_same_bytes_are_loaded_once_however_they_are_batched(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(workspace.home.settings, "files_per_task", size)
    above = [["填报单位：星河区", "填报月份：2023年6月"]]
    data = ledger_bytes("cases", case(1), case(2, filed_on="2023-02-30"), above=above)
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", data)
    put(
        inbox(workspace), "a.xlsx", data
    )  # its path names nothing, so only its content says that it is the same
    report = night(workspace)
    assert report is not None
    assert len(report.submissions) == 1
    assert findings_of(report)["rule_id"].tolist() == ["cases.filed_on.no_such_day"]
    assert displayed_figure(workspace, "case_filed_count") == "1件"


def test_the_same_zero_report_in_two_folders_is_two_reports(workspace: Workspace) -> None:
    for month in ("2023-06", "2023-07"):
        put(inbox(workspace), f"{month}/{STAR}/a.xlsx", ledger_bytes("lawsuits"))
    report = night(workspace)
    assert report is not None
    assert report.submissions["state"].tolist() == ["zero", "zero"]
    assert report.submissions["period"].tolist() == ["2023-06", "2023-07"]


@on_each_database
def test_a_resubmission_replaces_its_report_and_retires_rows_no_longer_in_it(workspace: Workspace) -> None:
    first = ledger_bytes("cases", case(1), case(2), case(3), case(4))
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", first)
    night(workspace)
    second = ledger_bytes("cases", case(1), case(2), case(3), case(5), case(6))
    put(inbox(workspace), f"2023-06/{STAR}/b.xlsx", second, "2023-07-10T10:00")
    report = night(workspace, now="2024-02-02T00:00")
    assert report is not None
    assert displayed_figure(workspace, "case_filed_count") == "5件"
    assert displayed_figure(workspace, "case_filed_count", moment=datetime(2024, 2, 1, 12)) == "4件"
    table = workspace.tables.ledgers["cases"]
    with reading(workspace.engine) as connection:
        versions = connection.execute(table.select().order_by(table.c.version_id)).all()
    validity = {row.case_no[-2]: (row.recorded_load, row.retired_load) for row in versions}
    assert validity == {
        "1": (1, None), "2": (1, None), "3": (1, None), "4": (1, 2), "5": (2, None), "6": (2, None),
    }  # fmt: skip


def test_a_rejected_resubmission_leaves_the_current_report(workspace: Workspace) -> None:
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1), case(2)))
    night(workspace)
    put(
        inbox(workspace),
        f"2023-06/{STAR}/b.xlsx",
        ledger_bytes("cases", case(1, filed_on="2023-02-30")),
        "2023-07-10T10:00",
    )
    report = night(workspace)
    assert report is not None
    assert report.submissions["state"].tolist() == ["rejected"]
    assert "submission.all_rows_held" in findings_of(report)["rule_id"].tolist()
    assert displayed_figure(workspace, "case_filed_count") == "2件"


def test_a_quarantined_row_keeps_its_last_accepted_version(workspace: Workspace) -> None:
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", *map(case, (1, 2, 4, 5))))
    night(workspace)
    put(
        inbox(workspace),
        f"2023-06/{STAR}/b.xlsx",
        ledger_bytes("cases", case(1, closed_on="2020-01-01"), *map(case, (3, 4, 5))),
    )
    report = night(workspace)
    assert report is not None
    assert report.submissions["state"].tolist() == ["partial"]
    assert (
        displayed_figure(workspace, "case_filed_count") == "4件"
    )  # 1 as accepted before, 3 new; 2 is withdrawn


def test_rows_with_errors_wait_for_a_corrected_file(workspace: Workspace) -> None:
    put(
        inbox(workspace),
        f"2023-06/{STAR}/a.xlsx",
        ledger_bytes("cases", case(1), case(2, filed_on="2023年6月")),
    )
    report = night(workspace)
    assert report is not None
    assert report.held_rows()[0]["held_back"] == 1
    assert displayed_figure(workspace, "case_filed_count") == "1件"
    put(
        inbox(workspace),
        f"2023-06/{STAR}/b.xlsx",
        ledger_bytes("cases", case(1), case(2)),
        "2023-07-10T10:00",
    )
    night(workspace)
    assert displayed_figure(workspace, "case_filed_count") == "2件"


def test_a_missing_unit_is_not_a_zero(workspace: Workspace) -> None:
    assert displayed_figure(workspace, "case_filed_count") == "—"
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases"))
    night(workspace)
    assert displayed_figure(workspace, "case_filed_count", "2023-06", STAR) == "0件"
    assert displayed_figure(workspace, "case_filed_count", "2023-06", RIVER) == "—"
    with reading(workspace.engine) as connection:
        (city,) = figure_rows(
            workspace,
            workspace.as_of_moment(connection),
            [indicators()["case_filed_count"]],
            [CITY],
            Period.parse("2023-06"),
        )
    assert (city["units_expected"], city["units_reported"], city["is_provisional"]) == (4, 1, True)


def test_a_late_county_changes_its_own_and_the_citys_figures_and_no_others(workspace: Workspace) -> None:
    for month in range(1, 13):
        for unit in (STAR, RIVER):
            if (unit, month) != (RIVER, 6):
                row = case(
                    month, case_no=f"某环立({unit})〔2023〕{month}号", filed_on=f"2023-{month:02}-03"
                )
                arrived = f"2023-{month:02}-28T10:00"
                put(inbox(workspace), f"2023-{month:02}/{unit}/a.xlsx", ledger_bytes("cases", row), arrived)
    night(workspace)
    late = case(6, case_no=f"某环立({RIVER})〔2023〕6号")
    put(inbox(workspace), f"2023-06/{RIVER}/late.xlsx", ledger_bytes("cases", late))
    put(inbox(workspace), f"2023-07/{STAR}/not asked for.xlsx", ledger_bytes("cases", case(99)))
    outcome = ingest(workspace, RunScope(RIVER, "2023-06"), datetime(2024, 2, 2))
    assert outcome.load_id == 2
    with reading(workspace.engine) as connection:
        moved = figures_moved_by_load(workspace, workspace.as_of(connection, 2), every_region=True)
    assert {(figure["region_code"], figure["period"]) for figure in moved} == {
        (region, period) for region in (CITY, RIVER) for period in ("2023-06", "2023-Q2", "2023")
    }
    assert {(figure["before"], figure["after"]) for figure in moved} == {
        ("—", "1件"), ("1件", "2件"), ("2件", "3件"), ("5件", "6件"), ("11件", "12件"), ("23件", "24件")
    }  # fmt: skip


def test_a_rerun_of_one_ledger_leaves_the_others_to_the_next_run(workspace: Workspace) -> None:
    sheets = {ledgers()[name].title: sheet_cells(name, rows_of(name, {})) for name in ("cases", "lawsuits")}
    put(inbox(workspace), f"2023-06/{STAR}/all.xlsx", workbook_bytes(sheets))
    ingest(workspace, RunScope(STAR, "2023-06", "cases"), datetime(2024, 2, 1))
    assert (
        displayed_figure(workspace, "case_filed_count"),
        displayed_figure(workspace, "lawsuit_count"),
    ) == ("1件", "—")
    report = night(workspace)
    assert report is not None
    assert report.submissions["ledger"].tolist() == ["lawsuits"]
    assert (
        displayed_figure(workspace, "case_filed_count"),
        displayed_figure(workspace, "lawsuit_count"),
    ) == ("1件", "1起")


def test_files_are_loaded_in_the_order_of_their_arrival(workspace: Workspace) -> None:
    put(
        inbox(workspace), f"2023-06/{STAR}/z first.xlsx", ledger_bytes("cases", case(1)), "2023-07-01T10:00"
    )
    put(
        inbox(workspace),
        f"2023-06/{STAR}/a second.xlsx",
        ledger_bytes("cases", case(1), case(2), case(3)),
        "2023-07-02T10:00",
    )
    report = night(workspace)
    assert report is not None
    assert displayed_figure(workspace, "case_filed_count") == "3件"
    assert report.submissions["superseded_by"].tolist() == [2, None]


def test_reports_are_written_after_a_kill(workspace: Workspace) -> None:
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1, filed_on="x"), case(2)))
    night(workspace)
    (folder,) = write_missing_reports(workspace)
    names = {
        "coverage.csv",
        "findings.csv",
        "moved_figures.csv",
        "open_questions.csv",
        "submissions.csv",
        "report.json",
    }
    assert {file.name for file in folder.iterdir()} == names
    assert "不是日期" in (folder / "findings.csv").read_text("utf-8-sig")
    assert write_missing_reports(workspace) == []


def test_private_fields_are_in_no_finding_and_no_report(workspace: Workspace) -> None:
    secret = {"legal_representative": "钱隐名", "id_no": "990102199001011234", "decided_on": "2023-13-01"}
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("penalties", secret, {}))
    night(workspace)
    (folder,) = write_missing_reports(workspace)
    written = "".join(file.read_text("utf-8-sig") for file in folder.iterdir())
    assert "钱隐名" not in written
    assert "990102199001011234" not in written


def test_a_county_may_go_back_to_an_earlier_file(workspace: Workspace) -> None:
    first, second = (ledger_bytes("cases", *map(case, range(1, count + 1))) for count in (4, 3))
    for day, data, shown_then in ((5, first, "4件"), (6, second, "3件"), (7, first, "4件")):
        put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", data, f"2023-07-{day:02}T10:00")
        night(workspace)
        assert displayed_figure(workspace, "case_filed_count") == shown_then


@pytest.mark.parametrize("code", [errno.EACCES, errno.EBUSY, errno.EIO, errno.ESTALE])
def test_an_unreadable_file_is_reported_and_the_others_are_loaded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1)))
    put(inbox(workspace), f"2023-06/{RIVER}/closed.xlsx", ledger_bytes("cases", case(2)))
    open_file = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if os.fsdecode(path).endswith("closed.xlsx"):
            raise OSError(code, os.strerror(code))
        return open_file(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    outcome = ingest(workspace, ALL, datetime(2024, 2, 1))
    assert outcome.unreadable == [f"2023-06/{RIVER}/closed.xlsx: {describe_errno(code)}"]
    assert displayed_figure(workspace, "case_filed_count") == "1件"


def test_an_archive_that_cannot_be_written_is_not_reported_as_an_unreadable_file(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(inbox(workspace), f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", case(1)))

    def refuse(target: Path, _data: bytes, **_options: bool) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))

    monkeypatch.setattr(flows.archive.store, "write_atomic", refuse)
    with pytest.raises(PermissionError, match="archive"):
        ingest(workspace, ALL, datetime(2024, 2, 1))

"""Files that a nightly run rejects: each has one finding with the reason, and the others are loaded."""

from __future__ import annotations

import logging
import signal
from collections.abc import Sequence
from typing import Any

import pytest

from flows.ingest import process
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.sandbox.pool import ChildCrashed
from flows.workspace import Workspace
from tests.support.counties import csv_bytes, ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from tests.support.nightly_runs import RIVER, STAR, case, displayed_figure, findings_of, inbox, night


def rejected_files() -> dict[str, tuple[str, bytes]]:
    """Return path and content of a file, by the rule that rejects it."""
    good = ledger_bytes("cases", case(7))
    of_other_unit = ledger_bytes("cases", case(8), above=[["填报单位：临江市"]])
    july = ledger_bytes("cases", case(9), above=[["填报期间：2023年7月"]])
    return {
        "file.unreadable": (f"2023-06/{STAR}/cut.xlsx", good[:900]),
        "file.empty": (f"2023-06/{STAR}/empty.xlsx", b""),
        "file.unknown_format": (f"2023-06/{STAR}/picture.xls", b"\x89PNG\r\n\x1a\n\x00\x00"),
        "sheet.no_header": (f"2023-06/{STAR}/letter.csv", csv_bytes([["尊敬的领导"], ["本月情况如下"]])),
        "submission.unit_conflict": (f"2023-06/{STAR}/other.xlsx", of_other_unit),
        "submission.period_conflict": (f"2023-06/{STAR}/july.xlsx", july),
        "submission.unit_unknown": ("2023-06/880000/x.xlsx", ledger_bytes("cases", case(10))),
        "submission.unit_missing": ("2023-06/x.xlsx", ledger_bytes("cases", case(11))),
        "submission.period_missing": (f"{STAR}/x.xlsx", ledger_bytes("cases", case(12))),
    }


def test_each_bad_file_is_one_rejected_submission_with_one_finding(workspace: Workspace) -> None:
    rejected = rejected_files()
    put(inbox(workspace), f"2023-06/{RIVER}/good.xlsx", ledger_bytes("cases", case(1)))
    for path, data in rejected.values():
        put(inbox(workspace), path, data)
    report = night(workspace)
    assert report is not None
    assert report.submissions["state"].value_counts().to_dict() == {
        "accepted": 1,
        "rejected": len(rejected),
    }
    findings = findings_of(report)
    assert sorted(zip(findings["rule_id"], findings["file"], strict=True)) == sorted(
        (rule_id, path) for rule_id, (path, _) in rejected.items()
    )
    assert sorted(rejection["source_file"] for rejection in report.rejections()) == sorted(
        path for path, _ in rejected.values()
    )
    assert displayed_figure(workspace, "case_filed_count") == "1件"


def test_a_rejected_part_of_a_sheet_is_an_error_of_the_load_beside_the_accepted_rows(
    workspace: Workspace,
) -> None:
    header, own, other = sheet_cells("cases", rows_of("cases", case(1), case(2)))
    path = f"2023-06/{STAR}/parts.xlsx"
    put(inbox(workspace), path, workbook_bytes({"立案台账": [header, own, ["临江市"], other]}))
    report = night(workspace)
    assert report is not None
    assert report.submissions[["state", "rows"]].to_numpy().tolist() == [["accepted", 1]]
    (error,) = findings_of(report).to_dict("records")
    assert (error["rule_id"], error["severity"], error["file"], error["row"]) == (
        "sheet.rows_of_other_unit", "error", path, 3,
    )  # fmt: skip


def test_a_file_that_crashed_its_reader_is_named_in_the_log_and_not_opened_by_a_rebuild(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opened: list[str] = []
    read_isolated = process.read_isolated

    def crash_at_bad_files(
        limits: Any, files: Sequence[tuple[str, Any]], *arguments: Any, **options: Any
    ) -> list[Any]:
        opened.extend(path for path, _ in files)
        results = read_isolated(limits, files, *arguments, **options)
        return [
            ChildCrashed(-signal.SIGSEGV) if path.endswith("bad.xlsx") else result
            for (path, _), result in zip(files, results, strict=True)
        ]

    monkeypatch.setattr(process, "read_isolated", crash_at_bad_files)
    good, bad = f"2023-06/{RIVER}/good.xlsx", f"2023-06/{STAR}/bad.xlsx"
    for path in (good, bad):
        put(inbox(workspace), path, ledger_bytes("cases", case(1)))
    with caplog.at_level(logging.WARNING, "huizong.reading"):
        report = night(workspace)
    assert report is not None
    assert findings_of(report)["rule_id"].tolist() == ["file.reader_crashed"]
    rows = report.submissions
    sha256 = rows.loc[rows["source_file"] == bad, "sha256"].item()
    assert [record.getMessage() for record in caplog.records] == [
        f"{sha256}: rejected, its reader crashed (exit code -11)"
    ]
    opened.clear()
    rebuilt = rebuild(workspace.home, "sqlite://", lambda _line: None)
    assert opened == [good]
    assert compare_warehouses(workspace, rebuilt).differing == []
    rebuilt.engine.dispose()

"""Nights in which little happens say little: figures, receipts and messages that nothing changed for."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import flows.commands.status
from flows.cli import main
from flows.outputs.load_reports import write_missing_reports
from flows.queries.moved_figures import figures_moved_by_load
from flows.workspace import Workspace
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import inbox, night
from tests.support.office import ADD, STAR, Office, cases, decision
from warehouse.engine import reading


def test_a_rate_whose_value_stays_did_not_move(workspace: Workspace) -> None:
    for number in (1, 2):
        row = {"petition_no": f"X-{number}"}
        put(inbox(workspace), f"2023-06/{STAR}/{number}.xlsx", ledger_bytes("petitions", row, above=ADD))
        night(workspace)
    with reading(workspace.engine) as connection:
        moved = figures_moved_by_load(workspace, workspace.as_of(connection, 2), every_region=True)
    assert {figure["indicator_id"] for figure in moved} == {"petition_accepted_count"}
    assert all(figure["before"] != figure["after"] for figure in moved)


def test_a_receipt_in_which_nothing_changed_is_not_written_again(workspace: Workspace) -> None:
    office = Office(workspace)
    office.send("立案", *cases(1, 2, 3))
    office.send("立案更正", *cases(1, 2, 3, 4))
    office.night()
    written = [_receipts(workspace)]
    for reason in ("已核实", "已电话核实"):
        office.decide(decision("withdraw", "立案更正").replace("已核实", reason))
        office.night()
        written.append(_receipts(workspace))
    assert written[0] == ["立案-1", "立案更正-1"]
    assert set(written[1]) - set(written[0]) == {"立案-2", "立案更正-2"}
    assert set(written[2]) - set(written[1]) == {"立案更正-3"}


def test_files_that_their_names_call_parts_of_the_month_are_no_doubt(workspace: Workspace) -> None:
    office = Office(workspace)
    office.send("立案上半月", *cases(1, 2, 3))
    office.send("立案下半月", *cases(4, 5, 6))
    office.night()
    assert office.counted() == [1, 2, 3, 4, 5, 6]
    assert office.reported_rules() == ["submission.named_parts"] * 2
    office.send("立案另外几件", *cases(7, 8))  # this one says nothing of the kind
    office.night()
    assert "submission.parts_of_one_report" not in office.reported_rules()
    assert "submission.awaits_confirmation" in office.reported_rules()


def _receipts(workspace: Workspace) -> list[str]:
    write_missing_reports(workspace)
    files: list[Path] = sorted((workspace.home.receipts / "2023-06" / STAR).glob("*.xlsx"))
    return [f"{file.name.split('-回执-')[0]}-{int(file.name.split('-')[-3])}" for file in files]


def test_a_rerun_without_anything_new_counts_the_files_of_its_report(workspace: Workspace) -> None:
    office = Office(workspace)
    office.send("立案", *cases(1))
    put(inbox(workspace), f"2023-06/{STAR}/缴款.xlsx", ledger_bytes("payments", {}))
    put(inbox(workspace), "看不出单位.xlsx", ledger_bytes("payments", {"receipt_no": "P-9"}))
    office.night()

    def rerun(*options: str, unit: str = STAR) -> str:
        command = [
            "--home",
            str(workspace.home.folder),
            "rerun",
            "--unit",
            unit,
            "--period",
            "2023-06",
            *options,
        ]
        result = CliRunner().invoke(main, command, catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    assert "(2 files so far)" in rerun()
    assert "(1 file so far)" in rerun("--dataset", "cases")
    assert "no file of 长岭县 2023-06 has come yet" in rerun(unit="990121")


def test_the_list_of_whom_to_remind_is_short_on_the_terminal_and_whole_in_a_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(workspace)
    for number in range(4):
        put(inbox(workspace), f"2023-06/{STAR}/{number}.xlsx", b"no workbook %d" % number)
    office.night()
    monkeypatch.setattr(flows.commands.status, "MOST_REMINDERS", 2)
    out = tmp_path / "remind.csv"
    command = ["--home", str(workspace.home.folder), "status", "--period", "2023-06", "--out", str(out)]
    printed = CliRunner().invoke(main, command, catch_exceptions=False).output
    listed = out.read_text("utf-8-sig").splitlines()
    assert listed[0] == "unit,what,months,ledgers,due_on,reports,reason"
    assert f"… and {len(listed) - 3} more lines; --out FILE.csv has all" in printed

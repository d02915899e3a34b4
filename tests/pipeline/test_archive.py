"""The archive: its chain shows alterations, and a warehouse rebuilt from it is the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flows.archive import verify as archive_verify
from flows.archive.log import ArchiveLog
from flows.archive.verify import find_archive_problems
from flows.cli import main
from flows.home import Home
from flows.ingest.complete_logged import LoggedLoadError
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.outputs.publication import publish
from flows.pipeline import ingest
from flows.step import Step
from flows.workspace import RunScope, Workspace
from schemas.catalogue import ledgers
from schemas.periods import Period
from tests.pipeline.test_adjustments import MISTAKEN, WAIVER
from tests.support.counties import ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from warehouse.engine import reading

JUNE = Period.parse("2023-06")


def night(workspace: Workspace, day: int, selection: RunScope = RunScope()) -> int | None:  # noqa: B008 - a frozen value
    workspace.adjustments = Home(workspace.home.folder).adjustments(ledgers(), workspace.regions)
    return ingest(workspace, selection, datetime(2023, 7, day, 2)).load_id


def eventful(workspace: Workspace) -> None:
    """Nightly runs with copies, resubmissions, a part of a file, rejections, waivers and publications."""
    inbox = workspace.home.inbox
    put(inbox, "2023-06/990102/处罚.xlsx", ledger_bytes("penalties", MISTAKEN), "2023-07-01T01:00")
    put(inbox, "2023-06/990102/处罚的副本.xlsx", ledger_bytes("penalties", MISTAKEN), "2023-07-01T02:00")
    put(inbox, "2023-06/990121/坏的.xlsx", b"PK\x03\x04", "2023-07-01T03:00")
    assert night(workspace, 1) == 1
    (workspace.home.folder / "adjustments.toml").write_text(WAIVER, encoding="utf-8")
    assert night(workspace, 2) == 2
    workbook = workbook_bytes(
        {ledgers()[name].title: sheet_cells(name, rows_of(name, {})) for name in ("cases", "lawsuits")}
    )
    put(inbox, "2023-06/990121/两张.xlsx", workbook, "2023-07-02T03:00")
    assert night(workspace, 3, RunScope("990121", "2023-06", "cases")) == 3
    publish(workspace, JUNE, "月报", as_provisional=True, now=datetime(2023, 7, 3, 9))
    assert night(workspace, 4) == 4
    put(inbox, "2023-06/990121/两张.xlsx", ledger_bytes("cases"), "2023-07-04T03:00")
    assert night(workspace, 5) == 5
    (workspace.home.folder / "adjustments.toml").unlink()
    assert night(workspace, 6) == 6
    publish(workspace, JUNE, "更正", as_provisional=True, now=datetime(2023, 7, 6, 9))


def differing_after_rebuild(workspace: Workspace) -> list[str]:
    """List the tables in which a warehouse rebuilt from the archive differs from the live one."""
    rebuilt = rebuild(workspace.home, "sqlite://", lambda _line: None)
    differing = compare_warehouses(workspace, rebuilt).differing
    rebuilt.engine.dispose()
    return differing


def test_a_warehouse_rebuilt_from_the_archive_has_the_same_rows(workspace: Workspace) -> None:
    eventful(workspace)
    assert list(find_archive_problems(workspace.home, workspace)) == []
    assert differing_after_rebuild(workspace) == []


def test_each_load_is_rebuilt_by_the_headers_of_its_time(workspace: Workspace) -> None:
    headers = {"fine_fen": "罚没款(万元)"}
    cells = sheet_cells("penalties", rows_of("penalties", {}), headers=headers)
    for number, text in enumerate(('[penalties]\nfine_fen = ["罚没款（万元）"]', ""), 1):
        workspace.use_headers(text)
        path = f"2023-06/99010{number}/处罚.xlsx"
        put(workspace.home.inbox, path, workbook_bytes({"行政处罚决定台账": cells}))
        assert night(workspace, number) == number
    assert list(find_archive_problems(workspace.home, workspace)) == []
    assert differing_after_rebuild(workspace) == []


def logged_loads(workspace: Workspace) -> list[int]:
    return [entry.payload["load_id"] for entry in ArchiveLog(workspace.home.archive).entries()]


def kill_before_recording(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run a night that ends between log and warehouse; return the file that it took."""
    path = "2023-06/990102/立案.xlsx"
    file = put(workspace.home.inbox, path, ledger_bytes("cases", {}), "2023-07-01T01:00")
    with monkeypatch.context() as broken:
        broken.setattr("flows.ingest.load.record_load", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            night(workspace, 1)
    return file


@pytest.mark.parametrize("is_gone", [False, True])
def test_the_next_run_completes_what_was_logged_even_if_the_inbox_lost_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, is_gone: bool
) -> None:
    file = kill_before_recording(workspace, monkeypatch)
    if is_gone:
        file.unlink()
    put(workspace.home.inbox, "2023-06/990181/立案.xlsx", ledger_bytes("cases"), "2023-07-02T01:00")
    assert night(workspace, 2) == 2
    assert logged_loads(workspace) == [1, 2]
    assert (list(find_archive_problems(workspace.home, workspace)), differing_after_rebuild(workspace)) == (
        [],
        [],
    )
    with reading(workspace.engine) as connection:
        assert len(connection.execute(workspace.tables.ledgers["cases"].select()).all()) == 1


def test_a_logged_load_that_cannot_be_made_again_keeps_its_number(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other files loaded under it would take its place in the log, and its own would be lost."""
    kill_before_recording(workspace, monkeypatch)
    put(workspace.home.inbox, "2023-06/990181/立案.xlsx", ledger_bytes("cases"), "2023-07-02T01:00")
    with monkeypatch.context() as broken:
        broken.setattr("flows.ingest.complete_logged.repeat_load", lambda *_: 1 / 0)
        with pytest.raises(LoggedLoadError, match="nothing was loaded"):
            night(workspace, 2)
    assert logged_loads(workspace) == [1]
    assert night(workspace, 3) == 2
    assert differing_after_rebuild(workspace) == []


@pytest.mark.parametrize("is_sent_again", [False, True])
def test_a_load_is_made_again_once_its_damaged_file_is_put_back(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, is_sent_again: bool
) -> None:
    file = kill_before_recording(workspace, monkeypatch)
    sent, copy = file.read_bytes(), archived_file(workspace, "立案.xlsx")
    file.unlink()
    copy.write_bytes(b"?")
    put(workspace.home.inbox, "2023-06/990181/立案.xlsx", ledger_bytes("cases"), "2023-07-02T01:00")
    with pytest.raises(LoggedLoadError, match=copy.name):
        night(workspace, 2)
    (file if is_sent_again else copy).write_bytes(sent)
    assert (night(workspace, 3), logged_loads(workspace)) == (2, [1, 2])
    assert copy.read_bytes() == sent
    with reading(workspace.engine) as connection:
        assert len(connection.execute(workspace.tables.ledgers["cases"].select()).all()) == 1
    assert list(find_archive_problems(workspace.home, workspace)) == []


def test_a_warehouse_put_back_by_one_load_is_completed_from_the_archive(workspace: Workspace) -> None:
    """The file of the load that the old warehouse lacks is not in the inbox any more."""
    inbox, warehouse = workspace.home.inbox, workspace.home.folder / "warehouse.sqlite"
    put(inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, 1)
    workspace.engine.dispose()
    old = warehouse.read_bytes()
    file = put(
        inbox, "2023-06/990181/立案.xlsx", ledger_bytes("cases", {"case_no": "2"}), "2023-07-02T01:00"
    )
    night(workspace, 2)
    workspace.engine.dispose()
    warehouse.write_bytes(old)
    file.unlink()
    put(inbox, "2023-06/990121/立案.xlsx", ledger_bytes("cases"), "2023-07-03T01:00")
    assert night(workspace, 3) == 3
    with reading(workspace.engine) as connection:
        assert len(connection.execute(workspace.tables.ledgers["cases"].select()).all()) == 2
    assert (logged_loads(workspace), differing_after_rebuild(workspace)) == ([1, 2, 3], [])


def test_a_region_table_edited_during_the_run_is_not_logged_for_the_run(
    workspace: Workspace,
) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    table = workspace.home.folder / "regions.csv"
    before = table.read_text("utf-8")

    def call(step: Step, work: Callable[[], Any], _subject: str = "") -> Any:
        if step is Step.LOAD:
            table.write_text(
                "".join(line for line in before.splitlines(True) if not line.startswith("990102")), "utf-8"
            )
        return work()

    ingest(workspace, RunScope(), datetime(2023, 7, 1, 2), run_step=call)
    table.write_text(before, "utf-8")
    assert differing_after_rebuild(workspace) == []


def alter_file(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b" ")


def edit_log_lines(workspace: Workspace, change: Callable[[list[bytes]], list[bytes]]) -> None:
    log = ArchiveLog(workspace.home.archive).file
    log.write_bytes(b"\n".join(change(log.read_bytes().split(b"\n"))))


def archived_file(workspace: Workspace, ending: str) -> Path:
    (sha256,) = {
        file["sha256"] for entry in ArchiveLog(workspace.home.archive).entries() for file in entry.payload.get("files", ())
        if file["path"].endswith(ending)
    }  # fmt: skip
    return workspace.home.archive / sha256[:2] / sha256


BAD = "坏的.xlsx"
TAMPERED: dict[str, tuple[Callable[[Workspace], Any], list[str]]] = {
    "a file altered": (
        lambda workspace: alter_file(archived_file(workspace, BAD)),
        [f"2023-06/990121/{BAD} (log line 1): ", "was altered"],
    ),
    "a file gone": (
        lambda workspace: archived_file(workspace, BAD).unlink(),
        [f"{BAD} (log line 1): ", "is not in the archive"],
    ),
    "an entry altered": (
        lambda workspace: edit_log_lines(
            workspace, lambda lines: [lines[0].replace(b"nightly", b"NIGHTLY"), *lines[1:]]
        ),
        ["log line 2: it follows", "load 1 stands in the warehouse, but its entry"],
    ),
    "an entry gone": (
        lambda workspace: edit_log_lines(workspace, lambda lines: [lines[0], *lines[2:]]),
        ["log line 2: it follows", "load 2 stands in the warehouse, but its entry"],
    ),
    "the end gone": (
        lambda workspace: edit_log_lines(workspace, lambda lines: lines[:-2]),
        ["publication 2 stands in the warehouse"],
    ),
}


def test_alterations_of_the_archive_are_found(workspace: Workspace) -> None:
    eventful(workspace)
    log = ArchiveLog(workspace.home.archive).file
    before, file = log.read_bytes(), archived_file(workspace, BAD)
    for name, (tamper, fragments) in TAMPERED.items():
        tamper(workspace)
        problems = "\n".join(find_archive_problems(workspace.home, workspace))
        assert all(fragment in problems for fragment in fragments), f"{name}: {problems}"
        log.write_bytes(before)
        file.write_bytes(b"PK\x03\x04")
    assert list(find_archive_problems(workspace.home, workspace)) == []


def test_a_load_during_the_verification_is_no_problem(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, 1)
    problem_of_file = archive_verify._problem_of_file

    data = ledger_bytes("lawsuits", {})  # the same each time that a file is verified

    def load_and_verify(*arguments: Any) -> Any:
        put(workspace.home.inbox, "2023-06/990181/诉讼.xlsx", data, "2023-07-02T01:00")
        night(workspace, 2)
        return problem_of_file(*arguments)

    monkeypatch.setattr(archive_verify, "_problem_of_file", load_and_verify)
    assert list(find_archive_problems(workspace.home, workspace)) == []
    assert len(list(ArchiveLog(workspace.home.archive).entries())) == 2


def run_huizong(workspace: Workspace, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(workspace.home.folder), *arguments])


def test_the_commands(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}), "2023-07-01T01:00")
    night(workspace, 1)
    refused = run_huizong(workspace, "publish", "--period", "2023-06")
    assert (refused.exit_code, "--provisional publishes it" in refused.output) == (1, True)
    assert (
        "Publication 1 of 2023-06 (provisional)"
        in run_huizong(workspace, "publish", "--period", "2023-06", "--provisional").output
    )
    again = run_huizong(workspace, "publish", "--period", "2023-06", "--provisional").output
    assert "No figure moved since publication 1." in again
    printed = run_huizong(workspace, "indicators", "--period", "2023-06", "--publication", "1", "--json")
    assert {load["indicator_id"]: load["display"] for load in json.loads(printed.stdout)}[
        "case_filed_count"
    ] == "1件"
    unknown = run_huizong(workspace, "indicators", "--period", "2023-06", "--publication", "7")
    assert (unknown.exit_code, "there are 1 (2023-06)" in unknown.output) == (2, True)
    assert "The archive is whole" in run_huizong(workspace, "verify").output
    rebuilt = run_huizong(
        workspace, "rebuild", "--into", f"sqlite:///{workspace.home.folder / 'again.sqlite'}"
    )
    assert (rebuilt.exit_code, "to the last row" in rebuilt.output) == (0, True)
    again = run_huizong(
        workspace, "rebuild", "--into", f"sqlite:///{workspace.home.folder / 'again.sqlite'}"
    )
    assert (again.exit_code, "name an empty database" in again.output) == (2, True)
    alter_file(archived_file(workspace, "立案.xlsx"))
    verified = run_huizong(workspace, "verify")
    assert (verified.exit_code, "1 problem." in verified.output) == (1, True)

"""Files in an inbox: names in other encodings, files that vanish or
change, the same bytes under several paths.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.ingest.discover import InboxScan
from flows.ingest.inbox import list_inbox, wait_until_settled
from flows.outputs.load_reports import LoadReport
from flows.pipeline import ingest
from flows.step import Step
from flows.workspace import NoWarehouseError, RunScope, Workspace
from schemas.catalogue import ledgers
from tests.conftest import drop_warehouse
from tests.support.counties import ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from warehouse.engine import WarehouseUrlError, open_warehouse, reading

NOW = datetime(2024, 2, 1)
STAR, RIVER = "990102", "990181"
ALL = RunScope()


def ingest_submissions(
    workspace: Workspace, selection: RunScope = ALL, between: Any = None
) -> list[tuple[str, ...]]:
    """Run, and return unit, ledger and state of the new submissions; call `between` after the listing."""

    def call(_step: Step, work: Any, _subject: str = "") -> Any:
        result = work()
        if between and isinstance(result, InboxScan):
            between()
        return result

    load_id = ingest(workspace, selection, NOW, run_step=call).load_id
    if load_id is None:
        return []
    submissions = LoadReport(workspace, load_id, every_region=False).submissions
    return list(submissions[["unit_code", "ledger", "state"]].itertuples(index=False, name=None))


def test_a_name_in_gbk_is_read_as_chinese(workspace: Workspace) -> None:
    folder = os.fsencode(workspace.home.inbox / "2023-06")
    os.makedirs(folder)
    Path(os.fsdecode(folder + b"/" + "星河区立案台账.xlsx".encode("gbk"))).write_bytes(
        ledger_bytes("cases", {})
    )
    assert [file.path for file in list_inbox(workspace.home.inbox, [], [])] == [
        "2023-06/星河区立案台账.xlsx"
    ]
    assert ingest_submissions(workspace) == [(STAR, "cases", "accepted")]
    assert ingest_submissions(workspace) == []


def test_of_two_files_whose_names_differ_in_their_encoding_one_is_loaded_and_the_other_reported(
    workspace: Workspace,
) -> None:
    folder = workspace.home.inbox / "2023-06" / STAR
    folder.mkdir(parents=True)
    for encoding in ("gbk", "utf-8"):
        name = os.fsdecode("立案台账.xlsx".encode(encoding))
        (folder / name).write_bytes(ledger_bytes("cases", {}))
    put(workspace.home.inbox, f"2023-06/{RIVER}/a.xlsx", ledger_bytes("lawsuits"))
    outcome = ingest(workspace, ALL, NOW)
    (unreadable_paths,) = outcome.unreadable
    assert unreadable_paths.startswith(
        f"2023-06/{STAR}/立案台账.xlsx: another file has this name in another encoding"
    )
    assert set(received(workspace)) == {f"2023-06/{STAR}/立案台账.xlsx", f"2023-06/{RIVER}/a.xlsx"}


def test_a_file_that_vanished_or_grew_is_left_to_the_next_run(workspace: Workspace) -> None:
    vanished = put(workspace.home.inbox, f"2023-06/{STAR}/gone.xlsx", ledger_bytes("cases", {}))
    grown = put(workspace.home.inbox, f"2023-06/{STAR}/grown.xlsx", b"half")
    put(workspace.home.inbox, f"2023-06/{RIVER}/a.xlsx", ledger_bytes("lawsuits"))

    def between() -> None:
        vanished.unlink()
        grown.write_bytes(ledger_bytes("penalties", {}))

    assert ingest_submissions(workspace, between=between) == [(RIVER, "lawsuits", "zero")]
    assert ingest_submissions(workspace) == [(STAR, "penalties", "accepted")]


def test_only_files_are_listed(tmp_path: Path) -> None:
    put(tmp_path, "2023-06/a.xlsx", b"a")
    for name in ("~$a.xlsx", ".hidden", "Thumbs.db", "a.xlsx.part"):
        put(tmp_path, f"2023-06/{name}", b"passing")
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "2023-06" / "a.xlsx")
    (tmp_path / "2023-07").symlink_to(tmp_path / "2023-06")
    ignored: list[str] = []
    assert [file.path for file in list_inbox(tmp_path, [], ignored)] == ["2023-06/a.xlsx"]
    assert sorted(ignored) == [
        "2023-07: a link; put the file itself in its place",
        "link.xlsx: a link; put the file itself in its place",
        "pipe.xlsx: no file; put the file itself in its place",
    ]


class Closed:
    """A file in a folder that may be listed, but whose files may not be read."""

    def __init__(self, entry: os.DirEntry[str]) -> None:
        self.name, self.path = entry.name, entry.path
        self.is_symlink, self.is_dir = entry.is_symlink, entry.is_dir

    def stat(self, **_: bool) -> os.stat_result:
        raise PermissionError(13, "Permission denied", self.path)


def test_a_file_that_may_not_be_read_is_reported_and_the_others_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.xlsx", "closed.xlsx"):
        put(tmp_path, name, b"a")
    scandir = os.scandir
    monkeypatch.setattr(
        os,
        "scandir",
        lambda path: [Closed(entry) if "closed" in entry.name else entry for entry in scandir(path)],
    )
    unreadable: list[str] = []
    assert [file.path for file in list_inbox(tmp_path, unreadable, [])] == ["a.xlsx"]
    assert unreadable == ["closed.xlsx: this user has not the right"]


def test_the_same_blank_template_named_after_two_units_is_two_reports(workspace: Workspace) -> None:
    for name in ("星河区", "临江市"):
        put(workspace.home.inbox, f"2023-06/{name}立案台账.xlsx", ledger_bytes("cases"))
    assert sorted(ingest_submissions(workspace)) == [(STAR, "cases", "zero"), (RIVER, "cases", "zero")]


def test_ledgers_that_a_rerun_left_are_loaded_although_there_is_a_copy(workspace: Workspace) -> None:
    data = workbook_bytes(
        {ledgers()[name].title: sheet_cells(name, rows_of(name, {})) for name in ("cases", "lawsuits")}
    )
    for name in ("all", "copy"):
        put(workspace.home.inbox, f"2023-06/{STAR}/{name}.xlsx", data)
    assert ingest_submissions(workspace, RunScope(STAR, "2023-06", "cases")) == [
        (STAR, "cases", "accepted")
    ]
    assert ingest_submissions(workspace) == [(STAR, "lawsuits", "accepted")]
    assert ingest_submissions(workspace) == []


def test_parts_of_a_file_that_reruns_loaded_do_not_replace_newer_reports(
    workspace: Workspace,
) -> None:
    def two_ledgers(*cases: dict[str, Any]) -> bytes:
        rows = {"cases": rows_of("cases", *cases), "lawsuits": rows_of("lawsuits", {})}
        return workbook_bytes({ledgers()[row].title: sheet_cells(row, rows[row]) for row in rows})

    cases = RunScope(STAR, "2023-06", "cases")
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", two_ledgers({}), "2023-07-03T10:00")
    assert len(ingest_submissions(workspace)) == 2
    put(
        workspace.home.inbox,
        f"2023-06/{STAR}/a.xlsx",
        two_ledgers({}, {"case_no": "2"}),
        "2023-07-04T10:00",
    )
    assert ingest_submissions(workspace, cases) == [(STAR, "cases", "accepted")]
    put(
        workspace.home.inbox,
        f"2023-06/{STAR}/b.xlsx",
        ledger_bytes("cases", {"case_no": "3"}, above=[["本次报送：全部"]]),
        "2023-07-05T10:00",
    )
    assert ingest_submissions(workspace, cases) == [(STAR, "cases", "accepted")]
    assert ingest_submissions(workspace) == [(STAR, "lawsuits", "accepted")]
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", two_ledgers({}), "2023-07-06T10:00")
    assert ingest_submissions(workspace, cases) == [(STAR, "cases", "accepted")]
    assert ingest_submissions(workspace) == [(STAR, "lawsuits", "accepted")]


@pytest.mark.parametrize(
    ("url", "message"), [("warehouse", "write postgresql://"), ("mysql+nodriver://x/y", "mysql")]
)
def test_a_wrong_warehouse_url_is_reported(url: str, message: str) -> None:
    with pytest.raises(WarehouseUrlError, match=message):
        open_warehouse(url)


def test_a_plain_postgresql_url_uses_the_projects_driver() -> None:
    assert open_warehouse("postgresql://me:secret@host/city").url.drivername == "postgresql+psycopg"


def received(workspace: Workspace) -> dict[str, datetime]:
    with reading(workspace.engine) as connection:
        return {
            row.source_file: row.received_at
            for row in connection.execute(workspace.tables.submissions.select())
        }


def test_a_file_arrived_after_the_run_that_did_not_list_it_whatever_its_time(
    workspace: Workspace,
) -> None:
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", {}), "2023-07-03T08:00")
    ingest(workspace, RunScope(), datetime(2023, 7, 4, 18))
    put(workspace.home.inbox, f"2023-06/{RIVER}/b.xlsx", ledger_bytes("penalties", {}), "2023-07-03T08:00")
    ingest(workspace, RunScope(), datetime(2023, 7, 5, 18))
    came = received(workspace)
    assert came[f"2023-06/{STAR}/a.xlsx"] < datetime(2023, 7, 4)
    assert came[f"2023-06/{RIVER}/b.xlsx"] == datetime(2023, 7, 4, 18)


def test_of_files_that_arrived_between_two_runs_the_younger_replaces_the_older(
    workspace: Workspace,
) -> None:
    ingest(workspace, RunScope(), datetime(2023, 7, 4, 18))
    put(workspace.home.inbox, f"2023-06/{STAR}/z first.xlsx", ledger_bytes("cases", {}), "2023-07-02T08:00")
    put(
        workspace.home.inbox,
        f"2023-06/{STAR}/a second.xlsx",
        ledger_bytes("cases", {}, {}),
        "2023-07-03T08:00",
    )
    ingest(workspace, RunScope(), datetime(2023, 7, 5, 18))
    with reading(workspace.engine) as connection:
        rows = connection.execute(workspace.tables.submissions.select()).mappings().all()
    assert {row["source_file"]: row["superseded_by"] for row in rows} == {
        f"2023-06/{STAR}/z first.xlsx": 2,
        f"2023-06/{STAR}/a second.xlsx": None,
    }


def test_a_run_waits_for_a_growing_file_and_then_leaves_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", b"half")
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        file.write_bytes(ledger_bytes("cases", {}))

    monkeypatch.setattr("flows.ingest.inbox.sleep", sleep)
    wait_until_settled(list(list_inbox(workspace.home.inbox, [], [])), 0.0)
    assert waited == [0.0]
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", b"half")
    settings = workspace.home.settings.model_copy(update={"settle_seconds": 3.0})
    monkeypatch.setattr(workspace.home, "settings", settings)
    outcome = ingest(workspace, RunScope(), NOW)
    assert (outcome.load_id, outcome.growing) == (None, [f"2023-06/{STAR}/a.xlsx"])
    assert 2.0 < waited[1] <= 3.0


def test_a_warehouse_older_than_its_archive_is_not_loaded(workspace: Workspace) -> None:
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", {}))
    ingest(workspace, RunScope(), NOW)
    put(workspace.home.inbox, f"2023-06/{RIVER}/b.xlsx", ledger_bytes("penalties", {}))
    ingest(workspace, RunScope(), NOW)
    drop_warehouse(workspace)
    with pytest.raises(NoWarehouseError, match=r"there is no warehouse.*rebuild"):
        ingest(workspace, RunScope(), NOW)


def test_a_mistyped_warehouse_makes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", {}))
    ingest(workspace, RunScope(), NOW)
    mistyped = tmp_path / "elsewhere" / "warehous.sqlite"
    mistyped.parent.mkdir()
    other = Workspace(workspace.home, open_warehouse(f"sqlite:///{mistyped}"))
    with pytest.raises(NoWarehouseError):
        ingest(other, RunScope(), NOW)
    other.engine.dispose()
    assert not mistyped.exists()


def test_an_empty_inbox_is_no_complete_scan(workspace: Workspace) -> None:
    file = put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", ledger_bytes("cases", {}))
    ingest(workspace, RunScope(), NOW)
    content = file.read_bytes()
    file.unlink()
    result = ingest(workspace, RunScope(), NOW)
    assert (result.may_be_unmounted, result.is_complete_scan, result.has_fault) == (True, False, False)
    put(workspace.home.inbox, f"2023-06/{STAR}/a.xlsx", content)
    result = ingest(workspace, RunScope(), NOW)
    assert (result.may_be_unmounted, result.is_complete_scan) == (False, True)


def test_a_file_too_large_to_be_a_ledger_is_left_and_reported(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}))
    sparse = workspace.home.inbox / "2023-06/990102/大.csv"
    with sparse.open("wb") as file:
        file.truncate(50 * 2**30)
    result = ingest(workspace, ALL, NOW)
    assert (result.load_id, result.failed) == (1, [])
    [problem] = result.unreadable
    assert "大.csv: 51,200 MiB, more than the 256 MiB" in problem
    assert len(list(workspace.home.archive.glob("??/*"))) == 2  # the ledger and the region table


def test_folders_within_folders_without_end_are_left_and_reported(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}))
    handle = os.open(workspace.home.inbox, os.O_RDONLY)
    for _ in range(200):  # more would be too many for those who take the folder away after the test
        os.mkdir("深", dir_fd=handle)
        below = os.open("深", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(handle)
    unreadable = list[str]()
    assert [file.path for file in list_inbox(workspace.home.inbox, unreadable, [])] == [
        "2023-06/990102/立案.xlsx"
    ]
    assert ["more than 32 folders deep" in problem for problem in unreadable] == [True]
    assert ingest(workspace, ALL, NOW).load_id == 1


def test_no_more_files_are_listed_than_a_city_sends(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.ingest.inbox.MOST_FILES", 3)
    for number in range(5):
        put(workspace.home.inbox, f"2023-06/990102/{number}.csv", b"x")
    unreadable = list[str]()
    assert len(list(list_inbox(workspace.home.inbox, unreadable, []))) == 3
    assert "after 3 files" in unreadable[0]


@pytest.mark.parametrize("seconds", [0, 315_532_800, 4_102_444_800, 2**55])
def test_odd_times_of_a_file_do_no_harm(workspace: Workspace, seconds: int) -> None:
    file = put(workspace.home.inbox, "2023-06/990102/立案.xlsx", ledger_bytes("cases", {}))
    try:
        os.utime(file, ns=(0, seconds * 10**9 if seconds < 2**40 else 2**62))
    except OSError:
        pytest.skip("this file system has no such times")
    assert ingest_submissions(workspace) == [(STAR, "cases", "accepted")]
    assert ingest_submissions(workspace) == []

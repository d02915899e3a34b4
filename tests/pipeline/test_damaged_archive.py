"""Damage to the archive: no figure comes from an altered file, and the right file heals a damaged copy."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from flows.archive.anchor import write_anchor
from flows.archive.consistency import WarehouseBehindError, ensure_not_behind_archive
from flows.archive.log import ArchiveLog
from flows.archive.ownership import ForeignArchiveError
from flows.archive.repeats import find_repeat_problems
from flows.archive.store import DamagedFileError, archive_path, is_whole, read_checked, store
from flows.archive.verify import find_anchor_problem, find_archive_problems
from flows.home import Home
from flows.ingest.rebuild import rebuild
from flows.outputs.publication import publish
from flows.pipeline import ingest
from flows.run_lock import hold_run_lock
from flows.workspace import RunScope, Workspace
from schemas.periods import Period
from schemas.regions import parse_regions
from tests.pipeline.test_archive import archived_file, run_huizong
from tests.support.counties import csv_bytes, ledger_bytes, put, rows_of, sheet_cells
from tests.support.log_entries import logged_load
from warehouse.engine import reading, writing
from warehouse.load.record_load import last_load
from warehouse.schema.regions import stored_regions

PATH = "2023-06/990102/处罚.csv"


def csv_of_fine(yuan: int) -> bytes:
    cells = sheet_cells(
        "penalties", rows_of("penalties", {"fine_fen": f"{yuan}元", "penalty_text": f"罚款{yuan}元"})
    )
    return csv_bytes(cells)


def night(workspace: Workspace, day: int, scope: RunScope = RunScope()) -> int | None:  # noqa: B008 - a frozen value
    return ingest(workspace, scope, datetime(2023, 7, day, 2)).load_id


def send_and_load(workspace: Workspace, day: int) -> None:
    """Load a zero report of the month with the number of the day."""
    path = f"2023-0{day}/990102/立案.xlsx"
    put(workspace.home.inbox, path, ledger_bytes("cases"), f"2023-07-0{day}T01:00")
    night(workspace, day)


def damage(file: Path) -> None:
    """Alter an archived file as a failing disk or a hand would: same size, other content."""
    file.write_bytes(file.read_bytes().replace(b"30000", b"90000"))


@pytest.fixture
def loaded(workspace: Workspace) -> Workspace:
    """Return a workspace that took in one file, whose copy in the archive is damaged since."""
    put(workspace.home.inbox, PATH, csv_of_fine(30000), "2023-07-01T01:00")
    assert night(workspace, 1) == 1
    damage(archived_file(workspace, "处罚.csv"))
    return workspace


def test_a_rebuild_refuses_an_altered_file_by_name(loaded: Workspace) -> None:
    with pytest.raises(DamagedFileError, match="处罚"):
        rebuild(loaded.home, "sqlite://", lambda _line: None)
    again = loaded.home.folder / "again.sqlite"
    result = run_huizong(loaded, "rebuild", "--into", f"sqlite:///{again}")
    assert (result.exit_code, "处罚.csv" in result.output, again.exists()) == (1, True, False)


def test_an_altered_file_is_not_validated_again(loaded: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.ingest.revalidate.ruleset_version", lambda: "other")
    scope = RunScope("990102", "2023-06", is_revalidation=True)
    result = ingest(loaded, scope, datetime(2023, 7, 2, 2))
    assert "was altered or damaged" in "".join(result.failed)
    with reading(loaded.engine) as connection:
        fines = connection.execute(loaded.tables.ledgers["penalties"].select()).all()
    assert [row.fine_fen for row in fines] == [30000_00]


def test_the_right_file_replaces_a_damaged_copy(loaded: Workspace) -> None:
    file = archived_file(loaded, "处罚.csv")
    put(loaded.home.inbox, "2023-06/990102/再报.csv", csv_of_fine(30000), "2023-07-02T01:00")
    night(loaded, 2)
    assert is_whole(file)
    assert list(find_archive_problems(loaded.home, loaded)) == []


def test_a_text_of_the_archive_is_checked_too(workspace: Workspace) -> None:
    archive = workspace.home.archive
    sha256 = store(archive, "名录".encode())
    file = archive_path(archive, sha256)
    assert read_checked(file).decode() == "名录"
    file.write_bytes(b"?")
    with pytest.raises(DamagedFileError, match="backup"):
        read_checked(file)
    assert store(archive, "名录".encode()) == sha256
    assert read_checked(file).decode() == "名录"
    file.unlink()
    with pytest.raises(DamagedFileError, match="gone"):
        read_checked(file)


def test_a_damaged_line_of_the_log_is_reported_and_half_a_line_is_not(workspace: Workspace) -> None:
    for day in (1, 2, 3):
        send_and_load(workspace, day)
    log = ArchiveLog(workspace.home.archive)
    lines = log.file.read_bytes().splitlines(keepends=True)
    log.file.write_bytes(b"".join([lines[0], lines[1][:40] + b"\n", *lines[1:]]))
    assert list(find_archive_problems(workspace.home, workspace)) == []
    one_byte = lines[2].replace("立案".encode(), "立".encode() + b"\xff\xa1\x88", 1)
    assert one_byte != lines[2]
    zeros, other_json = b"\x00" * len(lines[2].rstrip()) + b"\n", b"[]\n"
    for damaged in (lines[2].replace(b'"kind"', b"'kind'"), zeros, one_byte, other_json):
        log.file.write_bytes(b"".join([*lines[:2], damaged]))
        assert "log line 3: it is no entry" in "\n".join(find_archive_problems(workspace.home, None))


def test_an_anchor_shows_that_the_log_was_put_back(workspace: Workspace, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.txt"
    workspace.home.settings.anchor_file = str(anchors)
    log = ArchiveLog(workspace.home.archive)
    assert write_anchor(workspace.home, datetime(2023, 7, 1)) is None
    assert not anchors.exists()
    for day in (1, 2):
        send_and_load(workspace, day)
        assert write_anchor(workspace.home, datetime(2023, 7, day)) is None
        assert write_anchor(workspace.home, datetime(2023, 7, day)) is None
    first, second = (line.split()[1] for line in anchors.read_text().splitlines())
    assert log.last_digest() == second
    assert find_anchor_problem(workspace.home, first) is None
    last_line = anchors.read_text().splitlines()[-1]
    assert run_huizong(workspace, "verify", "--anchor", last_line).exit_code == 0
    lines = log.file.read_bytes().splitlines(keepends=True)
    log.file.write_bytes(lines[0])
    assert "put back to an earlier state" in str(find_anchor_problem(workspace.home, second))
    verified = run_huizong(workspace, "verify", "--anchor", second[:12])
    assert (verified.exit_code, "put back to an earlier state" in verified.output) == (1, True)
    assert run_huizong(workspace, "verify", "--anchor", "zz").exit_code == 2
    workspace.home.settings.anchor_file = str(tmp_path / "away" / "anchors.txt")
    assert first in str(write_anchor(workspace.home, datetime(2023, 7, 3)))


def test_a_warehouse_of_another_home_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace.home.inbox, PATH, csv_of_fine(30000), "2023-07-01T01:00")
    night(workspace, 1)
    other = Workspace(Home(tmp_path / "other"), workspace.engine)
    other.use_regions(workspace.regions_text)
    put(other.home.inbox, PATH, csv_of_fine(50000), "2023-07-02T01:00")
    with pytest.raises(ForeignArchiveError, match="another home"):
        ingest(other, RunScope(), datetime(2023, 7, 2))
    with reading(workspace.engine) as connection:
        assert last_load(connection, workspace.tables)[0] == 1


def test_a_refused_home_changes_no_name_in_the_warehouse_of_another(
    workspace: Workspace, tmp_path: Path
) -> None:
    send_and_load(workspace, 1)
    other = Workspace(Home(tmp_path / "other"), workspace.engine)
    other.regions = parse_regions(workspace.regions_text.replace("星河区", "别的区"))
    with pytest.raises(ForeignArchiveError, match="another home"), hold_run_lock(other):
        pass
    with reading(workspace.engine) as connection:
        names = [row["region_name"] for row in stored_regions(connection, workspace.tables.regions)]
    assert ("星河区" in names, "别的区" in names) == (True, False)


def test_a_publication_that_was_deleted_is_named(workspace: Workspace) -> None:
    send_and_load(workspace, 1)
    for _ in range(2):
        publish(workspace, Period.parse("2023-06"), "", as_provisional=True, now=datetime(2023, 7, 9))
    tables = workspace.tables
    with writing(workspace.engine) as connection:
        for table in (tables.published_figures, tables.publications):
            connection.execute(table.delete().where(table.c.number == 1))
    problems = list(find_archive_problems(workspace.home, workspace))
    assert any("publication 1 is in the log, but not in the warehouse" in problem for problem in problems)
    with pytest.raises(WarehouseBehindError, match="lacks publication 1"):
        ingest(workspace, RunScope(), datetime(2023, 7, 10))


def test_a_warehouse_put_back_may_lack_only_the_last_load(workspace: Workspace) -> None:
    """The last load may have been logged and killed; an older backup would number its loads again."""
    warehouse, backups = workspace.home.folder / "warehouse.sqlite", []
    for day in (1, 2, 3):
        send_and_load(workspace, day)
        workspace.engine.dispose()
        backups.append(warehouse.read_bytes())
    warehouse.write_bytes(backups[1])
    ensure_not_behind_archive(workspace)
    workspace.engine.dispose()
    warehouse.write_bytes(backups[0])
    with pytest.raises(WarehouseBehindError, match="lacks load 2, of which its archive tells"):
        ensure_not_behind_archive(workspace)


def test_a_log_put_back_to_an_earlier_state_is_refused(workspace: Workspace) -> None:
    for day in (1, 2):
        send_and_load(workspace, day)
    log = ArchiveLog(workspace.home.archive).file
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(ForeignArchiveError, match="load 2"):
        night(workspace, 3)
    assert json.loads(log.read_bytes())["load_id"] == 1


def test_a_forged_repeat_of_an_entry_is_found_and_not_rebuilt(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of an entry without its files, chained as it must be: a rebuild takes the last one."""
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL")
    for day in (1, 2):
        send_and_load(workspace, day)
    workspace.engine.dispose()
    warehouse = workspace.home.folder / "warehouse.sqlite"
    before, log = warehouse.read_bytes(), ArchiveLog(workspace.home.archive)
    anchor, line = log.last_digest(), json.loads(log.file.read_bytes().splitlines()[1])
    line.pop("kind"), line.pop("previous")
    log.append("load", line | {"files": []})
    verified = run_huizong(workspace, "verify", "--anchor", anchor)
    assert (verified.exit_code, "lacks 2023-02/990102/立案.xlsx" in verified.output) == (1, True)
    assert "a later entry of load 2" in verified.output
    refused = run_huizong(workspace, "rebuild", "--replace")
    assert (refused.exit_code, "lacks 2023-02/990102/立案.xlsx" in refused.output) == (1, True)
    log.append("load", line | {"replacement_share": 0.9})
    refused = run_huizong(workspace, "rebuild", "--replace")
    assert (refused.exit_code, "it was not replaced" in refused.output) == (1, True)
    assert warehouse.read_bytes() == before
    forced = run_huizong(workspace, "rebuild", "--replace", "--although-different")
    assert "It now is" in forced.output


@pytest.mark.parametrize(
    ("load", "change", "problem"),
    [
        (0, {}, "load 1 is logged again after load 2"),
        (1, {"load_id": 4}, "load 4 follows load 2"),
        (
            1,
            {"adjustments": "0" * 64},
            "the later entry of load 2 has another adjustments.toml than line 2",
        ),
    ],
)
def test_a_forged_repeat_is_found_without_a_warehouse(
    workspace: Workspace, load: int, change: dict[str, str], problem: str
) -> None:
    for day in (1, 2):
        send_and_load(workspace, day)
    assert list(find_repeat_problems(workspace.home, None)) == []
    log = ArchiveLog(workspace.home.archive)
    line = json.loads(log.file.read_bytes().splitlines()[load])
    line.pop("kind"), line.pop("previous")
    log.append("load", line | change)
    assert any(problem in match for match in find_repeat_problems(workspace.home, None))


@pytest.mark.parametrize(
    ("line", "change", "problem"),
    [
        (0, {}, "load 1 is logged again after load 1, or after a publication of it"),
        (1, {"load_id": 0}, "the later entry of publication 1 has another load than line 2"),
    ],
)
def test_a_forged_repeat_after_a_publication_is_found(
    workspace: Workspace, line: int, change: dict[str, int], problem: str
) -> None:
    send_and_load(workspace, 1)
    publish(workspace, Period.parse("2023-06"), "", as_provisional=True, now=datetime(2023, 7, 9))
    log = ArchiveLog(workspace.home.archive)
    payload = json.loads(log.file.read_bytes().splitlines()[line])
    payload.pop("previous")
    log.append(payload.pop("kind"), payload | change)
    assert any(problem in match for match in find_repeat_problems(workspace.home, None))


def test_a_warehouse_that_is_behind_is_replaced_and_an_altered_one_is_not(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL")
    send_and_load(workspace, 1)
    workspace.engine.dispose()
    warehouse = workspace.home.folder / "warehouse.sqlite"
    older = warehouse.read_bytes()
    send_and_load(workspace, 2)
    workspace.engine.dispose()
    warehouse.write_bytes(older)
    assert "It now is" in run_huizong(workspace, "rebuild", "--replace").output
    with writing(workspace.engine) as connection:
        connection.execute(workspace.tables.submissions.update().values(held_back=9))
    refused = run_huizong(workspace, "rebuild", "--replace")
    assert (refused.exit_code, "--although-different" in refused.output) == (1, True)


@pytest.mark.parametrize(
    "line",
    [
        b"{}", b"[" * 100_000, b'{"kind":"load","load_id":"x","files":[]}', b"\0" * 64,
        b'{"kind":"load","load_id":1,"files":[1],"copies":5}', b'{"kind":"load","load_id":' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "nested", "text", "zeros", "files", "digits"],
)  # fmt: skip
def test_a_line_that_is_no_entry_is_named_and_passed_over(workspace: Workspace, line: bytes) -> None:
    log = ArchiveLog(workspace.home.archive)
    log.append("load", logged_load(1))
    with log.file.open("ab") as file:
        file.write(line + b"\n")
    log.append("load", logged_load(2))
    assert [each.line for each in log.breaks()] == [2]
    assert [entry.payload["load_id"] for entry in log.entries()] == [1, 2]

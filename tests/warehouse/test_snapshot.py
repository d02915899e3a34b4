"""The snapshot shows what the views show: it is updated with each run, or rebuilt."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.home import Home
from flows.outputs import snapshot
from flows.outputs.snapshot import find_differing_snapshot, refresh_snapshot
from flows.refresh.marts import refresh_marts
from flows.workspace import Workspace
from tests.support.counties import ledger_bytes, put
from tests.support.views import night, rows_of, rows_of_snapshot, snapshot_of, views_of
from tests.warehouse.test_materialized_figures import send_some
from warehouse.engine import reading, writing


class SnapshotLog:
    """Records how each snapshot of a test was made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        for name in ("write_snapshot", "update_snapshot"):
            monkeypatch.setattr(snapshot, name, self._logged(name, getattr(snapshot, name)))

    def _logged(self, name: str, make: Any) -> Any:
        def call(*arguments: Any) -> None:
            self.calls.append(name)
            make(*arguments)

        return call


@pytest.fixture
def snapshot_log(monkeypatch: pytest.MonkeyPatch) -> SnapshotLog:
    return SnapshotLog(monkeypatch)


def plain_rows(workspace: Workspace, view: str) -> list[tuple[Any, ...]]:
    with reading(workspace.engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {view}")]  # noqa: S608


def assert_shows_the_views(workspace: Workspace, file: Path) -> None:
    for view in views_of(workspace):
        snapshot_rows = [tuple(row.values()) for row in rows_of_snapshot(file, view)]
        assert sorted(snapshot_rows, key=repr) == sorted(plain_rows(workspace, view), key=repr), view


def test_it_is_written_only_when_the_views_change_and_opens_read_only(
    workspace: Workspace,
) -> None:
    send_some(workspace, random.Random(3), 5)
    night(workspace, datetime(2023, 3, 1))
    file = snapshot_of(workspace)
    before = file.stat()
    night(workspace, datetime(2023, 3, 1, 1))
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert file.read_bytes()[18:20] == b"\x01\x01", "a rollback journal"
    send_some(workspace, random.Random(4), 2)
    night(workspace, datetime(2023, 3, 2))
    assert file.stat().st_ino != before.st_ino
    assert {row["load_id"] for row in rows_of_snapshot(file, "mart_indicators")} == {2}


def test_it_follows_random_nightly_runs(workspace: Workspace, snapshot_log: SnapshotLog) -> None:
    """Rows are inserted, changed and removed; reports are replaced;
    months are reported for the first time.
    """
    dice = random.Random(11)
    for day in range(1, 5):
        send_some(workspace, dice, 12 if day == 1 else 3)
        night(workspace, datetime(2023, 3, day, 12))
        assert_shows_the_views(workspace, snapshot_of(workspace))
    assert snapshot_log.calls == ["write_snapshot"] + ["update_snapshot"] * 3
    assert {row["is_current"] for row in rows_of(workspace, "mart_submissions")} == {0, 1}, (
        "some were replaced"
    )


def test_it_follows_several_loads_at_once(
    workspace: Workspace, snapshot_log: SnapshotLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(5)
    send_some(workspace, dice, 8)
    night(workspace, datetime(2023, 3, 1))
    with monkeypatch.context() as patch:
        patch.setattr("tests.support.views.refresh_snapshot", lambda _workspace: False)
        for day in (2, 3):
            send_some(workspace, dice, 4)
            assert night(workspace, datetime(2023, 3, day)) is not None
    refresh_snapshot(workspace)
    assert snapshot_log.calls[-1] == "update_snapshot"
    assert_shows_the_views(workspace, snapshot_of(workspace))


def test_it_is_rebuilt_after_a_change_of_definitions(
    workspace: Workspace, snapshot_log: SnapshotLog
) -> None:
    put(
        workspace.home.inbox,
        "2023-01/990102/a.xlsx",
        ledger_bytes("complaints", {"received_on": "2023-01-05"}),
    )
    night(workspace, datetime(2023, 3, 1))
    table = (
        "code,name,level,parent\n990100,某市,city,\n990102,银河区,unit,990100\n990121,长岭县,unit,990100\n"
    )
    workspace.use_regions(table)
    workspace.prepare()
    refresh_marts(workspace, datetime(2023, 3, 3))
    refresh_snapshot(workspace)
    assert snapshot_log.calls == ["write_snapshot", "write_snapshot"]
    assert_shows_the_views(workspace, snapshot_of(workspace))


def test_it_is_rebuilt_for_a_warehouse_with_another_history(
    workspace: Workspace, snapshot_log: SnapshotLog
) -> None:
    """An older copy of the warehouse was restored, and other loads reused the numbers of the lost ones."""
    send_some(workspace, random.Random(1), 5)
    night(workspace, datetime(2023, 3, 1))
    with writing(workspace.engine) as connection:
        connection.exec_driver_sql("UPDATE loads SET log_entry = 'another'")
    refresh_snapshot(workspace)
    assert snapshot_log.calls == ["write_snapshot", "write_snapshot"]


@pytest.mark.parametrize("old_content", [b"", b"no database", None])
def test_a_broken_file_is_replaced(workspace: Workspace, old_content: bytes | None) -> None:
    """Replace an empty file, and a file of another format."""
    send_some(workspace, random.Random(1), 5)
    file = snapshot_of(workspace)
    if old_content is not None:
        file.write_bytes(old_content)
    night(workspace, datetime(2023, 3, 1))
    assert_shows_the_views(workspace, file)


def test_it_is_made_anew_after_a_rebuild_and_verified(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy made from altered rows has the loads of the warehouse that was rebuilt."""
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL")
    put(workspace.home.inbox, "2023-06/990102/处罚.xlsx", ledger_bytes("penalties", {"fine_fen": "3万元"}))
    night(workspace, datetime(2023, 7, 5))
    assert list(find_differing_snapshot(workspace)) == []
    with writing(workspace.engine) as connection:
        connection.exec_driver_sql("UPDATE penalties SET fine_fen = fine_fen * 10")
    assert "mart_penalties" in "".join(find_differing_snapshot(workspace))
    snapshot_of(workspace).unlink()
    refresh_snapshot(workspace)
    workspace.engine.dispose()
    arguments = ["--home", str(workspace.home.folder), "rebuild", "--replace", "--although-different"]
    result = CliRunner().invoke(main, arguments)
    assert "It now is" in result.output, result.output
    rebuilt = Workspace(Home(workspace.home.folder))
    assert_shows_the_views(rebuilt, snapshot_of(rebuilt))
    assert (list(find_differing_snapshot(rebuilt)), refresh_snapshot(rebuilt)) == ([], False)
    rebuilt.engine.dispose()

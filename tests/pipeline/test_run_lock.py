"""Never two runs at once: of one home, of one warehouse from two homes, after a killed run."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.commands.common import EXIT_HELD
from flows.home import Home
from flows.leftovers import REBUILT
from flows.pipeline import ingest, run_pipeline
from flows.run_lock import RunLockedError, hold_run_lock
from flows.step import Step
from flows.workspace import RunScope, Workspace
from schemas.states import RunOutcome
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading
from warehouse.ops.runs import last_complete_scan, last_ended, last_run

NOW = datetime(2024, 2, 1)
FORK = multiprocessing.get_context("fork")


def hold_lock(folder: Path, is_locked: Any, release: Any) -> None:
    workspace = Workspace(Home(folder))
    with hold_run_lock(workspace):
        is_locked.set()
        release.wait()


@pytest.fixture
def second_home(home_folder: Path, tmp_path: Path) -> Path:
    """Another home with the same warehouse."""
    return Path(shutil.copytree(home_folder, tmp_path / "second"))


@on_each_database
@pytest.mark.parametrize("is_second_home", [False, True])
def test_a_run_stops_while_another_is_at_work(
    workspace: Workspace, second_home: Path, is_second_home: bool
) -> None:
    is_locked, release = FORK.Event(), FORK.Event()
    workspace.engine.dispose()
    other_process = FORK.Process(
        target=hold_lock,
        args=(second_home if is_second_home else workspace.home.folder, is_locked, release),
    )
    other_process.start()
    assert is_locked.wait(20)
    try:
        with pytest.raises(RunLockedError, match=r"is at work on .*; wait for it to end"):
            ingest(workspace, RunScope(), NOW)
    finally:
        release.set()
        other_process.join()
    assert ingest(workspace, RunScope(), NOW).load_id is None


def test_a_rebuild_leaves_the_file_of_a_running_rebuild(workspace: Workspace) -> None:
    is_locked, release = FORK.Event(), FORK.Event()
    workspace.engine.dispose()
    other_process = FORK.Process(target=hold_lock, args=(workspace.home.folder, is_locked, release))
    other_process.start()
    assert is_locked.wait(20)
    file = workspace.home.folder / REBUILT
    file.write_bytes(b"half a warehouse")
    try:
        result = CliRunner().invoke(main, ["--home", str(workspace.home.folder), "rebuild"])
    finally:
        release.set()
        other_process.join()
    assert (result.exit_code, file.read_bytes()) == (EXIT_HELD, b"half a warehouse")


@on_each_database
def test_a_run_may_wait_for_another(workspace: Workspace) -> None:
    is_locked, release = FORK.Event(), FORK.Event()
    workspace.engine.dispose()
    other_process = FORK.Process(target=hold_lock, args=(workspace.home.folder, is_locked, release))
    other_process.start()
    assert is_locked.wait(20)
    threading.Timer(0.5, release.set).start()
    assert run_pipeline(workspace, RunScope(), NOW, wait_seconds=20).load_id is None
    other_process.join()


@on_each_database
def test_the_running_process_is_named(workspace: Workspace) -> None:
    def call(step: Step, work: Any, _subject: str = "") -> Any:
        if step is Step.SCAN:
            with reading(workspace.engine) as connection:
                runs.append(last_run(connection, workspace.tables))
        return work()

    runs: list[Any] = []
    ingest(workspace, RunScope("990102", "2023-06"), NOW, run_step=call)
    assert [(run["kind"], run["subject"], run["process_id"], run["ended_at"]) for run in runs] == [
        ("rerun", "990102 2023-06", os.getpid(), None)
    ]


def die_while_reading(folder: Path) -> None:
    def call(step: Step, work: Any, _subject: str = "") -> Any:
        if step is Step.VALIDATE:
            os.kill(os.getpid(), signal.SIGKILL)
        return work()

    ingest(Workspace(Home(folder)), RunScope(), NOW, run_step=call)


@on_each_database
def test_a_killed_run_leaves_no_lock_and_is_recorded_as_interrupted(workspace: Workspace) -> None:
    put(workspace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {}))
    workspace.engine.dispose()
    other_process = FORK.Process(target=die_while_reading, args=(workspace.home.folder,))
    other_process.start()
    other_process.join()
    assert other_process.exitcode == -signal.SIGKILL
    assert ingest(workspace, RunScope(), NOW).load_id == 1
    with reading(workspace.engine) as connection:
        runs = (
            connection.execute(workspace.tables.runs.select().order_by(workspace.tables.runs.c.run_id))
            .mappings()
            .all()
        )
    assert [(run["outcome"], run["load_id"]) for run in runs] == [
        (RunOutcome.INTERRUPTED, None),
        (RunOutcome.LOADED, 1),
    ]


@on_each_database
def test_a_run_that_fails_is_recorded(workspace: Workspace) -> None:
    def call(step: Step, work: Any, _subject: str = "") -> Any:
        if step is Step.VALIDATE:
            raise RuntimeError("a fault")
        return work()

    put(workspace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {}))
    with pytest.raises(RuntimeError, match="a fault"):
        ingest(workspace, RunScope(), NOW, run_step=call)
    with reading(workspace.engine) as connection:
        last = last_run(connection, workspace.tables)
        assert last is not None
        assert (last["outcome"], last["ended_at"] >= NOW) == (RunOutcome.FAILED, True)
        assert last_ended(connection, workspace.tables, "nightly") is None
        assert last_complete_scan(connection, workspace.tables) is None


def test_a_run_that_left_files_has_not_scanned_everything(workspace: Workspace) -> None:
    ingest(workspace, RunScope("990102", "2023-06"), NOW)
    with reading(workspace.engine) as connection:
        assert last_complete_scan(connection, workspace.tables) is None
    ingest(workspace, RunScope(), NOW)
    with reading(workspace.engine) as connection:
        assert last_complete_scan(connection, workspace.tables) == NOW
        assert last_ended(connection, workspace.tables, "nightly") == NOW

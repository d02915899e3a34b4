"""A run that is killed at any moment, and run again, has the same result: nothing lost, nothing doubled."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, event

from flows.home import Home
from flows.ingest import read_batches as batches
from flows.pipeline import run_pipeline
from flows.sandbox import render_receipts as drawing
from flows.sandbox.pool import Limits
from flows.workspace import RunScope, Workspace
from tests.conftest import drop_warehouse, on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.faster_warehouses import UPGRADE
from warehouse.engine import reading, writing
from warehouse.load.record_load import last_load
from warehouse.migrations import upgrade

NOW = datetime(2024, 2, 1)
FORK = multiprocessing.get_context("fork")
PHASES = {"begun", "archived", "logged", "loaded", "reported"}


def fill(inbox: Path) -> None:
    """Put files of two counties into the inbox: a resubmission, a shared case and a row with an error."""
    case = "某环立(星)〔2023〕{}号".format
    put(inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {"case_no": case(1)}, {"case_no": case(2)}))
    again = ledger_bytes(
        "cases", {"case_no": case(2)}, {"case_no": case(3)}, {"case_no": case(4), "filed_on": "x"}
    )
    put(inbox, "2023-06/990102/b.xlsx", again, "2023-07-08T10:00")
    put(inbox, "2023-06/990181/a.xlsx", ledger_bytes("cases", {"case_no": case(3)}, {"case_no": case(9)}))
    put(inbox, "2023-06/990181/b.xlsx", ledger_bytes("penalties", {}))


def content(workspace: Workspace) -> dict[str, Any]:
    """Return the content of the warehouse, and the files of archive, reports and receipts.

    Without serial numbers: a sequence of PostgreSQL is not rolled back with its transaction, and the database
    decides in which order it inserts the rows of a set.
    """
    tables = workspace.tables
    content_tables = [
        *tables.ledgers.values(),
        tables.submissions,
        tables.findings,
        tables.inbox_files,
        tables.marts.figures,
        tables.coverage,
    ]
    with reading(workspace.engine) as connection:
        rows = {
            table.name: connection.execute(table.select().order_by(*table.primary_key)).mappings().all()
            for table in content_tables
        }
    counts = {
        name: sorted([{**row, "version_id": 0, "finding_id": 0} for row in contents], key=repr)
        for name, contents in rows.items()
    }
    return {**counts, **{folder.name: files_in(folder) for folder in (workspace.home.reports, workspace.home.receipts)},
            "archive": [name for name in files_in(workspace.home.archive) if not name.startswith("log")]}  # fmt: skip


def files_in(folder: Path) -> list[str]:
    """List the files of a folder, without unfinished ones: their names begin with a point."""
    files = (file.relative_to(folder).as_posix() for file in folder.glob("**/*") if file.is_file())
    return sorted(name for name in files if not any(part.startswith(".") for part in name.split("/")))


def run_all(workspace: Workspace) -> None:
    run_pipeline(workspace, RunScope(), NOW)


def in_this_process(_limits: Limits, function: Any, calls: Any, *_: Any) -> list[Any]:
    return [function(*call) for call in calls]


def run_stepwise(workspace: Workspace, step: Callable[..., None]) -> None:
    """Run the pipeline, and call `step` before and after each step on the disk or in the database."""

    def counted(function: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            step()
            result = function(*args, **options)
            step()
            return result

        return call

    for name in ("before_cursor_execute", "commit"):
        event.listen(workspace.engine, name, step)
    with pytest.MonkeyPatch.context() as patched:
        for name in ("replace", "fsync"):
            patched.setattr(os, name, counted(getattr(os, name)))
        patched.setattr(
            drawing, "map_isolated", in_this_process
        )  # starting child processes at each moment takes a minute
        patched.setattr(batches, "map_once", in_this_process)
        run_all(workspace)


def run_and_kill(moment: int, folder: Path) -> bool:
    """Run the pipeline in a process that is killed at its n-th step; return whether it had that many."""

    def die() -> None:
        steps = itertools.count(1)
        run_stepwise(
            Workspace(Home(folder)),
            lambda *_: os.kill(os.getpid(), signal.SIGKILL) if next(steps) == moment else None,
        )

    child = FORK.Process(target=die)
    child.start()
    child.join()
    assert child.exitcode in (-signal.SIGKILL, 0)
    return child.exitcode != 0


def phase(workspace: Workspace) -> str:
    """Return the last phase that a killed run has completed."""
    with reading(workspace.engine) as connection:
        if last_load(connection, workspace.tables)[0]:
            return "reported" if files_in(workspace.home.reports) else "loaded"
    return (
        "logged"
        if (workspace.home.archive / "log.jsonl").exists()
        else "archived"
        if files_in(workspace.home.archive)
        else "begun"
    )


def restore(workspace: Workspace, filled: Path, fresh: Mapping[Table, Sequence[Any]]) -> None:
    """Restore home and warehouse to their state before the first run."""
    home = workspace.home
    for folder in (home.inbox, home.archive, home.reports, home.receipts):
        shutil.rmtree(folder, ignore_errors=True)
    for snapshot_file in home.folder.glob("marts.sqlite*"):
        snapshot_file.unlink()
    shutil.copytree(filled, home.inbox, copy_function=shutil.copy2)
    with writing(workspace.engine) as connection:
        for table in reversed(fresh):
            connection.execute(table.delete())
        for table, rows in fresh.items():
            if rows:
                connection.execute(table.insert(), rows)
    workspace.engine.dispose()


def moments_of_phases(workspace: Workspace) -> dict[str, int]:
    """Run undisturbed; return the middle step of each phase."""
    home, steps = workspace.home, list[str]()

    def note(*arguments: Any) -> None:
        """Note the phase of a step; the load ends with the first commit after the log's entry."""
        is_commit = len(arguments) == 1
        before = steps[-1] if steps else "begun"
        if before in ("begun", "archived"):
            has_log = (home.archive / "log.jsonl").exists()
            before = "logged" if has_log else "archived" if files_in(home.archive) else "begun"
        elif before == "loaded" and files_in(home.reports):
            before = "reported"
        steps.append(before)
        if before == "logged" and is_commit:
            steps[-1:] = ["loaded"]

    run_stepwise(workspace, note)
    return {name: (2 * steps.index(name) + steps.count(name)) // 2 + 1 for name in dict.fromkeys(steps)}


@on_each_database
def test_the_next_run_completes_a_killed_run(workspace: Workspace, tmp_path: Path) -> None:
    """Kill it once in each phase, and on PostgreSQL within the load; `make soak` kills at every call."""
    filled, phases = tmp_path / "filled", list[str]()
    with reading(workspace.engine) as connection:
        tables = workspace.tables.metadata.sorted_tables
        fresh = {table: list(map(dict, connection.execute(table.select()).mappings())) for table in tables}
    fill(filled)
    restore(workspace, filled, fresh)
    moments = moments_of_phases(workspace)
    undisturbed = content(workspace)
    is_quick = workspace.engine.dialect.name == "sqlite"
    for name, moment in moments.items():
        if not is_quick and name != "logged":
            continue
        restore(workspace, filled, fresh)
        assert run_and_kill(moment, workspace.home.folder)
        phases.append(phase(workspace))
        run_all(workspace)
        assert content(workspace) == undisturbed, f"killed at step {moment}, {phases[-1]}"
    assert set(phases) == (PHASES if is_quick else {"logged"}), phases


@on_each_database
def test_the_next_run_completes_a_run_that_was_killed_while_it_made_tables(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "upgrade", UPGRADE)
    fill(workspace.home.inbox)
    drop_warehouse(workspace)
    workspace.engine.dispose()
    assert run_and_kill(100, workspace.home.folder)
    run_all(workspace)
    assert content(workspace)["cases"]

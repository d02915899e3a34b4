"""A run killed at any moment, and run again, ends as an undisturbed one: nothing lost, nothing doubled."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import drop_warehouse
from counties import ledger_bytes, put
from sqlalchemy import event

from flows.delivery import drawing
from flows.intake import batches
from flows.intake.children import Limits
from flows.night import plainly, whole_run
from flows.settings import Home
from flows.workplace import Selection, Workplace
from warehouse.engine import reading

NOW = datetime(2024, 2, 1)
#: enough to strike in every phase: the run of this home takes about a hundred and fifty steps
MOMENTS = [*range(1, 40, 5), *range(40, 200, 11)]


def fill(inbox: Path) -> None:
    """Two counties, a resubmission in the same night, a shared case and a row with an error."""
    case = "某环立(星)〔2023〕{}号".format
    put(inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {"case_no": case(1)}, {"case_no": case(2)}))
    again = ledger_bytes("cases", {"case_no": case(2)}, {"case_no": case(3)}, {"case_no": case(4), "filed_on": "x"})
    put(inbox, "2023-06/990102/b.xlsx", again, "2023-07-08T10:00")
    put(inbox, "2023-06/990181/a.xlsx", ledger_bytes("cases", {"case_no": case(3)}, {"case_no": case(9)}))
    put(inbox, "2023-06/990181/b.xlsx", ledger_bytes("penalties", {}))


def content(place: Workplace) -> dict[str, Any]:
    """All that the warehouse says, and what lies in the archive and the reports.

    Serial numbers apart: a sequence of PostgreSQL does not go back with a transaction.
    """
    tables = [*place.tables.ledgers.values(), place.tables.submissions, place.tables.findings, place.tables.inbox_files]
    with reading(place.engine) as connection:
        rows = {
            table.name: connection.execute(table.select().order_by(*table.primary_key)).mappings().all() for table in tables
        }
    said = {name: [{**row, "version_id": 0, "finding_id": 0} for row in found] for name, found in rows.items()}
    archive = {file.relative_to(place.home.archive).as_posix() for file in place.home.archive.glob("??/*")}
    reports = sorted(folder.name for folder in place.home.reports.iterdir() if not folder.name.startswith("."))
    return {**said, "archive": archive, "reports": reports}


def work(place: Workplace) -> None:
    whole_run(place, "nightly", Selection(), plainly, NOW)


def in_this_process(_limits: Limits, function: Any, calls: Any) -> list[Any]:
    return [function(*call) for call in calls]


def die_at(moment: int, folder: Path) -> None:
    """Run over a home and kill this process at its n-th step on the disk or in the database."""
    place = Workplace(Home(folder))
    steps = 0

    def step(*_: Any, **__: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(function: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            step()
            result = function(*args, **options)
            step()
            return result

        return call

    event.listen(place.engine, "before_cursor_execute", step)
    event.listen(place.engine, "commit", step)
    os.replace, os.fsync = counted(os.replace), counted(os.fsync)
    batches.tried_in_children = drawing.in_children = in_this_process  # to start children at each moment takes a minute
    work(place)


@pytest.fixture
def undisturbed(workplace: Workplace, tmp_path: Path) -> dict[str, Any]:
    fill(workplace.home.inbox)
    shutil.copytree(workplace.home.inbox, tmp_path / "filled", copy_function=shutil.copy2)
    work(workplace)
    return content(workplace)


def make_new(place: Workplace, filled: Path) -> None:
    """The home and warehouse as before the first run."""
    for folder in (place.home.inbox, place.home.archive, place.home.reports):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(filled, place.home.inbox, copy_function=shutil.copy2)
    drop_warehouse(place)
    place.engine.dispose()


def test_a_killed_run_is_made_good_by_the_next(workplace: Workplace, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    killed = 0
    is_quick = workplace.engine.dialect.name == "sqlite"  # making a warehouse anew takes PostgreSQL a second
    for moment in MOMENTS if is_quick else MOMENTS[::3]:
        make_new(workplace, tmp_path / "filled")
        child = fork.Process(target=die_at, args=(moment, workplace.home.folder))
        child.start()
        child.join()
        assert child.exitcode in (-signal.SIGKILL, 0)
        killed += child.exitcode != 0
        work(workplace)
        assert content(workplace) == undisturbed, f"killed at step {moment}"
    assert killed >= (15 if is_quick else 5)

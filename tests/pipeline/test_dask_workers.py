"""A nightly run on a real Dask cluster on the loopback gives the same warehouse, row by row."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from flows.executor import Task
from flows.home import Home
from flows.ingest.rebuild import compare_warehouses, rebuild
from flows.orchestration import dask_workers
from flows.orchestration.prefect_server import listen_on
from flows.outputs.load_reports import write_missing_reports
from flows.pipeline import ingest
from flows.queries.figures import figure_rows
from flows.workspace import RunScope, Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from schemas.version import ruleset_version
from tests.conftest import on_postgresql
from tests.support.counties import ledger_bytes, put
from warehouse.engine import reading

REPOSITORY = Path(__file__).parents[2]
HUIZONG = ["-c", "from flows.cli import main; main()"]
STAR, RIVER = "990102", "990181"
ENDING_SECONDS = 60.0
NOW = datetime(2024, 2, 1)
Started = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(home_folder: Path) -> Iterator[Started]:
    """Start Python on the home; stop what still runs when the test ends."""
    processes: list[subprocess.Popen[str]] = []

    def started(*arguments: str, **settings: str) -> subprocess.Popen[str]:
        remaining = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment = (
            remaining
            | {"HUIZONG_HOME": str(home_folder), "DASK_TEMPORARY_DIRECTORY": str(home_folder)}
            | settings
        )
        processes.append(subprocess.Popen(
            [sys.executable, *arguments], cwd=REPOSITORY, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ))  # fmt: skip
        return processes[-1]

    yield started
    for process in reversed(
        processes
    ):  # a worker without its scheduler looks for it a while before it ends
        process.terminate()
        process.communicate(timeout=ENDING_SECONDS)


def free_address() -> str:
    with listen_on("127.0.0.1", 0) as tried:
        return f"tcp://127.0.0.1:{tried.getsockname()[1]}"


@pytest.fixture
def address(start: Started) -> str:
    """The address of a scheduler with two workers."""
    free = free_address()
    loopback = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    start("-m", "distributed.cli.dask_scheduler", *loopback, "--port", free.rpartition(":")[2])
    start(*HUIZONG, "worker", HUIZONG_DASK_ADDRESS=free, HUIZONG_READING_PROCESSES="2")
    return free


def fill(inbox: Path) -> None:
    """Put eight files into the inbox: a resubmission, a rejected file,
    copies, rows with errors, a shared case.
    """
    case = "某环立(星)〔2023〕{}号".format
    first = ledger_bytes(
        "cases",
        {"case_no": case(1)},
        {"case_no": case(2)},
        above=[["填报单位：星河区 填报月份：2023年6月"]],
    )
    put(inbox, f"2023-06/{STAR}/a.xlsx", first)
    put(inbox, f"2023-06/{STAR}/a 副本.xlsx", first, "2023-07-05T11:00")
    put(inbox, "a.xlsx", first, "2023-07-05T12:00")
    put(inbox, f"2023-06/{RIVER}/坏的.xlsx", b"PK\x03\x04", "2023-07-05T13:00")
    put(inbox, f"2023-06/{RIVER}/a.xlsx", ledger_bytes("cases", {"case_no": case(3)}), "2023-07-06T10:00")
    put(
        inbox,
        f"2023-06/{RIVER}/b.xlsx",
        ledger_bytes("penalties", {}, {"fine_fen": "很多"}),
        "2023-07-06T11:00",
    )
    again = ledger_bytes(
        "cases", {"case_no": case(2)}, {"case_no": case(3)}, {"case_no": case(4), "filed_on": "x"}
    )
    put(inbox, f"2023-06/{STAR}/b.xlsx", again, "2023-07-08T10:00")
    put(inbox, f"2023-06/{STAR}/c.xlsx", ledger_bytes("payments", {}), "2023-07-08T11:00")


def log_tasks(tasks: Iterable[Task], log: list[Task]) -> Iterator[Task]:
    for task in tasks:
        log.append(task)
        yield task


def figures(workspace: Workspace) -> list[tuple[str, str]]:
    selected = list(indicators().values())
    with reading(workspace.engine) as connection:
        rows = figure_rows(
            workspace,
            workspace.as_of_moment(connection),
            selected,
            [workspace.regions.top.code],
            Period.parse("2023"),
        )
    return [(str(row["indicator_id"]), str(row["display"])) for row in rows]


@on_postgresql
@pytest.mark.usefixtures("laid_out_database")
def test_a_nightly_run_on_two_workers_and_postgresql_gives_the_same_rows(
    home_folder: Path, warehouse_url: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "WAREHOUSE_URL": warehouse_url,
        "TASK_RUNNER": "dask",
        "DASK_ADDRESS": address,
        "FILES_PER_TASK": "2",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"HUIZONG_{name}", value)
    fill(home_folder / "inbox")
    workspace = Workspace(Home(home_folder))
    workspace.prepare()
    with dask_workers.dask_executor(workspace.home) as executor:
        assert executor is not None
        result = ingest(workspace, RunScope(), NOW, executor=executor)
        log: list[Task] = []
        (report,) = write_missing_reports(workspace, lambda tasks: executor(log_tasks(tasks, log)))
    assert len(log) == 3
    assert (result.load_id, result.has_fault) == (1, False)
    receipts = {item: item.read_bytes() for item in workspace.home.receipts.rglob("*.xlsx")}
    shutil.rmtree(report)
    shutil.rmtree(workspace.home.receipts)
    write_missing_reports(workspace)
    assert len(receipts) == 6
    assert {item: item.read_bytes() for item in workspace.home.receipts.rglob("*.xlsx")} == receipts
    plain = rebuild(workspace.home, "sqlite://", lambda _line: None)  # by the same functions, without Dask
    assert compare_warehouses(workspace, plain).differing == []
    assert figures(workspace) == figures(plain)
    # the second file of 星河区 differs from the first of the same night and waits
    assert dict(figures(workspace))["case_filed_count"] == "3件"
    for item in (workspace, plain):
        item.engine.dispose()


def test_a_missing_scheduler_is_reported_in_a_sentence(
    home_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = free_address()
    monkeypatch.setenv("HUIZONG_TASK_RUNNER", "dask")
    monkeypatch.setenv("HUIZONG_DASK_ADDRESS", address)
    monkeypatch.setattr(dask_workers, "CONNECTING_SECONDS", 0.5)
    with dask_workers.dask_executor(Home(home_folder)) as executor:
        assert executor is not None
        batches = executor([list, list])
        with pytest.raises(
            dask_workers.ExecutorUnavailableError,
            match=f"no Dask scheduler answers at {address}; start `dask scheduler`",
        ):
            next(batches)


def test_an_unfit_worker_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(dask_workers.ExecutorUnavailableError, match="has other rules"):
        dask_workers._run_on_worker("0.0.1-older", tmp_path, list)
    with pytest.raises(dask_workers.ExecutorUnavailableError, match="mount it there under the same path"):
        dask_workers._run_on_worker(ruleset_version(), tmp_path / "gone", list)
    assert dask_workers._run_on_worker(ruleset_version(), tmp_path, list) == []


@pytest.mark.parametrize("address", ["10.0.0.1:8786", "http://10.0.0.1:8786", "tcp://10.0.0.1"])
def test_a_wrong_address_is_rejected_with_a_valid_example(
    home_folder: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HUIZONG_DASK_ADDRESS", address)
    with pytest.raises(ValueError, match="write tcp://HOST:8786"):
        Home(home_folder)

"""A set of exported files: of one load, complete or the former set, and it never replaces other files."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from filelock import FileLock

from flows.cli import main
from flows.outputs import exports
from flows.outputs.export_files import write_view
from flows.outputs.exports import export_views
from flows.workspace import Workspace
from tests.conftest import on_each_database
from tests.support.counties import ledger_bytes, put
from tests.support.exports import content_of, csv_rows, export, export_to, package_of, parquet_rows
from tests.support.views import NOW, night, views_of

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def small(workspace: Workspace) -> Workspace:
    """A warehouse with one case."""
    put(workspace.home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {}))
    night(workspace)
    return workspace


@on_each_database
def test_an_export_is_of_one_load_even_if_another_is_committed_meanwhile(
    small: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights: list[int | None] = []

    def write_and_load(*arguments: Any) -> Any:
        if not nights:
            put(
                small.home.inbox,
                "2023-06/990181/b.xlsx",
                ledger_bytes("cases", {"case_no": "某环立〔2023〕9号"}),
            )
            nights.append(night(small))
        return write_view(*arguments)

    monkeypatch.setattr(exports, "write_view", write_and_load)
    export_views(small, tmp_path / "out", NOW)
    assert nights == [2]
    assert package_of(tmp_path / "out")["load_id"] == 1
    load_ids = {row["load_id"] for view in views_of(small) for row in parquet_rows(tmp_path / "out", view)}
    assert load_ids == {1}
    monkeypatch.undo()
    export_views(small, tmp_path / "out", NOW)
    assert (package_of(tmp_path / "out")["load_id"], len(csv_rows(tmp_path / "out", "mart_cases"))) == (
        2,
        2,
    )
    assert list(tmp_path.glob(".out*")) == []


def test_two_exports_of_a_home_do_not_run_at_once(small: Workspace, tmp_path: Path) -> None:
    with FileLock(small.home.folder / exports.LOCK_FILE):
        refused = export(small, tmp_path / "out")
    assert (refused.exit_code, "another export" in refused.output) == (1, True)
    export_to(small, tmp_path / "out")


def test_files_that_no_export_wrote_are_not_deleted(small: Workspace, tmp_path: Path) -> None:
    foreign, mixed, file, empty = (tmp_path / name for name in ("foreign", "mixed", "file", "empty"))
    foreign.mkdir()
    empty.mkdir()
    (foreign / "datapackage.json").write_text('{"name": "another", "resources": []}', "utf-8")
    file.write_text("notes", "utf-8")
    (export_to(small, mixed) / "csv/notes.txt").write_text("mine", "utf-8")
    for out, named in ((foreign, "datapackage.json"), (mixed, "csv/notes.txt"), (file, "is a file")):
        before = content_of(out)
        refused = export(small, out)
        assert (refused.exit_code, named in refused.output) == (1, True), refused.output
        assert "name a folder that is empty" in refused.output
        assert content_of(out) == before
    assert file.read_text("utf-8") == "notes"
    export_to(small, empty)
    export_to(small, empty)


def export_and_kill(call: int, module: Any, name: str, small: Workspace, out: Path) -> int | None:
    """Export in a process that is killed at its n-th call of a function; return its exit code."""
    function, calls = getattr(module, name), itertools.count(1)

    def kill(*arguments: Any, **options: Any) -> Any:
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)

    def die() -> None:
        setattr(module, name, kill)
        export(small, out)

    small.engine.dispose()
    child = FORK.Process(target=die)
    child.start()
    child.join()
    return child.exitcode


@pytest.mark.parametrize(
    ("call", "module", "name"),
    [(5, exports, "write_view"), (1, exports, "write_atomic"), (2, os, "rename")],
    ids=["at a view", "at the package", "between the renames"],
)
def test_a_killed_export_leaves_the_former_set(
    small: Workspace, tmp_path: Path, call: int, module: Any, name: str
) -> None:
    out = export_to(small, tmp_path / "out")
    before = content_of(out)
    assert export_and_kill(call, module, name, small, out) == -signal.SIGKILL
    if out.exists():
        assert content_of(out) == before
    else:  # the moment without any set: the next export first restores the former one
        assert content_of(tmp_path / ".out.huizong-former") == before
        (tmp_path / ".out.huizong-former/notes.txt").write_text("mine", "utf-8")
        assert export(small, out).exit_code == 1
        (out / "notes.txt").unlink()
        assert content_of(out) == before
    export_to(small, out)
    assert list(tmp_path.glob(".out*")) == []


def test_without_anything_to_export_it_says_what_to_run(workspace: Workspace, tmp_path: Path) -> None:
    empty = export(workspace, tmp_path / "out")
    assert (
        empty.exit_code,
        "nothing has been loaded" in empty.output,
        "huizong nightly" in empty.output,
    ) == (1, True, True)
    night(workspace)
    with workspace.engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW mart_cases")
    result = export(workspace, tmp_path / "out")
    assert (result.exit_code, "other definitions" in result.output, "huizong nightly" in result.output) == (
        1,
        True,
        True,
    )
    assert list(tmp_path.glob("*out*")) == []


def test_without_a_warehouse_it_says_what_to_run(
    home_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
    absent = CliRunner().invoke(
        main, ["--home", str(home_folder), "export", "--out", str(tmp_path / "out")]
    )
    assert (absent.exit_code, "huizong nightly" in absent.output) == (1, True)

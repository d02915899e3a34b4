"""Outputs that are damaged, of a lost load, or in whose place something else stands: each by itself."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from flows.home import Home
from flows.outputs.publication import publication_folder, publish
from flows.pipeline import RunResult, run_pipeline
from flows.workspace import RunScope, Workspace
from schemas.periods import Period
from tests.conftest import SharedHome
from tests.support.counties import ledger_bytes, put

UNIT = "2023-06/990102"


@pytest.fixture
def loaded(workspace: Workspace, shared_home: SharedHome) -> Workspace:
    """A home after a night and a publication, made once and copied."""

    def make(folder: Path) -> None:
        put(workspace.home.inbox, f"{UNIT}/立案.xlsx", ledger_bytes("cases", {}))
        put(workspace.home.inbox, f"{UNIT}/处罚.xlsx", ledger_bytes("penalties", {}))
        night(workspace, 5)
        publish(workspace, Period.parse("2023-06"), "", as_provisional=True, now=datetime(2023, 7, 5, 3))
        workspace.engine.dispose()
        shutil.copytree(workspace.home.folder, folder, copy_function=shutil.copy2)

    home = shared_home("home-with-outputs", make)
    workspace.engine.dispose()
    shutil.copytree(home, workspace.home.folder, copy_function=shutil.copy2, dirs_exist_ok=True)
    return workspace


def night(workspace: Workspace, day: int) -> RunResult:
    return run_pipeline(workspace, RunScope(), datetime(2023, 7, day, 2))


def cut_at_a_line_end(file: Path) -> None:
    file.write_bytes(file.read_bytes().partition(b"\n")[0] + b"\n")


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def test_damaged_files_of_a_publication_are_made_again(loaded: Workspace) -> None:
    folder = publication_folder(loaded, 1)
    whole = {file: file.read_bytes() for file in folder.iterdir()}
    assert len(whole) == 2
    for file, data in whole.items():
        for damage in (empty, cut, Path.unlink, *[cut_at_a_line_end] * (file.suffix == ".csv")):
            damage(file)
            night(loaded, 6)
            assert file.read_bytes() == data, (file.name, damage)


def test_each_csv_of_a_report_is_made_again(loaded: Workspace) -> None:
    folder = loaded.home.reports / "load-000001"
    for name in ("submissions.csv", "moved_figures.csv"):
        data = (folder / name).read_bytes()
        for damage in (cut_at_a_line_end, Path.unlink):
            damage(folder / name)
            night(loaded, 6)
            assert (folder / name).read_bytes() == data, (name, damage)


def test_a_report_without_a_manifest_stays(loaded: Workspace) -> None:
    """Reports of former versions have none."""
    folder = loaded.home.reports / "load-000001"
    (folder / "report.json").unlink()
    (folder / "submissions.csv").write_text("kept\n")
    night(loaded, 6)
    assert (folder / "submissions.csv").read_text() == "kept\n"


def test_a_load_that_takes_the_number_of_a_lost_one_has_its_own_outputs(
    loaded: Workspace, tmp_path: Path
) -> None:
    """Archive and warehouse were put back by one load, receipts and reports were not."""
    home = loaded.home
    loaded.engine.dispose()
    shutil.copytree(home.archive, tmp_path / "archive")
    shutil.copy(home.folder / "warehouse.sqlite", tmp_path)
    lost = put(home.inbox, "2023-06/990121/检查.xlsx", ledger_bytes("inspections", {}))
    assert night(loaded, 6).load_id == 2
    loaded.engine.dispose()
    assert list(home.receipts.glob("*/990121/*000002*"))
    lost.unlink()
    shutil.rmtree(home.archive)
    shutil.copytree(tmp_path / "archive", home.archive)
    for file in home.folder.glob("warehouse.sqlite*"):
        file.unlink()
    shutil.copy(tmp_path / "warehouse.sqlite", home.folder)
    put(home.inbox, f"{UNIT}/移送.xlsx", ledger_bytes("transfers", {}))
    assert night(Workspace(Home(home.folder)), 7).load_id == 2
    assert "移送" in (home.reports / "load-000002" / "submissions.csv").read_text("utf-8")
    assert list(home.receipts.glob(f"{UNIT}/移送*000002*"))
    assert not list(home.receipts.glob("*/990121/*000002*")), "it tells of the lost load"


def folder_at(path: str) -> Callable[[Path], None]:
    def put_folder(home: Path) -> None:
        (home / path).unlink(missing_ok=True)
        (home / path / "x").mkdir(parents=True)

    return put_folder


def file_at(path: str) -> Callable[[Path], None]:
    def put_file(home: Path) -> None:
        shutil.rmtree(home / path, ignore_errors=True)
        (home / path).write_text("x")

    return put_file


def link_at(path: str) -> Callable[[Path], None]:
    return lambda home: (home / path).symlink_to("/nonexistent")


RECEIPT = f"receipts/{UNIT}/z-回执-000001-abcdef-已接收.xlsx"


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (folder_at("marts.sqlite"), "marts.sqlite"),
        (file_at("receipts/2023-06/990102"), "990102"),
        (file_at("reports/load-000002"), "load-000002"),
        (file_at("reports/publication-0001"), "publication-0001"),
        (folder_at("reports/publication-0001/figures.csv"), "figures.csv"),
        (folder_at("reports/load-000001/findings.csv"), ""),
        (link_at("reports/load-000001/z.csv"), ""),
        (link_at(RECEIPT), ""),
        (folder_at(RECEIPT), ""),
    ],
)
def test_something_odd_in_an_outputs_place_ends_no_night(
    loaded: Workspace, spoil: Callable[[Path], None], named: str
) -> None:
    spoil(loaded.home.folder)
    put(loaded.home.inbox, "2023-06/990121/检查.xlsx", ledger_bytes("inspections", {}))
    put(loaded.home.inbox, f"{UNIT}/移送.xlsx", ledger_bytes("transfers", {}))
    result = night(loaded, 6)
    assert (result.load_id, result.has_fault) == (2, bool(named))
    assert [fault for fault in result.output_faults if named not in fault] == []
    assert list(loaded.home.receipts.glob("*/990121/检查*000002*"))
    if "load-000002" not in named:
        assert (loaded.home.reports / "load-000002" / "submissions.csv").is_file()


def test_something_odd_in_the_archive_keeps_one_file_out(loaded: Workspace) -> None:
    file = put(loaded.home.inbox, "2023-06/990121/检查.xlsx", ledger_bytes("inspections", {}))
    put(loaded.home.inbox, f"{UNIT}/移送.xlsx", ledger_bytes("transfers", {}))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    (loaded.home.archive / sha256[:2] / sha256 / "x").mkdir(parents=True)
    result = night(loaded, 6)
    assert (result.load_id, len(result.unreadable), "检查" in result.unreadable[0]) == (2, 1, True)
    assert list(loaded.home.receipts.glob(f"{UNIT}/移送*000002*"))

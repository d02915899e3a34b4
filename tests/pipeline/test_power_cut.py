"""After a power cut at any moment, what is claimed is there, and the next run completes the rest."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from flows.archive.verify import find_archive_problems
from flows.cli import main
from flows.home import Home
from flows.ingest import read_batches as batches
from flows.leftovers import REBUILT
from flows.pipeline import run_pipeline
from flows.sandbox import render_receipts
from flows.sandbox.scratch import scratch_folder
from flows.workspace import RunScope, Workspace
from tests.pipeline.test_kill import NOW, content, fill, in_this_process
from tests.support.counties import ledger_bytes, put
from tests.support.power_cut import Disk, recording

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="the recorder asks /proc for paths"
)
#: every which moment of a night has a power cut; `make soak` takes all, and a run after each
EVERY = int(os.environ.get("HUIZONG_POWER_CUT_EVERY", "16"))


@pytest.fixture(autouse=True)
def simulated(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work without child processes, and with the warehouse of each home."""
    assert workspace.home.warehouse_url
    monkeypatch.delenv("HUIZONG_WAREHOUSE_URL")
    monkeypatch.setattr(render_receipts, "map_isolated", in_this_process)
    monkeypatch.setattr(batches, "map_once", in_this_process)


def syncs_all(_path: Path) -> bool:
    return True


def cut_night(
    workspace: Workspace,
    folder: Path,
    syncs: Sequence[Callable[[Path], bool]] = (syncs_all,),
    every: int = EVERY,
) -> list[list[Path]]:
    """Run a night; return what each disk would hold after power cuts at some moments, the last first."""
    fill(workspace.home.inbox)
    home = workspace.home.folder
    disks = [Disk(home, folder / f"aside{number}", is_synced) for number, is_synced in enumerate(syncs)]
    images: list[list[Path]] = [[] for _ in disks]
    numbers: Iterator[int] = itertools.count()

    def step() -> None:
        if next(numbers) % every:
            return
        for number, (disk, written) in enumerate(zip(disks, images, strict=True)):
            for keeps_names in (False, True):
                written.append(folder / f"{number}-{len(written):04}")
                disk.write_image(written[-1], keeps_names=keeps_names)

    with recording(disks, step):
        run_pipeline(workspace, RunScope(), NOW)
        numbers = itertools.repeat(0)  # the end is always one
        step()
    return [written[::-1] for written in images]


def outputs(home: Path) -> dict[str, bytes]:
    """Return the content of every receipt and of every file of a report."""
    files = [*home.glob("receipts/*/*/[!.]*"), *home.glob("reports/load-*/*")]
    return {file.relative_to(home).as_posix(): file.read_bytes() for file in files}


def broken_claims(image: Path, whole: Mapping[str, bytes]) -> list[str]:
    """Return what the warehouse, or a report, claims and what is not there as a whole."""
    workspace = Workspace(Home(image))
    broken = list(find_archive_problems(workspace.home, workspace))
    workspace.engine.dispose()
    if (image / "reports" / "load-000001").exists():
        there = outputs(image)
        broken += [name for name, data in whole.items() if there.get(name) != data]
    return broken


def test_what_is_claimed_is_on_disk_and_the_next_run_completes_the_rest(
    workspace: Workspace, tmp_path: Path
) -> None:
    [images] = cut_night(workspace, tmp_path)
    whole, undisturbed = outputs(workspace.home.folder), content(workspace)
    assert len(whole) > 8
    assert {image.name: broken for image in images if (broken := broken_claims(image, whole))} == {}
    for image in images[:: 5 if EVERY > 1 else 1]:
        next_run = Workspace(Home(image))
        run_pipeline(next_run, RunScope(), NOW)
        assert (image.name, content(next_run)) == (image.name, undisturbed)
        assert (image.name, outputs(image)) == (image.name, whole)
        next_run.engine.dispose()


#: a kind of file or folder that a disk does not sync, and what is then claimed and not there
UNSYNCED = {
    "archive/log.jsonl": "not in the log",
    "archive/??/*": "was altered",
    "archive/??": "is not in the archive",
    "archive": "not in the log",
    "receipts/*/*/*.xlsx": "receipts/",
    "receipts/*/*": "receipts/",
    "reports/.load-*/*": "findings.csv",
    "reports/.load-*": "findings.csv",
}


def test_the_simulation_finds_what_is_not_synced(workspace: Workspace, tmp_path: Path) -> None:
    """The control: where a kind of file or folder is not synced, claims of warehouse or report are broken."""
    home = workspace.home.folder
    lying = [lambda path, kind=kind: not path.relative_to(home).match(kind) for kind in UNSYNCED]
    images = cut_night(workspace, tmp_path, lying, 4 * EVERY)
    whole = outputs(home)
    for (kind, claim), left in zip(UNSYNCED.items(), images, strict=True):
        problems = (problem for image in left for problem in broken_claims(image, whole))
        assert any(claim in problem for problem in problems), kind


def test_a_damaged_receipt_or_report_is_made_again(workspace: Workspace) -> None:
    fill(workspace.home.inbox)
    run_pipeline(workspace, RunScope(), NOW)
    home = workspace.home.folder
    whole = outputs(home)
    receipt, report = next(name for name in whole if "/990181/" in name), "reports/load-000001/findings.csv"
    for damaged, damage in (
        (receipt, b""),
        (receipt, b"PK half of a workbook"),
        (receipt, bytes(3000)),
        (report, b""),
        (report, bytes(3000)),
    ):
        (home / damaged).write_bytes(damage)
        run_pipeline(workspace, RunScope(), NOW)
        assert outputs(home) == whole, (damaged, damage)


def test_a_receipt_that_was_deleted_or_written_in_stays(workspace: Workspace) -> None:
    fill(workspace.home.inbox)
    run_pipeline(workspace, RunScope(), NOW)
    first, second, *_ = sorted(workspace.home.receipts.glob("*/*/*.xlsx"))
    first.unlink()
    book = load_workbook(second)
    book.active["A1"] = "经办人：已电话告知"
    book.save(second)
    saved = second.read_bytes()
    run_pipeline(workspace, RunScope(), NOW)
    assert not first.exists()
    assert second.read_bytes() == saved


def test_receipts_and_reports_are_kept_for_days_and_do_not_come_back(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = workspace.home.folder
    fill(workspace.home.inbox)
    run_pipeline(workspace, RunScope(), NOW)
    first = outputs(home)
    put(workspace.home.inbox, "2023-07/990102/a.xlsx", ledger_bytes("cases", {"filed_on": "2023-07-03"}))
    monkeypatch.setenv("HUIZONG_RECEIPTS_KEPT_DAYS", "20")
    monkeypatch.setenv("HUIZONG_REPORTS_KEPT_DAYS", "40")
    for days, kept in [
        (19, ("receipts/", "reports/")),
        (21, ("reports/",)),
        (22, ("reports/",)),
        (41, ()),
        (42, ()),
    ]:
        later = Workspace(Home(home), workspace.engine)
        run_pipeline(later, RunScope(), NOW + timedelta(days=days))
        assert first.keys() & outputs(home).keys() == {name for name in first if name.startswith(kept)}
    assert any("000002" in name for name in outputs(home))
    assert not (home / "receipts" / "2023-06").exists()


def test_the_next_run_takes_away_what_killed_runs_left(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    home = workspace.home.folder
    fill(workspace.home.inbox)
    run_pipeline(workspace, RunScope(), NOW)
    (receipt, *_), (archived, *_) = home.glob("receipts/*/*/*.xlsx"), home.glob("archive/*/*")
    left = [
        *(
            home / name
            for name in ("warehouse.sqlite-stage", ".marts.sqlite", "warehouse.rebuilt.sqlite-wal")
        ),
        *(
            home / name
            for name in (
                "warehouse.rebuilt.sqlite",
                ".warehouse.rebuilt.sqlite",
                ".warehouse.rebuilt.sqlite-wal",
            )
        ),
        *(file.with_name(f".{file.name}") for file in (receipt, archived)),
        home / "reports" / ".load-000002" / "findings.csv",
        tmp_path / "huizong-read-killed" / "buffer",
    ]
    for file in left:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    os.utime(tmp_path / "huizong-read-killed", (0, 0))
    with scratch_folder() as living:
        os.utime(living, (0, 0))
        run_pipeline(workspace, RunScope(), NOW)
        assert living.exists()
    assert [file for file in left if file.exists()] == []
    assert not (tmp_path / "huizong-read-killed").exists()


def test_a_finished_rebuild_stays_until_it_is_put_in_place(workspace: Workspace) -> None:
    fill(workspace.home.inbox)
    run_pipeline(workspace, RunScope(), NOW)
    result = CliRunner().invoke(main, ["--home", str(workspace.home.folder), "rebuild"])
    assert result.exit_code == 0, result.output
    run_pipeline(workspace, RunScope(), NOW)
    assert {file.name for file in workspace.home.folder.glob("*rebuilt*")} == {REBUILT}

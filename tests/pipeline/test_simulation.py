"""What is promised of a home holds under kills, disk errors, wrong clocks and old backups.

Each seed is a story: what counties send in some nights, and what goes wrong in them. `make soak` plays as
many as there is time for; `python -m tests.support.simulation --seed N` plays one again.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import memory_folder
from tests.support.simulation.faults import KILL, FailingDisk, Fault, KilledError, failing
from tests.support.simulation.play import broken_promises_of
from tests.support.simulation.story import draw_story

#: a story takes about a second; these put old backups back, publish, or meet what once went wrong
SEEDS = (9, 30, 41, 48, 78, 1056)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, if there is one: hundreds of syncs take seconds on a disk."""
    with tempfile.TemporaryDirectory(dir=memory_folder()) as name:
        yield Path(name)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_holds(seed: int, folder: Path, laid_out_file: Path) -> None:
    assert broken_promises_of(seed, folder / "home", laid_out_file) == []


def test_a_seed_is_one_story() -> None:
    assert draw_story(17).nights == draw_story(17).nights
    assert draw_story(17).nights != draw_story(18).nights


def test_a_killed_process_does_nothing_more_and_leaves_half_of_what_it_wrote(tmp_path: Path) -> None:
    with failing(tmp_path, Fault(2, KILL)):
        with pytest.raises(KilledError):
            (tmp_path / "half").write_bytes(b"12345678")
        with pytest.raises(KilledError):
            (tmp_path / "half").unlink()
    assert (tmp_path / "half").read_bytes() == b"1234"


def test_a_full_disk_refuses_what_is_written_and_lets_read(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old")
    with failing(tmp_path, Fault(1, "ENOSPC", is_lasting=True)) as disk:
        assert (tmp_path / "there").read_text() == "old"
        for name in ("new", "newer"):
            with pytest.raises(OSError, match=name) as refused:
                (tmp_path / name).write_text("x")
            assert refused.value.errno == errno.ENOSPC
    assert disk.has_failed


def test_what_is_outside_the_home_does_not_fail(tmp_path: Path) -> None:
    assert not FailingDisk(tmp_path / "home", Fault(1)).concerns(tmp_path / "elsewhere")

"""Atomic writes: the whole of the new content or the whole of the old."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.atomic import replace_atomic, write_atomic


@pytest.mark.parametrize("is_durable", [False, True])
def test_a_file_is_written_and_replaced(tmp_path: Path, is_durable: bool) -> None:
    target = tmp_path / "above" / "figures.csv"
    for content in (b"first", b"second"):
        write_atomic(target, content, is_durable=is_durable)
        assert target.read_bytes() == content
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("is_contended", [False, True])
def test_a_failed_write_leaves_the_former_file_and_nothing_else(tmp_path: Path, is_contended: bool) -> None:
    target = tmp_path / "figures.csv"
    target.write_bytes(b"former")

    def write_half() -> None:
        with replace_atomic(target, is_contended=is_contended) as temporary:
            temporary.write_bytes(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_half()
    assert target.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_put_in_place_without_what_a_killed_process_left(tmp_path: Path) -> None:
    leftover = tmp_path / ".load-000001"
    leftover.mkdir()
    (leftover / "old.csv").touch()
    with replace_atomic(tmp_path / "load-000001") as folder:
        folder.mkdir()
        (folder / "findings.csv").touch()
        assert not (tmp_path / "load-000001").exists()
    assert [path.name for path in (tmp_path / "load-000001").iterdir()] == ["findings.csv"]
    assert not leftover.exists()

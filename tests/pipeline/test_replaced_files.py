"""Whatever takes a file's place after it was listed is neither waited for nor followed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from flows.archive import regular_file
from flows.archive.anchor import write_anchor
from flows.archive.log import ArchiveLog
from flows.archive.store import DamagedFileError, InboxReadError, archive_file, archive_path, read_checked
from flows.archive.verify import find_archive_problems
from flows.commands.nightly import print_first
from flows.home import Home
from flows.ingest.inbox import has_content, list_inbox
from flows.storage_errors import describe_storage_error
from tests.support.log_entries import logged_file, logged_load

NOW = datetime(2024, 2, 1)
NAME = "2023-06/990102/a.csv"


@pytest.fixture(params=[True, False], ids=["handles", "paths"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an inbox with one file, on a system with handles of folders and on one without."""
    monkeypatch.setattr(regular_file, "HAS_FOLDER_HANDLES", request.param)
    file = tmp_path / "inbox" / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a ledger")
    return tmp_path / "inbox"


@pytest.fixture
def secret(tmp_path: Path, inbox: Path) -> Path:
    """Return a folder outside the inbox with a file that is alike in name, size and time."""
    file = tmp_path / "secret" / "a.csv"
    file.parent.mkdir()
    shutil.copy2(inbox / NAME, file)
    return file.parent


def pipe(file: Path, _secret: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def link(file: Path, secret: Path) -> None:
    file.unlink()
    file.symlink_to(secret / "a.csv")


def link_loop(file: Path, _secret: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def folder(file: Path, _secret: Path) -> None:
    file.unlink()
    file.mkdir()


def linked_folder(file: Path, secret: Path) -> None:
    shutil.rmtree(file.parent)
    file.parent.symlink_to(secret)


def linked_folder_above(file: Path, secret: Path) -> None:
    secret.rename(secret.parent / file.parent.name)
    shutil.rmtree(file.parent.parent)
    file.parent.parent.symlink_to(secret.parent)


@contextmanager
def opening(file: Path) -> Iterator[None]:
    """End the waiting of a reader for a writer: a test that hangs says nothing."""
    timer = Timer(3, lambda: os.close(os.open(file, os.O_RDWR | os.O_NONBLOCK)))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@pytest.mark.parametrize(
    "replace",
    [pipe, link, link_loop, folder, linked_folder, linked_folder_above],
    ids=lambda each: each.__name__,
)
def test_what_took_the_place_of_a_listed_file_is_left_and_reported(
    inbox: Path, secret: Path, tmp_path: Path, replace: Callable[[Path, Path], None]
) -> None:
    (listed,) = list_inbox(inbox, [], [])
    replace(inbox / NAME, secret)
    with opening(inbox / NAME):
        assert not has_content(listed, "")
        with pytest.raises(InboxReadError, match=r"changed while it was read|directory"):
            archive_file(tmp_path / "archive", listed, NOW)
    assert not (tmp_path / "archive").exists()
    assert list(list_inbox(inbox, [], [])) == []


def test_an_unchanged_file_is_archived(inbox: Path, tmp_path: Path) -> None:
    (listed,) = list_inbox(inbox, [], [])
    archived = archive_file(tmp_path / "archive", listed, NOW)
    assert archived is not None
    assert archived.archived.read_bytes() == b"a ledger"
    assert has_content(listed, archived.sha256)


def test_a_folder_that_became_a_link_is_not_listed(
    inbox: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is replaced between the listing of the folder above it and its own."""
    scandir, unreadable, unit = os.scandir, list[str](), (inbox / NAME).parent

    def replacing(listed: Any) -> Any:
        entries = list(scandir(listed))
        if [entry.name for entry in entries] == [unit.name]:
            unit.rename(inbox.parent / "away")
            unit.symlink_to(secret)
        return entries

    monkeypatch.setattr(os, "scandir", replacing)
    assert list(list_inbox(inbox, unreadable, [])) == []
    assert [line.split(": ")[0] for line in unreadable] == [str(unit)]


@pytest.mark.parametrize("kind", ["folder", "loop", "endless", "pipe"])
def test_what_is_no_regular_file_in_the_archive_is_neither_read_nor_waited_for(
    tmp_path: Path, kind: str
) -> None:
    home, sha256 = Home(tmp_path), "ab" * 32
    file = archive_path(home.archive, sha256)
    file.parent.mkdir(parents=True)
    match kind:
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case _:
            file.symlink_to(file if kind == "loop" else "/dev/zero")
    ArchiveLog(home.archive).append(
        "load", logged_load(1, regions=sha256, files=[logged_file(NAME, sha256)])
    )
    with opening(file):
        assert list(find_archive_problems(home, None)) == [
            f"{NAME} (log line 1): {sha256[:12]} was altered"
        ]
        with pytest.raises(DamagedFileError, match="no file of the archive"):
            read_checked(file)


@pytest.mark.parametrize("kind", ["bytes", "pipe", "full"])
def test_what_is_no_anchor_file_is_named_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    anchors, home = tmp_path / "anchors.txt", Home(tmp_path)
    ArchiveLog(home.archive).append("load", logged_load(1))
    match kind:
        case "bytes":
            anchors.write_bytes(b"\xff\xfe1\x00")
        case "pipe":
            os.mkfifo(anchors)
        case _:
            anchors.symlink_to("/dev/full")
    home.settings.anchor_file = str(anchors)
    before = anchors.read_bytes() if kind == "bytes" else b""
    with opening(anchors):
        assert str(anchors) in str(write_anchor(home, NOW))
    assert kind != "bytes" or anchors.read_bytes() == before


def test_a_name_with_line_ends_forges_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_first("Rejected:", ["a\n  b.csv: good", "c\u2028d.csv: bad"])
    print_first("Failed:", ["e.csv: Traceback\n  f.csv: good"], has_tracebacks=True)
    assert capsys.readouterr().out.split("\n") == [
        "Rejected:",
        "  a\\n  b.csv: good",
        "  c\\u2028d.csv: bad",
        "Failed:",
        "  e.csv: Traceback",
        "  |   f.csv: good",
        "",
    ]


def test_a_log_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    log = ArchiveLog(tmp_path)
    os.mkfifo(log.file)
    with opening(log.file):
        for read in (log.last_digest, lambda: list(log.entries()), lambda: log.append("load", {})):
            with pytest.raises(OSError, match="no regular file") as raised:
                read()
            assert "To do: put the file in its place" in str(describe_storage_error(raised.value))

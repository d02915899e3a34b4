"""A disk that fails, and a process that is killed, at the n-th call to disk, database or hash.

Nothing that a killed process still does has an effect: every later call of it is refused too. What it was
writing stays there by half.
"""

from __future__ import annotations

import builtins
import errno
import hashlib
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

#: calls that change the disk, which alone a full disk and a read-only one refuse
WRITING = ("fsync", "replace", "rename", "mkdir", "unlink", "rmdir")
READING = ("stat", "scandir")
KILL = "kill"
#: what SQLite says of an error of the system
_OF_SQLITE = {
    errno.ENOSPC: "database or disk is full",
    errno.EIO: "disk I/O error",
    errno.EROFS: "attempt to write a readonly database",
}


class KilledError(BaseException):
    """The process is killed."""


@dataclass(frozen=True)
class Fault:
    """What happens at the n-th call: the process is killed, or the system reports an error.

    `is_lasting`: every later call fails too.
    """

    call: int
    kind: str = KILL
    is_lasting: bool = False

    @property
    def number(self) -> int:
        """The system's number of the error."""
        return int(getattr(errno, self.kind))


NO_FAULT = Fault(0)


class FailingDisk:
    """Counts the calls that concern a home, and fails one of them, or all from it on."""

    def __init__(self, home: Path, fault: Fault) -> None:
        self.home, self.fault, self.calls, self.has_failed = f"{home}{os.sep}", fault, 0, False

    def concerns(self, path: Any) -> bool:
        """Whether a path, or an open file's number, is of the home; the lock is held until the end."""
        if isinstance(path, int):
            return True
        try:
            text = os.fsdecode(path)
        except TypeError:
            return False
        return text.startswith(self.home) and not text.endswith("run.lock")

    def call(self, what: Any, *, writes: bool, half: Callable[[], Any] | None = None) -> None:
        """Count a call, and fail it if it is its turn; `half` does half of it."""
        fault = self.fault
        if fault.kind not in (KILL, "EIO") and not writes:
            return
        self.calls += 1
        is_later = self.has_failed and (fault.kind == KILL or fault.is_lasting)
        if self.calls != fault.call and not is_later:
            return
        if half and not self.has_failed and fault.kind != "EROFS":
            half()
        self.has_failed = True
        if fault.kind == KILL:
            raise KilledError
        if what is SQL:
            original = sqlite3.OperationalError(_OF_SQLITE[fault.number])
            raise OperationalError("", None, original)
        path = what if isinstance(what, str | bytes | os.PathLike) else None
        raise OSError(fault.number, os.strerror(fault.number), path)


#: stands for a statement or a commit
SQL = object()


class _File:
    """A file that is open for writing."""

    def __init__(self, file: Any, disk: FailingDisk) -> None:
        self._file, self._disk = file, disk

    def write(self, data: Any) -> int:
        def write_half() -> None:
            self._file.write(data[: len(data) // 2])
            self._file.flush()

        self._disk.call(self._file.name, writes=True, half=write_half)
        return int(self._file.write(data))

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class InThisThread:
    """A pool whose work is done at once, so that calls have one order."""

    def __init__(self, _workers: int) -> None:
        pass

    def __enter__(self) -> InThisThread:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def map(self, function: Callable[..., Any], *arguments: Any) -> Iterator[Any]:
        return map(function, *arguments)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future


def _counted(disk: FailingDisk, function: Callable[..., Any], *, writes: bool) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        if arguments and (disk.concerns(arguments[0]) or options.get("dir_fd") is not None):
            disk.call(arguments[0], writes=writes)
        return function(*arguments, **options)

    return call


def _opening(disk: FailingDisk, function: Callable[..., Any]) -> Callable[..., Any]:
    def open_file(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if not disk.concerns(file):
            return function(file, mode, *arguments, **options)
        writes = any(letter in mode for letter in "wax+")
        disk.call(file, writes=writes)
        opened = function(file, mode, *arguments, **options)
        return _File(opened, disk) if writes else opened

    return open_file


@contextmanager
def failing(home: Path, fault: Fault) -> Iterator[FailingDisk]:
    """Fail what the block does with a home; the disk tells how many calls there were."""
    disk = FailingDisk(home, fault)

    def execute(_connection: Any, _cursor: Any, statement: str, *_remaining: Any) -> None:
        disk.call(SQL, writes=not statement.startswith(("SELECT", "PRAGMA", "BEGIN")))

    def commit(_connection: Any) -> None:
        disk.call(SQL, writes=True)

    digest = hashlib.file_digest

    def file_digest(file: Any, *arguments: Any) -> Any:
        disk.call(getattr(file, "name", None), writes=False)
        return digest(file, *arguments)

    patches = [patch.object(io, "open", _opening(disk, io.open)),
               patch.object(builtins, "open", _opening(disk, builtins.open)),
               patch.object(hashlib, "file_digest", file_digest)]  # fmt: skip
    for names, writes in ((WRITING, True), (READING, False)):
        patches += [
            patch.object(os, name, _counted(disk, getattr(os, name), writes=writes)) for name in names
        ]
    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Engine, "commit", commit)
    try:
        for item in patches:
            item.start()
        yield disk
    finally:
        for item in reversed(patches):
            item.stop()
        event.remove(Engine, "before_cursor_execute", execute)
        event.remove(Engine, "commit", commit)

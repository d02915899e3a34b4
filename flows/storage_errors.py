"""Errors of disks, shares and databases as sentences: what failed, where, and what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator

#: what failed, with its path, and what to do, by the system's number of the error
_FULL = ("the disk is full: {path} could not be written", "make room on it")
_READ_ONLY = ("{path} cannot be written: the disk is mounted read-only", "mount it for writing")
_FORBIDDEN = ("this user may not read or write {path}", "give it the right")
_FAILING = ("the disk reports an error at {path}", "check the disk and its connection")
_SHARE_AWAY = ("the share with {path} does not answer", "see that it is mounted and its server runs")
_GONE = ("{path} is not there", "see that the disk or share is mounted and the folder exists")
_NO_FILE = (
    "{path} is no regular file: a link, a pipe or a folder stands there",
    "put the file in its place",
)
_DAMAGED = (
    "{path} is damaged",
    "rebuild the warehouse from the archive (huizong rebuild --replace); marts.sqlite may be deleted",
)
_SENTENCES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _FULL),
    errno.EROFS: _READ_ONLY,
    **dict.fromkeys((errno.EACCES, errno.EPERM), _FORBIDDEN),
    errno.EIO: _FAILING,
    **dict.fromkeys(
        (errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENODEV, errno.ENXIO),
        _SHARE_AWAY,
    ),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), _GONE),
    **dict.fromkeys((errno.EISDIR, errno.ELOOP), _NO_FILE),
}
#: the same by what a SQLite database says, whichever driver reports it
_OF_SQLITE = {
    "disk is full": _FULL,
    "readonly database": _READ_ONLY,
    "disk i/o error": ("the disk is full, or reports an error at {path}", "make room, or check the disk"),
    "unable to open database": (
        "{path} cannot be opened",
        "see that the disk is mounted, has room and belongs to this user",
    ),
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
}
_SQLITE_FILE = "the warehouse or a file beside it"
_ENDING = "Nothing half-written counts: once that is done, run the same command again"


def describe_storage_error(error: BaseException) -> str | None:
    """Say in a sentence what failed, where, and what to do; None for an error that is none of storage."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _SENTENCES:
            failure, remedy = _SENTENCES[cause.errno]
            path = cause.filename or "the output, or a temporary file,"
            return f"{failure.format(path=_as_text(path))}. To do: {remedy}. {_ENDING}"
        if _is_of_sqlite(cause):
            for words, (failure, remedy) in _OF_SQLITE.items():
                if words in str(cause).lower():
                    return f"{failure.format(path=_SQLITE_FILE)}. To do: {remedy}. {_ENDING}"
    return None


def _as_text(path: object) -> str:
    return path.decode(errors="replace") if isinstance(path, bytes) else str(path)


def _is_of_sqlite(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) or type(error).__module__.startswith("adbc_driver")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, what a database driver said, and what it was raised from, or while handling what."""
    while error is not None:
        yield error
        if isinstance(original := getattr(error, "orig", None), BaseException):
            yield original
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)

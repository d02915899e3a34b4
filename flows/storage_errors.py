"""Errors of disks, shares and databases as sentences: what failed, where, and what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator

from flows.language import mark
from schemas.sentences import Sentence

#: what failed, with its path, and what to do, by the system's number of the error
_FULL = (
    mark("the disk is full: {path} could not be written"),
    mark("make room on it (`df -i`: it may lack room for more files)"),
)
_READ_ONLY = (mark("{path} cannot be written: the disk is mounted read-only"), mark("mount it for writing"))
_FORBIDDEN = (mark("this user may not read or write {path}"), mark("give it the right"))
_FAILING = (mark("the disk reports an error at {path}"), mark("check the disk and its connection"))
_SHARE_AWAY = (
    mark("the share with {path} does not answer"),
    mark("see that it is mounted and its server runs"),
)
_GONE = (mark("{path} is not there"), mark("see that the disk or share is mounted and the folder exists"))
_NO_FILE = (
    mark("{path} is no regular file: a link, a pipe or a folder stands there"),
    mark("put the file in its place"),
)
_NO_FOLDER = (mark("{path} is no folder: a file or link stands there"), mark("move it away"))
_DAMAGED = (
    mark("{path} is damaged"),
    mark("rebuild the warehouse from the archive (huizong rebuild --replace); marts.sqlite may be deleted"),
)
_NOT_OPENED = (
    mark("{path} cannot be opened"),
    mark("see that the disk is mounted, has room and belongs to this user"),
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
    errno.EEXIST: _NO_FOLDER,
}
#: a file, folder or link stands where another belongs; the disk itself is well
_IN_THE_WAY = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP)
#: the same by what a SQLite database says, whichever driver reports it
_OF_SQLITE = {
    "disk is full": _FULL,
    "readonly database": _READ_ONLY,
    "disk i/o error": (
        mark("the disk is full, or reports an error at {path}"),
        mark("make room, or check the disk"),
    ),
    **dict.fromkeys(("unable to open database", "failed to open"), _NOT_OPENED),
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
}
_SQLITE_FILE = Sentence("the warehouse or a file beside it")
#: other errors of the system that a command may meet
_SYSTEM_WORDS = {
    errno.EADDRINUSE: Sentence("the address is in use"),
    errno.EADDRNOTAVAIL: Sentence("this machine has no such address"),
    errno.EACCES: Sentence("this user has not the right"),
    errno.EPERM: Sentence("this user has not the right"),
    errno.ENOENT: Sentence("it is not there"),
    errno.ENOTDIR: Sentence("a file stands in the place of a folder"),
    errno.EISDIR: Sentence("it is a folder"),
    errno.EEXIST: Sentence("a file stands in the place of a folder"),
    errno.ENOTEMPTY: Sentence("it is a folder"),
    errno.ENOSPC: Sentence("the disk is full"),
    errno.EROFS: Sentence("the disk is mounted read-only"),
    errno.EIO: Sentence("the disk reports an error"),
    errno.ELOOP: Sentence("it is a link"),
    errno.ENXIO: Sentence("it is a pipe without a writer"),
    errno.ENAMETOOLONG: Sentence("its name is too long"),
    errno.EMFILE: Sentence("too many files are open"),
    errno.ETXTBSY: Sentence("another program is using it"),
    errno.EBUSY: Sentence("another program is using it"),
}


def describe_storage_error(error: BaseException) -> Sentence | None:
    """Say in a sentence what failed, where, and what to do; None for an error that is none of storage."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _SENTENCES:
            failure, remedy = _SENTENCES[cause.errno]
            path = cause.filename and _as_text(cause.filename)
            return _sentence(failure, remedy, path or Sentence("the output, or a temporary file,"))
        if _is_of_sqlite(cause):
            for words, (failure, remedy) in _OF_SQLITE.items():
                if words in str(cause).lower():
                    return _sentence(failure, remedy, _SQLITE_FILE)
    return None


def is_in_the_way(error: OSError) -> bool:
    """Whether something else stands in the place of one file or folder, which ends no work on others."""
    return error.errno in _IN_THE_WAY


def _sentence(failure: str, remedy: str, path: str) -> Sentence:
    return Sentence(
        "{failure}. To do: {remedy}. Nothing half-written counts: once that is done, run the same command again",
        failure=Sentence(failure, path=path),
        remedy=Sentence(remedy),
    )


def describe_errno(number: int | None) -> Sentence:
    """Name an error of the system in a few words."""
    return _SYSTEM_WORDS.get(number or 0, Sentence(os.strerror(number or 0)))


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

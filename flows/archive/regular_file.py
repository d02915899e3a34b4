"""Open regular files only: no link is followed, no pipe is waited for, no device is read without end.

A program or person who may write into the inbox or the archive may put something else in a file's place at
any time, also after it was listed. So what was opened is looked at, not what stood there before.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from schemas.sentences import Sentence

_NO_REGULAR_FILE = Sentence("a link, a pipe or something else stands there, no regular file")
# Windows has none of these
_NO_LINK, _NO_WAITING = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_NONBLOCK", 0)
_FOLDER = os.O_RDONLY | _NO_LINK | getattr(os, "O_DIRECTORY", 0)
_FILE = os.O_RDONLY | _NO_LINK | _NO_WAITING | getattr(os, "O_BINARY", 0)
#: whether a path can be opened folder by folder, so that no link takes a folder's place in the meantime
HAS_FOLDER_HANDLES = bool(_NO_LINK) and os.open in os.supports_dir_fd and os.scandir in os.supports_fd


class NotRegularError(OSError):
    """Something else than a regular file, or than a folder above it, stands there."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(errno.ELOOP, _NO_REGULAR_FILE, str(path))


def open_regular(file: Path) -> BufferedReader:
    """Open a regular file, itself no link. Raises NotRegularError, OSError."""
    return _open_named(str(file))


def open_below(folder: str, path: str) -> BufferedReader:
    """Open a regular file by its path below a folder; nothing on the way is a link.

    Raises NotRegularError, OSError.
    """
    above, name = os.path.split(path)
    if os.pardir in Path(path).parts:
        raise NotRegularError(path)
    if not HAS_FOLDER_HANDLES:
        _require_no_link(folder, path)
        return _open_named(os.path.join(folder, path))
    with _folder_below(folder, above) as handle:
        return _open_named(name, handle)


@contextmanager
def list_below(folder: str, path: str) -> Iterator[list[os.DirEntry[str]]]:
    """List a folder, by name, by its path below another one; nothing on the way is a link.

    Its entries may be looked at until the end of the block. Raises NotRegularError, OSError.
    """
    if HAS_FOLDER_HANDLES:
        with _folder_below(folder, path) as handle:
            yield sorted(os.scandir(handle), key=lambda entry: entry.name)
    else:
        _require_no_link(folder, path)
        yield sorted(os.scandir(os.path.join(folder, path)), key=lambda entry: entry.name)


@contextmanager
def _folder_below(folder: str, path: str) -> Iterator[int]:
    """Open a folder by its path below another one; only the upper one may be a link."""
    handle = os.open(folder, _FOLDER & ~_NO_LINK)
    try:
        for name in filter(None, path.split(os.sep)):
            with _refusing_links(path):
                below = os.open(name, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def read_regular(file: Path) -> bytes:
    """Read a regular file, itself no link. Raises NotRegularError, OSError."""
    with open_regular(file) as content:
        return content.read()


def require_regular(handle: int, path: str | Path) -> None:
    """Refuse what was opened if it is no regular file. Raises NotRegularError."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise NotRegularError(path)


def _open_named(path: str, above: int | None = None) -> BufferedReader:
    if not _NO_LINK and os.path.islink(path):
        raise NotRegularError(path)
    with _refusing_links(path):
        handle = os.open(path, _FILE, dir_fd=above)
    try:
        require_regular(handle, path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


@contextmanager
def _refusing_links(path: str) -> Iterator[None]:
    """Say it alike of a link, of a socket, and of a file where a folder was."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
            raise NotRegularError(path) from error
        raise


def _require_no_link(folder: str, path: str) -> None:
    """Refuse a path that leads elsewhere, as well as can be seen without handles of folders."""
    resolved = os.path.realpath(os.path.join(folder, path))
    expected = os.path.normpath(os.path.join(os.path.realpath(folder), path))
    if os.path.normcase(resolved) != os.path.normcase(expected):
        raise NotRegularError(path)

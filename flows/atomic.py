"""Atomic and durable writes: a file or folder is there as a whole or not at all, whenever a process is
killed, and what is synced outlives a power failure.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

#: a disk takes many files at once nearly as fast as one
SYNCED_AT_ONCE = 16
#: some network shares cannot sync a folder
_NO_SYNC_OF_FOLDERS = (errno.EINVAL, errno.ENOTSUP)


class Unsynced:
    """Files below one folder that a step wrote and syncs together at its end, before a marker claims them.

    That is cheaper than syncing each: until the marker is there, the next run makes them again.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._files = root, set[Path]()

    def add(self, file: Path) -> None:
        """Remember a file to be synced with the folders above it."""
        self._files.add(file)

    def sync(self) -> None:
        """Put the files on disk, then the folders above them up to the root. Raises OSError."""
        folders = {
            folder for file in self._files for folder in file.parents if _is_within(folder, self._root)
        }
        with ThreadPoolExecutor(SYNCED_AT_ONCE) as pool:
            list(pool.map(sync, sorted(self._files)))
            list(pool.map(sync, sorted(folders)))
        self._files.clear()


def write_atomic(target: Path, data: bytes, *, is_durable: bool = False) -> None:
    """Write a file, and the folders above it, so that no reader ever sees half of it."""
    with replace_atomic(target, is_durable=is_durable) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replace_atomic(target: Path, *, is_durable: bool = False, is_contended: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside the target; what the block wrote there takes the target's place.

    If the block raises, the target stays as it was. A target that is a folder must not exist yet. With
    `is_durable`, the content is on disk before it is put in place, so that not even a power failure leaves
    half of it, and its name is on disk at the end of the block. With `is_contended`, other processes may
    write the same target in the meantime: each has a temporary path of its own.
    """
    temporary = target.with_name(f".{target.name}" + (f".{os.getpid()}" if is_contended else ""))
    with _naming(target):
        changed = make_folders(target.parent)
        _remove(temporary)  # left by a killed process
        try:
            yield temporary
            if is_durable:
                _sync_content(temporary)
            os.replace(temporary, target)
            if is_durable:
                for folder in (target.parent, *changed):
                    sync(folder)
        finally:
            with suppress(OSError):  # what is left is removed by the next run
                _remove(temporary)


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the folders that got a new entry, to be synced."""
    changed = []
    for missing in (folder, *folder.parents):
        if missing.exists():
            break
        changed.append(missing.parent)
    folder.mkdir(parents=True, exist_ok=True)
    return changed


def sync(path: Path) -> None:
    """Put the content of a file, or the entries of a folder, on disk. Raises OSError."""
    is_folder = path.is_dir()
    if is_folder and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if not is_folder or error.errno not in _NO_SYNC_OF_FOLDERS:
            error.filename = error.filename or str(path)
            raise
    finally:
        os.close(handle)


def _sync_content(path: Path) -> None:
    """Sync a file, or a folder with all that is in it."""
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            _sync_content(entry)
    sync(path)


def _is_within(folder: Path, root: Path) -> bool:
    return folder == root or root in folder.parents


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Name the target in an error of the system that names no file: of a full disk, it would be no help."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(target)
        raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

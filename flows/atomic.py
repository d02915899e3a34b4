"""Atomic writes: a file or folder is there as a whole or not at all, whenever a process is killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomic(target: Path, data: bytes, *, is_durable: bool = False) -> None:
    """Write a file, and the folders above it, so that no reader ever sees half of it."""
    with replace_atomic(target, is_durable=is_durable) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replace_atomic(target: Path, *, is_durable: bool = False, is_contended: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside the target; what the block wrote there takes the target's place.

    If the block raises, the target stays as it was. A target that is a folder must not exist yet. With
    `is_durable`, the file's content is on disk before it is put in place, so that not even a power failure
    leaves half of it; if the renaming itself is lost, the target is as before. With `is_contended`, other
    processes may write the same target in the meantime: each has a temporary path of its own.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}" + (f".{os.getpid()}" if is_contended else ""))
    _remove(temporary)  # left by a killed process
    try:
        yield temporary
        if is_durable:
            _flush(temporary)
        os.replace(temporary, target)
    finally:
        _remove(temporary)


def _flush(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

"""Temporary folders that the next run takes away after a kill: a lock tells whether the owner lives."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

#: a system without such locks has None: what is left there stays
fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None

PREFIX = "huizong-read-"
#: a folder is locked at once after it is made; a younger one is left alone
YOUNG_SECONDS = 60


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Remove the folders of killed runs; yield a new one, locked until the end of the block."""
    remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        if fcntl is None:
            yield Path(name)
            return
        handle = os.open(name, os.O_RDONLY)
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Path(name)
        finally:
            os.close(handle)


def remove_abandoned() -> None:
    """Remove the temporary folders of this user that no living process locks."""
    if fcntl is None:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # of another user, or gone meanwhile
            if time.time() - folder.stat().st_mtime > YOUNG_SECONDS and not _is_locked(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_locked(folder: Path) -> bool:
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False

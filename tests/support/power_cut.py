"""Power cuts in simulation: what a disk would hold if only what was synced outlived the moment.

Writes, syncs and renames of this process are recorded, not those of SQLite, which syncs what it commits: its
files are taken as they are.
"""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: taken as they are: what counties and the bureau wrote, and what SQLite syncs by itself
KEPT = ("inbox", "huizong.toml", "regions.csv", "warehouse.sqlite", "warehouse.sqlite-wal")


#: the entries of a folder by name: inode, and whether it is a folder
Entries = dict[str, tuple[int, bool]]


class Disk:
    """What of a home is on disk: the content of synced files and the entries of synced folders, by inode.

    Only a path for which `syncs` is true is put on disk by a sync: other disks lie.
    """

    def __init__(self, home: Path, aside: Path, syncs: Callable[[Path], bool]) -> None:
        self.home, self.aside, self.syncs = home, aside, syncs
        self.contents: dict[int, bytes] = {}
        self.entries: dict[int, Entries] = {}
        aside.mkdir()
        for folder, _, files in os.walk(home):
            self._note(Path(folder))
            for name in files:
                self._note(Path(folder, name))

    def sync(self, handle: int) -> None:
        """Take over what is synced, in place of the real sync, which takes longer."""
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if self.home in (path, *path.parents) and self.syncs(path):
            self._note(path)

    def forget(self, folder: Any) -> None:
        """Forget what a new folder's inode held before."""
        self.entries.pop(os.stat(folder).st_ino, None)

    def _note(self, path: Path) -> None:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            self.entries[status.st_ino] = _entries(path)
            return
        if status.st_ino not in self.contents:
            os.link(path, self.aside / str(status.st_ino))  # so that no other file gets its inode
        self.contents[status.st_ino] = path.read_bytes()

    def write_image(self, image: Path, *, keeps_names: bool) -> None:
        """Write what would be left of the home.

        With `keeps_names` all renames and new names are there, and files that were not synced are empty, as
        of a file system whose journal holds names alone; without it what was not synced is as before.
        """
        image.mkdir()
        for name in KEPT:
            if (self.home / name).is_dir():
                shutil.copytree(self.home / name, image / name, copy_function=shutil.copy2)
            elif (self.home / name).exists():
                shutil.copy2(self.home / name, image / name)
        entries = self.entries
        if keeps_names:
            entries = {os.stat(folder).st_ino: _entries(Path(folder)) for folder, *_ in os.walk(self.home)}
        self._write_folder(self.home.stat().st_ino, image, entries)

    def _write_folder(self, inode: int, target: Path, entries: dict[int, Entries]) -> None:
        for name, (child, is_folder) in entries.get(inode, {}).items():
            if (target / name).exists():
                continue
            if is_folder:
                (target / name).mkdir()
                self._write_folder(child, target / name, entries)
            else:
                (target / name).write_bytes(self.contents.get(child, b""))


def _entries(folder: Path) -> Entries:
    with os.scandir(folder) as listing:
        return {entry.name: (entry.inode(), entry.is_dir()) for entry in listing}


@contextmanager
def recording(disks: Sequence[Disk], step: Callable[[], None]) -> Iterator[None]:
    """Record syncs on each of the disks, and call `step` before and after each of them and each renaming."""
    lock = threading.RLock()

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            with lock:
                step()
                result = function(*args, **options)
                step()
                return result

        return call

    make = os.mkdir

    def mkdir(path: Any, *args: Any, **options: Any) -> None:
        make(path, *args, **options)
        for disk in disks:
            disk.forget(path)

    def sync(handle: int) -> None:
        for disk in disks:
            disk.sync(handle)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", around(sync))
        for name in ("replace", "rename"):
            patched.setattr(os, name, around(getattr(os, name)))
        patched.setattr(os, "mkdir", mkdir)
        yield

"""What a killed run left half-made, taken away by the next one under its lock."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from flows.outputs.receipt_files import RECEIPT_NAME
from flows.outputs.snapshot import snapshot_path
from flows.sandbox.scratch import remove_abandoned
from flows.workspace import Workspace
from warehouse.load.staging_backends import STAGE_SUFFIXES
from warehouse.marts.snapshot import sqlite_file

#: what `rebuild` makes; until it is whole, its name begins with a point
REBUILT = "warehouse.rebuilt.sqlite"
#: the files of a SQLite database beside its main file
SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")
_HASH = re.compile(r"\.[0-9a-f]{64}")


def remove_leftovers(workspace: Workspace) -> None:
    """Remove the unfinished files and folders of runs that were killed. Call it under the run lock."""
    remove_abandoned()
    for path in list_leftovers(workspace):
        with suppress(OSError):  # it is in nobody's way
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def list_leftovers(workspace: Workspace) -> Iterator[Path]:
    """Yield the paths of what a killed run may have left, whether they are there or not."""
    home, warehouse = workspace.home, sqlite_file(workspace.engine)
    if warehouse not in (None, ":memory:"):
        yield from (Path(f"{warehouse}{suffix}") for suffix in STAGE_SUFFIXES)
    yield from unfinished_rebuild(home.folder)
    if (home.folder / f"{REBUILT}-wal").exists():  # an older version made it in its place
        yield from home.folder.glob(f"{REBUILT}*")
    snapshot = snapshot_path(home)
    yield from snapshot.parent.glob(f".{snapshot.name}*")
    yield from home.reports.glob(".load-*")
    yield from (file for file in home.archive.glob("[0-9a-f][0-9a-f]/.*") if _HASH.fullmatch(file.name))
    yield from (file for file in home.receipts.glob("*/*/.*") if RECEIPT_NAME.search(file.name))


def unfinished_rebuild(home: Path) -> list[Path]:
    """Return the files of a rebuild that did not end, the database first."""
    return [home / f".{REBUILT}{suffix}" for suffix in (*SQLITE_SUFFIXES, *STAGE_SUFFIXES)]

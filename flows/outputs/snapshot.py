"""Refresh the readers' snapshot, `marts.sqlite` in the home or in `readers_folder`: swapped atomically, so
open readers keep the old file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from flows.atomic import replace_atomic
from flows.file_modes import SHARED_MODE, set_mode
from flows.home import Home
from flows.outputs.datasette_file import write_datasette_file
from flows.workspace import Workspace
from schemas.sentences import Sentence
from warehouse.marts.core_views import built_views
from warehouse.marts.snapshot import (
    is_current,
    read_snapshot_state,
    read_views_state,
    sqlite_file,
    update_snapshot,
    write_snapshot,
)
from warehouse.marts.snapshot_check import find_differing_views

SNAPSHOT = "marts.sqlite"
COPIED_AT_ONCE = 1 << 30  # bytes


def snapshot_path(home: Home) -> Path:
    """Return the path of the readers' copy."""
    return Path(home.settings.readers_folder or home.folder) / SNAPSHOT


def refresh_snapshot(workspace: Workspace) -> bool:
    """Refresh the snapshot if the views have changed; return whether it was. A server database needs none.

    An existing snapshot is copied and updated incrementally if possible.
    """
    home, warehouse = workspace.home, sqlite_file(workspace.engine)
    if warehouse is None:
        return False
    file = snapshot_path(home)
    previous = read_snapshot_state(str(file)) if file.exists() else None
    if previous == read_views_state(warehouse):
        return False
    views = built_views(workspace.warehouse)
    with replace_atomic(file, is_durable=True) as temporary:
        if previous is not None and is_current(warehouse, previous):
            _copy(file, temporary)
            update_snapshot(warehouse, str(temporary), views, previous)
        else:
            write_snapshot(warehouse, str(temporary), views)
        if home.settings.readers_folder:
            set_mode(temporary, SHARED_MODE)
    described = write_datasette_file(file.parent, file.stem, views)
    if home.settings.readers_folder:
        set_mode(described, SHARED_MODE)
    return True


def find_differing_snapshot(workspace: Workspace) -> Iterator[str]:
    """Name the views of which the readers' copy shows other rows than the warehouse in the same state."""
    file, warehouse = snapshot_path(workspace.home), sqlite_file(workspace.engine)
    if warehouse is None or not file.is_file():
        return
    if read_snapshot_state(str(file)) != read_views_state(warehouse):
        return  # the next night updates it
    for view in find_differing_views(warehouse, str(file), built_views(workspace.warehouse)):
        yield Sentence(
            "{file}: {view} shows other rows than the warehouse: one of the two was altered; where it is not the "
            "warehouse, delete the file and the next `huizong nightly` makes it again",
            file=file.name, view=view,
        )  # fmt: skip


def _copy(file: Path, target: Path) -> None:
    """Copy a file, sharing its blocks if the file system can."""
    with file.open("rb") as read, target.open("wb") as written:
        if not hasattr(os, "copy_file_range"):
            shutil.copyfileobj(read, written)
            return
        while os.copy_file_range(read.fileno(), written.fileno(), COPIED_AT_ONCE):
            pass

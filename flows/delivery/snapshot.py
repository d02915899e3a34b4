"""The readers' snapshot in the home, `marts.sqlite`: swapped in whole, so that who has the old one open goes on reading it."""

from __future__ import annotations

import os
from pathlib import Path

from flows.workplace import Workplace
from warehouse.snapshot import file_of, state_of_snapshot, state_of_views, write_snapshot

SNAPSHOT = "marts.sqlite"


def refresh_snapshot(place: Workplace) -> bool:
    """Make the snapshot anew where the views show something else than it; whether it was. A server needs none."""
    warehouse, file = file_of(place.engine), place.home.folder / SNAPSHOT
    if warehouse is None:
        return False
    state = state_of_views(place.engine, place.tables)
    if file.exists() and state_of_snapshot(str(file)) == state:
        return False
    passing = file.with_name(f".{SNAPSHOT}")
    passing.unlink(missing_ok=True)
    write_snapshot(warehouse, str(passing), state)
    _sync(passing)
    os.replace(passing, file)
    _sync(file.parent)
    return True


def _sync(path: Path) -> None:
    """Have what was written on the disk before it is relied upon."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

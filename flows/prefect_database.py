"""An empty database for Prefect's local server, migrated once at installation.

On a fresh home the server would first run Prefect's hundred migrations, which takes longer than the night's own work. So
`make install` runs this file once; a fresh home gets a copy. Where there is none (another Prefect, no `make install`), the
server migrates as it always does.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

DATABASE = "prefect.db"
FIRST_START_SECONDS = 300.0


def blank_database() -> Path:
    """Where this installation keeps the blank database of the Prefect that it has."""
    return Path(sys.prefix) / "share" / "huizong" / f"prefect-{version('prefect')}.db"


def lay_out(prefect_home: Path) -> Path:
    """Give a fresh Prefect home its database, if there is a blank one to copy; the path of the database."""
    database, blank = prefect_home / DATABASE, blank_database()
    if not database.exists() and blank.exists():
        _place(database, lambda passing: shutil.copyfile(blank, passing))
    return database


def make_blank() -> None:
    """Let a server migrate a database in a passing home and keep it."""
    from flows.prefect_api import prefect_api

    blank = blank_database()
    if blank.exists():
        return
    blank.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with prefect_api(Path(folder), timeout_seconds=FIRST_START_SECONDS) as is_up:
            if not is_up:
                return  # each home's first start will migrate for itself
        with closing(sqlite3.connect(Path(folder) / "prefect" / DATABASE)) as migrated:
            _place(blank, lambda passing: migrated.execute("VACUUM INTO ?", (str(passing),)))


def _place(target: Path, write: Callable[[Path], object]) -> None:
    """Write under a passing name, then move, so that nobody finds half a database."""
    passing = target.with_name(f".{target.name}.{os.getpid()}")
    passing.unlink(missing_ok=True)
    write(passing)
    os.replace(passing, target)


if __name__ == "__main__":
    os.environ.pop("PREFECT_API_URL", None)
    make_blank()

"""One-time preparation by `make install`: migrate an empty Prefect database for fresh homes to copy."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from flows.atomic import replace_atomic
from flows.orchestration.prefect_api import prefect_api
from flows.orchestration.prefect_database import DATABASE, blank_database_path

FIRST_START_SECONDS = 300.0


def make_blank_database() -> None:
    """Let a server migrate a database in a temporary home and keep it."""
    blank = blank_database_path()
    if blank.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        with prefect_api(Path(folder), timeout_seconds=FIRST_START_SECONDS) as is_up:
            if not is_up:
                return  # each home's first start will migrate for itself
        with (
            closing(sqlite3.connect(Path(folder) / "prefect" / DATABASE)) as migrated,
            replace_atomic(blank, is_contended=True) as temporary,
        ):
            migrated.execute("VACUUM INTO ?", (str(temporary),))


if __name__ == "__main__":
    os.environ.pop("PREFECT_API_URL", None)
    make_blank_database()

"""An empty database for Prefect's local server, migrated once at installation.

On a fresh home the server would first run Prefect's hundred migrations, which takes longer than the night's
own work. So `make install` makes one (`prepare_installation`) and a fresh home gets a copy. Where there is
none (another Prefect, no `make install`), the server migrates as it always does.
"""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from flows.atomic import replace_atomic

DATABASE = "prefect.db"


def blank_database_path() -> Path:
    """Return the path of this installation's blank database for its version of Prefect."""
    return Path(sys.prefix) / "share" / "huizong" / f"prefect-{version('prefect')}.db"


def copy_blank_database(prefect_home: Path) -> Path:
    """Give a fresh Prefect home a copy of the blank database, if there is one; return the database's path."""
    database, blank = prefect_home / DATABASE, blank_database_path()
    if not database.exists() and blank.exists():
        with replace_atomic(database, is_contended=True) as temporary:
            shutil.copyfile(blank, temporary)
    return database

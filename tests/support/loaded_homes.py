"""Homes that are loaded once, for tests in several files that read a copy of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.home import Home
from flows.workspace import Workspace
from schemas.catalogue import ledgers
from tests.conftest import CITY_TABLE, SharedHome
from tests.support.counties import GOOD_ROWS, ledger_bytes, put
from tests.support.planted_names import plant_names
from tests.support.views import night, rows_of

COMPLETE, WITH_NAMES = "complete-home", "home-with-names"


def send_all(inbox: Path) -> None:
    """Send a good row of each ledger."""
    for name, ledger in ledgers().items():
        put(inbox, f"2023-06/990102/{ledger.title}.xlsx", ledger_bytes(name, {}))


#: by name of a home: what is sent there
SENT: dict[str, Callable[[Path], None]] = {COMPLETE: send_all, WITH_NAMES: plant_names}


@contextmanager
def loaded_home(
    name: str, shared_home: SharedHome, laid_out_file: Path, folder: Path
) -> Iterator[Workspace]:
    """Open a copy of a home, on SQLite."""

    def make(home: Path) -> None:
        (home / "inbox").mkdir(parents=True)
        (home / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
        (home / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
        shutil.copy(laid_out_file, home / "warehouse.sqlite")
        workspace = Workspace(Home(home))
        workspace.prepare()
        SENT[name](workspace.home.inbox)
        night(workspace)
        workspace.engine.dispose()

    shutil.copytree(shared_home(name, make), folder)
    workspace = Workspace(Home(folder))
    yield workspace
    workspace.engine.dispose()


def require_good_rows(workspace: Workspace) -> None:
    """Fail unless the good row of each ledger is in its view, without a person's name."""
    for name, ledger in ledgers().items():
        (row,) = rows_of(workspace, ledger.view)
        origin = (row["unit_name"], row["period"], row["source_row"], row["load_id"])
        assert origin == ("星河区", "2023-06", 2, 1), name
        assert row["source_file"] == f"2023-06/990102/{ledger.title}.xlsx"
        names = {key: row[key] for key in GOOD_ROWS[name] if "name" in key}
        assert all(len(str(shown)) == 2 and str(shown).endswith("*") for shown in names.values()), name

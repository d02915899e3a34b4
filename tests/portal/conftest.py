"""Fixtures of the portal's tests."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flows.portal.job_child import main as do_job
from tests.conftest import CITY_TABLE, SharedHome
from tests.support.browser import CHROMIUM, start_browser
from tests.support.counties import ledger_bytes, put
from tests.support.portal_browsing import served, signing_in
from tests.support.portal_site import Site, cases_workbook, use_cheap_hasher

#: changes of a row of penalties that make it wrong
UNDECIDED = {"fine_fen": "待定", "decision_no": "某环罚(星)〔2023〕2号"}


@contextmanager
def open_site(folder: Path, laid_out_file: Path) -> Iterator[Site]:
    """Open a portal over the empty warehouse of a home, with an account of each role."""
    (folder / "inbox").mkdir(parents=True, exist_ok=True)
    (folder / "regions.csv").write_text(CITY_TABLE, encoding="utf-8")
    (folder / "huizong.toml").write_text('regions = "regions.csv"\n', encoding="utf-8")
    yield from running_site(folder, laid_out_file)


@contextmanager
def reopen_site(folder: Path, copied: Path, minutes: float = 0) -> Iterator[Site]:
    """Open a portal over a copy of a home, some time after its accounts were added."""
    shutil.copytree(copied, folder, dirs_exist_ok=True)
    for site in running_site(folder, None):
        site.wait(minutes)
        yield site


def running_site(folder: Path, laid_out_file: Path | None) -> Iterator[Site]:
    """Yield a portal, and stop what it does beside its pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HUIZONG_WAREHOUSE_URL", raising=False)
        use_cheap_hasher(patch)
        site = Site(folder, laid_out_file)
        yield site
        site.portal.checks.stop()
        site.portal.loads.stop()
        for thread in threading.enumerate():  # the page says that a job is done before its thread ends
            if thread.name.startswith("job-"):
                thread.join(timeout=60)
        site.portal.store.dispose()
        site.portal.workspace().engine.dispose()


@pytest.fixture
def site(home_folder: Path, laid_out_file: Path) -> Iterator[Site]:
    """A portal over an empty warehouse, with an account of each role."""
    with open_site(home_folder, laid_out_file) as site:
        yield site


@pytest.fixture
def ordered(site: Site) -> Site:
    """A site whose jobs are done in this process, one after the other, when they are ordered."""
    put(site.portal.workspace().home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {}))
    site.night()
    site.portal.jobs.launch = do_job
    site.portal.jobs.add = lambda number: site.portal.jobs._do(number)  # type: ignore[method-assign]
    return site


#: the minutes between the two nights of the worked site
BETWEEN_NIGHTS = 60 * 24 * 10


@pytest.fixture(scope="module")
def worked(
    shared_home: SharedHome, laid_out_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A portal that tests only look at: two nights, with a report taken, one refused and one that waits."""

    def make(folder: Path) -> None:
        with open_site(folder, laid_out_file) as site:
            inbox = site.portal.workspace().home.inbox
            put(inbox, "2023-06/990102/立案.xlsx", cases_workbook(1, 2, 3, 4))
            put(inbox, "2023-06/990102/处罚.xlsx", ledger_bytes("penalties", {}, UNDECIDED))
            put(inbox, "2023-06/990121/立案.xlsx", b"no workbook")
            site.night()
            site.wait(minutes=BETWEEN_NIGHTS)
            put(inbox, "2023-06/990102/立案2.xlsx", cases_workbook(1))
            site.night()

    home = shared_home("worked-site", make)
    with reopen_site(tmp_path_factory.mktemp("worked") / "home", home, BETWEEN_NIGHTS) as site:
        yield site


@pytest.fixture(scope="module")
def reported_home(shared_home: SharedHome, laid_out_file: Path) -> Path:
    """The home of a portal in which one unit has reported a fine of 3.5 万元."""

    def make(folder: Path) -> None:
        with open_site(folder, laid_out_file) as site:
            put(site.portal.workspace().home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("penalties", {}))
            site.night()

    return shared_home("reported-site", make)


@pytest.fixture(scope="module")
def reported_once(reported_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A portal that tests only look at, over that home."""
    with reopen_site(tmp_path_factory.mktemp("reported") / "home", reported_home) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser, started once for the tests of a file."""
    if not CHROMIUM:
        pytest.skip("no chromium: apt-get install chromium, or name one in HUIZONG_CHROMIUM")
    with start_browser() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """Open a page of the site as an account, in the browser."""
    with served(site.app) as address, signing_in(browser, address) as open_as:
        yield open_as


@pytest.fixture(scope="module")
def open_worked_page(browser: Any, worked: Site) -> Iterator[Callable[..., Any]]:
    """Open a page of the site that tests only look at."""
    with served(worked.app) as address, signing_in(browser, address) as open_as:
        yield open_as

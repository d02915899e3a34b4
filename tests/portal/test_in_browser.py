"""The portal in a real browser, without scripts: nothing is asked of another host, and axe finds nothing.

Needs chromium (Debian's package); HUIZONG_CHROMIUM names another one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from flows.orchestration.prefect_server import listen_on
from tests.support.browser import CHROMIUM, start_browser
from tests.support.portal_site import PASSWORD, Site, cases_workbook

pytest.importorskip("playwright.sync_api", reason="no playwright: make install")
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no chromium: apt-get install chromium, or name one in HUIZONG_CHROMIUM")
    with start_browser() as browser:
        yield browser


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """Serve the site on this machine, on a free port."""
    server = uvicorn.Server(uvicorn.Config(site.app, log_level="error", access_log=False))
    with listen_on("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Open a page of the site as an account; whatever is asked of another host fails the test."""
    contexts, outside, complaints = [], list[str](), list[str]()

    def open_as(name: str, **options: Any) -> Any:
        context = browser.new_context(base_url=address, locale="zh-CN", java_script_enabled=True, **options)
        contexts.append(context)
        context.route(
            lambda url: not url.startswith(address),
            lambda route: (outside.append(route.request.url), route.abort()),
        )
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        page.get_by_label("账号").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("header nav")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert (outside, complaints) == ([], [])


def test_a_clerk_gets_a_report_in(site: Site, open_page: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "6月立案.xlsx"
    file.write_bytes(cases_workbook(1, 2))
    page = open_page("star")
    page.goto("/month?period=2023-06")
    page.get_by_label("报表文件").set_input_files([str(file)])
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_selector(".verdict", timeout=60_000)
    assert page.locator(".verdict").inner_text() == "可以报送"
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标好的表").click()
    assert download.value.suggested_filename == "6月立案-回执.xlsx"
    page.get_by_role("button", name="报送").click()
    page.wait_for_selector("text=已送出，等待入库")
    site.night()
    page.goto("/month?period=2023-06")
    with page.expect_download() as download:
        page.locator("main ul a").first.click()
    assert "回执" in download.value.suggested_filename


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_serious_fault_for_readers_of_screens(
    open_page: Callable[..., Any], width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    size = {"viewport": {"width": width, "height": 900}}
    pages = {
        "star": ["/month?period=2023-06", "/uploads", "/templates", "/password"],
        "bureau": ["/morning", "/reports?year=2023", "/figures?year=2023"],
        "reader": ["/figures/fine_imposed_amount?year=2023"],
    }
    for name, paths in pages.items():
        page = open_page(name, **size)
        for path in paths:
            page.goto(path)
            faults = axe.run(page).response["violations"]
            serious = [fault["id"] for fault in faults if fault["impact"] in SERIOUS]
            assert serious == [], path
            is_wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not is_wider, path

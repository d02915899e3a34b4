"""The portal in a real browser, without scripts: nothing is asked of another host, and axe finds nothing.

Needs chromium (Debian's package); HUIZONG_CHROMIUM names another one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.portal_browsing import require_good_pages
from tests.support.portal_site import Site, cases_workbook

pytest.importorskip("playwright.sync_api", reason="no playwright: make install")


def test_a_clerk_gets_a_report_in(site: Site, open_page: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "6月立案.xlsx"
    file.write_bytes(cases_workbook(1, 2))
    page = open_page("star")
    page.goto("/month?period=2023-06")
    page.get_by_label("报表文件").set_input_files([str(file)])
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_selector(".verdict", timeout=60_000)
    assert page.locator(".verdict").inner_text() == "可以报送"
    assert page.get_by_role("link", name="下载标好的表").count() == 0  # nothing is marked
    page.get_by_role("button", name="报送后数字会怎样变").click()
    page.wait_for_selector("td:has-text('2件')", timeout=60_000)
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    require_good_pages(page, [page.url], axe)
    page.get_by_role("button", name="报送", exact=True).click()
    page.wait_for_selector("text=已报送，等待入库")
    site.night()
    page.reload()
    page.wait_for_selector("text=已读入（第 1 批）：收下 1 张")
    require_good_pages(page, [page.url], axe)
    page.goto("/month?period=2023-06")
    with page.expect_download() as download:
        page.locator("main ul a").first.click()
    assert "回执" in download.value.suggested_filename


def test_pages_have_no_serious_fault_for_readers_of_screens(open_page: Callable[..., Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    pages = {
        "star": ["/month?period=2023-06", "/uploads", "/templates", "/password"],
        "reader": [
            "/figures?year=2023",
            "/figures/fine_imposed_amount?year=2023",
            "/coverage?year=2023",
            "/penalties?year=2023",
        ],
    }
    for name, paths in pages.items():
        require_good_pages(open_page(name), paths, axe)

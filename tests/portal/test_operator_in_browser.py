"""The operator's pages in a real browser, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.portal_browsing import require_good_pages

pytest.importorskip("playwright.sync_api", reason="no playwright: make install")
PAGES = [
    "/morning?year=2023&since=2023-07-01", "/settling?since=2023-07-01", "/chase?year=2023", "/runs",
    "/moved?year=2023&since=2023-07-01", "/questions?year=2023", "/reports?year=2023&full=1",
    "/reports/2023-06/990102/cases", "/submissions/1",
    "/figures/case_filed_count/rows?year=2023", "/figures/case_filed_count/history?year=2023",
]  # fmt: skip


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_serious_fault_for_readers_of_screens(
    open_worked_page: Callable[..., Any], width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_worked_page("bureau", viewport={"width": width, "height": 900})
    require_good_pages(page, PAGES, axe)


def test_from_the_morning_to_the_file_with_the_keyboard(open_worked_page: Callable[..., Any]) -> None:
    page = open_worked_page("bureau")
    page.goto("/morning?year=2023&since=2023-07-01")
    page.get_by_role("link", name="立案台账", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('报送 #')")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载归档的原文件").click()
    assert download.value.suggested_filename == "立案2.xlsx"

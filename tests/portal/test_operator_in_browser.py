"""The operator's pages in a real browser, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flows.portal.job_child import main as do_job
from tests.support.counties import put
from tests.support.portal_browsing import require_good_pages
from tests.support.portal_site import Site, cases_workbook

pytest.importorskip("playwright.sync_api", reason="no playwright: make install")
PAGES = [
    "/morning?year=2023&since=2023-07-01", "/settling?since=2023-07-01", "/chase?year=2023", "/runs",
    "/moved?year=2023&since=2023-07-01", "/questions?year=2023", "/deadlines?within=100", "/reports?year=2023&full=1",
    "/reports/2023-06/990102/cases", "/submissions/1",
    "/figures/case_filed_count/rows?year=2023", "/figures/case_filed_count/history?year=2023",
    "/jobs", "/rerun?unit=990102&period=2023-06", "/publish?period=2023-06", "/export", "/decisions", "/audit",
    "/submissions/1/rows/2", "/decisions/new?kind=withdraw&submission=1",
    "/decisions/new?kind=correction&submission=2&row=2&field=cause",
]  # fmt: skip
PRINTED = [
    "/morning?year=2023&since=2023-07-01",
    "/figures?year=2023",
    "/figures/case_filed_count?year=2023",
    "/deadlines",
]


def test_pages_have_no_serious_fault_for_readers_of_screens(open_worked_page: Callable[..., Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    require_good_pages(open_worked_page("bureau"), PAGES, axe)


def test_pages_print_without_what_is_for_screens(open_worked_page: Callable[..., Any]) -> None:
    page = open_worked_page("bureau", viewport={"width": 703, "height": 1009})  # A4 within its margins
    page.emulate_media(media="print")
    for path in PRINTED:
        page.goto(path)
        for hidden in ("header nav", ".choose", ".back", ".download", ".actions"):
            assert page.locator(f"{hidden}:visible").count() == 0, (path, hidden)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), path
        kept = (
            "[...document.querySelectorAll('tr, .card, .chart')].map(e => getComputedStyle(e).breakInside)"
        )
        assert set(page.evaluate(kept)) <= {"avoid"}, path
        followed = "[...document.querySelectorAll('h1, h2')].map(e => getComputedStyle(e).breakAfter)"
        assert set(page.evaluate(followed)) == {"avoid"}, path
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_from_the_morning_to_the_file_with_the_keyboard(open_worked_page: Callable[..., Any]) -> None:
    page = open_worked_page("bureau")
    page.goto("/morning?year=2023&since=2023-07-01")
    page.get_by_role("link", name="立案台账", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('报送 #')")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载归档的原文件").click()
    assert download.value.suggested_filename == "立案2.xlsx"


def test_a_report_that_waits_is_confirmed_and_loaded(site: Site, open_page: Callable[..., Any]) -> None:
    inbox = site.portal.workspace().home.inbox
    put(inbox, "2023-06/990102/a.xlsx", cases_workbook(1, 2, 3, 4))
    site.night()
    put(inbox, "2023-06/990102/b.xlsx", cases_workbook(1))
    site.wait(minutes=1)
    site.night()
    site.portal.jobs.launch = do_job
    page = open_page("bureau")
    page.goto("/morning?year=2023&since=2023-07-01")
    page.locator("#awaiting ~ .wide a").first.click()
    page.get_by_role("link", name="确认这份报送").click()
    page.get_by_label("代替以前收下的").check()
    page.get_by_label("理由").fill("县里来函说明")
    page.get_by_label("谁批准").fill("法制科")
    page.get_by_role("button", name="确认").click()
    page.get_by_role("button", name="确认重新入库").click()
    page.wait_for_selector("text=已做完", timeout=60_000)
    page.goto("/figures/case_filed_count?year=2023")
    assert page.locator("p.value").inner_text().startswith("1件")

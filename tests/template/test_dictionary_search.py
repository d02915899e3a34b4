"""The search box of the dictionary's page, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.browser import CHROMIUM, start_browser
from tests.template.test_dictionary import full_dictionary
from transforms.dictionary import render_html

pytest.importorskip("playwright.sync_api", reason="no playwright: make install")


@pytest.mark.skipif(not CHROMIUM, reason="no chromium: apt-get install chromium")
def test_it_shows_the_rows_with_all_words_and_leads_to_a_link(tmp_path: Path) -> None:
    file = tmp_path / "字典.html"
    file.write_text(render_html(full_dictionary()), encoding="utf-8")
    with start_browser() as browser:
        page, requests, messages = browser.new_page(), [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.goto(file.as_uri())
        rows = page.locator("main tbody tr:visible")
        whole = rows.count()
        page.get_by_label("查找").fill("penalties.fine_fen 罚款")
        assert 0 < rows.count() < whole / 10
        assert page.locator("[id='penalties.fine_fen']").is_visible()
        assert page.locator("output").inner_text() == f"{rows.count()} 条"
        assert not page.locator("[id='case_filed_count']").is_visible()
        page.get_by_label("查找").fill("没有这样的词")
        assert (rows.count(), page.locator("output").inner_text()) == (0, "0 条")
        page.goto(f"{file.as_uri()}#case_filed_count")
        assert page.locator("[id='case_filed_count']").is_visible()
        assert rows.count() == whole
        page.set_viewport_size({"width": 390, "height": 800})
        page.get_by_label("查找").fill("立案")
        page.screenshot(path=str(tmp_path / "search.png"))
        assert messages == []
        assert all(url.startswith("file:") for url in requests)

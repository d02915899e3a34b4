"""Before a file is sent: which of the unit's figures it would move, computed beside the pages."""

from __future__ import annotations

import re
import time

import pytest

from flows.portal.clerk import previews
from flows.portal.clerk.previews import answer_waiting
from flows.preview import Preview
from flows.run_lock import RunLockedError
from tests.support.portal_site import Site, Visitor, cases_workbook


def previewed(clerk: Visitor, page: str) -> str:
    """Ask for the preview of an upload, and return its page once it is there."""
    answer = clerk.post(f"{page}/preview")
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    for _ in range(600):
        if "正在算" not in (text := clerk.get(page).text):
            return text
        time.sleep(0.05)
    raise AssertionError("the preview does not end")


def test_the_page_says_what_would_move(site: Site) -> None:
    clerk = site.visitor("star")
    first = clerk.checked("a.xlsx", cases_workbook(1, 2, 3, 4))
    cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", previewed(clerk, first))
    assert cells.index("2023年6月") < cells.index("2023年")
    assert ["立案", "2023年", "—", "4件"] in [cells[start : start + 4] for start in range(len(cells))]
    clerk.post(f"{first}/send")
    site.night()
    same = clerk.checked("b.xlsx", cases_workbook(1, 2, 3, 4))
    assert "本单位的数字都不会变" in previewed(clerk, same)
    fewer = clerk.checked("c.xlsx", cases_workbook(1))
    text = previewed(clerk, fewer)
    assert "会待确认" in text
    assert "本单位的数字都不会变" in text
    assert [path.name for path in site.portal.workspace().home.inbox.rglob("*.xlsx")] == ["a.xlsx"]


def test_figures_that_become_zero_are_named_in_a_line() -> None:
    common = {"region_code": "990102", "display_before": "—"}
    moved = [
        common
        | {"period": period, "title": title, "before": None, "after": after, "display_after": f"{after}件"}
        for period in ("2023", "2023-06")
        for title, after in (("立案", 4), ("移送", 0))
    ]
    described = previews._describe(Preview(moved), "990102")
    assert [figure["period"] for figure in described["figures"]] == ["2023年6月", "2023年"]
    assert described["zeros"] == ["移送"]


def test_only_figures_of_the_own_unit_are_shown(site: Site) -> None:
    ridge = site.visitor("ridge")
    page = ridge.checked("a.xlsx", cases_workbook(1), unit="990121")
    text = previewed(ridge, page)
    assert text.count(">立案</th>") == 3  # the month, its quarter and its year, of one unit


def test_what_cannot_be_sent_is_not_computed(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", b"no workbook")
    assert clerk.post(f"{page}/preview").status_code == 409
    assert "报送后数字会怎样变" not in clerk.get(page).text


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(RunLockedError("busy"), "正在入库，现在算不了"), (ValueError("bug"), "没有算成")],
)
def test_why_there_is_none_is_said(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(previews, "preview_files", fail)
    clerk = site.visitor("star")
    assert sentence in previewed(clerk, clerk.checked("a.xlsx", cases_workbook(1)))


def test_a_question_that_a_stopped_portal_left_is_answered(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(1))
    with monkeypatch.context() as patch:
        patch.setattr(site.portal.checks, "run", lambda _task: None)
        for _ in range(2):  # asked twice, it waits once
            clerk.post(f"{page}/preview")
    assert "正在算" in clerk.get(page).text
    answer_waiting(site.portal)
    site.portal.checks.stop(waits=True)
    assert "1件" in clerk.get(page).text

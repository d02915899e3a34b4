"""Several uploads sent with one press; uploads taken off the list; what stands first on a page."""

from __future__ import annotations

import re

from tests.support.counties import ledger_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.portal_site import Site, Visitor, cases_workbook

UNDECIDED = {"filed_on": "待定", "case_no": "某环立(星)〔2023〕99号"}


def in_inbox(site: Site) -> list[str]:
    return sorted(file.name for file in site.portal.workspace().home.inbox.rglob("*.xlsx"))


def offered(clerk: Visitor) -> dict[str, bool]:
    """Return the number of each upload that the confirmation names, and whether it is ticked."""
    text = clerk.get("/uploads/sending").text
    boxes = re.findall(r'name="upload" value="(\d+)"( checked)?', text)
    return {number: bool(ticked) for number, ticked in boxes}


def test_all_that_are_fit_are_sent_with_one_press(site: Site) -> None:
    clerk = site.visitor("star")
    assert clerk.get("/uploads/sending").status_code == 303
    clerk.checked("a.xlsx", ledger_bytes("cases", UNDECIDED))  # an older one of its name, with an error
    clerk.checked("a.xlsx", cases_workbook(1))
    clerk.checked("b.xlsx", ledger_bytes("lawsuits", {}))
    clerk.checked("c.xlsx", ledger_bytes("penalties", {"fine_fen": "待定"}))
    text = clerk.get("/uploads").text
    assert "可以报送的 2 份" in text
    assert text.count("没有报送，后来又上传了一份") == 1
    boxes = offered(clerk)
    assert boxes == {"2": True, "3": True}
    token = {"form_token": clerk.form_token, "upload": ["2", "3", "4", "999"]}
    assert clerk.client.post("/uploads/sending", data=token, headers=clerk.origin).status_code == 303
    assert in_inbox(site) == ["a.xlsx", "b.xlsx"]
    assert [action for _, action, _ in site.audited()].count("send") == 2
    assert clerk.get("/uploads/sending").status_code == 303
    assert "还没有报送" in clerk.get("/uploads/4").text
    ridge = site.visitor("ridge")
    assert ridge.get("/uploads/sending").status_code == 303  # nothing of its own


def test_what_would_await_confirmation_is_not_ticked(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.checked("a.xlsx", cases_workbook(*range(1, 9)))
    clerk.post(f"{page}/send")
    site.night()
    page = clerk.checked("b.xlsx", cases_workbook(1))
    text = clerk.get(page).text
    assert "报送后会待确认" in text
    assert "没有代替以前报送的“a.xlsx”" in text
    assert offered(clerk) == {"2": False}


def test_a_file_beside_one_that_waits_says_so_and_offers_to_take_that_back(site: Site) -> None:
    clerk = site.visitor("star")
    first = clerk.checked("a.xlsx", cases_workbook(1))
    assert "已有一份在等入库" not in clerk.get(first).text
    clerk.post(f"{first}/send")
    assert f"每天 {site.portal.workspace().home.settings.night_at}" in clerk.get(first).text
    second = clerk.checked("b.xlsx", cases_workbook(1, 2))
    other = clerk.checked("c.xlsx", ledger_bytes("lawsuits", {}))
    text = clerk.get(second).text
    assert "已有一份在等入库：“a.xlsx”" in text
    assert f'action="{first}/take-back"' in text
    assert "已有一份在等入库" not in clerk.get(other).text
    assert "已有一份在等入库" in clerk.get("/uploads/sending").text
    clerk.post(f"{first}/take-back")
    assert "已有一份在等入库" not in clerk.get(second).text


def test_one_that_another_file_stops_stays_and_the_page_says_why(site: Site) -> None:
    clerk = site.visitor("star")
    clerk.post(f"{clerk.checked('a.xlsx', cases_workbook(1))}/send")
    clerk.checked("a.xlsx", cases_workbook(1, 2))
    clerk.checked("b.xlsx", ledger_bytes("lawsuits", {}))
    assert offered(clerk) == {"2": False, "3": True}
    form = {"form_token": clerk.form_token, "upload": ["2", "3"]}
    answer = clerk.client.post("/uploads/sending", data=form, headers=clerk.origin)
    assert answer.status_code == 409
    assert "有 1 份没有报送" in answer.text
    assert "还没有入库" in answer.text
    assert "已报送：b.xlsx" in answer.text


def test_what_was_not_sent_can_be_taken_off_the_list(site: Site) -> None:
    clerk = site.visitor("star")
    bad = clerk.checked("坏.xlsx", b"no workbook")
    assert "坏.xlsx" in clerk.get("/uploads").text
    assert site.visitor("ridge").post(f"{bad}/remove").status_code in (403, 404)
    clerk.get("/uploads")
    assert clerk.post(f"{bad}/remove").status_code == 303
    assert "坏.xlsx" not in clerk.get("/uploads").text
    assert clerk.get(bad).status_code == 404
    assert ("star", "remove", "坏.xlsx") in site.audited()
    page = clerk.checked("a.xlsx", cases_workbook(1))
    clerk.post(f"{page}/send")
    assert "从列表移除" not in clerk.get(page).text
    assert clerk.post(f"{page}/remove").status_code == 409


def test_errors_stand_before_the_sheets_and_empty_sheets_are_folded(site: Site) -> None:
    empty = {name: sheet_cells(name, []) for name in ("lawsuits", "payments", "transfers")}
    data = workbook_bytes({"立案台账": sheet_cells("cases", rows_of("cases", UNDECIDED, {}))} | empty)
    clerk = site.visitor("star")
    text = clerk.get(clerk.checked("月.xlsx", data)).text
    assert text.index("要看的地方") < text.index("读到的工作表")
    assert "零报告 3 种（本月没有）</summary>" in text

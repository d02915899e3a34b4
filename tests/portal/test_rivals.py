"""A file beside one that waits with a report of the same ledger: what to do, and what else would come out."""

from __future__ import annotations

from tests.support.counties import ledger_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.portal_site import Site, cases_workbook


def month_workbook(*with_rows: str) -> bytes:
    """Return a workbook of three ledgers, of which these have a row and the others are zero reports."""
    names = {"cases": "立案台账", "lawsuits": "行政诉讼台账", "penalties": "处罚决定台账"}
    cells = {
        title: sheet_cells(name, rows_of(name, *([{}] * (name in with_rows))))
        for name, title in names.items()
    }
    return workbook_bytes(cells)


def test_a_waiting_zero_report_needs_not_be_taken_back(site: Site) -> None:
    clerk = site.visitor("star")
    first = clerk.checked("月.xlsx", month_workbook("penalties"))
    clerk.post(f"{first}/send")
    second = clerk.checked("a.xlsx", cases_workbook(1))
    text = clerk.get(second).text
    assert "立案台账：那一份是零报告，这一份填有各行。直接报送这一份就行" in text
    assert f"{first}/take-back" not in text
    assert f'value="{second.split("/")[-1]}" checked' in clerk.get("/uploads/sending").text
    clerk.post(f"{second}/send")
    site.night()
    with site.portal.workspace().engine.connect() as connection:
        states = connection.exec_driver_sql(
            "SELECT ledger, rows FROM submissions WHERE superseded_load IS NULL AND state IN ('accepted', 'zero')"
        ).all()
    assert sorted(states) == [("cases", 1), ("lawsuits", 0), ("penalties", 1)]


def test_what_comes_out_with_a_file_is_named_and_the_way_leads_back(site: Site) -> None:
    clerk = site.visitor("star")
    first = clerk.checked("月.xlsx", month_workbook("cases"))
    clerk.post(f"{first}/send")
    second = clerk.checked("a.xlsx", cases_workbook(1, 2))
    text = clerk.get(second).text
    assert "立案台账：两份都填有各行" in text
    assert "（2 种）也一起收回，而这一份里没有" in text
    assert "收回“月.xlsx”全部台账" in text
    answer = clerk.post(f"{first}/take-back", then=second.split("/")[-1])
    assert answer.headers["location"] == f"{second}?taken_back={first.split('/')[-1]}"
    text = clerk.get(answer.headers["location"]).text
    assert "“月.xlsx”已收回，没有报送。" in text
    assert "，后来收回了" in clerk.get(first).text
    assert "已收回，没有报送" not in clerk.get(f"{second}?taken_back=9").text
    assert "已收回，没有报送" not in clerk.get(f"{second}?taken_back={second.split('/')[-1]}").text


def test_a_zero_report_beside_rows_and_a_file_of_the_same_name(site: Site) -> None:
    clerk = site.visitor("star")
    first = clerk.checked("a.xlsx", cases_workbook(1))
    clerk.post(f"{first}/send")
    text = clerk.get(clerk.checked("b.xlsx", ledger_bytes("cases"))).text
    assert "立案台账：那一份填有各行，这一份是零报告" in text
    assert f"{first}/take-back" in text
    text = clerk.get(clerk.checked("a.xlsx", cases_workbook(1, 2))).text
    assert "先收回那一份，才能报送这一份" in text


def test_a_roster_that_is_emptied_is_doubted_at_upload_and_in_the_night(site: Site) -> None:
    clerk = site.visitor("star")
    roster = ledger_bytes(
        "officers", *({"officer_no": f"ZF{number}", "certified_on": "2022-06-01"} for number in range(1, 6))
    )
    clerk.post(f"{clerk.checked('五月.xlsx', roster, period='2023-05')}/send")
    site.night()
    page = clerk.checked("六月.xlsx", ledger_bytes("officers"))
    text = clerk.get(page).text
    assert "可以报送，请先核对" in text
    assert "上次（2023年5月）报了 5 行，这次一行也没有" in text
    clerk.post(f"{page}/send")
    site.night()
    assert '入库时发现的，写在<a href="/month?period=2023-06">' in clerk.get(page).text
    assert "上次（2023年5月）报了 5 行" in clerk.get("/month?period=2023-06").text

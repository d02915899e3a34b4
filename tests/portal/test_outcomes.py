"""What became of what a clerk sent: taken, refused, waiting, replaced; and receipts of long ago."""

from __future__ import annotations

import re

from openpyxl import load_workbook

from flows.outputs.load_reports import LoadReport
from tests.support.counties import ledger_bytes, put, rows_of, sheet_cells, workbook_bytes
from tests.support.portal_site import Site, Visitor, cases_workbook


def sent(clerk: Visitor, name: str, data: bytes) -> str:
    page = clerk.checked(name, data)
    assert clerk.post(f"{page}/send").status_code == 303
    return page


def test_each_upload_says_what_became_of_it(site: Site) -> None:
    clerk = site.visitor("star")
    undecided = {"fine_fen": "待定", "decision_no": "某环罚(星)〔2023〕2号"}
    whole = cases_workbook(1, 2, 3, 4)
    first = sent(clerk, "立案.xlsx", whole)
    partial = sent(clerk, "处罚.xlsx", ledger_bytes("penalties", {}, undecided))
    site.night()
    assert "已读入（第 1 批）：收下 1 张" in clerk.get(first).text
    text = clerk.get(partial).text
    assert "已读入（第 1 批）：部分收下 1 张" in text
    assert "有错误的行先不收，其余的收下" in text
    copy = sent(clerk, "再发.xlsx", whole)
    waiting = sent(clerk, "补几行.xlsx", cases_workbook(1))
    site.wait(20)
    site.night()
    text = clerk.get(waiting).text
    assert '<p class="verdict fair" role="status">已读入（第 2 批）：待确认 1 张</p>' in text
    assert text.count('class="alert"') == 1
    assert "待确认 1 张" in text
    assert "没有代替以前报送的“立案.xlsx”" in text
    assert "写明“本次报送：全部”" in text
    month = clerk.get("/month?period=2023-06").text
    assert "要处理的</h2>" in month
    assert "没有代替以前报送的“立案.xlsx”" in month
    assert "与以前报过的一份完全相同，没有再计入" in clerk.get(copy).text
    sent(clerk, "全月.xlsx", cases_workbook(1, 2, 3, 4, 5))
    site.wait(20)
    site.night()
    text = clerk.get(first).text
    assert "已被代替" in text
    assert "第 3 批入库时由“全月.xlsx”的工作表“立案台账”代替" in text
    listed = clerk.get("/uploads").text
    assert "已读入（第 3 批）：收下 1 张" in listed
    assert "已读入（第 1 批）：已被代替 1 张" in listed
    assert "没有代替以前报送的" not in clerk.get("/month?period=2023-06").text


def test_a_file_that_another_one_of_its_name_replaced_says_so(site: Site) -> None:
    clerk = site.visitor("star")
    page = sent(clerk, "a.xlsx", cases_workbook(1))
    inbox = site.portal.workspace().home.inbox
    (inbox / "2023-06/990102/a.xlsx").write_bytes(b"changed on the server")
    for _ in range(2):
        assert 'role="status">已被代替：后来又报了同名的一份</p>' in clerk.get(page).text
        assert "已报送" not in clerk.get("/uploads").text
        site.night()


def test_a_clerk_sees_what_operators_see_of_the_unit(worked: Site) -> None:
    text = worked.visitor("star").get("/month?period=2023-06").text
    chased = re.findall(r"<tr>(.*?)</tr>", worked.visitor("bureau").get("/chase?year=2023").text, re.DOTALL)
    own = [line for line in chased if "星河区" in line and "2023年6月" in line and ">未报<" not in line]
    assert len(own) >= 2
    for line in own:
        reason = re.findall(r'<td[^>]*class="long"[^>]*>(.*?)</td>', line)[0]
        assert reason in text
    assert "长岭县" not in text


def test_uploads_of_long_ago_are_on_further_pages(site: Site, monkeypatch: object) -> None:
    from flows.portal.clerk import upload_pages

    monkeypatch.setattr(upload_pages, "MOST_LISTED", 1)  # type: ignore[attr-defined]
    clerk = site.visitor("star")
    for name in ("a.xlsx", "b.xlsx"):
        clerk.checked(name, cases_workbook(1))
    text = clerk.get("/uploads").text
    assert ">b.xlsx<" in text
    assert ">a.xlsx<" not in text
    assert 'href="/uploads?before=2"' in text
    assert ">a.xlsx<" in clerk.get("/uploads?before=2").text
    assert ">b.xlsx<" in clerk.get("/uploads?before=x").text


def test_receipts_of_months_that_are_over_long_ago_can_be_had(site: Site) -> None:
    receipts = site.portal.workspace().home.receipts
    put(receipts, "2019-03/990102/a-回执-000001-abcdef.xlsx", b"receipt")
    put(receipts, "2018-03/990121/a-回执-000001-abcdef.xlsx", b"other")
    put(receipts, "未识别/990102/a-回执-000001-abcdef.xlsx", b"receipt")
    clerk = site.visitor("star")
    month = clerk.get("/month?period=2019-03").text
    assert "a-回执-000001-abcdef.xlsx" in month
    assert "上传并检查" not in month
    assert 'value="2018-03"' not in month
    assert clerk.get("/month?period=2018-03").status_code == 404
    path = "/receipts/2019-03/990102/a-回执-000001-abcdef.xlsx"
    assert clerk.get(path).content == b"receipt"
    assert clerk.get(path.replace("2019-03", "..")).status_code == 404


def test_receipts_of_one_name_of_two_units_are_told_apart(site: Site) -> None:
    site.add("both", "clerk", ["990102", "990121"])
    receipts = site.portal.workspace().home.receipts
    for unit in ("990102", "990121"):
        put(receipts, f"2023-06/{unit}/a-回执-000001-abcdef.xlsx", unit.encode())
    clerk = site.visitor("both")
    text = clerk.get("/month?period=2023-06").text
    for unit, name in (("990102", "星河区"), ("990121", "长岭县")):
        path = f"/receipts/2023-06/{unit}/a-%E5%9B%9E%E6%89%A7-000001-abcdef.xlsx"
        assert f'{name}：<a href="{path}"' in text
        assert clerk.get(path).content == unit.encode()


def test_what_was_refused_is_open_until_a_later_one_is_taken(site: Site) -> None:
    clerk = site.visitor("star")
    wrong = {"filed_on": "待定"}
    no_date = {"立案台账": sheet_cells("cases", rows_of("cases", wrong))}
    penalties = {"行政处罚台账": sheet_cells("penalties", rows_of("penalties", {}))}
    both = workbook_bytes(no_date | penalties)
    first = sent(clerk, "六月.xlsx", both)
    site.night()
    text = clerk.get(first).text
    assert "退回 1 张" in text
    assert 'class="alert">立案台账：' in text
    sent(clerk, "立案.xlsx", cases_workbook(1))
    site.wait(20)
    site.night()
    text = clerk.get(first).text
    assert 'class="alert"' not in text
    assert "这一份退回了，后来又报了一份，以后来的为准" in text
    assert "已被代替 1 张" in clerk.get("/uploads").text
    assert "退回" not in clerk.get("/month?period=2023-06").text.split("这个月的回执")[0]


def test_of_two_workbooks_of_a_night_it_is_said_which_sheet_counts(site: Site) -> None:
    inbox = site.portal.workspace().home.inbox
    sheets = {
        name: sheet_cells("cases", rows_of("cases", {}, {"case_no": "某环立(星)〔2023〕2号"}))
        for name in "甲乙"
    }
    put(inbox, "2023-06/990102/早.xlsx", workbook_bytes({"甲": sheets["甲"]}), "2023-07-02T10:00")
    put(
        inbox,
        "2023-06/990102/晚.xlsx",
        workbook_bytes({"乙": sheets["乙"], "注": [["见前"]]}),
        "2023-07-02T11:00",
    )
    site.night()
    workspace = site.portal.workspace()
    replaced = LoadReport(workspace, 1, every_region=False).replaced()
    assert [(line["source_file"], line["message"]) for line in replaced] == [
        ("2023-06/990102/早.xlsx", "“甲”不计入，以“晚.xlsx”的工作表“乙”为准")
    ]
    receipt = next((workspace.home.receipts / "2023-06/990102").glob("早*.xlsx"))
    texts = [str(cell) for row in load_workbook(receipt).worksheets[0].values for cell in row if cell]
    assert "工作表“甲”不计入，以“晚.xlsx”的工作表“乙”为准。" in texts

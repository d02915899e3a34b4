"""Blank workbooks of the portal: with unit and month filled in, one by one or the whole month in one."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest

from schemas.catalogue import ledgers
from tests.support.portal_site import Site
from transforms.template.ledger_sheet import WAYS_OF_NOTHING

JUNE = "unit=990102&period=2023-06"


def test_the_workbook_of_a_month_is_filled_ticked_and_sent(site: Site) -> None:
    clerk = site.visitor("star")
    page = clerk.get("/templates?period=2023-06").text
    assert f"应报的 {len(ledgers())} 种台账" in page
    assert f"/month/template?{JUNE.replace('&', '&amp;')}" in page
    answer = clerk.get(f"/month/template?{JUNE}")
    assert answer.headers["content-disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    for row in book["本月无"].iter_rows(min_row=7, max_row=6 + len(ledgers())):
        row[1].value = "√"
    data = io.BytesIO()
    book.save(data)
    upload = clerk.checked("全月.xlsx", data.getvalue())
    text = clerk.get(upload).text
    assert text.count("○ 零报告") == len(ledgers())
    assert ">可以报送<" in text
    assert text.count("（读到：“本月无”那张表里打了 √）") == len(ledgers())
    receipt = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{upload}/receipt").content)).worksheets[0]
    assert any(
        "零报告，读到：“本月无”那张表里打了 √：" in str(cell) for row in receipt.values for cell in row
    )
    clerk.post(f"{upload}/send")
    site.night()
    assert "都已报好" in clerk.get("/month?period=2023-06").text


def test_a_single_workbook_has_unit_and_month(site: Site) -> None:
    clerk = site.visitor("star")
    sheet = openpyxl.load_workbook(io.BytesIO(clerk.get(f"/templates/cases?{JUNE}").content))["立案台账"]
    assert (sheet["B2"].value, sheet["B3"].value) == ("星河区", "2023年6月")
    blank = openpyxl.load_workbook(io.BytesIO(clerk.get("/templates/cases").content))["立案台账"]
    assert (blank["B2"].value, blank["B3"].value) == (None, None)


def test_the_chosen_month_goes_along_and_names_the_files(site: Site) -> None:
    clerk = site.visitor("star")
    for page in ("/month?period=2023-05", "/templates?period=2023-05"):
        assert 'href="/templates?period=2023-05"' in clerk.get(page).text
    name = unquote(clerk.get("/templates/cases?unit=990102&period=2023-05").headers["content-disposition"])
    assert "星河区2023年5月立案台账.xlsx" in name
    assert "立案台账.xlsx" in unquote(clerk.get("/templates/cases").headers["content-disposition"])


def test_template_and_guide_name_the_ways_to_report_nothing_in_the_same_words(site: Site) -> None:
    clerk = site.visitor("star")
    assert WAYS_OF_NOTHING in clerk.get("/templates?period=2023-06").text
    data = clerk.get(f"/month/template?{JUNE}").content
    texts = [
        str(cell)
        for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets
        for row in sheet.values
        for cell in row
        if cell
    ]
    assert sum(WAYS_OF_NOTHING in text for text in texts) == 2
    assert WAYS_OF_NOTHING in Path("docs/zh/clerk-send.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"A8": "无"}, "（读到：一行里写了“无”）"),
        ({"A4": "本月无"}, "（读到：表里写明本月没有）"),
        ({}, "○ 零报告</li>"),
    ],
)
def test_how_a_zero_report_was_read_is_said(site: Site, cells: dict[str, str], words: str) -> None:
    clerk = site.visitor("star")
    book = openpyxl.load_workbook(io.BytesIO(clerk.get(f"/templates/cases?{JUNE}").content))
    for cell, text in cells.items():
        book["立案台账"][cell].value = text
    data = io.BytesIO()
    book.save(data)
    assert words in clerk.get(clerk.checked("a.xlsx", data.getvalue())).text


@pytest.mark.parametrize(
    "path",
    [
        "/month/template?unit=990121&period=2023-06",
        "/month/template?unit=990102&period=2050-01",
        "/month/template",
        "/templates?unit=990121",
        "/templates?period=x",
        "/templates/cases?unit=990121&period=2023-06",
        "/templates/nothing",
    ],
)
def test_another_unit_and_unknown_months_have_none(site: Site, path: str) -> None:
    assert site.visitor("star").get(path).status_code == 404

"""The report for readers: of a year as it is now, and of what was published."""

from __future__ import annotations

import io
import re
from datetime import datetime
from urllib.parse import unquote

import docx
import openpyxl
import pytest

from flows.outputs.publication import publish
from schemas.periods import Period
from tests.bulletin.files import texts_of
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site


@pytest.fixture
def reported(site: Site) -> Site:
    """A site in which one unit has reported a fine of 3.5 万元, and June was published."""
    put(site.portal.workspace().home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("penalties", {}))
    site.night()
    june, now = Period.parse("2023-06"), datetime(2023, 7, 3, 2)
    publish(site.portal.workspace(), june, "<b>月报</b>", as_provisional=True, now=now)
    return site


def test_the_year_and_each_publication_can_be_downloaded(reported: Site) -> None:
    reader = reported.visitor("reader")
    text = reader.get("/report?year=2023&region=990100").text
    assert "&lt;b&gt;月报&lt;/b&gt;" in text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/report/[^"]+)"', text)]
    assert len(links) == 6
    word, book, page, *published = (reader.get(link) for link in links)
    assert "3.5万元（暂定）" in "".join(texts_of(docx.Document(io.BytesIO(word.content))))
    assert "指标" in openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames
    assert "未公布" in page.text
    assert "第1号公布" in published[2].text
    assert "某市-2023-06-第1号公布.docx" in unquote(published[0].headers["content-disposition"])
    assert all(answer.headers["content-disposition"].startswith("attachment") for answer in published)
    assert "下载报告" in reader.get("/figures?year=2023").text


def test_what_there_is_not_is_refused(reported: Site) -> None:
    reader = reported.visitor("reader")
    for path in ("/report/pdf?year=2023", "/report/docx?publication=9", "/report/docx?publication=x"):
        assert reader.get(path).status_code == 404

"""A file that is not what its page was opened for leads on to the page where it belongs."""

from __future__ import annotations

import pytest

from schemas.catalogue import ledgers
from tests.support.counties import ledger_bytes
from tests.support.portal_site import Site, cases_workbook
from transforms.template import Prefilled, workbook_of_month

MAY = '<a href="/month?period=2023-05">到2023年5月的页面</a>'


def test_a_file_of_another_month_leads_to_the_page_of_that_month(site: Site) -> None:
    clerk = site.visitor("star")
    text = clerk.get(clerk.checked("2023年5月立案台账.xlsx", cases_workbook(1))).text
    assert "写的是2023年5月的立案台账，而上传时选的是2023年6月" in text
    assert MAY in text
    assert ">先不要报送，月份对不上：2023年6月、2023年5月<" in text
    assert "立案台账，星河区，月份有2023年6月、2023年5月，对不上" in text
    assert "下载标好的表" not in text
    assert "没有认出台账" not in text
    own = clerk.get(clerk.checked("2023年6月立案台账.xlsx", cases_workbook(1))).text
    assert "而上传时选的是" not in own


def test_a_file_of_a_month_to_come_is_said_to_be_of_it(site: Site) -> None:
    clerk = site.visitor("star")
    text = clerk.get(clerk.checked("2033年5月立案台账.xlsx", cases_workbook(1))).text
    assert "写的是2033年5月的立案台账" in text
    assert "那个月现在不能报送" in text
    assert "/month?period=2033-05" not in text


def test_a_ledger_that_the_unit_owes_by_quarter_leads_to_the_month_of_its_report(site: Site) -> None:
    settings = site.portal.workspace().home.folder / "huizong.toml"
    entries = (
        '[[obligations]]\nunits = ["990102"]\nledgers = ["permits"]\nevery = "quarter"\n'
        '[[obligations]]\nunits = ["990102"]\nledgers = ["cases"]\nevery = "never"\n'
    )
    settings.write_text(f"{settings.read_text('utf-8')}{entries}", encoding="utf-8")
    clerk = site.visitor("star")
    text = clerk.get(clerk.checked("a.xlsx", ledger_bytes("permits", {}), period="2023-05")).text
    assert "星河区这个月不用单独报它。这个月的各行放在2023年6月的那一份里一起报。" in text
    assert 'href="/month?period=2023-06">到2023年6月的页面' in text
    text = clerk.get(clerk.checked("b.xlsx", cases_workbook(1))).text
    assert "这是2023年6月的立案台账，星河区这个月不用单独报它。请核对是否拿错了文件" in text
    owed = clerk.get(clerk.checked("c.xlsx", ledger_bytes("permits", {}))).text
    assert "不用单独报" not in owed


@pytest.mark.parametrize(
    ("month", "headline", "sheet_words", "advice"),
    [
        ("2023年5月", "月份对不上：2023年6月、2023年5月", "没有再往下读，星河区", "到那个月的页面上传"),
        (
            "2023年6月",
            "还没有填，也没有打 √",
            "“本月无”：各种台账都没有填",
            "请照下面写的改好，存盘，再上传一次",
        ),
    ],
)
def test_the_own_workbook_is_never_said_to_be_no_ledger(
    site: Site, month: str, headline: str, sheet_words: str, advice: str
) -> None:
    clerk = site.visitor("star")
    data = workbook_of_month(["cases", "permits"], ledgers(), ["星河区"], Prefilled("星河区", month))
    text = clerk.get(clerk.checked("月.xlsx", data)).text
    assert f">先不要报送，{headline}<" in text
    assert sheet_words in text
    assert advice in text
    assert "没有认出台账" not in text
    assert "看不出是哪种台账" not in text


def test_a_marked_workbook_is_offered_where_a_cell_is_marked(site: Site) -> None:
    clerk = site.visitor("star")
    assert "下载标好的表" not in clerk.get(clerk.checked("a.xlsx", cases_workbook(1))).text
    empty = ledger_bytes("cases")  # doubted as a whole
    assert "下载标好的表" not in clerk.get(clerk.checked("b.xlsx", empty)).text
    wrong = cases_workbook(1, filed_on="待定")
    assert "下载标好的表" in clerk.get(clerk.checked("c.xlsx", wrong)).text

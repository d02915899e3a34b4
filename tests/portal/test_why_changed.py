"""Why a figure changed is said on one page: which report, when, and which rows, before and after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.portal.operator import history
from flows.queries.why_changed import pair_rows
from tests.portal.conftest import open_site, reopen_site
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site, cases_workbook
from warehouse.engine import reading
from warehouse.ops.submissions import zero_reports

HISTORY = "/figures/fine_imposed_amount/history?year=2023"


@pytest.fixture(scope="module")
def resent(reported_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A portal of a home whose only fine was reported again, with another amount."""
    with reopen_site(tmp_path_factory.mktemp("resent") / "home", reported_home, 60 * 24) as site:
        amount = ledger_bytes("penalties", {"fine_fen": "5.25"})
        put(site.portal.workspace().home.inbox, "2023-06/990102/b.xlsx", amount)
        site.night()
        yield site


def test_the_page_says_report_load_rows_and_both_values(resent: Site) -> None:
    operator = resent.visitor("bureau")
    page = operator.get(HISTORY).text
    assert "3.5万元 → 5.25万元" in page
    assert "+1.75万元" in page
    assert "星河区 2023年6月 行政处罚决定台账（重报，" in page
    assert "填的是 3.5（万元）<br>读作 35,000.00元" in page
    assert "填的是 5.25（万元）<br>读作 52,500.00元" in page
    assert page.index("a.xlsx［") < page.index("b.xlsx［")  # before, then after
    assert 'href="/submissions/2/rows/' in page
    # one click from the morning
    assert "/figures/fine_imposed_amount/history?year=2023#why" in operator.get("/moved?year=2023").text


def test_an_earlier_load_can_be_asked_for_and_the_first_has_nothing_before(resent: Site) -> None:
    operator = resent.visitor("bureau")
    first = operator.get(f"{HISTORY}&load=1").text
    assert "第一次有这个数" in first
    assert "变了的行" not in first
    assert "变了的行" in operator.get(f"{HISTORY}&load=99").text
    assert "变了的行" not in operator.get(f"{HISTORY}&region=990121").text


def test_the_oldest_listed_load_of_a_longer_list_is_not_called_the_first(
    resent: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_LOADS", 1)
    page = resent.visitor("bureau").get(HISTORY).text
    assert "第一次有这个数" not in page
    assert "这以前的变动没有列出" in page
    assert "只列出最近 1 批里有变动的" in page
    assert "3.5万元 → 5.25万元" in page


def test_a_load_without_a_figure_and_a_ledger_without_a_report_say_so(resent: Site) -> None:
    operator = resent.visitor("bureau")
    page = operator.get("/figures/fine_imposed_amount/history?period=2022-12").text
    assert "还没有数" in page
    assert "第一次有这个数" not in page
    page = operator.get("/figures/fine_collected_amount/history?period=2023-06").text
    assert "还没有单位报过罚款缴纳台账" in page
    assert "还没有入库过" not in page


@pytest.fixture(scope="module")
def shared_case(laid_out_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A portal of a home where case 2 counts for 星河区 until that sends case 5 in its place, then for 长岭县
    until 星河区 is its handler.
    """
    folder = tmp_path_factory.mktemp("shared") / "home"
    handled = [{"case_no": f"某环立(星)〔2023〕{number}号"} for number in (1, 5, 2)]
    handled[2]["handling_unit"] = "星河区"
    with open_site(folder, laid_out_file) as site:
        for unit, workbook in (
            ("990102", cases_workbook(1, 2)),
            ("990121", cases_workbook(2, 3)),
            ("990102", cases_workbook(1, 5)),
            ("990102", ledger_bytes("cases", *handled)),
        ):
            put(site.portal.workspace().home.inbox, f"2023-06/{unit}/a.xlsx", workbook)
            site.night()
            site.wait(60 * 24)
        yield site


def changed_rows(site: Site, region: str, load: int) -> list[list[str]]:
    address = f"/figures/case_filed_count/history?period=2023-06&region={region}&load={load}"
    page = site.visitor("bureau").get(address).text
    table = page[page.index("现在计入的") :]
    cells = re.findall(
        r"<t[hd][^>]*>(.*?)</t[hd]>", table[table.index("<tbody>") : table.index("</tbody>")]
    )
    texts = [re.sub("<[^>]+>", "", cell) for cell in cells]
    return [[texts[start], texts[start + 3], texts[start + 4]] for start in range(0, len(texts), 5)]


def test_a_row_that_counts_by_the_report_of_another_unit_is_listed_with_its_reason(
    shared_case: Site,
) -> None:
    came = ["长岭县", "没有计入：同一件以星河区 2023年6月 的报送（第 1 号）为准", "2号"]
    [listed] = changed_rows(shared_case, "990121", 3)
    assert [listed[0], listed[1], listed[2][-2:]] == came
    # the city's rows add up to one more
    city = changed_rows(shared_case, "", 3)
    assert [(row[0], row[1][-2:], row[2][-2:]) for row in city] == [
        ("星河区", "2号", "5号"),
        ("长岭县", "为准", "2号"),
    ]


def test_a_row_that_ceases_to_count_by_the_report_of_another_unit_says_so(shared_case: Site) -> None:
    [[unit, before, after]] = changed_rows(shared_case, "990121", 4)
    assert (unit, before[-2:]) == ("长岭县", "2号")
    assert after == "不再计入：同一件以星河区 2023年6月 的报送（第 4 号）为准"


def test_a_rate_says_in_what_a_row_counts(site: Site) -> None:
    inbox = site.portal.workspace().home.inbox
    put(inbox, "2023-05/990102/a.xlsx", ledger_bytes("penalties", {}))
    site.night()
    put(inbox, "2023-06/990102/b.xlsx", ledger_bytes("penalties", {"decision_no": "某环罚(星)〔2023〕2号"}))
    site.night()
    page = site.visitor("bureau").get("/figures/penalty_publication_rate/history?year=2023").text
    assert "<td>分母</td>" in page
    assert "分子、分母都计入的行算两次" in page
    assert "百分数截到两位小数" in page


def test_a_zero_report_is_called_that(site: Site) -> None:
    inbox = site.portal.workspace().home.inbox
    put(inbox, "2023-06/990102/a.xlsx", ledger_bytes("cases", {}))
    put(inbox, "2023-06/990102/b.xlsx", ledger_bytes("penalties"))
    site.night()
    with reading(site.portal.workspace().engine) as connection:
        tables = site.portal.workspace().tables
        assert [row["ledger"] for row in zero_reports(connection, tables, [1, 2])] == ["penalties"]


def row(number: int, value: str, **changes: Any) -> dict[str, Any]:
    return {
        "side": "", "unit_code": "1", "month": "2023-06", "ledger": "cases", "field": "案号", "value": value,
        "counts": 1, "source_row": number, **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ([row(3, "1号")], [row(3, "1号")], []),
        ([row(3, "1号"), row(4, "2号")], [row(3, "2号"), row(4, "1号")], []),  # only sorted
        ([row(3, "1号")], [row(3, "3号")], [("1号", "3号")]),
        ([row(3, "1号"), row(4, "2号")], [row(4, "2号")], [("1号", None)]),
        ([row(3, "1号"), row(4, "2号")], [row(3, "4号"), row(4, "2号"), row(5, "5号")], [("1号", "4号"), (None, "5号")]),
        ([row(3, "1号")], [row(3, "1号"), row(4, "1号")], [(None, "1号")]),  # an equal one more
        ([row(3, "1号", stays_in=3)], [row(3, "2号")], [("1号", None), (None, "2号")]),
        ([row(3, "1号")], [row(3, "1号", month="2023-07")], [("1号", None), (None, "1号")]),
    ],
)  # fmt: skip
def test_rows_that_differ_are_paired(
    before: list[dict[str, Any]], after: list[dict[str, Any]], pairs: list[tuple[str | None, str | None]]
) -> None:
    listed = [tuple(each and each["value"] for each in pair) for pair in pair_rows(before, after)]
    assert listed == pairs

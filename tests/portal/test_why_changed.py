"""Why a figure changed is said on one page: which report, when, and which rows, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.portal.operator import history
from flows.queries.why_changed import pair_rows
from tests.portal.conftest import reopen_site
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site

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
        ([row(3, "1号")], [row(3, "1号", month="2023-07")], [("1号", None), (None, "1号")]),
    ],
)  # fmt: skip
def test_rows_that_differ_are_paired(
    before: list[dict[str, Any]], after: list[dict[str, Any]], pairs: list[tuple[str | None, str | None]]
) -> None:
    listed = [tuple(each and each["value"] for each in pair) for pair in pair_rows(before, after)]
    assert listed == pairs

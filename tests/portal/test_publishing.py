"""Periods that are published from the portal: what is unfinished or unchanged is said and asked about."""

from __future__ import annotations

import re
import sqlite3

import pytest

from flows.outputs.snapshot import snapshot_path
from tests.support.counties import put
from tests.support.portal_site import Site, cases_workbook, order


def test_a_period_is_published_with_what_is_provisional_named(ordered: Site) -> None:
    bureau = ordered.visitor("bureau")
    form = bureau.get("/publish?period=2023-06").text
    assert "都是暂定的" in form or "个数是暂定的" in form
    assert "立案" in form
    job = bureau.get(order(bureau, "/publish?period=2023-06", reason="六月通报")).text
    assert "没有公布" in job
    job = bureau.get(order(bureau, "/publish?period=2023-06", reason="六月通报", is_provisional="1")).text
    assert "公布为第 1 号（暂定）" in job
    assert "六月通报" in bureau.get("/figures/case_filed_count?year=2023").text
    assert "公布 2023年6月" in bureau.get("/jobs").text
    assert "时期：2023年6月" in bureau.get("/audit?action=publish").text
    assert "/report?year=2023" in job
    with sqlite3.connect(snapshot_path(ordered.portal.workspace().home)) as readers:
        assert readers.execute("SELECT count(*) FROM mart_publications").fetchone() == (1,)


def test_figures_that_moved_after_they_were_shown_are_not_published(ordered: Site) -> None:
    bureau = ordered.visitor("bureau")
    text = bureau.get("/publish?period=2023-06").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    put(ordered.portal.workspace().home.inbox, "2023-06/990121/b.xlsx", cases_workbook(7))
    ordered.night()
    answer = bureau.post("/publish", **hidden, is_provisional="1")
    assert "又有新的入库" in bureau.get(answer.headers["location"]).text


def test_what_has_not_changed_is_published_again_only_if_asked_for(ordered: Site) -> None:
    bureau = ordered.visitor("bureau")
    page = "/publish?period=2023-06"
    text = bureau.get(page).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    order(bureau, page, is_provisional="1")
    answer = bureau.post("/publish", **hidden, is_provisional="1")  # of a form that was opened before
    assert "第 1 号已经公布了同样的数，没有再公布" in bureau.get(answer.headers["location"]).text
    assert "第 1 号公布的就是这些数" in bureau.get(page).text
    assert "公布为第 2 号" in bureau.get(order(bureau, page, is_provisional="1", is_again="1")).text
    put(ordered.portal.workspace().home.inbox, "2023-06/990121/b.xlsx", cases_workbook(7))
    ordered.night()
    assert "到现在没有变动" not in bureau.get(page).text
    assert "公布为第 3 号" in bureau.get(order(bureau, page, is_provisional="1")).text


def test_periods_are_offered_the_latest_first_with_what_they_lack(ordered: Site) -> None:
    text = ordered.visitor("bureau").get("/publish").text
    groups = re.findall(r'<optgroup label="(\w+)">(.*?)</optgroup>', text, re.DOTALL)
    words = {label: re.findall(r">([^<]+)</option>", group) for label, group in groups}
    assert words["年"][:2] == ["2023年（未结束）", "2022年（还没有报送）"]
    assert words["季度"][:2] == ["2023年第三季度（未结束）", "2023年第二季度（暂定，还缺报送）"]
    assert words["月"][:3] == [
        "2023年7月（未结束）",
        "2023年6月（暂定，还缺报送）",
        "2023年5月（还没有报送）",
    ]


@pytest.mark.parametrize("period", ["2023", "2023-Q3", "2023-07"])
def test_a_period_that_is_not_over_is_named_when_it_is_confirmed(ordered: Site, period: str) -> None:
    text = ordered.visitor("bureau").get(f"/publish?period={period}").text
    assert "还没有结束（到 2023年" in text
    assert "还没有结束、有暂定的数" in text


def test_a_period_that_has_not_begun_is_not_offered(ordered: Site) -> None:
    assert "没有这个时期" in ordered.visitor("bureau").get("/publish?period=2023-Q4").text


def test_the_latest_period_that_is_over_and_not_published_is_suggested(ordered: Site) -> None:
    bureau = ordered.visitor("bureau")
    assert '<option value="2023-06" selected>' in bureau.get("/publish").text
    order(bureau, "/publish?period=2023-06", is_provisional="1")
    assert '<option value="2023-Q2" selected>' in bureau.get("/publish").text

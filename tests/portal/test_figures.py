"""Figures for readers: cards, charts with their numbers as tables, and CSV; nothing about single rows."""

from __future__ import annotations

import csv
import io

import pytest

from flows.portal.reader.charts import Point, bar_chart, line_chart
from flows.portal.reader.figures import describe_change
from schemas.catalogue import indicators
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site

YEAR = "/figures?year=2023"


@pytest.fixture
def reported(site: Site) -> Site:
    """A site in which one unit has reported a fine of 3.5 万元."""
    put(site.portal.workspace().home.inbox, "2023-06/990102/a.xlsx", ledger_bytes("penalties", {}))
    site.night()
    return site


def test_every_indicator_has_a_card_and_a_page(reported: Site) -> None:
    reader = reported.visitor("reader")
    text = reader.get(YEAR).text
    for name, indicator in indicators().items():
        assert f"/figures/{name}?" in text
        assert indicator.title in text
    assert "3.5万元" in text
    assert "上年无可比数据" in text
    assert "暂定：" in text


def test_a_figure_has_months_units_and_what_is_missing(reported: Site) -> None:
    text = reported.visitor("reader").get("/figures/fine_imposed_amount?year=2023").text
    assert text.count("<svg") == 2
    assert "长岭县 2023" in text
    assert "星河区" in text
    assert text.count("3.5万元") >= 4  # the figure, its month, its unit, and the charts


def test_a_month_without_a_figure_is_a_gap() -> None:
    points = [Point("1月", 1, "1"), Point("2月", None, "—"), Point("3月", 3, "3")]
    drawing = line_chart(points, [], "今年", "上年", "件")
    [line] = [part for part in drawing.split("<path ") if part.startswith('class="line-now"')]
    assert line.count("M") == 2
    assert "L" not in line.split('d="')[1].split('"')[0]
    assert line_chart([Point("1月", None, "—")], [], "今年", "上年", "件") == ""


def test_a_unit_without_a_figure_says_so_and_names_are_escaped() -> None:
    drawing = bar_chart([Point("<甲>", 2, "2件"), Point("乙", None, "—")])
    assert "&lt;甲&gt;" in drawing
    assert "未报" in drawing
    assert 'width="0.0"' in drawing


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        ((None, None), (1, None), "上年无可比数据"),
        ((1, None), (None, None), "上年无可比数据"),
        ((3, None), (3, None), "与上年持平"),
        ((3, None), (2, None), "同比 +50.0%"),
        ((1, None), (2, None), "同比 -50.0%"),
        ((1, None), (0, None), "上年为 0"),
        ((0.95, 100), (1.0, 50), "同比 -5.0 个百分点"),
    ],
)
def test_the_change_on_last_year_in_words(
    now: tuple[float | None, int | None], before: tuple[float | None, int | None], sentence: str
) -> None:
    rows = [dict(zip(("value", "denominator"), values, strict=True)) for values in (now, before)]
    assert describe_change(*rows) == sentence


def test_the_tables_can_be_downloaded(reported: Site) -> None:
    reader = reported.visitor("reader")
    answer = reader.get("/figures.csv?year=2023")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["indicator_id"] for row in rows] == list(indicators())
    answer = reader.get("/figures/fine_imposed_amount.csv?year=2023")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["period"] for row in rows][:12] == [f"2023-{month:02}" for month in range(1, 13)]
    assert [row["region_name"] for row in rows][12:][0] == "星河区"
    assert reader.get("/figures/nothing").status_code == 404
    assert reader.get("/figures/nothing.csv").status_code == 404


def test_an_unknown_year_or_region_shows_the_usual_ones(reported: Site) -> None:
    reader = reported.visitor("reader")
    text = reader.get("/figures?year=1066&region=<b>").text
    assert "<h1>2023 年指标</h1>" in text
    assert "<b>" not in text


def test_the_morning_names_runs_and_whom_to_chase(reported: Site) -> None:
    put(
        reported.portal.workspace().home.inbox,
        "2023-06/990121/b.xlsx",
        ledger_bytes("cases", {"filed_on": "待定"}),
    )
    reported.wait(minutes=60 * 24 * 10)
    reported.night()
    operator = reported.visitor("bureau")
    text = operator.get("/morning?year=2023").text
    assert "每夜入库" in text
    assert "长岭县" in text
    matrix = operator.get("/reports?year=2023&full=1").text
    assert "立案台账" in matrix
    assert "退" in matrix

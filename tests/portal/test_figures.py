"""Figures for readers: cards, charts with their numbers as tables, and CSV; nothing about single rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.outputs.imported_publication import import_publication
from flows.outputs.publication import publish
from flows.portal.reader.figures import sum_notes
from schemas.catalogue import indicators
from schemas.figures.display import format_share
from schemas.periods import Period
from tests.portal.conftest import reopen_site
from tests.support.counties import ledger_bytes, put
from tests.support.portal_site import Site
from transforms.charts.chart import Point, why_no_figure
from transforms.charts.svg import bar_chart, line_chart

YEAR = "/figures?year=2023"


@pytest.fixture
def reported(reported_home: Path, tmp_path: Path) -> Iterator[Site]:
    """A site in which one unit has reported a fine of 3.5 万元, and that a test works on."""
    with reopen_site(tmp_path / "home", reported_home) as site:
        yield site


def test_every_indicator_has_a_card_and_a_page(reported_once: Site) -> None:
    reader = reported_once.visitor("reader")
    text = reader.get(YEAR).text
    for name, indicator in indicators().items():
        assert f"/figures/{name}?" in text
        assert indicator.title in text
    assert "3.5万元" in text
    assert "上年无可比数据" in text
    assert "暂定：" in text


def test_a_units_pages_have_what_it_owes_and_no_chart_of_a_single_bar(reported_once: Site) -> None:
    reader = reported_once.visitor("reader")
    text = reader.get(f"{YEAR}&region=990102").text
    assert "/figures/fine_imposed_amount?" in text
    of_bureau = [name for name, indicator in indicators().items() if indicator.scope == "bureau"]
    assert of_bureau
    for name in of_bureau:
        assert f"/figures/{name}?" not in text
    page = "/figures/fine_imposed_amount?year=2023"
    assert "<h2>各单位</h2>" in reader.get(page).text
    of_unit = reader.get(f"{page}&region=990102").text
    assert "<h2>各单位</h2>" not in of_unit
    assert of_unit.count("<svg") == 1


def test_a_figure_has_months_units_and_what_is_missing(reported_once: Site) -> None:
    text = reported_once.visitor("reader").get("/figures/fine_imposed_amount?year=2023").text
    assert text.count("<svg") == 2
    assert "长岭县 2023年" in text
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
    drawing = bar_chart([Point("<甲>", 2, "2件"), Point("乙", None, "—", why_none="未报齐")], "各单位")
    assert "&lt;甲&gt;" in drawing
    assert "未报齐" in drawing
    assert 'width="0.0"' in drawing


@pytest.mark.parametrize(
    ("reported", "denominator", "words"),
    [(0, None, "未报齐"), (1, 0, "已报，分母为零"), (1, None, "没有数"), (0, 0, "未报齐")],
)
def test_a_unit_that_reported_nothing_is_not_called_missing(
    reported: int, denominator: int | None, words: str
) -> None:
    row = {"units_reported": reported, "units_expected": 1, "denominator": denominator}
    assert why_no_figure(row) == words


def test_last_years_figure_may_be_one_that_was_published_before(reported: Site) -> None:
    workspace = reported.portal.workspace()
    data = "indicator_id,published_text\nfine_imposed_amount,2万元\n".encode()
    import_publication(workspace, Period.parse("2022"), "", data, str, lambda _: "990100", now=reported.now)
    reader = reported.visitor("reader")
    assert "上年 2万元（以前公布的），" in reader.get(YEAR).text
    text = reader.get("/figures/fine_imposed_amount?year=2023").text
    assert "上年 2万元（以前公布的），本期未报齐，暂不比较" in text


def test_the_tables_can_be_downloaded(reported_once: Site) -> None:
    reader = reported_once.visitor("reader")
    answer = reader.get("/figures.csv?year=2023")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["指标编号"] for row in rows] == list(indicators())
    answer = reader.get("/figures/fine_imposed_amount.csv?year=2023")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["时期"] for row in rows][:12] == [f"2023年{month}月" for month in range(1, 13)]
    assert [row["地区"] for row in rows][12:][0] == "星河区"
    assert reader.get("/figures/nothing").status_code == 404
    assert reader.get("/figures/nothing.csv").status_code == 404


def test_an_unknown_year_or_region_shows_the_usual_ones(reported_once: Site) -> None:
    reader = reported_once.visitor("reader")
    text = reader.get("/figures?year=1066&region=<b>").text
    assert "<h1>某市 2023 年指标</h1>" in text
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


def test_a_figure_leads_an_operator_to_its_rows_and_no_reader(reported_once: Site) -> None:
    page = "/figures/fine_imposed_amount?year=2023"
    assert "/rows?" in reported_once.visitor("bureau").get(page).text
    assert "/rows?" not in reported_once.visitor("reader").get(page).text
    for path in ("rows", "rows.xlsx", "history"):
        assert (
            reported_once.visitor("reader").get(f"/figures/fine_imposed_amount/{path}").status_code == 403
        )


def test_the_rows_of_a_figure_have_file_sheet_cell_and_what_was_left_out(reported: Site) -> None:
    inbox = reported.portal.workspace().home.inbox
    late = {"decision_no": "某环罚(星)〔2023〕2号", "fine_fen": "待定"}
    put(inbox, "2023-07/990102/b.xlsx", ledger_bytes("penalties", late))
    reported.wait(minutes=60 * 24 * 40)
    reported.night()
    operator = reported.visitor("bureau")
    text = operator.get("/figures/fine_imposed_amount/rows?year=2023").text
    assert "a.xlsx" in text
    assert "行政处罚决定台账" in text
    assert "有错误，暂不收" in text
    assert "b.xlsx" in text
    assert '<th scope="col">内容</th>' not in text  # the cell holds 3.5, and the page what was read from it
    assert "<td>35,000.00元</td>" in text
    before = operator.get("/figures/fine_imposed_amount/rows?year=2023&as_of=2023-07-20").text
    assert "3.5万元" in before
    assert "b.xlsx" not in before
    assert "b.xlsx" not in operator.get("/figures/fine_imposed_amount/rows?year=2023&load=1").text
    assert operator.get("/figures/fine_imposed_amount/rows?period=2023-05").text.count("a.xlsx") <= 1
    workbook = operator.get("/figures/fine_imposed_amount/rows.xlsx?year=2023")
    assert workbook.content.startswith(b"PK")
    for path in ("rows", "rows.xlsx", "history"):
        assert operator.get(f"/figures/nothing/{path}").status_code == 404


@pytest.mark.parametrize(
    "choice", ["period=x", "as_of=x", "as_of=9999-12-31", "as_of=0001-01-01", "load=99", "load=x", "region=x",
               "as_of=2000-01-02"],
)  # fmt: skip
def test_any_choice_of_rows_is_answered(reported_once: Site, choice: str) -> None:
    operator = reported_once.visitor("bureau")
    assert operator.get(f"/figures/fine_imposed_amount/rows?{choice}").status_code in (200, 404)


def test_the_history_lists_the_loads_that_changed_a_figure(reported: Site) -> None:
    inbox = reported.portal.workspace().home.inbox
    for number in (2, 3):
        put(
            inbox,
            f"2023-06/990121/{number}.xlsx",
            ledger_bytes("cases", {"case_no": f"某环立(长)〔2023〕{number}号"}),
        )
        reported.wait(minutes=60 * 24)
        reported.night()
    more = {"decision_no": "某环罚(江)〔2023〕2号"}
    put(inbox, "2023-06/990181/c.xlsx", ledger_bytes("penalties", more))
    reported.wait(minutes=60 * 24)
    reported.night()
    text = reported.visitor("bureau").get("/figures/fine_imposed_amount/history?year=2023").text
    assert [f"第 {load} 批" in text for load in (1, 2, 3, 4)] == [True, False, False, True]
    assert text.index("7万元") < text.index("3.5万元")


def test_what_was_published_stands_beside_what_is_known_now(reported: Site) -> None:
    workspace = reported.portal.workspace()
    publish(workspace, Period.parse("2023"), "上半年通报", as_provisional=True, now=reported.now)
    more = {"decision_no": "某环罚(江)〔2023〕2号"}
    put(workspace.home.inbox, "2023-06/990181/c.xlsx", ledger_bytes("penalties", more))
    reported.night()
    text = reported.visitor("reader").get("/figures/fine_imposed_amount?year=2023").text
    published = text[text.index("公布过的") :]
    assert "3.5万元（暂定）" in published
    assert "7万元" in published
    assert "已变动" in published
    assert "上半年通报" in published


def test_coverage_is_a_map_with_its_numbers(reported: Site) -> None:
    reported.wait(minutes=60 * 24 * 10)
    reader = reported.visitor("reader")
    text = reader.get("/coverage?year=2023").text
    ledgers = len(reported.portal.workspace().ledgers)
    assert f'<td class="heat-0">1/{ledgers}</td>' in text
    rows = list(
        csv.DictReader(io.StringIO(reader.get("/coverage.csv?year=2023").content.decode("utf-8-sig")))
    )
    [june] = [row for row in rows if (row["单位"], row["月份"]) == ("星河区", "2023年6月")]
    assert (june["已报"], june["应报"], june["报送率"]) == ("1", str(ledgers), format_share(1, ledgers))


def test_kinds_of_penalty_are_counted_by_the_heaviest(reported: Site) -> None:
    inbox = reported.portal.workspace().home.inbox
    more = {
        "decision_no": "某环罚(江)〔2023〕2号",
        "penalty_kinds": "警告、责令停产停业",
        "penalty_text": "警告并停业",
        "fine_fen": "",
    }
    put(inbox, "2023-06/990181/c.xlsx", ledger_bytes("penalties", more))
    reported.night()
    reader = reported.visitor("reader")
    rows = list(
        csv.DictReader(io.StringIO(reader.get("/penalties.csv?year=2023").content.decode("utf-8-sig")))
    )
    assert {(row["种类"], row["件数"], row["上年件数"]) for row in rows} == {
        ("罚款", "1", ""), ("责令停产停业", "1", ""),
    }  # fmt: skip
    text = reader.get("/penalties?year=2023").text
    assert "责令停产停业" in text
    assert "暂定" in text


def test_what_is_provisional_is_marked_in_charts() -> None:
    points = [Point("1月", 1, "1件", is_provisional=True), Point("2月", 2, "2件")]
    line = line_chart(points, [], "今年", "上年", "件")
    assert line.count("provisional") == 1
    assert "1月 1件（暂定）" in line
    assert "1件（暂定）" in bar_chart(points, "各单位")


def test_a_printed_page_says_region_year_and_day(reported_once: Site) -> None:
    text = reported_once.visitor("reader").get("/figures?year=2023&region=990102").text
    assert '<p class="printed">星河区　2023 年　数据截至 2023年7月3日</p>' in text


def test_missing_reports_are_counted_one_by_one(reported_once: Site) -> None:
    bureau = reported_once.visitor("bureau")
    text = bureau.get("/publish?period=2023-06").text
    counted = re.search(r"有 (\d+) 份报送还缺", text)
    assert counted
    assert int(counted[1]) > text.count("<li>")


def test_why_the_units_add_up_to_more_is_said() -> None:
    rate = indicators()["petition_on_time_rate"]
    city = {"numerator": 9, "denominator": 10, "region_name": "某市"}
    units = [
        {"numerator": 5, "denominator": 6},
        {"numerator": 4, "denominator": 5},
        {"numerator": None, "denominator": None},
    ]
    assert sum_notes(rate, city, units) == [
        "各单位的分母相加是 11，某市是 10：几个单位都报了的同一件，合计时只计一次。"
    ]
    count = indicators()["case_filed_count"]
    assert sum_notes(count, city | {"numerator": 9}, units) == []
    assert sum_notes(count, city | {"numerator": 8}, units) == [
        "各单位相加是 9件，某市是 8件：几个单位都报了的同一件，合计时只计一次。"
    ]
    assert sum_notes(count, city | {"numerator": None}, units) == []


@pytest.mark.parametrize(
    ("values", "labels"),
    [([0, 1], ["0", "1"]), ([3], list("012345")), ([0.5], ["0", "0.125", "0.25", "0.375", "0.5"]),
     ([17], ["0", "5", "10", "15", "20"])],
)  # fmt: skip
def test_an_axis_of_whole_numbers_has_whole_marks(values: list[float], labels: list[str]) -> None:
    points = [Point(f"{number}月", value, "") for number, value in enumerate(values, start=1)]
    chart = line_chart(points, [], "标题", "", "件")
    assert re.findall(r'text-anchor="end"[^>]*>([^<]+)<', chart)[: len(labels)] == labels

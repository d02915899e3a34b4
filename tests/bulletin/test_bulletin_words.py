"""What a bulletin says of its figures: last year's, changes, causes, coverage; and the hash of them."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from schemas.catalogue import indicators
from schemas.figures.figure_changes import DEFINITION, FIRST_SUBMISSION, Mover
from schemas.periods import Period
from tests.bulletin.made import make_bulletin, row
from transforms.bulletin.charts import month_chart, unit_chart
from transforms.bulletin.comparison import (
    describe_change,
    describe_incomparable,
    describe_incomparable_sections,
    describe_last_year,
    print_last_year,
)
from transforms.bulletin.model import BulletinFigure, MonthFigure, UnitFigures
from transforms.bulletin.moves import describe_causes
from transforms.bulletin.punctuality import punctuality_of_units
from transforms.bulletin.words import (
    name_period,
    number_in_chinese,
    print_cell,
    print_figure,
    shorten_period,
)
from transforms.report.attribution import Share
from transforms.report.year_comparison import compare_years

CASES, RATE = indicators()["case_filed_count"], indicators()["petition_on_time_rate"]


def figure(now: Any, last: Any, indicator: Any = CASES, **changes: Any) -> BulletinFigure:
    this_year = row(indicator, now, **changes)
    return BulletinFigure(indicator, this_year, compare_years(this_year, row(indicator, last), None))


@pytest.mark.parametrize(
    ("now", "last", "words"),
    [
        (248, 240, "同比增长3.33%"),
        (7, 7, "与上年持平"),
        (7, 0, "上年为0"),
        (7, None, "上年无可比数据"),
        (None, 7, "本期无数"),
    ],
)
def test_the_change_in_words(now: int | None, last: int | None, words: str) -> None:
    assert describe_change(figure(now, last)) == words


def test_the_change_of_a_rate_is_in_points() -> None:
    assert describe_change(figure(0.95, 1.0, RATE)) == "同比下降5个百分点"


def test_what_is_not_complete_is_compared_with_nothing() -> None:
    provisional = figure(7, 6, is_provisional=True)
    assert (describe_change(provisional), describe_last_year(provisional)) == ("本期未报齐，暂不比较", "")


def test_an_imported_figure_is_marked() -> None:
    imported = BulletinFigure(CASES, row(CASES), compare_years(row(CASES), None, row(CASES, 6)))
    assert (print_last_year(imported), print_last_year(figure(7, 6))) == ("6件†", "6件")


def test_a_section_names_what_cannot_be_compared() -> None:
    can, cannot = figure(7, 6), figure(7, None)
    assert describe_incomparable([can]) == ""
    assert describe_incomparable([can, cannot]) == "其中立案上年无可比数据。"
    late = figure(7, 6, is_provisional=True)
    assert (
        describe_incomparable([can, late, cannot]) == "其中立案本期未报齐，暂不比较；立案上年无可比数据。"
    )
    assert describe_incomparable([cannot, cannot]) == "以上各项上年无可比数据。"
    assert describe_last_year(can) == "（上年6件，同比增长16.67%）"


def test_what_holds_of_all_sections_is_said_once() -> None:
    can, cannot = figure(7, 6), figure(7, None)
    assert describe_incomparable_sections({"执法": [cannot], "许可": [cannot], "信访": []}) == {
        "执法": "本报告各项数字上年无可比数据。", "许可": "", "信访": ""
    }  # fmt: skip
    assert describe_incomparable_sections({"执法": [can], "许可": [cannot]}) == {
        "执法": "", "许可": "以上各项上年无可比数据。"
    }  # fmt: skip
    assert describe_incomparable_sections({"执法": [can], "许可": [can]}) == {"执法": "", "许可": ""}


def test_a_provisional_figure_is_visibly_so() -> None:
    assert print_figure(row(CASES)) == "7件"
    assert print_figure(row(CASES, is_provisional=True)) == "7件（暂定）"
    assert print_figure(row(CASES, None, is_provisional=True)) == "—（未报齐）"
    assert print_cell(row(CASES, is_provisional=True)) == "7件*"


def test_names_of_periods_and_numbers_of_headings() -> None:
    periods = [Period.parse(text) for text in ("2023", "2023-Q2", "2023-06")]
    assert [name_period(period) for period in periods] == ["2023年", "2023年第二季度", "2023年6月"]
    assert [shorten_period(period) for period in periods] == ["全年", "第二季度", "6月"]
    assert [number_in_chinese(number) for number in (1, 10, 11, 20, 21)] == [
        "一",
        "十",
        "十一",
        "二十",
        "二十一",
    ]


def test_the_hash_is_of_the_figures_and_of_nothing_else() -> None:
    bulletin = make_bulletin(
        case_filed_count=(248, 240), fine_imposed_amount={"value": Decimal("34465278.50")}
    )
    frozen = {
        name: replace(each, row=json.loads(json.dumps(each.row, default=float)))
        for name, each in reversed(bulletin.figures.items())
    }
    assert replace(bulletin, figures=frozen, publication=4, notes=["x"]).digest == bulletin.digest
    assert (
        make_bulletin(case_filed_count=(248, 1)).digest == make_bulletin(case_filed_count=(248, 240)).digest
    )
    assert (
        make_bulletin(case_filed_count=(249, 240)).digest
        != make_bulletin(case_filed_count=(248, 240)).digest
    )
    assert replace(bulletin, units=bulletin.units[:1]).digest != bulletin.digest


def test_causes_of_one_unit_are_added_up() -> None:
    mover = Mover(1, 2, "990102", "cases", "2023-06", "某人.xlsx", "", False)
    shares: list[Any] = [
        (Share(FIRST_SUBMISSION, 1, Decimal(2)), mover, Decimal(2)),  # type: ignore[arg-type]
        (Share(FIRST_SUBMISSION, 2, Decimal(1)), mover, Decimal(1)),  # type: ignore[arg-type]
        (Share(DEFINITION, None, Decimal(-1)), None, Decimal(-1)),  # type: ignore[arg-type]
    ]
    assert (
        describe_causes(CASES, shares, {"990102": "星河区"}) == "星河区首次报送+3件；口径或应报范围调整-1件"
    )
    rate: list[Any] = [(shares[0][0], mover, Decimal("-0.125"))]
    assert describe_causes(RATE, rate, {}) == "990102首次报送-12.5个百分点"
    assert describe_causes(CASES, [], {}) == "相互抵消"


def test_charts_show_the_numbers_that_are_printed() -> None:
    fine = indicators()["fine_imposed_amount"]
    months = [
        MonthFigure("2023-01", row(fine, Decimal("2540494.80"))),
        MonthFigure("2023-02", row(fine, None), row(fine, 10_000)),
        MonthFigure("2023-03", row(fine, 0)),
    ]
    bulletin = replace(make_bulletin(), months={"fine_imposed_amount": months})
    chart = month_chart(bulletin, fine)
    assert chart is not None
    assert [point.value for point in chart.series[0].points] == [254.04, None, 0.0]
    assert [point.value for point in chart.series[1].points] == [None, 1.0, None]
    assert (chart.unit, [series.name for series in chart.drawn_series]) == ("万元", ["2023年", "2022年"])
    assert month_chart(make_bulletin(), fine) is None
    assert unit_chart(replace(bulletin, units=bulletin.units[:1]), fine) is None
    bars = unit_chart(bulletin, CASES)
    assert bars is not None
    assert "星河区3件" in bars.description


def test_a_chart_of_many_units_has_the_largest() -> None:
    units = [
        UnitFigures(str(number), f"{number}区", {"case_filed_count": row(CASES, number)})
        for number in range(40)
    ]
    chart = unit_chart(replace(make_bulletin(), units=units), CASES)
    assert chart is not None
    assert (chart.title, len(chart.series[0].points)) == ("最多的30个单位立案", 30)
    assert chart.series[0].points[0].label == "39区"


def test_punctuality_counts_each_report_once() -> None:
    names = ("period", "unit_code", "unit_name", "ledger", "state", "due_on", "days_late")
    due = pd.Timestamp("2023-07-07").date()
    rows = [
        ("2023-06", "a", "甲", "cases", "on_time", due, 0),
        ("2023-06", "a", "甲", "payments", "late", due, 2),
        ("2023-06", "a", "甲", "permits", "missing", due, None),
        ("2023-06", "a", "甲", "exams", "rejected", due, 0),
        ("2023-06", "a", "甲", "officers", "not_due", None, None),
    ]
    arrivals = [
        ("cases", "partial"),
        ("cases", "accepted"),
        ("payments", "accepted"),
        ("exams", "rejected"),
    ]
    submissions = pd.DataFrame(
        [(n, "2023-06", "a", ledger, state, False) for n, (ledger, state) in enumerate(arrivals)],
        columns=["submission_id", "period", "unit_code", "ledger", "state", "is_revalidated"],
    )
    [unit] = punctuality_of_units(
        pd.DataFrame(rows, columns=list(names)), submissions, {"a": "甲", "b": "乙"}
    )
    assert (unit.due, unit.on_time, unit.late, unit.missing) == (4, 1, 1, 2)
    assert (unit.on_time_rate, unit.first_pass_rate) == ("25%", "33.3%")
    assert (unit + unit).due == 8

"""A CSV of published figures: numbers, printed texts, and every line that is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flows.sample_year import published_figures
from schemas.catalogue import indicators
from schemas.figures.published_text import (
    PublishedFigureError,
    format_value,
    parse_published_text,
    parse_value,
)
from transforms.read.containers.grid import UnusableFileError
from transforms.report.imported_figures import (
    ImportedFigure,
    ImportedFiguresError,
    parse_imported_figures,
)


def find_indicator(text: str) -> str:
    if text not in indicators():
        raise ValueError(f"no indicator {text}")
    return text


def parse(text: str) -> list[ImportedFigure]:
    return parse_imported_figures(
        text.encode(), indicators(), find_indicator, lambda code: code or "990100"
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("case_filed_count", "248件", "248"),
        ("case_filed_count", "１，２４８ 件", "1248"),
        ("case_filed_count", "1.2万件", "12000"),
        ("fine_imposed_amount", "3446.52万余元", "34465200"),
        ("fine_imposed_amount", "0.35亿元", "35000000"),
        ("report_reward_amount", "5500.5元", "5500.5"),
        ("petition_on_time_rate", "98.52%", "0.9852"),
        ("petition_on_time_rate", "100％", "1"),
    ],
)
def test_a_printed_figure_is_read(name: str, text: str, value: str) -> None:
    assert parse_published_text(indicators()[name], text)[0] == Decimal(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("case_filed_count", "248人"),
        ("case_filed_count", "—"),
        ("case_filed_count", "约248件"),
        ("case_filed_count", "24.5件"),
        ("petition_on_time_rate", "98"),
        ("petition_on_time_rate", "120%"),
        ("fine_imposed_amount", "35.001元"),
    ],
)
def test_what_is_no_figure_of_the_unit_is_refused(name: str, text: str) -> None:
    with pytest.raises(PublishedFigureError):
        parse_published_text(indicators()[name], text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("case_filed_count", "many"),
        ("case_filed_count", "-1"),
        ("case_filed_count", "1.5"),
        ("case_filed_count", "nan"),
        ("petition_on_time_rate", "98.5"),
        ("fine_imposed_amount", "0.001"),
    ],
)
def test_a_number_that_the_unit_cannot_have_is_refused(name: str, text: str) -> None:
    with pytest.raises(PublishedFigureError):
        parse_value(indicators()[name], text)


@pytest.mark.parametrize(
    ("name", "value", "display"),
    [
        ("case_filed_count", "248", "248件"),
        ("fine_imposed_amount", "34465278.50", "3446.52万余元"),
        ("petition_on_time_rate", "0.985", "98.5%"),
        ("petition_on_time_rate", "1", "100%"),
    ],
)
def test_a_number_is_printed_as_reports_print_it(name: str, value: str, display: str) -> None:
    assert format_value(indicators()[name], Decimal(value)) == display


def test_all_figures_of_a_published_year_are_taken() -> None:
    lines = [
        f"{figure.indicator_id},{figure.published_text}"
        for figure in published_figures()
        if figure.published_text
    ]
    figures = parse("\ufeffindicator_id,published_text\r\n" + "\r\n".join(lines))
    assert len(figures) == len(lines)
    assert {figure.region_code for figure in figures} == {"990100"}


def test_value_and_text_stand_beside_each_other_where_they_agree() -> None:
    (figure,) = parse("indicator_id,value,published_text\nfine_imposed_amount,34465278.5,3446.52万余元\n")
    assert (figure.value, figure.display) == (Decimal("34465278.5"), "3446.52万余元")
    with pytest.raises(ImportedFiguresError, match=r"line 2: .* is not what '248件' says"):
        parse("indicator_id,value,published_text\ncase_filed_count,249,248件\n")


def test_every_wrong_line_is_named_at_once() -> None:
    with pytest.raises(ImportedFiguresError) as refused:
        parse(
            "indicator_id,value\ncases,1\ncase_filed_count,x\n\ncase_filed_count,1\ncase_filed_count,2\nlawsuit_count,\n"
        )
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "line 2",
        "line 3",
        "line 6",
        "line 7",
    ]
    assert "stands in line 5 already" in refused.value.problems[2]


def test_a_file_without_figures_or_columns_is_refused() -> None:
    for text in (
        "",
        "indicator_id,value\n",
        "id,value\ncase_filed_count,1\n",
        "indicator_id\ncase_filed_count\n",
    ):
        with pytest.raises(ImportedFiguresError):
            parse(text)
    with pytest.raises(UnusableFileError):
        parse_imported_figures(b"PK\x03\x04\x00\x00\xff", indicators(), str, str)


@pytest.mark.parametrize(
    "value", ["1e30", "1e400", "9" * 20, "9" * 5000, "1e-400", "9" * 4400 + "件", "0.99999999999亿"]
)
@pytest.mark.parametrize("column", ["value", "published_text"])
@pytest.mark.parametrize("name", ["case_filed_count", "fine_imposed_amount", "petition_on_time_rate"])
def test_a_number_that_no_city_has_is_refused_by_line(name: str, column: str, value: str) -> None:
    with pytest.raises(ImportedFiguresError, match=r"^line 2: ") as refused:
        parse(f"indicator_id,{column}\n{name},{value}\n")
    assert len(str(refused.value)) < 300


def test_a_cell_without_end_is_refused_by_line() -> None:
    with pytest.raises(ImportedFiguresError, match="line 3: it cannot be read"):
        parse(f"indicator_id,value,remark\ncase_filed_count,5,\npermit_count,5,{'a' * 140_000}\n")
    with pytest.raises(ImportedFiguresError, match="line 1: it cannot be read"):
        parse(f"indicator_id,{'a' * 140_000}\n")


def test_a_column_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(ImportedFiguresError, match="line 1: the column value stands there more than once"):
        parse("indicator_id,value, value\ncase_filed_count,5,9\n")
    assert len(parse("indicator_id,value,x,x\ncase_filed_count,5,,\n")) == 1

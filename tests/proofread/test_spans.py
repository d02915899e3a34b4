"""Spans of months and what they are compared with: 1—6月, 上半年, 一季度, 环比, 较上月."""

from __future__ import annotations

import pytest

from schemas.periods import Period
from tests.support.proofread_texts import CITY, city_reading, known_figures, make_figure
from transforms.proofread.findings import judge, needed_figures
from transforms.proofread.read_plain import read_plain
from transforms.proofread.statements import read_statements

#: cases filed, by span
SPANS = {
    "2023-01~06": 129, "2023-07~12": 119, "2023-01~09": 180, "2023-01~10": 201, "2023-Q1": 70, "2023-Q2": 59,
    "2023-05": 20, "2023-06": 21, "2022-01~06": 100, "2022-Q1": 50, "2022-06": 14,
}  # fmt: skip


def states(text: str, period: str = "2023") -> list[str]:
    """Return the states of the numbers that are figures, with the reason where one was not checked."""
    reading = city_reading(period=period)
    read = read_plain(text)
    statements = read_statements(read, reading)
    figures = known_figures() | {
        ("case_filed_count", CITY, span): make_figure("case_filed_count", number)
        for span, number in SPANS.items()
    }
    needed = needed_figures(statements, reading)
    known = {key: figure for key, figure in figures.items() if key[1:] in needed}
    findings = judge(read, statements, known, reading)
    return [
        finding.reason if finding.state == "not_a_figure" else finding.state.value
        for finding in findings
        if finding.key or finding.state != "not_a_figure" or finding.reason == "derived"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1—6月，全市立案129件，7至12月立案119件。", ["agrees", "agrees"]),
        ("1—6月，全市立案128件。", ["differs"]),
        ("上半年立案129件，下半年立案119件，全年立案248件。", ["agrees"] * 3),
        ("上半年立案119件。", ["differs"]),
        ("前三季度立案180件，1至9月累计立案181件。", ["agrees", "differs"]),
        ("一至三季度立案180件，1-2季度立案129件。", ["agrees", "agrees"]),
        ("截至10月底，立案201件；截至6月30日立案129件。", ["agrees", "agrees"]),
        ("1月1日至6月30日立案129件，3月3日至6月30日立案12件。", ["agrees"]),
        ("上半年立案129件，去年同期100件，同比增长29%。", ["agrees"] * 3),
        ("上半年立案129件，去年同期101件，同比增长28%。", ["agrees", "differs", "differs"]),
        ("一季度立案70件，比上年同期增加20件。", ["agrees", "agrees"]),
        ("去年一季度立案50件，去年上半年立案100件。", ["agrees", "agrees"]),
        ("二季度立案59件，环比下降15.7%，较一季度减少11件。", ["agrees"] * 3),
        ("二季度立案59件，环比下降12%，较一季度减少10件。", ["agrees", "differs", "differs"]),
        ("6月立案21件，较5月增加1件，环比增长5%，同比增长50%。", ["agrees"] * 4),
        ("下半年立案119件，较上半年减少10件。", ["agrees", "agrees"]),
        ("下半年立案119件，较一季度增加49件，比2021年多3件。", ["agrees", "derived", "derived"]),
        ("全市立案248件，环比增长3%。", ["agrees", "derived"]),
        ("11月至次年2月立案30件。11至2月立案30件。", ["no_data"]),
    ],
)  # fmt: skip
def test_the_figure_of_a_span_is_compared(text: str, expected: list[str]) -> None:
    assert states(text) == expected


@pytest.mark.parametrize(
    ("period", "text", "expected"),
    [
        ("2023-06", "本月立案21件，较上月增加1件，环比增长5%。", ["agrees"] * 3),
        ("2023-06", "本月立案21件，较上月增加2件，上月立案19件。", ["agrees", "differs", "differs"]),
        ("2023-06", "本月立案21件，今年以来立案129件，累计立案500件。", ["agrees", "agrees", "other_scope"]),
        ("2023-Q2", "本季度立案59件，较上季度减少11件，上一季度立案70件。", ["agrees"] * 3),
        ("2023-Q2", "本季度立案59件，较上季度减少12件，上半年立案129件。", ["agrees", "differs", "agrees"]),
    ],
)  # fmt: skip
def test_reports_of_a_month_or_quarter_compare_with_the_one_before(
    period: str, text: str, expected: list[str]
) -> None:
    assert states(text, period) == expected


def test_a_span_is_written_and_read_again() -> None:
    for period in (Period(2023, 1, 9), Period(2023, 4, 6), Period(2023, 5, 5), Period(2023, 1, 12)):
        assert Period.parse_span(str(period)) == period
    with pytest.raises(ValueError, match="is no period"):
        Period.parse("2023-01~09")
    assert str(Period.of_month(2023, 1).before()) == "2022-12"
    assert str(Period.parse("2023-Q1").before()) == "2022-Q4"
    assert Period.parse("2023").before() is None

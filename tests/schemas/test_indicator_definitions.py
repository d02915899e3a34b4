"""Indicators as text: the project's are valid, a mistake is rejected
at its line, figures print as published.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from flows.sample_year import published_figures
from schemas.catalogue import indicators, ledgers
from schemas.figures.display import figure_value, format_delta, format_exactly, format_figure
from schemas.figures.indicator import Indicator
from schemas.figures.load_toml import IndicatorError, parse_indicator_file
from schemas.periods import Period

GOOD = """\
# a theme

[paid_count]
title = "缴款笔数"
definition = "期内缴款的笔数。"
unit = "笔"
display = "count"
scope = "city"
numerator = { ledger = "payments", aggregate = "count", dated_by = "paid_on" }

[paid_count_of_fines]
title = "罚款缴款额"
definition = "期内缴入的罚款。"
unit = "元"
display = "yuan"
scope = "city"

[paid_count_of_fines.numerator]
ledger = "payments"
aggregate = "sum"
field = "amount_fen"
where = [
    { field = "kind", test = "is", value = "罚款" },
    { field = "receipt_no", test = "is_filled" },
]
dated_by = "paid_on"
"""


def parse(text: str) -> dict[str, Indicator]:
    return parse_indicator_file("some.toml", text, ledgers())


def test_good_indicators_are_read_in_order() -> None:
    assert list(parse(GOOD)) == ["paid_count", "paid_count_of_fines"]


REFUSED = [
    (
        'unit = "笔"',
        'unit = "笔"\nuints = "笔"',
        7,
        r"\[paid_count\] uints: Extra inputs .* valid are .*unit, display",
    ),
    (
        'aggregate = "count",',
        'aggregate = "count", filter = 1,',
        9,
        r"numerator\.filter: Extra .* valid are ledger, aggregate",
    ),
    (
        'test = "is_filled" }',
        'test = "is_filled", values = 1 }',
        24,
        r"values: Extra .* valid are field, test, value",
    ),
    ('unit = "元"\n', "", 11, r"\[paid_count_of_fines\] unit: Field required"),
    ('scope = "city"\n\n', 'scope = "town"\n\n', 16, "scope: Input should be 'city' or 'bureau'"),
    (
        'display = "count"',
        'display = "counts"',
        7,
        "Input should be 'count', 'yuan', 'wan_yuan' or 'percent'",
    ),
    (
        'aggregate = "count"',
        'aggregate = "mean"',
        9,
        "aggregate: Input should be 'count', 'count_distinct' or 'sum'",
    ),
    ('aggregate = "sum"', 'aggregate = "average"', 20, "aggregate: Input should be"),
    ('test = "is_filled"', 'test = "filled"', 24, "test: Input should be 'is', 'is_not'"),
    (
        'ledger = "payments"\n',
        'ledger = "payment"\n',
        19,
        "no ledger 'payment'; there are activities, cases",
    ),
    (
        'field = "amount_fen"',
        'field = "amount"',
        21,
        "ledger payments has no field 'amount'; it has decision_no",
    ),
    ('dated_by = "paid_on"\n', 'dated_by = "payed_on"\n', 26, "has no field 'payed_on'"),
    ('{ field = "receipt_no"', '{ field = "receipt"', 24, "has no field 'receipt'"),
    ('field = "amount_fen"\n', "", 20, "aggregate 'sum' needs field"),
    ('field = "amount_fen"\n', 'fields = ["amount_fen"]\n', 20, "aggregate 'sum' needs field"),
    (
        'aggregate = "count",',
        'aggregate = "count", fields = ["kind"],',
        9,
        "'count' needs neither field nor fields",
    ),
    ('aggregate = "count",', 'aggregate = "count_distinct",', 9, "'count_distinct' needs fields"),
    ('field = "amount_fen"', 'field = "kind"', 21, "'kind' is no number to sum; its type is category"),
    ('dated_by = "paid_on" }', 'dated_by = "kind" }', 9, "'kind' is no date; its type is category"),
    ('value = "罚款"', 'value = "罰款"', 23, "'kind' is never '罰款'; it may be 罚款, 没收, 加处罚款"),
    ('value = "罚款"', 'value = ["罚款"]', 23, "test 'is' takes as its value a str"),
    (', value = "罚款"', "", 23, "test 'is' takes as its value a str"),
    ('test = "is", value', 'test = "in", value', 23, "test 'in' takes as its value a list"),
    ('test = "is_filled"', 'test = "is_filled", value = "x"', 24, "test 'is_filled' takes no value"),
    ('test = "is_filled"', 'test = "is_true"', 24, "test 'is_true' is for boolean; 'receipt_no' is text"),
    ('test = "is", value', 'test = "has", value', 23, "test 'has' is for categories; 'kind' is category"),
    (
        '{ field = "receipt_no", test = "is_filled" }',
        '{ field = "decision_no", test = "found_in", ledger = "penalties", matching = "decision_no", where = '
        '[{ field = "case_no", test = "found_in", ledger = "cases", matching = "case_no" }] }',
        24,
        "a 'found_in' inside the 'where' of a 'found_in' is not supported",
    ),
    ('display = "yuan"', 'display = "count"', 15, "a sum of money needs display 'yuan' or 'wan_yuan'"),
    ('display = "count"', 'display = "yuan"', 7, "nothing else has these"),
    ('display = "count"', 'display = "percent"', 7, "a rate needs a denominator"),
    ('unit = "元"', 'unit = "万元"', 14, "a sum of money needs unit '元'"),
    ("[paid_count]", "paid_count = 1\n[other]", 3, r"an indicator is a table \[paid_count\]"),
    ("[paid_count]", '[paid_count]\nindicator_id = "x"', 4, "its id is the table's name"),
    ('title = "缴款笔数"', "title = ", 4, "Invalid value"),
    ('title = "缴款笔数"', 'title = "缴款笔数', 4, "Illegal character"),
    ("[paid_count_of_fines]", "[paid_count]", 11, "Cannot declare"),
    (
        'dated_by = "paid_on"\n',
        'dated_by = "paid_on"\nwhere = [',
        27,
        "Cannot overwrite|Invalid|Unclosed|end of document",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "complaint"), REFUSED)
def test_a_mistake_is_rejected_at_its_line(old: str, new: str, line: int, complaint: str) -> None:
    assert old in GOOD
    with pytest.raises(IndicatorError, match=rf"^some\.toml:{line}: .*(?:{complaint})"):
        parse(GOOD.replace(old, new, 1))


@pytest.mark.parametrize("indicator", indicators().values(), ids=lambda indicator: indicator.indicator_id)
def test_every_indicator_is_complete(indicator: Indicator) -> None:
    assert indicator.title
    assert indicator.definition.endswith("。")
    assert indicator.definition.startswith("期末" if indicator.parts()[0].stock else "期内")
    if indicator.is_rate:
        (numerator,), (denominator,) = indicator.numerator, indicator.denominator
        assert numerator.ledger == denominator.ledger
        assert numerator.dated_by == denominator.dated_by
        assert indicator.unit == "ratio"
        if numerator.aggregate != "sum":
            missing = [
                condition
                for condition in denominator.where
                if condition not in numerator.where and condition.test != "is_filled"
            ]
            assert not missing, "a rate's numerator counts some of what its denominator counts"


def test_every_figure_that_is_published_is_defined() -> None:
    published = {
        published_figure.indicator_id: published_figure for published_figure in published_figures()
    }
    assert published.keys() <= indicators().keys()
    for name, published_figure in published.items():
        defined = indicators()[name]
        assert (defined.title, defined.unit, defined.scope) == (
            published_figure.title_zh,
            published_figure.unit,
            published_figure.scope,
        )


def make_indicator(display_as: str, unit: str) -> Indicator:
    part = {"ledger": "payments", "aggregate": "count", "dated_by": "paid_on"}
    return Indicator(
        indicator_id="one", title="一", definition="一。", unit=unit, display=display_as, scope="city", numerator=part,
        denominator=part if display_as == "percent" else (),
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("display_as", "unit", "numerator", "denominator", "expected"),
    [
        ("wan_yuan", "元", 3_446_527_850, None, "3446.52万余元"),
        ("wan_yuan", "元", 3_446_520_000, None, "3446.52万元"),
        ("wan_yuan", "元", 3_446_529_999, None, "3446.52万余元"),
        ("wan_yuan", "元", 3_446_520_001, None, "3446.52万余元"),
        ("wan_yuan", "元", 3_446_500_000, None, "3446.5万元"),
        ("wan_yuan", "元", 100_000_000, None, "100万元"),
        ("wan_yuan", "元", 0, None, "0万元"),
        ("wan_yuan", "元", None, None, "—"),
        ("yuan", "元", 123_450, None, "1234.5元"),
        ("yuan", "元", 100, None, "1元"),
        ("yuan", "元", 1, None, "0.01元"),
        ("count", "件", 248, None, "248件"),
        ("count", "件", 0, None, "0件"),
        ("count", "件", 100, None, "100件"),
        ("count", "件", None, None, "—"),
        ("percent", "ratio", 7, 7, "100%"),
        ("percent", "ratio", 0, 7, "0%"),
        ("percent", "ratio", 0, 0, "—"),
        ("percent", "ratio", None, None, "—"),
        ("percent", "ratio", 3, None, "—"),
        ("percent", "ratio", 9_999, 10_000, "99.99%"),
        ("percent", "ratio", 99_999, 100_000, "99.99%"),
        ("percent", "ratio", 10**9 - 1, 10**9, "99.99%"),
        ("percent", "ratio", 1, 2, "50%"),
        ("percent", "ratio", 2, 3, "66.66%"),
        ("percent", "ratio", 1, 100_000, "0%"),
    ],
)
def test_display(
    display_as: str, unit: str, numerator: int | None, denominator: int | None, expected: str
) -> None:
    assert format_figure(make_indicator(display_as, unit), numerator, denominator) == expected


@pytest.mark.parametrize(
    ("display_as", "unit", "delta", "expected"),
    [
        ("count", "件", "3", "+3件"),
        ("count", "件", "0", "+0件"),
        ("yuan", "元", "-1200.50", "-1200.5元"),
        ("wan_yuan", "元", "10000.00", "+1万元"),
        ("wan_yuan", "元", "-0.01", "-0.000001万元"),
        ("percent", "ratio", "-0.125", "-12.5个百分点"),
        ("percent", "ratio", "0.0123456789", "+1.2346个百分点"),
    ],
)
def test_a_difference_has_the_unit_of_its_figure(
    display_as: str, unit: str, delta: str, expected: str
) -> None:
    assert format_delta(make_indicator(display_as, unit), Decimal(delta)) == expected


def test_an_exact_figure_has_the_unit_of_the_printed_one() -> None:
    assert format_exactly(make_indicator("wan_yuan", "元"), Decimal("34465234.51")) == "3446.523451万元"
    assert format_exactly(make_indicator("count", "件"), 248) == "248件"


@pytest.mark.parametrize(
    ("display_as", "unit", "numerator", "denominator", "value"),
    [
        ("wan_yuan", "元", 3_446_527_851, None, Decimal("34465278.51")),
        ("count", "件", 248, None, 248),
        ("percent", "ratio", 3, 4, Decimal("0.75")),
        ("percent", "ratio", 0, 4, Decimal(0)),
        ("percent", "ratio", 0, 0, None),
        ("percent", "ratio", None, 4, None),
        ("count", "件", None, None, None),
    ],
)
def test_figure_value(
    display_as: str, unit: str, numerator: int | None, denominator: int | None, value: Decimal | int | None
) -> None:
    assert figure_value(make_indicator(display_as, unit), numerator, denominator) == value


@pytest.mark.parametrize(
    ("text", "start", "end", "months"),
    [
        ("2023", date(2023, 1, 1), date(2024, 1, 1), 12),
        ("2023-Q1", date(2023, 1, 1), date(2023, 4, 1), 3),
        ("2023-Q4", date(2023, 10, 1), date(2024, 1, 1), 3),
        ("2023-06", date(2023, 6, 1), date(2023, 7, 1), 1),
        ("2023-12", date(2023, 12, 1), date(2024, 1, 1), 1),
    ],
)
def test_period(text: str, start: date, end: date, months: int) -> None:
    period = Period.parse(text)
    assert (period.start_on, period.end_on, len(period.months())) == (start, end, months)
    assert str(period) == text
    assert period.is_month == (months == 1)


@pytest.mark.parametrize(
    "text", ["", "23", "2023-6", "2023-00", "2023-13", "2023-Q5", "2023-Q0", "2023-06-01", "202306", "1823"]
)
def test_a_text_that_is_no_period_is_rejected(text: str) -> None:
    with pytest.raises(
        ValueError, match="is no period; write a year 2023, a quarter 2023-Q2 or a month 2023-06"
    ):
        Period.parse(text)


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_lies_in_its_quarter_and_year(month: int) -> None:
    own, quarter, year = Period.of_month(2023, month).containing()
    assert str(own) in quarter.months()
    assert str(quarter) == f"2023-Q{(month + 2) // 3}"
    assert str(year) == "2023"

"""A figure beside last year's: which one is taken, the change in words, and why there is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from transforms.report.year_comparison import YearComparison, compare_years


def row(value: float | None, unit: str = "件", *, is_provisional: bool = False) -> dict[str, Any]:
    display = "—" if value is None else f"{value}{unit}"
    return {"value": value, "unit": unit, "display": display, "is_provisional": is_provisional}


@pytest.mark.parametrize(
    ("now", "before", "unit", "text"),
    [
        (248, 231, "件", "增长7.36%"),
        (200, 250, "件", "下降20%"),
        (5, 5, "件", "持平"),
        (3, 0, "件", "上年为0"),
        (0, 0, "件", "持平"),
        (0.985, 0.97, "ratio", "上升1.5个百分点"),
        (0.5, 1, "ratio", "下降50个百分点"),
        (34465249.4, 34465249.3, "元", "增长不足0.01%"),
    ],
)
def test_the_change_in_words(now: float, before: float, unit: str, text: str) -> None:
    compared = compare_years(row(now, unit), row(before, unit), None)
    assert (compared.is_comparable, compared.why_not, compared.change_text) == (True, "", text)


@pytest.mark.parametrize(
    ("computed", "imported", "value", "source"),
    [
        (row(9), row(8), 9, "computed"),
        (row(9, is_provisional=True), row(8), 8, "imported"),
        (row(None), row(8), 8, "imported"),
        (None, row(8), 8, "imported"),
        (row(9, is_provisional=True), None, 9, "computed"),
        (row(None), None, None, ""),
        (None, None, None, ""),
    ],
)
def test_which_figure_is_last_years(computed: Any, imported: Any, value: int | None, source: str) -> None:
    compared = compare_years(row(10), computed, imported)
    assert (compared.value, compared.source) == (None if value is None else Decimal(value), source)


@pytest.mark.parametrize(
    ("now", "before", "why_not"),
    [
        (row(None), row(5), "本期无数"),
        (row(5), row(None), "上年无可比数据"),
        (row(5), row(5, is_provisional=True), "上年未报齐，暂不比较"),
        (row(5, is_provisional=True), row(5), "本期未报齐，暂不比较"),
    ],
)
def test_why_there_is_no_change(now: Any, before: Any, why_not: str) -> None:
    compared: YearComparison = compare_years(now, before, None)
    assert (compared.is_comparable, compared.change, compared.change_text) == (False, None, why_not)

"""What `explain` prints of the units: what they count, separators, and which table holds whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from flows.commands import explain as command
from flows.words import describe_period

Tables = list[tuple[str, list[dict[str, Any]]]]


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Tables:
    """The tables printed, as title and rows."""
    printed: Tables = []

    def keep(title: str, rows: Sequence[Mapping[str, Any]], *_columns: object, **_options: object) -> None:
        printed.append((title, [dict(row) for row in rows]))

    monkeypatch.setattr(command, "print_table", keep)
    return printed


def shares(number: int, numerator: Decimal | int, denominator: int | None = None) -> list[dict[str, Any]]:
    return [
        {
            "unit_code": str(code), "unit_name": f"第{code}县人民政府办公室", "month": "2023-01",
            "numerator": numerator, "denominator": denominator,
        }
        for code in range(1, number + 1)
    ]  # fmt: skip


@pytest.mark.usefixtures("chinese")
def test_money_has_its_unit_and_separators(tables: Tables) -> None:
    command._print_units(shares(1, Decimal("1234567.80")), "元", is_rate=False)
    ((title, rows),) = tables
    assert (title, rows[0]) == ("各单位（元）", {"column": "2023年1月", "1": "1,234,567.80"})


@pytest.mark.usefixtures("chinese")
def test_a_share_has_no_unit_of_its_own(tables: Tables) -> None:
    command._print_units(shares(1, 1200, 3400), "", is_rate=True)
    ((title, rows),) = tables
    assert (title, rows[0]["1"]) == ("各单位（分子/分母）", "1,200/3,400")


@pytest.mark.usefixtures("chinese")
def test_each_of_several_tables_names_its_units(tables: Tables) -> None:
    command._print_units(shares(9, 1), "件", is_rate=False)
    titles = [title for title, _rows in tables]
    assert len(titles) == len(set(titles)) > 1
    assert titles[0].startswith("各单位（件）：第1县人民政府办公室至")
    assert titles[-1].endswith("第9县人民政府办公室")


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("period", "words"),
    [("2023", "2023年"), ("2024-Q1", "2024年第一季度"), ("2023-06", "2023年6月"), ("2023-13", "2023-13")],
)
def test_periods_in_chinese(period: str, words: str) -> None:
    assert describe_period(period) == words


@pytest.mark.parametrize("period", ["2023", "2024-Q1", "2023-06"])
def test_periods_in_english_stand_as_they_are(period: str) -> None:
    assert describe_period(period) == period

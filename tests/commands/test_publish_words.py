"""What `publish` and a night say of figures: periods in words, changes as the figures are printed, no ids."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import pytest

from flows.commands.changes import _say_part
from flows.commands.moved_figures import count_by_period, describe_comparisons
from flows.commands.publish import _by_definition
from flows.outputs.publication import RestatedFigure
from schemas.catalogue import indicators
from schemas.figures.reach import Comparisons

MOVED = [{"period": "2024-Q1"}, {"period": "2024-Q1"}, {"period": "2024-03"}]


@pytest.mark.usefixtures("chinese")
def test_periods_are_counted_in_chinese() -> None:
    assert count_by_period(MOVED) == "2024年第一季度（2个）、2024年3月（1个）"
    comparisons = Comparisons((), ["2025-Q1"], ["2024-Q2", "2024-04"])
    assert describe_comparisons(comparisons) == "2025年第一季度的同比；2024年第二季度、2024年4月的环比"


def test_periods_are_counted_in_english() -> None:
    assert count_by_period(MOVED) == "2024-Q1 (2), 2024-03 (1)"


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("indicator_id", "delta", "printed"),
    [
        ("case_filed_count", Fraction(-3), "-3件"),
        ("penalty_publication_rate", Fraction(1, 8), "+12.5个百分点"),
        ("fine_imposed_amount", Fraction(12_500), "+1.25万元"),
        ("case_filed_count", Fraction(0), ""),
    ],
)
def test_a_part_by_definition_has_its_unit(indicator_id: str, delta: Fraction, printed: str) -> None:
    assert _by_definition(RestatedFigure({}, {"indicator_id": indicator_id}, delta)) == printed


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(("part", "printed"), [(Decimal(0), "无增减"), (Decimal(2), "+2件")])
def test_a_part_that_moves_nothing_has_no_sign(part: Decimal, printed: str) -> None:
    class OfCases:
        indicator = indicators()["case_filed_count"]

    assert _say_part(cast(Any, OfCases()), part) == printed

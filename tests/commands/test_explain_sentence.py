"""What `explain` says where no row was left out."""

from __future__ import annotations

import pytest

from flows.commands.explain import describe_nothing_left_out

pytestmark = pytest.mark.usefixtures("chinese")


@pytest.mark.parametrize(("rows", "is_all"), [(3, True), (6, False)])
def test_rows_that_say_the_same_are_named(rows: int, is_all: bool) -> None:
    explanation = {"row_count": rows, "by_unit": [{"numerator": 3, "denominator": None}]}
    assert (describe_nothing_left_out(explanation) == "没有未计入的行。") is is_all

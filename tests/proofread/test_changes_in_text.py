"""Changes that follow from numbers of the text alone: checked by them, and not confirmed by the data."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import claims, proofread
from transforms.proofread.messages import describe_finding


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("检查3948家次，2022年检查3700家次，同比增长6.7%。", True),
        ("检查3948家次，2022年检查3700家次，同比增长7.6%。", False),
        ("罚款由2022年的3000万元增加到3446.52万元，增长14.8%。", True),
        ("罚款由2022年的3000万元增加到3446.52万元，增长18.4%。", False),
        ("检查3948家次，上年3700家次，增加248家次。", True),
        ("检查3948家次，上年3700家次，增加284家次。", False),
    ],
)
def test_a_change_follows_from_both_numbers(text: str, is_right: bool) -> None:
    change = proofread(text)[-1]
    assert change.reason == ("change_of_text_follows" if is_right else "change_of_text_differs")
    assert change.state == ("not_a_figure" if is_right else "differs")
    assert "the text's own" in describe_finding(change)


def test_a_change_on_a_year_with_data_agrees_with_the_data() -> None:
    changes = [each for each in proofread("立案248件，同比增长24%，上年为200件。") if "%" in each.text]
    assert [each.reason for each in changes] == ["change_agrees"]


@pytest.mark.parametrize(
    "text",
    [
        "检查3948家次，同比增长6.7%。",
        "检查3948家次，2022年检查近3700家次，同比增长6.7%。",
        "检查3948家次，2022年检查3700家次。又一处：2022年检查3600家次，检查3948家次，同比增长6.7%。",
    ],
)
def test_without_a_certain_number_before_it_is_left_alone(text: str) -> None:
    assert [each for each in claims(text) if "%" in each[0]] == []

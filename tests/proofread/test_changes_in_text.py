"""Changes and shares that follow from numbers of the text, where the data has no figure of that year."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import claims


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("检查3948家次，2022年检查3700家次，同比增长6.7%。", "agrees"),
        ("检查3948家次，2022年检查3700家次，同比增长7.6%。", "differs"),
        ("罚款由2022年的3000万元增加到3446.52万元，增长14.8%。", "agrees"),
        ("罚款由2022年的3000万元增加到3446.52万元，增长18.4%。", "differs"),
        ("检查3948家次，上年3700家次，增加248家次。", "agrees"),
        ("检查3948家次，上年3700家次，增加284家次。", "differs"),
    ],
)
def test_a_change_follows_from_both_numbers(text: str, state: str) -> None:
    assert claims(text)[-1][1] == state


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

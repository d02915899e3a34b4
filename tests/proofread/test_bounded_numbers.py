"""Words that bound a number hold to the letter, and a number that is so bounded is never called rounded."""

from __future__ import annotations

import pytest

from tests.support.proofread_texts import proofread


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("立案不足248件。", "differs"), ("全市立案不到248件。", "differs"), ("全市立案不到249件。", "agrees"),
        ("立案超248件。", "differs"), ("立案超过了240件。", "agrees"), ("立案多于247件。", "agrees"),
        ("立案突破248件。", "agrees"), ("立案未突破248件。", "differs"), ("立案少于249件。", "agrees"),
        ("处罚款超3446万元。", "agrees"), ("处罚款超3447万元。", "differs"), ("处罚款未达3447万元。", "agrees"),
        ("处罚款3446.53万余元。", "rounded"),
    ],
)  # fmt: skip
def test_a_bounded_number_is_held_to_its_bound(text: str, reason: str) -> None:
    (finding,) = proofread(text)
    assert finding.reason == reason

"""Fines for each day whose decision states no number of days."""

from __future__ import annotations

import pytest

from tests.support.validation import list_findings, validate_rows

RULE = "penalties.fine_fen.daily_without_days"


def rules_of(text: str, fine: float) -> list[str]:
    result = validate_rows("penalties", {"penalty_text": text, "fine_fen": fine})
    return [rule_id for rule_id, _ in list_findings(result)]


@pytest.mark.parametrize(
    "text",
    [
        "按日连续处罚，每日罚款1万元", "按日连续处罚，罚款1万元", "每日罚款1万元", "罚款1万元/日", "每天罚款人民币壹万元整",
        "责令改正，按日连续处罚款10000元", "自2023年5月1日至5月10日，每日罚款1万元",
    ],
)  # fmt: skip
def test_the_fine_of_one_day_is_doubted(text: str) -> None:
    assert rules_of(text, 1) == [RULE]


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("每日罚款1万元，连续30日", 30), ("按日连续处罚10日，共计罚款10万元", 10), ("每日1万元，共计10万元", 10),
        ("罚款1万元，限15日内缴纳", 1), ("罚款1万元，逾期每日加处3%罚款", 1),
    ],
)  # fmt: skip
def test_days_totals_and_other_days_are_no_doubt(text: str, fine: float) -> None:
    assert rules_of(text, fine) == []

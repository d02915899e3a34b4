"""Days, months and instants on a terminal are words in Chinese, and stand as they are in English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from flows.language import choose_language
from flows.words import describe_day, describe_months, format_instant

WORDS = [
    (describe_day, date(2023, 6, 7), "2023年6月7日", "2023-06-07"),
    (describe_day, "2023-11-20", "2023年11月20日", "2023-11-20"),
    (format_instant, "2023-06-07T08:05:09.123+08:00", "2023年6月7日 08:05:09", "2023-06-07 08:05:09"),
    (format_instant, "", "", ""),
    (describe_months, "2023-01 to 2023-03, 2023-05", "2023年1月至2023年3月、2023年5月", "2023-01 to 2023-03, 2023-05"),
    (describe_months, "看不出月份", "看不出月份", "看不出月份"),
    (describe_months, "娄星区 立案-2023-06-07.xlsx", "娄星区 立案-2023-06-07.xlsx", "娄星区 立案-2023-06-07.xlsx"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    choose_language("en")


@pytest.mark.parametrize(("describe", "value", "chinese", "english"), WORDS)
def test_days_and_months_are_words_in_chinese_only(describe, value, chinese: str, english: str) -> None:
    choose_language("zh")
    assert describe(value) == chinese
    choose_language("en")
    assert describe(value) == english

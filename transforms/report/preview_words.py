"""Say which figures would move if a file were loaded: in words, the figures of years first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas.periods import Period

MOVES = "如果现在报送，这些数字会变："
MOVES_NONE = "如果现在报送，没有数字会变。"
WAITS = "会待确认，市局确认或重报以前不计入："


def preview_lines(moved: Sequence[Mapping[str, Any]], awaiting: Sequence[str], most: int) -> Iterator[str]:
    """Yield what would move, a line a figure, and why reports would wait; at most `most` figures."""
    ordered = longest_first(moved)
    yield MOVES if ordered else MOVES_NONE
    for figure in ordered[:most]:
        words = f"{period_words(figure['period'])}　{figure['region_name']}　{figure['title']}"
        yield f"  {words}：{figure['display_before']} → {figure['display_after']}"
    if len(ordered) > most:
        yield f"  ……其余 {len(ordered) - most} 个数字没有列出"
    for reason in awaiting:
        yield f"  {WAITS}{reason}"


def longest_first(moved: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort moved figures: those of years first, then quarters, then months."""
    return sorted(moved, key=lambda figure: -len(Period.parse(figure["period"]).months()))


def shortest_first(moved: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort moved figures: those of months first, then quarters, then years."""
    return sorted(moved, key=lambda figure: len(Period.parse(figure["period"]).months()))


def period_words(text: str) -> str:
    """Write 2023, 2023-Q2 and 2023-06 as 2023年, 2023年第二季度 and 2023年6月."""
    period = Period.parse(text)
    if period.is_month:
        return f"{period.year}年{period.first_month}月"
    return (
        f"{period.year}年"
        if len(period.months()) == 12
        else f"{period.year}年第{'一二三四'[period.last_month // 3 - 1]}季度"
    )

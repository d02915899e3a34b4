"""Figures of two years in one clause: 立案由上年的231件增至248件."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from schemas.periods import Period
from transforms.proofread.context import Words
from transforms.proofread.reading import Mention, ReadingContext
from transforms.proofread.scopes import UNKNOWN, Scope

if TYPE_CHECKING:
    from transforms.proofread.statements import Statement

_FROM = re.compile(r"[由从](?:(?P<year>20\d\d)年|上年度?|去年|上一?年)?(?:同期)?的?$")
_TO = re.compile(r"，?(?:增长|增加|上升|提高|提升|减少|下降|降低|扩大|回落|增|升|降|减|涨)(?:至|到|为)")
_WORDS_OF_NOW = re.compile(r"(?:今年|本年|20\d\d年)?的?")


def read_rise_start(text: str, words: Words, mention: Mention) -> Mention | None:
    """Return the mention of the earlier number of two, which is last year's unless a year is named."""
    match = _FROM.search(words.left)
    if not match or not _TO.match(text, words.numeral.end) or mention.period.key == UNKNOWN:
        return None
    now = Period.parse_span(mention.period.key)
    year = int(match["year"]) if match["year"] else now.year if mention.period.is_earlier else now.year - 1
    period = str(Period(year, now.first_month, now.last_month))
    name = f"{match['year']}年" if match["year"] else "上年"
    return replace(mention, period=Scope(period, name, is_earlier=True))


def read_rise_end(
    text: str, words: Words, mention: Mention, earlier: Sequence[Statement], reading: ReadingContext
) -> Statement | None:
    """Return what the later number of two states: the same as the number before it, for now."""
    before = earlier[-1] if earlier else None
    if before is None or before.period is None or not before.is_rise_start:
        return None
    between = text[before.numeral.end : words.numeral.start]
    match = _TO.match(between)
    if not match or not _WORDS_OF_NOW.fullmatch(between, match.end()):
        return None
    period = reading.own_period if mention.period.is_earlier else mention.period
    return replace(
        before, numeral=words.numeral, period=period, words=words, is_rise_start=False, is_continued=True
    )

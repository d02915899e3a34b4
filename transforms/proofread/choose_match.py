"""The indicators that a number states: those that its words name, else those to which they only point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from transforms.proofread.context import Words
from transforms.proofread.hints import OTHER_THINGS, surroundings_of
from transforms.proofread.matching import Match
from transforms.proofread.reading import ReadingContext
from transforms.proofread.text import Block

#: words after which a number without a unit is surely one: 均为0
_SAID_TO_BE = re.compile(r"[均都各皆数][为是：]$")
#: the first topics are the sentence and the paragraph before it, then come the headings, the nearest first
_TOPICS_OF_TEXT = 2
_LONGEST_VERB, _MARKS = 5, re.compile(r"[【】\[\]（）]")


def find_matches(
    block: Block, each_words: Sequence[Words], reading: ReadingContext
) -> tuple[tuple[Match, ...], bool]:
    """Return the indicators that the words name, or else point to, and whether they only point."""
    words = each_words[0]
    is_bare = not words.numeral.unit and not _SAID_TO_BE.search(words.left)
    if matches := reading.phrases.best(words, words.numeral.unit):
        return tuple(matches), is_bare
    for each in each_words:
        matches, is_sure = reading.hints.find(surroundings_of(block.text, each), words.numeral.unit)
        if matches:
            return tuple(matches), is_bare or not is_sure
    own = each_words[-1]
    if OTHER_THINGS.search(own.clause + own.right):
        return (), False
    return tuple(reading.phrases.beside(own, own.numeral.unit) or _of_heading(block, own, reading)), True


def _of_heading(block: Block, words: Words, reading: ReadingContext) -> list[Match]:
    """Return what a heading and the single verb below it name together: 【信访举报】 受理604件."""
    headings = words.topics[_TOPICS_OF_TEXT:]
    is_opening = block.text.startswith(words.left) and words.left and words.numeral.start == len(words.left)
    if not headings or not is_opening or len(words.left) > _LONGEST_VERB:
        return []
    return reading.phrases.best(
        replace(words, left=f"{_MARKS.sub('', headings[0])}{words.left}"), words.numeral.unit
    )


def rate_said_as_share(block: Block, words: Words, reading: ReadingContext) -> tuple[Match, ...]:
    """Return the rate that a share without parts in numbers is: 按期办结的占100%."""
    matches, _ = reading.hints.find(surroundings_of(block.text, words), words.numeral.unit)
    return tuple(matches) if len(matches) == 1 else ()

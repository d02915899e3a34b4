"""Words that a number takes from one before it, where its own say nothing: 23件、22人."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.proofread.context import Words
from transforms.proofread.matching import BEHIND, LIGHT
from transforms.proofread.reading import Mention, ReadingContext
from transforms.proofread.units import classes_of_unit

if TYPE_CHECKING:
    from transforms.proofread.statements import Statement

#: words behind a number that lead to the next one, and say nothing about this
_GOES_ON = re.compile(r"[、，；（）()/和及与并]|同比|环比|[比较占增减升降多少]|下降|上升|以上|左右|$")
_BETWEEN = re.compile(r"实际|完成|依次|各自|以及|(?<!涉)及|[和，；（）()年比较与同]")


def with_earlier_words(
    words: Words, reading: ReadingContext, earlier: Sequence[Statement], mention: Mention
) -> Words:
    """Return the words with those of an earlier number, where its own say nothing.

    In 23件、22人 the second has none; in 其中长岭县40件 they only name another region.
    """
    anchor = next((each for each in reversed(earlier) if each.matches and each.words), None)
    if anchor is None or anchor.words is None or (anchor.numeral.unit == "%" and not mention.is_named):
        return words
    is_named, own = mention.is_named, words.left.replace(mention.words, "")
    for _, scope in (*reading.regions.find(own), *reading.periods.find(own)):
        own = own.replace(scope.name, "")
    is_empty = not LIGHT.sub("", _BETWEEN.sub("", own)) and not LIGHT.sub("", words.right)
    is_empty = is_empty and bool(_GOES_ON.match(words.ahead))
    is_other_unit = not classes_of_unit(anchor.numeral.unit) & classes_of_unit(words.numeral.unit)
    if is_empty and (is_named or (is_other_unit and "其中" not in words.left)):
        is_behind = any(match.nearness == BEHIND for match in anchor.matches)
        return replace(words, left=anchor.words.left + (anchor.words.right if is_behind else ""))
    return words

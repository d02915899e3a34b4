"""Words that a number takes from one before it, where its own say nothing: 23件、22人."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.proofread.context import Words
from transforms.proofread.hints import OTHER_THINGS
from transforms.proofread.matching import BEHIND, LIGHT
from transforms.proofread.reading import Mention, ReadingContext
from transforms.proofread.units import classes_of_unit

if TYPE_CHECKING:
    from transforms.proofread.statements import Statement

#: words behind a number that lead to the next one, and say nothing about this
_GOES_ON = re.compile(r"[、，；（）()/和及与并]|同比|环比|[比较占增减升降多少]|下降|上升|以上|左右|$")
_BETWEEN = re.compile(r"实际|完成|依次|各自|以及|(?<!涉)及|[和，；（）()年比较与同]")
#: says nothing about what is counted: 钱不多，总共5500元; 要知道一季度末这个数还只有98.36%
_ASIDE = re.compile(
    r"(?:钱|数[额目量])?[虽也]?不[多少大小]|要知道[初末底]?|(?:这个|这一|该)数[字据]?|(?<=[，；])[初末底](?=这|$)|当时"
)
#: how a number moves from one period to the next: 三季度顶着高温也跑了960家次，四季度又冲到了1021家次
_MOVES = re.compile(
    r"(?:[顶冒迎][着了][^，；]{1,10}?)?[就也又再还却仍只才则便]*(?:有|是|跑|冲|达|升|涨|增|降|减|回落|攀升|完成)?[到至了为达]*$"
)


def with_earlier_words(
    words: Words, reading: ReadingContext, earlier: Sequence[Statement], mention: Mention
) -> Words:
    """Return the words with those of an earlier number, where its own say nothing.

    In 23件、22人 the second has none; in 其中长岭县40件 they only name another region.
    """
    anchor = next((each for each in reversed(earlier) if each.matches and each.words), None)
    if anchor is None or anchor.words is None or (anchor.numeral.unit == "%" and not mention.is_named):
        return words
    is_named, is_same_unit = mention.is_named, anchor.numeral.unit == words.numeral.unit
    own = words.left.replace(mention.words, "")
    for _, scope in (*reading.regions.find(own), *reading.periods.find(own)):
        own = _without_description(own, scope.name) if is_same_unit else own
        own = own.replace(scope.name, "")
    own = _ASIDE.sub("", own)
    own = _MOVES.sub("", own) if is_named and is_same_unit else own
    is_empty = not LIGHT.sub("", _BETWEEN.sub("", own)) and not LIGHT.sub("", words.right)
    is_empty = is_empty and bool(_GOES_ON.match(words.ahead))
    is_other_unit = not classes_of_unit(anchor.numeral.unit) & classes_of_unit(words.numeral.unit)
    if is_empty and (is_named or (is_other_unit and "其中" not in words.left)):
        is_behind = any(match.nearness == BEHIND for match in anchor.matches)
        return replace(words, left=anchor.words.left + (anchor.words.right if is_behind else ""))
    return words


def _without_description(text: str, name: str) -> str:
    """Leave out what describes a region or period, unless it names another thing: 天气转暖的二季度."""
    described = re.search(rf"(?:^|(?<=[，；、]))[^，；、]{{1,10}}的(?={re.escape(name)})", text)
    if described is None or OTHER_THINGS.search(described[0]):
        return text
    return text[: described.start()] + text[described.end() :]

"""Which indicators the words of a number name: the nearest and longest phrase, explainably."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.figures.indicator import Indicator
from schemas.figures.phrase import Phrase
from transforms.proofread.context import CLAUSE, Words
from transforms.proofread.units import CASES, OTHER_MEASURES, TIMES, class_of, fits

#: how near the words of a phrase are to the number, the nearest first
IN_CLAUSE, BEHIND, ACROSS, BEFORE = range(4)
#: words that say nothing about what is counted, between a phrase and its number
LIGHT = re.compile(
    r"其中|合计|总计|累计|一共|总共|共计|达到|数量|总数|总量|总额|件数|案件|全年|今年|本年|全市|我市|分别|涉及|金额|"
    r"已经|[只仅才共计达为是有已均都了等约近的数率被于到至：:（()）、“”\"]"
)
#: what became of the cases that were named before: 立案后已办结, 复议案件审结
_OTHER_ACT = re.compile(r"办结|结案|审结|撤案|整改|剩余|后已|决定书|线索|问题|案件中|未")
_NEGATED = "不未无非"
SEPARATORS = re.compile(r"[、，]|以及|和|及|与|或")
_PERIOD = re.compile(r"第?[一二三四1-4]季度|[上下]半年|\d{1,2}月份?|去年|上年|当年")
#: says nothing beside a noun in the clause before: 像这样的检查，去年全市一共开展了3948家次
_EMPTY_VERB = re.compile(r"开展|办理|完成|进行|实施")
_BESIDE = re.compile(r"手段|措施|强制|[的了共]")
_EACH = re.compile(r"[均都各皆][为是有达]?$")
_ITEM_END = re.compile(r"(?:率|度|比例)[^率]{0,4}$")


@dataclass(frozen=True)
class Match:
    """A phrase that fits the words of a number: where it stands, and how near its topic is."""

    indicator: Indicator
    phrase: Phrase
    nearness: int
    topic_nearness: int
    position: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """Order by nearness, then length, then nearness of the topic; the least is the best."""
        return self.nearness, -sum(map(len, self.phrase.words)), self.topic_nearness


class PhraseIndex:
    """All phrases of the indicators, their titles among them."""

    def __init__(self, indicators: Mapping[str, Indicator]) -> None:
        self.indicators = indicators
        self._phrases = [
            (indicator, phrase)
            for indicator in indicators.values()
            for phrase in (*_title_phrases(indicator), *indicator.said_as)
        ]
        self._signs = _signs([phrase for _, phrase in self._phrases])
        self._by_unit: dict[str, dict[str, list[int]]] = {}

    def _possible(self, text: str, unit: str) -> Iterator[tuple[Indicator, Phrase]]:
        """Yield the phrases that count this unit and whose sign stands in a text, in their order."""
        by_sign = self._by_unit.get(unit)
        if by_sign is None:
            by_sign = self._by_unit[unit] = {}
            for number, (indicator, phrase) in enumerate(self._phrases):
                if fits(indicator, unit, phrase.units):
                    by_sign.setdefault(self._signs[number], []).append(number)
        numbers = sorted(number for sign in set(text) if sign in by_sign for number in by_sign[sign])
        yield from (self._phrases[number] for number in numbers)

    def best(self, words: Words, unit: str) -> list[Match]:
        """Return the best match of each indicator that ties for first; several are ambiguous.

        Where short phrases need a topic, the one named last before the number is its own.
        """
        return _with_last_topic(_first(self.matches(words, unit)), words)

    def matches(self, words: Words, unit: str) -> Iterator[Match]:
        """Yield each phrase that fits the words and the unit of a number."""
        spans = ((IN_CLAUSE, words.clause), (BEHIND, words.clause + words.right), (ACROSS, words.left))
        for indicator, phrase in self._possible(words.left + words.right, unit):
            topic = topic_nearness(phrase, words.subjects)
            if topic is None:
                continue
            for nearness, text in spans:
                positions = find_phrase(phrase, text)
                if any(word in words.segment for word in phrase.not_after):
                    continue
                if positions is None or (nearness == ACROSS and not _is_near(words, positions)):
                    continue
                if nearness == BEHIND and max(positions) <= len(words.clause):
                    continue
                if nearness != BEHIND and _OTHER_ACT.search(text[max(positions) :]):
                    continue
                yield Match(
                    indicator, phrase, self._nearness(nearness, words, positions), topic, max(positions)
                )
                break

    @staticmethod
    def _nearness(nearness: int, words: Words, positions: Sequence[int]) -> int:
        """Words wholly before the last clause are farther than those that reach into it."""
        start_of_clause = len(words.left) - len(words.clause)
        return BEFORE if nearness == ACROSS and max(positions) < start_of_clause else nearness

    def beside(self, words: Words, unit: str) -> list[Match]:
        """Return the counts whose own words stand right beside a number in another measure: 查封扣押3次."""
        meant = OTHER_MEASURES.get(unit, "")
        matches = [
            match
            for match in (self.matches(words, meant) if meant else ())
            if match.nearness == IN_CLAUSE
            and class_of(match.indicator) in (CASES, TIMES)
            and (meant != "起" or match.indicator.unit == meant)
            and not _BESIDE.sub("", LIGHT.sub("", words.clause[match.position :]))
        ]
        return _first(matches)

    def best_in(self, text: str, unit: str, topics: Sequence[str]) -> list[Match]:
        """Return the best matches of a text alone: a label of a table, or an item of a list."""
        matches = []
        for indicator, phrase in self._possible(text, unit):
            topic = topic_nearness(phrase, topics)
            if topic is None:
                continue
            positions = find_phrase(phrase, text)
            if positions is not None:
                matches.append(Match(indicator, phrase, IN_CLAUSE, topic, max(positions)))
        return _first(matches)

    def shared(self, words: Words, unit: str) -> list[Match]:
        """Return the matches of a list that shares a number: 参考率、合格率达100%, 修订、废止均为0件."""
        if unit != "%" and not _EACH.search(words.clause):
            return []
        items = [item for item in SEPARATORS.split(words.left if unit == "%" else words.clause) if item]
        kept: list[str] = []
        for item in reversed(items):
            if unit == "%" and not _ITEM_END.search(item):
                break
            kept.insert(0, item)
        bests = [self.best_in(item, unit, (item, *words.subjects)) for item in kept]
        shared = [best[0] for best in bests if len(best) == 1]
        return shared if len(kept) > 1 and (unit == "%" or len(shared) == len(kept)) else []


def _title_phrases(indicator: Indicator) -> list[Phrase]:
    """Return the title as a phrase, unless the definition has it with conditions of its own."""
    title = (indicator.title,)
    return [] if any(phrase.words == title for phrase in indicator.said_as) else [Phrase(words=title)]


def _signs(phrases: Sequence[Phrase]) -> list[str]:
    """Return of each phrase its rarest character: in a text without it the phrase does not stand."""
    counts = Counter(character for phrase in phrases for character in set("".join(phrase.words)))
    return [min("".join(phrase.words), key=counts.__getitem__) for phrase in phrases]


def _first(matches: Iterable[Match]) -> list[Match]:
    """Return the matches of the best rank, one for each indicator."""
    by_indicator: dict[str, Match] = {}
    for match in matches:
        known = by_indicator.get(match.indicator.indicator_id)
        if known is None or match.rank < known.rank:
            by_indicator[match.indicator.indicator_id] = match
    best = min((match.rank for match in by_indicator.values()), default=None)
    return [match for match in by_indicator.values() if match.rank == best]


def _with_last_topic(matches: list[Match], words: Words) -> list[Match]:
    """Return the match whose topic stands last before the number, where only topics tell them apart."""
    if len(matches) < 2 or not all(match.phrase.topic for match in matches):
        return matches
    before = words.topics[0][: words.numeral.start - words.sentence_start]
    ends = [max(before.rfind(word) for word in match.phrase.topic) for match in matches]
    last = max(ends)
    return (
        [match for match, end in zip(matches, ends, strict=True) if end == last] if last >= 0 else matches
    )


def topic_nearness(phrase: Phrase, topics: Sequence[str]) -> int | None:
    """Return how near a topic of the phrase stands, 0 for the sentence; None where it needs one."""
    if not phrase.topic:
        return 0
    for nearness, text in enumerate(topics):
        if any(word in text for word in phrase.topic):
            return nearness
    return None


def find_phrase(phrase: Phrase, text: str) -> list[int] | None:
    """Return where each word of a phrase ends in a text, its last occurrence; None if one is missing.

    A word after 不 or 未 says the opposite, and words of `not_with` in the same clause say something else.
    """
    ends = []
    for word in phrase.words:
        start = text.rfind(word)
        while start > 0 and text[start - 1] in _NEGATED and word[0] not in _NEGATED:
            start = text.rfind(word, 0, start)
        if start < 0:
            return None
        ends.append(start + len(word))
    if phrase.not_with:
        first, last = min(ends), max(ends)
        starts = [match.end() for match in CLAUSE.finditer(text, 0, first)]
        stop = CLAUSE.search(text, last)
        clause = text[starts[-1] if starts else 0 : stop.start() if stop else len(text)]
        if any(word in clause for word in phrase.not_with):
            return None
    return ends


def _is_near(words: Words, positions: Sequence[int]) -> bool:
    """Whether words that reach before the last clause still lead to the number.

    They do where one of them stands in the last clause, or where it says nothing else.
    """
    start_of_clause = len(words.left) - len(words.clause)
    return (
        max(positions) > start_of_clause
        or len(_EMPTY_VERB.sub("", LIGHT.sub("", _PERIOD.sub("", words.clause)))) <= 1
    )

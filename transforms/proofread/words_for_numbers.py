"""Numbers said in words: 没有 is zero, 均 and 全部 are 100 %."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from transforms.proofread.context import TOPIC, sentence_bounds, subjects_of
from transforms.proofread.matching import SEPARATORS, Match, PhraseIndex, find_phrase
from transforms.proofread.numerals import Numeral

_ZERO = re.compile(
    r"[均都]?未被|没有(?:一[起件例次])?|不存在|未(?=适用|违背|违反|修订|废止)|未(?:发生|出现|发现|收到|接到)(?:一[起件例次])?|无一[起件例次]?"
    r"|(?<![有若毫])无(?=[^论需须偿害理虚缝愧私])|零(?=[投违败不复纠])|[为是]零$"
)
_ALL = re.compile(r"均|全部|所有|每[场次件名]|全员|全覆盖|皆|一律|百分百")
_CLAUSE_END = re.compile(r"[，。；：！？]")
#: a phrase of fewer characters may stand in any sentence with 没有
_SHORTEST = 4


def find_numbers_in_words(
    text: str, figures: Sequence[Numeral], phrases: PhraseIndex, headings: Sequence[str]
) -> Iterator[tuple[Numeral, tuple[Match, ...]]]:
    """Yield what a paragraph says with words in place of numbers, with the indicators named."""
    clause_start, ahead = 0, list(reversed(figures))
    for stop in [*_CLAUSE_END.finditer(text), None]:
        clause_end = stop.start() if stop else len(text)
        clause = text[clause_start:clause_end]
        while ahead and ahead[-1].start < clause_start:
            ahead.pop()
        figure_end = 0
        while ahead and ahead[-1].start < clause_end:
            figure_end = ahead.pop().end
        start, end = sentence_bounds(text, clause_start)
        topics = (text[start:end], text[max(0, start - TOPIC) : start], *reversed(headings))
        topics = subjects_of(topics, clause_end - start)
        yield from _read_clause(clause, clause_start, figure_end, topics, phrases)
        clause_start = stop.end() if stop else clause_end


def _read_clause(
    clause: str, offset: int, figure_end: int, topics: Sequence[str], phrases: PhraseIndex
) -> Iterator[tuple[Numeral, tuple[Match, ...]]]:
    """Read one clause; in one with a number, 均 belongs to that, and 没有 counts behind it only."""
    if match := _ZERO.search(clause, max(0, figure_end - offset)):
        shortest = 2 if match[0] == "零" else _SHORTEST
        matches = _named(clause[match.end() :], "", topics, phrases, shortest)
        if not matches and not figure_end and match[0] != "无":
            remaining = f"{clause[: match.start()]}{clause[match.end() :]}"
            matches = _named(remaining, "", topics, phrases, shortest)
        if matches:
            yield _numeral(match, offset, Decimal(0), ""), matches
    elif not figure_end and (match := _ALL.search(clause)):
        matches = _named(clause, "%", topics, phrases, _SHORTEST)
        if matches:
            yield _numeral(match, offset, Decimal(1), "%"), matches


def _numeral(match: re.Match[str], offset: int, value: Decimal, unit: str) -> Numeral:
    return Numeral(offset + match.start(), offset + match.end(), match[0], value, unit)


def _named(
    text: str, unit: str, topics: Sequence[str], phrases: PhraseIndex, shortest: int
) -> tuple[Match, ...]:
    """Return the indicators that a clause names; several only as a list: 修订、废止不符合标准的文件."""
    matches = [
        match
        for match in phrases.best_in(text, unit, topics)
        if sum(map(len, match.phrase.words)) >= shortest or match.phrase.topic
    ]
    if len(matches) < 2 or _are_listed(text, matches):
        return tuple(matches)
    return ()


def _are_listed(text: str, matches: Sequence[Match]) -> bool:
    """Whether the words that tell the indicators apart stand in a list."""
    firsts = [find_phrase(match.phrase, text) for match in matches]
    ends = sorted(min(ends) for ends in firsts if ends)
    return len(set(ends)) == len(ends) and all(
        SEPARATORS.search(text[start:end]) for start, end in pairwise(ends)
    )

"""Which indicator the words around a number point to, where no phrase of an indicator stands beside it.

A number is taken for the one indicator whose unit and hints fit. Words that name another thing that can be
counted (问题, 线索, 会议) keep all indicators away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.figures.indicator import Indicator
from schemas.figures.phrase import Phrase
from transforms.proofread.context import CLAUSE, Words, other_subject_end, sentence_bounds
from transforms.proofread.matching import BEHIND, IN_CLAUSE, LIGHT, Match
from transforms.proofread.units import fits

#: how far the words of a hint are from the number, the nearest first
OWN_CLAUSE, SENTENCE, NEIGHBOURS = range(3)
#: other things that reports count, in the clause of a number
OTHER_THINGS = re.compile(
    r"(?<!反映的)问题|隐患|文件(?!审)|方案|制度|宣传|志愿|展板|资料|手册|微信|稿件|媒体|点位|设备|无人机|经费|项目|编制"
    r"|在编|党员|干部|学生|社区|乡镇|小区|学校|医院|整改|销号|督办|约谈|演练|应急|排污口|水源|断面|督察(?!支队|大队)|帮扶|走访|回访|12345|转办"
    r"|座谈|建议|提案|议案|意见书|典型|优秀|表彰|荣誉|先进|比武|练兵|监测|投资|资金|补助|赔偿|预算|清单|指标|任务|决定书"
    r"|告知书|听证|责令改正|批评教育|第三方|大学(?!的?(?:法学院)?(?:教授|专家))|老师|网格|河长|天数|浓度|面积|人口|平均|人均|每|以上的|其余|剩余|未|尚|不足之处"
)
#: words that do not say what is counted
_FILLERS = re.compile(
    rf"{LIGHT.pattern}|我们|我局|本局|该局|另外?|还|只|才|仅|就|先后|实际|足足|整整|一年来?|年内|办了|做了|完成|线索|案子|[也不归管者起到个]"
)
_CLAUSES_BEFORE = 2
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Surroundings:
    """What stands around a number: its own clause, its sentence up to it, and the clauses beside it.

    A clause beside it with a number of its own says nothing about this one.
    """

    own: str
    before_number: int = 0
    sentence: str = ""
    neighbours: str = ""

    @cached_property
    def is_own_empty(self) -> bool:
        """Whether the number's clause says nothing about what is counted."""
        return len(_FILLERS.sub("", self.own)) <= 1


def surroundings_of(text: str, words: Words) -> Surroundings:
    """Return the surroundings of a number of a paragraph."""
    end = sentence_bounds(text, words.numeral.start)[1]
    own = words.clause + words.right
    behind = CLAUSE.split(text[words.numeral.end : end])
    following = behind[1] if len(behind) > 1 else ""
    following = "" if _DIGIT.search(following) or following.startswith("其中") else following
    clauses = [each for each in CLAUSE.split(words.left)[:-1] if each]
    before = "".join(clauses[-_CLAUSES_BEFORE:])
    sentence = f"{text[words.sentence_start : words.numeral.start]}，{following}"
    return Surroundings(own, len(words.clause), sentence, f"{before}，{following}")


@dataclass(frozen=True)
class _Hint:
    indicator: Indicator
    phrase: Phrase
    groups: tuple[re.Pattern[str], ...]
    excluded: re.Pattern[str] | None


class HintIndex:
    """The hints of all indicators: each word of a hint may be one of several, `市场监管|市监 移送|移交`.

    The first tells the indicator from others, and stands in the number's own clause where others do not.
    """

    def __init__(self, indicators: Mapping[str, Indicator]) -> None:
        self._hints = [
            _Hint(
                indicator,
                hint,
                tuple(re.compile(word) for word in hint.words),
                re.compile("|".join(hint.not_with)) if hint.not_with else None,
            )
            for indicator in indicators.values()
            for hint in indicator.hinted_by
        ]
        self._by_unit: dict[str, list[_Hint]] = {}

    def find(self, around: Surroundings, unit: str) -> tuple[list[Match], bool]:
        """Return the indicators that the nearest words point to, and whether these are the number's own."""
        if OTHER_THINGS.search(around.own):
            return [], False
        matches = list(self._matches(around, unit))
        distance = min((match.topic_nearness for match in matches), default=OWN_CLAUSE)
        matches = [match for match in matches if match.topic_nearness == distance]
        most = max((len(match.phrase.words) for match in matches), default=0)
        matches = [match for match in matches if len(match.phrase.words) == most]
        if distance == SENTENCE:  # 办结许可9件；受理信访8件，按时办结100%: of what was named last
            last = max(match.position for match in matches)
            matches = [match for match in matches if match.position == last]
        by_indicator = {match.indicator.indicator_id: match for match in matches}
        is_sure = distance == OWN_CLAUSE and all(match.phrase.is_sure for match in matches)
        return list(by_indicator.values()), is_sure

    def _matches(self, around: Surroundings, unit: str) -> Iterator[Match]:
        if unit not in self._by_unit:
            self._by_unit[unit] = [
                hint for hint in self._hints if fits(hint.indicator, unit, hint.phrase.units)
            ]
        windows = [around.own, around.own + around.sentence]
        if around.is_own_empty:
            windows.append(around.own + around.neighbours)
        for hint in self._by_unit[unit]:
            if hint.excluded and hint.excluded.search(around.own):
                continue
            for distance, window in enumerate(windows):
                if distance == SENTENCE and not hint.groups[0].search(around.own):
                    continue
                if not all(group.search(window) for group in hint.groups):
                    continue
                if distance and not _is_subject(hint.groups[1:], around):
                    continue
                if distance == NEIGHBOURS and hint.excluded and hint.excluded.search(window):
                    continue
                ends = [_last_end(group, around.own) for group in hint.groups]
                nearness = BEHIND if max(ends) > around.before_number else IN_CLAUSE
                start = min(_last_end(group, around.sentence) for group in hint.groups)
                yield Match(hint.indicator, hint.phrase, nearness, distance, start)
                break


def _is_subject(groups: Sequence[re.Pattern[str]], around: Surroundings) -> bool:
    """Whether the sentence still speaks of these words at the number: not 信访604件、提案14件，办结率96%."""
    start = other_subject_end(around.sentence)
    return not start or all(
        group.search(around.own) or _last_end(group, around.sentence) > start for group in groups
    )


def _last_end(group: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in group.finditer(text)), default=0)

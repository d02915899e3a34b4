"""The words around a number: those that lead to it, those that follow it, and what the paragraph is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from transforms.proofread.numerals import Numeral
from transforms.proofread.text import Block

_SENTENCE_ENDS = "。！？"
_SENTENCE = re.compile(f"[{_SENTENCE_ENDS}]")
_STOP = re.compile(r"[。！？；]")
CLAUSE = re.compile(r"[，。；：！？]")
#: 6起复议案件无一被纠错: the number counts the cases, and what follows is said of none of them
_NONE_OF_THEM = re.compile(r"无一|没有一|[均都]未被")
#: other things that are handled and closed: what was named before them is no longer spoken of
_OTHER_SUBJECT = re.compile(
    r"代表建议|人大建议|建议(?=、?(?:提案|\d))|提案|(?<!复)议案(?!件)|工单|(?:督察|巡察|反馈|排查|检查出|整改)[^，。；]{0,6}问题"
    r"|(?<!许可)(?<!审批)(?<!信访)(?<!服务)(?<!投诉)(?<!举报)事项(?=\d)"
)
#: what was done with enterprises, behind a comma: 对主动整改的31家企业，依法予以从轻处罚
_VERB_BEHIND = re.compile(
    r"[^，。；：！？（）\d]{0,16}，(?:[均都已]|全部|一律)*(?:依法|依规)?(?:被|予以|给予|作出|不予|免予|免于|从轻|减轻|免除)"
    r"[^，。；：！？（）\d]*(?=[，。；！？]|$)"
)
_ENTERPRISES = ("家", "户")
_CONTEXT = 24
#: characters of a paragraph in which a topic is looked for
TOPIC = 500


@dataclass(frozen=True)
class Words:
    """The words of one number of a block.

    `left` are those since the number before in the same sentence, `clause` the last clause of them, `right`
    those up to the next stop (empty where they lead to the next number), `ahead` the same in any case.
    `segment` are all
    since the last stop, `topics` are where a topic may
    stand: the sentence, the paragraph before it, its headings.
    """

    numeral: Numeral
    left: str
    right: str
    ahead: str
    segment: str
    sentence_start: int
    topics: tuple[str, ...]

    @cached_property
    def clause(self) -> str:
        return CLAUSE.split(self.left)[-1]

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The topics, up to where another thing is named: 受理信访604件。办理提案14件，办结率96%."""
        return subjects_of(self.topics, self.numeral.start - self.sentence_start)


def words_of(
    block: Block, figures: Sequence[Numeral], index: int, used_until: int, headings: Sequence[str]
) -> Words:
    """Return the words of one of the figures of a paragraph.

    Dates and the like are words themselves. Words before `used_until` belong to an earlier number.
    """
    numeral = figures[index]
    start, end = sentence_bounds(block.text, numeral.start)
    previous_end = figures[index - 1].end if index else 0
    since = min(max(start, previous_end, used_until), numeral.start)
    left = _STOP.split(block.text[since : numeral.start])[-1]
    segment = _STOP.split(block.text[start : numeral.start])[-1]
    next_start = figures[index + 1].start if index + 1 < len(figures) else len(block.text)
    right = _right_words(block.text, numeral.end, min(end, next_start), is_open=next_start < end)
    verb = _VERB_BEHIND.match(block.text, numeral.end) if numeral.unit in _ENTERPRISES else None
    right = verb[0] if verb else right
    topics = (block.text[start:end], block.text[max(0, start - TOPIC) : start], *reversed(headings))
    ahead = CLAUSE.split(block.text[numeral.end : min(end, next_start)])[0]
    return Words(numeral, left, right, ahead, segment, start, topics)


def subjects_of(topics: Sequence[str], position: int) -> tuple[str, ...]:
    """Return of these topics what is still spoken of at a position of the first, the sentence."""
    if other_nouns := list(_OTHER_SUBJECT.finditer(topics[0], 0, position)):
        return (topics[0][other_nouns[-1].end() : position],)
    if other_nouns := list(_OTHER_SUBJECT.finditer(topics[1])):
        return topics[0], topics[1][other_nouns[-1].end() :]
    return tuple(topics)


def other_subject_end(text: str) -> int:
    """Return where a text last names another thing that is handled; 0 where it names none."""
    return max((match.end() for match in _OTHER_SUBJECT.finditer(text)), default=0)


def sentence_bounds(text: str, position: int) -> tuple[int, int]:
    """Return where the sentence around a position begins and ends."""
    start = max(text.rfind(end, 0, position) for end in _SENTENCE_ENDS) + 1
    after = _SENTENCE.search(text, position)
    return start, (after.start() if after else len(text))


def _right_words(text: str, start: int, end: int, *, is_open: bool) -> str:
    """Return the words behind a number up to the end of its clause.

    Words that run into the next number lead to that one, unless 、, 和 or the like stands between them.
    """
    right = _NONE_OF_THEM.split(text[start:end])[0]
    if stop := re.search(r"[，。；：！？（）()]", right):
        return right[: stop.start()]
    if not is_open:
        return right
    if "、" in right:
        return right[: right.rindex("、")]
    joined = re.search(r"(?:和|及|与|以及|并|或|共|共计|合计|总计|计)$", right)
    return right[: joined.start()] if joined else ""


def context_of(block: Block, numeral: Numeral) -> str:
    """Return the number with some words before and after it, as people find it in the text."""
    start, end = max(0, numeral.start - _CONTEXT), min(len(block.text), numeral.end + _CONTEXT // 2)
    labels = "／".join(label for label in (block.row_label, block.column_label) if label)
    text = f"{'…' if start else ''}{block.text[start:end]}{'…' if end < len(block.text) else ''}"
    return f"{labels}：{text}" if block.is_cell and labels else text


_RESPECTIVELY = re.compile(r"(?:分别|依次)(?:[为是达有]|完成|办结)*(?:到|了)?$")
_LIST_SEPARATOR = re.compile(r"[、，]|以及|和|及|与")
_BETWEEN_NUMBERS = re.compile(r"[、，]?(?:和|及|与)?")


def items_of_list(block: Block, figures: Sequence[Numeral], index: int, left: str) -> list[str]:
    """Return the names of the numbers from `index` on, in A、B分别为3件、4件; none without 分别."""
    match = _RESPECTIVELY.search(left)
    if match is None:
        return []
    count = 1
    while index + count < len(figures):
        between = block.text[figures[index + count - 1].end : figures[index + count].start]
        if not _BETWEEN_NUMBERS.fullmatch(between):
            break
        count += 1
    items = [item for item in _LIST_SEPARATOR.split(left[: match.start()]) if item]
    return items[-count:] if len(items) >= count > 1 else []

"""Numbers that may be of a part of what their words name: of one drive, one kind, one department."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from transforms.proofread.context import Words
from transforms.proofread.derived import AVERAGE_OVER_TIME
from transforms.proofread.matching import Match

if TYPE_CHECKING:
    from transforms.proofread.statements import Statement

_PART_OF_TIME = re.compile(r"期间(?!费)")
#: work within the year's; not the number of such drives itself: 专项行动12次
_PART_OF_WORK = re.compile(
    r"(?:专项|双随机|随机抽查|夜查)(?!(?:行动|整治|检查|执法|抽查)*[约近共达]?\d+(?:次|个|场|轮|项))"
)
_KIND = r"(?:大气|水|土壤|噪声|固废|危废|放射性)(?:污染|环境)?类?"
_PART_IN_CLAUSE = re.compile(
    r"(?:公司|企业|厂|村|镇|街道|园区)的$|涉[水气危固土噪]|(?:简易|普通|快速|一般)程序|[一二]审"
    rf"|{_KIND}(?:案件|方面|领域)?(?:共|已)?(?:立案|罚款|处罚)|{_KIND}案件$"
    r"|(?:支队|大队|分局|本级|市级|县级)(?:自办|直接|共|已)?(?:立案|罚款|处罚|检查)"
)
#: words after which a number is of all again
_OF_ALL = re.compile(r"全市|全年|全县|全区|全[体系]|共|累计|合计|总")
#: 3个分局立案不足10件, but not 7个分局共立案
_PART_OF_UNITS = re.compile(r"^(?:分局|县|区|单位|大队|中队|部门|乡镇)(?!.*共)")


def may_be_part(statement: Statement, words: Words, earlier: Sequence[Statement]) -> bool:
    """Whether a number may be of a part of what its words name; `words` are its own."""
    if not statement.matches or statement.words is None:
        return False
    has_words = _has_words_of_part(statement.words, statement.matches)
    return has_words or _is_among(statement, earlier) or _goes_on(words, earlier)


def _has_words_of_part(words: Words, matches: Sequence[Match]) -> bool:
    """Whether the words may speak of a part of the figure: 专项行动, 大气类立案."""
    work = [match.end() for match in _PART_OF_WORK.finditer(words.segment)]
    is_of_work = bool(work) and not _OF_ALL.search(words.segment, work[-1])
    follows_number = len(words.segment) > len(words.left)
    is_of_units = follows_number and _PART_OF_UNITS.search(words.left)  # 3个分局, but not 县市区里
    if (
        is_of_work
        or is_of_units
        or _PART_OF_TIME.search(words.segment)
        or _PART_IN_CLAUSE.search(words.clause)
    ):
        return True
    return any(f"类{match.phrase.words[0]}" in words.left for match in matches)


def _is_among(statement: Statement, earlier: Sequence[Statement]) -> bool:
    """Whether the sentence gave the figure before, and this is of it: 检查3948家次，其中现场检查312家次."""
    if statement.words is None or "其中" not in statement.words.segment:
        return False
    key = statement.indicators, statement.region, statement.period
    return any(key == (each.indicators, each.region, each.period) for each in earlier)


def _goes_on(words: Words, earlier: Sequence[Statement]) -> bool:
    """Whether the number before was of a part, and this goes on with it: 大气类立案9件，罚款3万元.

    So do averages: 每季度立案62件、罚款861万元.
    """
    if _OF_ALL.search(words.left):
        return False
    if earlier and earlier[-1].words and AVERAGE_OVER_TIME.search(earlier[-1].words.clause):
        return True
    before = next((each for each in reversed(earlier) if each.matches), None)
    return before is not None and before.is_part

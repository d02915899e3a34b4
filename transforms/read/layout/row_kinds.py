"""Tell data below a header from totals, notes, labels, and words for no data."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto

from schemas.row_marks import (
    COUNT_BEFORE,
    COUNT_LABELS,
    COUNT_UNITS,
    COUNT_VERBS,
    END_WORDS,
    ENDS_OF_A_GROUP,
    EXAMPLE_WORDS,
    FOOT_WORDS,
    FOOT_WORDS_ALONE,
    FOOT_WORDS_WITH_NAME,
    GROUP_FIGURES,
    GROUP_SUMS,
    LONGEST_GROUP,
    SECTION_NUMBERS,
    TOTAL_SIGNS,
    TOTAL_WORDS,
    WORDS_OF_A_GROUP,
)
from schemas.sheet_words import (
    COUNTED,
    INSTRUCTION_WORDS,
    LONGEST_SENTENCE,
    NONE_WORDS,
    NOT_YET_WORDS,
    NOTHING_OF,
    NOTHING_SAID,
    NOTHING_SIGNS,
    NOTHING_WHEN,
)
from transforms.read.layout.identity import LABEL_AT_START

_AMOUNT_WORDS = r"(?:人民币|[¥￥])?(?:[\d,.]+万?|[零〇一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾佰百仟千万亿角分]{2,})[元圆]整?"
_AMOUNT = re.compile(_AMOUNT_WORDS)
#: with what may precede the word itself: 本页合计, 本年累计, 一季度小计
_TOTAL = re.compile(
    rf"(?P<before>[^:]{{0,8}}?)(?P<word>{'|'.join(TOTAL_WORDS)})(?:数|额|金额)?(?P<after>[:(].*|{_AMOUNT_WORDS})?",
    re.IGNORECASE,
)
#: what Excel writes below each group when it adds up by groups: 某某公司 汇总
_OF_A_GROUP = re.compile(
    rf".{{0,{LONGEST_GROUP}}}?(?:(?P<sum>{'|'.join(GROUP_SUMS)})|{'|'.join(GROUP_FIGURES)})"
)
_USUAL_BEFORE = re.compile(
    r"(?:本页|本月|本期|本季|本年|本县|全年|全县|全市|年度|上月|上年|\d{1,2}月?|[本当全])?"
)
#: a total that reaches beyond the rows of its table
_BEYOND = re.compile(r"累计|本年|全年|年度|上月|上年|上期|同期")
_FOOT_LABEL = "|".join(sorted(FOOT_WORDS, key=len, reverse=True))
_FOOT = re.compile(rf"\(?(?:{_FOOT_LABEL})(?:\((?:签字|签章|盖章|签名)\))?:")
_FOOT_WORD = re.compile(rf"\(?(?:{_FOOT_LABEL})(?:\((?:签字|签章|盖章|签名)\))?:?\)?")
_FOOT_ALONE = re.compile(
    rf"\(?(?:(?:{'|'.join(FOOT_WORDS_ALONE)}).{{0,{LONGEST_GROUP}}}|(?:{'|'.join(FOOT_WORDS_WITH_NAME)}).{{0,4}})"
)
#: with which signs a row below the table may begin that has no colon
FOOT_STARTS = "".join(sorted({word[0] for word in (*FOOT_WORDS_ALONE, *FOOT_WORDS_WITH_NAME)}))
#: 共2笔, 以上合计3件; with an amount behind it: 共2笔，合计35000元
_COUNT = re.compile(
    rf"(?:{'|'.join(COUNT_BEFORE)})+(?:{'|'.join(COUNT_VERBS)})?:?(?P<count>\d{{1,6}})(?:{'|'.join(COUNT_UNITS)})(?:案件|记录|数据|案)?"
    r"(?P<after>[,;:、。.)金合共计罚](?:[^\d]*[\d,.]+\s*[万亿]?元?)?.{0,12})?"
)
_COUNT_LABEL = re.compile(rf".{{0,6}}(?:{'|'.join(COUNT_LABELS)})(?:合计|总计)?:?")
_FIGURE = re.compile(r"[-+¥]?\d[\d,.]*[^\d:]{0,3}")
MOST_CELLS_OF_LABELS = 8
#: 一、罚款案件, (二)其他案件: a heading between rows
_SECTION = re.compile(
    rf"(?:第?[{SECTION_NUMBERS}]{{1,3}}(?:[、.:]|部分|类)|\([{SECTION_NUMBERS}]{{1,3}}\)).{{1,40}}"
)
#: a note below the table: 1、以上数据已核对
_NOTE = re.compile(r"\(?\d{1,2}[、.)]\D.+")
_PAGE = re.compile(r"[-—(]*第\d{1,3}页(?:[,/]?共\d{1,3}页)?[-—)]*")
_DAY = re.compile(r"\(?(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?\)?")
_SECTION_NUMBER = re.compile(rf"\(?[{SECTION_NUMBERS}]{{1,3}}\)?[、.]?")
#: a sentence in place of rows, and a number before it
MOST_CELLS_OF_SENTENCE = 2
ZERO_SENTENCE_SIGNS = ("无", "零", "未", "没", "0", "０")
#: signs at which `row_kind` looks closely; bulk reading searches for them a column at a time
_TOTAL_SIGN = re.compile("|".join(TOTAL_SIGNS), re.IGNORECASE)
SECTION_STARTS = (*SECTION_NUMBERS, "第", "(", "（")
COLONS = (":", "：")
LABEL_STARTS = ("填", "报")
EXAMPLE_ENDS = frozenset(text[-1] for text in EXAMPLE_WORDS) | frozenset("）):：")
_NONE, _WHEN = "|".join(NONE_WORDS), "|".join(NOTHING_WHEN)
#: a sentence in place of rows, or beside the table
_SAYS_NOTHING = re.compile(
    rf"{'|'.join(NOTHING_SAID)}|(?:{_WHEN})(?:{_NONE})|(?:{_NONE})[^,。;]{{0,12}}?(?:{'|'.join(NOTHING_OF)})"
    rf"|(?<![\d.])[0零](?:{'|'.join(COUNTED)})"
)
_SAYS_OTHERWISE = re.compile("|".join(NOT_YET_WORDS))
_IS_INSTRUCTION = re.compile("|".join(INSTRUCTION_WORDS))


class RowKind(Enum):
    BLANK = auto()
    DATA = auto()
    TOTAL = auto()
    FOOT = auto()  # who filled it in, notes
    LABEL = auto()  # 填报单位 and the like: of this table, or above the next
    NOTHING = auto()  # 无 in place of rows
    EXAMPLE = auto()  # the example of a template
    SECTION = auto()  # a heading between rows: 一、罚款案件


class TotalKind(Enum):
    """Which rows a total adds up."""

    GROUP = auto()  # 小计: those since the total before
    TABLE = auto()  # 合计, 总计: all of the table
    BEYOND = auto()  # 累计: those of other sheets too


def row_kind(texts: list[str]) -> RowKind:
    """Return the kind of a row.

    It looks closely only at a sign, as there may be a hundred thousand rows.
    """
    filled = list(filter(None, texts))
    if not filled:
        return RowKind.BLANK
    first, last = filled[0], filled[-1]
    if last in NOTHING_SIGNS or len(filled) <= MOST_CELLS_OF_SENTENCE:
        words = filled[1:] or ["无"] if first.isdigit() else filled
        if all(text in NOTHING_SIGNS for text in words) or (len(words) == 1 and is_zero_sentence(words[0])):
            return RowKind.NOTHING
    if first[-1] in EXAMPLE_ENDS and compact(first).strip("():") in EXAMPLE_WORDS:
        return RowKind.EXAMPLE
    if COLONS[0] in first or COLONS[1] in first or first[0] in LABEL_STARTS:
        words_of_first = compact(first)
        if _FOOT.match(words_of_first):
            return RowKind.FOOT
        if LABEL_AT_START.match(words_of_first):
            return RowKind.LABEL
    if first[0] in FOOT_STARTS and _says_who_made_it(filled):
        return RowKind.FOOT
    if len(filled) == 1 and _ends_table(compact(first)):
        return RowKind.FOOT
    if first[0] in SECTION_STARTS and (kind := _section_kind(filled)):
        return kind
    may_be_total = len(filled) <= MOST_CELLS_OF_SENTENCE or _TOTAL_SIGN.search("\0".join(filled))
    return RowKind.TOTAL if may_be_total and total_kind(filled) else RowKind.DATA


def _ends_table(words: str) -> bool:
    is_end = words.strip("()*-—") in END_WORDS or _PAGE.fullmatch(words) is not None
    return is_end or _NOTE.fullmatch(words) is not None


def is_day(text: str) -> bool:
    """Return whether a text is nothing but a day."""
    return _DAY.fullmatch(compact(text)) is not None


def _says_who_made_it(filled: list[str]) -> bool:
    """Return whether a row says who made a table, without a colon: 审核人 张三, or labels and values."""
    if len(filled) == 1:
        return _FOOT_ALONE.fullmatch(compact(filled[0])) is not None
    labels = filled[::2]
    return len(filled) <= MOST_CELLS_OF_LABELS and all(
        _FOOT_WORD.fullmatch(compact(text)) for text in labels
    )


def stated_count(filled: list[str]) -> int | None:
    """Return the number of rows that a row below a table states: 共2笔, or 总件数 with a number beside it."""
    if len(filled) > MOST_CELLS_OF_SENTENCE:
        return None
    words = [compact(text) for text in filled]
    if len(words) > 1 and _COUNT_LABEL.fullmatch(words[0]) and words[1].isdecimal():
        return int(words[1])
    matches = [match for match in map(_COUNT.fullmatch, ("".join(words), *words)) if match]
    return int(matches[0]["count"]) if matches else None


def stated_amount(filled: list[str]) -> str | None:
    """Return the one amount, with its unit, that the words of a total state: 共3笔，合计105000元."""
    amounts = [match[0] for text in filled for match in _AMOUNT.finditer(compact(text))]
    return amounts[0].removeprefix("人民币") if len(amounts) == 1 else None


def _section_kind(filled: list[str]) -> RowKind | None:
    """Return the kind of a row that begins with a heading: one with figures beside it is a total."""
    words = [compact(text) for text in filled]
    is_apart = _SECTION_NUMBER.fullmatch(words[0]) is not None
    if is_apart and len(words) > 1 and not _FIGURE.fullmatch(words[1]):
        figures = words[2:]
    elif _SECTION.fullmatch(words[0]):
        figures = words[1:]
    else:
        return None
    if not all(map(_FIGURE.fullmatch, figures)):
        return None
    return RowKind.TOTAL if figures else RowKind.SECTION


def states_zero(texts: list[str]) -> bool:
    """Return whether a row of the kind NOTHING says that there is nothing, unlike an example."""
    return any(text in NOTHING_SIGNS for text in texts) or says_nothing(texts)


def says_nothing(texts: list[str]) -> bool:
    """Return whether a row says in words that there is nothing to report."""
    return any(map(is_zero_sentence, texts))


def is_zero_sentence(text: str) -> bool:
    """Return whether a text says that there was nothing, and not that it is unknown or how to say so."""
    if not 0 < len(text) <= LONGEST_SENTENCE or not any(sign in text for sign in ZERO_SENTENCE_SIGNS):
        return False
    words = compact(text)
    return (
        _SAYS_NOTHING.search(words) is not None
        and not _SAYS_OTHERWISE.search(words)
        and not _IS_INSTRUCTION.search(words)
    )


def is_title_like(texts: list[str]) -> bool:
    """Return whether a row may be one above a header: a single cell, or labels."""
    filled = [text for text in texts if text]
    if len(filled) <= 1:
        return True
    return len(filled) <= MOST_CELLS_OF_LABELS and any(
        LABEL_AT_START.match(compact(text)) for text in filled
    )


def total_kind(filled: list[str]) -> TotalKind | None:
    """Return which rows a total row adds up; None where the row is no total.

    A bare 合计 in the first filled cell always makes one. Elsewhere, or with other words around it
    (合计（星）建材厂 may be a party), the row must hold hardly anything but figures beside it. A heading with
    figures, and 某某公司 汇总, add up their group; such a row has nothing but figures beside the words.
    """
    if stated_count(filled) is not None:
        return TotalKind.TABLE
    for position, text in enumerate(filled):
        words = compact(text) if _TOTAL_SIGN.search(text) else ""
        match = _TOTAL.fullmatch(words)
        if match is None:
            if (group := _OF_A_GROUP.fullmatch(words)) and _has_figures_alone(filled, position):
                return TotalKind.GROUP if group["sum"] else TotalKind.BEYOND
            continue
        is_plain = position == 0 and not match["after"] and _USUAL_BEFORE.fullmatch(match["before"])
        remaining = [other for index, other in enumerate(filled) if index != position]
        if is_plain or sum(map(_is_content, remaining)) <= 1:
            return _reach(match[0], match["word"])
    return TotalKind.GROUP if _section_kind(filled) is RowKind.TOTAL else None


def _has_figures_alone(filled: list[str], position: int) -> bool:
    """Return whether a row has figures, and nothing else but the text at a position."""
    remaining = [compact(text) for index, text in enumerate(filled) if index != position]
    return bool(remaining) and all(map(_FIGURE.fullmatch, remaining))


def _reach(label: str, word: str) -> TotalKind:
    if _BEYOND.search(label):
        return TotalKind.BEYOND
    is_of_group = word in WORDS_OF_A_GROUP or (label != word and label.endswith(ENDS_OF_A_GROUP))
    return TotalKind.GROUP if is_of_group else TotalKind.TABLE


def _is_content(text: str) -> bool:
    """Return whether a cell beside a total is content of a data row: no figure, sign or foot label."""
    words = compact(text)
    return not (_FIGURE.fullmatch(words) or text in NOTHING_SIGNS or _FOOT.match(words))


def compact(text: str) -> str:
    """Normalise a text for comparison: NFKC, no white space."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))

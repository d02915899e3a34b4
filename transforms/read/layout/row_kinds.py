"""Tell data below a header from totals, notes, labels, and words for no data."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto

from schemas.forms import EXAMPLE_MARK
from transforms.read.layout.identity import LABEL_AT_START

#: with what may precede the word itself: 本页合计, 本年累计, 一季度小计
_TOTAL = re.compile(
    r"(?P<before>[^:]{0,8}?)(?P<word>合计|小计|总计|共计|累计)(?:数|额|金额)?(?P<after>[:(].*)?"
)
_USUAL_BEFORE = re.compile(r"(?:本页|本月|本期|本季|本年|本县|全年|全县|全市|年度|上月|上年|\d{1,2}月)?")
#: a total that reaches beyond the rows of its table
_BEYOND = re.compile(r"累计|本年|全年|年度|上月|上年|上期|同期")
_FOOT = re.compile(
    r"(?:注|备注|说明|填表说明|填报人|填表人|审核人|审批人|经办人|制表人|制表|复核|负责人|单位负责人|分管领导|联系人|联系电话"
    r"|填表日期|填报日期|填报时间|报出日期|报送日期):"
)
_FIGURE = re.compile(r"[-+¥]?\d[\d,.]*[^\d:]{0,3}")
MOST_CELLS_OF_LABELS = 8
#: signs at which `row_kind` looks closely; bulk reading searches for them a column at a time
TOTAL_MARK = "计"
COLONS = (":", "：")
LABEL_STARTS = ("填", "报")
NOTHING_SIGNS = frozenset({"无", "/", "零报告", "本月无", "本期无", "-", "—", "——"})
#: a sentence in place of rows, or beside the table
_SAYS_NOTHING = re.compile(
    r"零报告|零申报|(?:本|当|该)(?:月|期)(?:份)?(?:无|没有|未发生|未办理)|无(?:数据|此类|此项|本类)"
)


class RowKind(Enum):
    BLANK = auto()
    DATA = auto()
    TOTAL = auto()
    FOOT = auto()  # who filled it in, notes
    LABEL = auto()  # 填报单位 and the like: of this table, or above the next
    NOTHING = auto()  # 无 in place of rows, or a template's example


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
    if last in NOTHING_SIGNS or len(filled) == 1:
        words = filled[1:] or ["无"] if first.isdigit() else filled
        if all(text in NOTHING_SIGNS for text in words) or (
            len(words) == 1 and _SAYS_NOTHING.match(_compact(words[0]))
        ):
            return RowKind.NOTHING
    if EXAMPLE_MARK in first and _compact(first).strip("()") == EXAMPLE_MARK:
        return RowKind.NOTHING
    if COLONS[0] in first or COLONS[1] in first or first[0] in LABEL_STARTS:
        compact = _compact(first)
        if _FOOT.match(compact):
            return RowKind.FOOT
        if LABEL_AT_START.match(compact):
            return RowKind.LABEL
    return RowKind.TOTAL if TOTAL_MARK in "".join(filled) and total_kind(filled) else RowKind.DATA


def states_zero(texts: list[str]) -> bool:
    """Return whether a row of the kind NOTHING says that there is nothing, unlike an example."""
    return any(text in NOTHING_SIGNS for text in texts) or says_nothing(texts)


def says_nothing(texts: list[str]) -> bool:
    """Return whether a row says in words that there is nothing to report."""
    return any("无" in text or "零" in text or "未" in text or "没" in text for text in texts) and any(
        _SAYS_NOTHING.search(_compact(text)) for text in texts
    )


def is_title_like(texts: list[str]) -> bool:
    """Return whether a row may be one above a header: a single cell, or labels."""
    filled = [text for text in texts if text]
    if len(filled) <= 1:
        return True
    return len(filled) <= MOST_CELLS_OF_LABELS and any(
        LABEL_AT_START.match(_compact(text)) for text in filled
    )


def total_kind(filled: list[str]) -> TotalKind | None:
    """Return which rows a total row adds up; None where the row is no total.

    A bare 合计 in the first filled cell always makes one. Elsewhere, or with other words around it
    (合计（星）建材厂 may be a party), the row must hold hardly anything but figures beside it.
    """
    for position, text in enumerate(filled):
        match = _TOTAL.fullmatch(_compact(text)) if TOTAL_MARK in text else None
        if match is None:
            continue
        is_plain = position == 0 and not match["after"] and _USUAL_BEFORE.fullmatch(match["before"])
        remaining = [other for index, other in enumerate(filled) if index != position]
        if is_plain or sum(map(_is_content, remaining)) <= 1:
            return _reach(match[0], match["word"])
    return None


def _reach(label: str, word: str) -> TotalKind:
    if _BEYOND.search(label):
        return TotalKind.BEYOND
    return TotalKind.GROUP if word == "小计" else TotalKind.TABLE


def _is_content(text: str) -> bool:
    """Return whether a cell beside a total is content of a data row: no figure, sign or foot label."""
    compact = _compact(text)
    return not (_FIGURE.fullmatch(compact) or text in NOTHING_SIGNS or _FOOT.match(compact))


def _compact(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))

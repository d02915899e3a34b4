"""Numbers that follow from others: changes on last year (同比), and shares of a whole (占)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemas.periods import Period
from transforms.proofread.context import CLAUSE, Words
from transforms.proofread.scopes import UNKNOWN, Scope
from transforms.proofread.text import Block

if TYPE_CHECKING:
    from transforms.proofread.statements import Statement

_LEVEL = re.compile(r"(?:增加|增长|上升|提高|减少|下降|降低|扩大)?(?:到|至)|增至|降至|升至")
_CHANGE = re.compile(
    r"同比|环比|增长|增加(?![^，、]{0,2}持证)|增幅|多|上升|提高|提升|减少|下降|降低|降幅|少|回落|下滑|翻"
)
_DOWN = re.compile(r"减少|下降|降低|降幅|回落|下滑|少")
_SIGN_DOWN = re.compile(r"^[-－—−↓▼]|下降|减")
_SHARE = re.compile(r"占(?![地用道领])|比重|占比")
_OF_ALL = re.compile(r"占(?:到|了|比)?(?:全[市县区州]|总)")
_WHOLE_YEAR = "全年"
_OF_YEAR = re.compile(r"占(?:到|了|比)?全年")
#: several numbers are added up before they are measured: 两地合计占全市的22.6%
_TOGETHER = re.compile(r"(?:合计|总共|共计|之和|[两三四五]地)[^，。；]*占")
_OWN_KIND = re.compile(r"[一-龥](?:类|型|领域|方面|问题)占[^，。；]*$")
#: so much in each month, up to what is of all again: 每月立案20件, but not 每月调度，全年共立案248件
AVERAGE_OVER_TIME = re.compile(
    r"[日周月季年]均|每[个一]?(?:工作日|星期|季度?|月|周|天|日|年)(?!.*(?:共|累计|合计|全年|总))"
)
_OTHER_DERIVED = re.compile(
    rf"{AVERAGE_OVER_TIME.pattern}|人均|户均|案均|平均|每[案人家件起户名]|每[个一]?(?:县|区|乡镇|分局|大队|单位|万人)|最大"
    r"|最高(?!人民|法|检)|最多|最低|最少|单笔|单案|其余|剩余"
)
#: what lies between two figures is neither
_GAP = re.compile(r"差额|缺口|相差|之间[还尚仍]?[有存差]")
_GAP_BEHIND = re.compile(r"的?(?:差额|缺口|差距)")
_FROM_START = re.compile(r"^[）)]?的?$")


@dataclass(frozen=True)
class Change:
    """A change of the figure of `base`: by how much it is more, or less where `is_down`.

    Without a base or the period that it is compared with it cannot be checked, like an average.
    """

    base: Statement | None
    is_down: bool = False
    compared_with: str = UNKNOWN


@dataclass(frozen=True)
class Share:
    """A share of `part` in `whole`; None where the text does not say which."""

    part: Statement | None
    whole: Statement | None


def read_change(words: Words, earlier: Sequence[Statement], mentioned: Scope) -> Change | None:
    """Return of what a number is the change; None for a number that is no change, average or extreme."""
    near = re.split(r"[，。；：、（(]", words.left)[-1]
    if words.numeral.unit == "个百分点" or (_CHANGE.search(near) and not _LEVEL.search(near)):
        bases = [statement for statement in earlier if _may_change(statement)]
        base = _latest(bases)
        compared_with = (
            _compared_with(base.period, mentioned, words.left) if base and base.period else UNKNOWN
        )
        return Change(base, bool(_DOWN.search(near)), compared_with)
    if _OTHER_DERIVED.search(near) or _GAP.search(near) or _GAP_BEHIND.match(words.right):
        return Change(None)
    return None


def read_change_of_cell(block: Block, before: Sequence[Statement], own_period: Scope) -> Change | None:
    """Return of which figure of its row a percentage in a column 同比 or 环比 is the change, if of any."""
    label = block.column_label
    is_yearly = bool(re.search(r"同比|较上年|比上年", label))
    has_percent = "%" in block.text or "%" in label
    if not has_percent or is_yearly == ("环比" in label) or "百分点" in block.text + label:
        return None
    of_row = [each for each in before if each.block.is_cell and each.block.row_label == block.row_label]
    bases = [each for each in of_row if len(each.matches) == 1 and each.period]
    current = (
        [each for each in bases if each.period and each.period.key == own_period.key]
        if is_yearly
        else bases[-1:]
    )
    if not current or current[-1].period is None:
        return None
    own = Period.parse_span(current[-1].period.key) if current[-1].period.key != UNKNOWN else None
    other = own and (own.a_year_before() if is_yearly else own.before())
    is_down = bool(_SIGN_DOWN.search(block.text))
    return Change(current[-1], is_down, str(other)) if other else None


def _compared_with(period: Scope, mentioned: Scope, left: str) -> str:
    """Return the period that the figure of one is compared with; UNKNOWN for one of another length."""
    if period.key == UNKNOWN:
        return UNKNOWN
    own = Period.parse_span(period.key)
    if "环比" in left:
        return str(own.before() or UNKNOWN)
    if not mentioned.is_passing or mentioned.is_earlier or mentioned.key == UNKNOWN:
        is_of_year = not mentioned.is_passing or mentioned.is_earlier
        return str(own.a_year_before()) if is_of_year else UNKNOWN
    other = Period.parse_span(mentioned.key)
    return mentioned.key if len(other.months()) == len(own.months()) else UNKNOWN


def _latest(bases: Sequence[Statement]) -> Statement | None:
    """Return the last number, or that of the latest year where it is written of several years."""
    if not bases or bases[-1].period is None:
        return None
    last = bases[-1]
    of_same = [base for base in bases if base.indicators == last.indicators and base.region == last.region]
    return max(of_same, key=lambda base: base.period.key[:4] if base.period else "")


def _may_change(statement: Statement) -> bool:
    """Whether a change may be of this number: a figure, and not one that another is compared with."""
    return len(statement.matches) == 1 and not (statement.period and statement.period.is_passing)


def read_share(text: str, words: Words, earlier: Sequence[Statement], own_region: Scope) -> Share | None:
    """Return of what a percentage is the share; None for one that is no share."""
    numeral = words.numeral
    if numeral.unit != "%":
        return None
    counts = [statement for statement in earlier if statement.numeral.unit not in ("", "%", "个百分点")]
    share = _SHARE.search(CLAUSE.split(words.left)[-1])
    if share and _OWN_KIND.search(words.left):  # 噪声类占38.4% is the share of what has no number here
        return Share(None, None)
    if share and _TOGETHER.search(words.left):
        return Share(None, None)
    if share and _OF_YEAR.search(words.left):
        return Share(counts[-1], _of_year(counts[-1])) if counts else Share(None, None)
    if share and _OF_ALL.search(words.left):
        return Share(counts[-1], _of_own_region(counts[-1], own_region)) if counts else Share(None, None)
    if share:
        return _share_of(text, counts, counts[-1] if counts else None)
    clause = CLAUSE.split(text[words.sentence_start : numeral.start])[-1]
    if _SHARE.search(clause) and _FROM_START.match(words.left) and len(counts) >= 2:
        return Share(counts[-2], counts[-1]) if _are_parts(counts[-2], counts[-1]) else Share(None, None)
    return None


def _share_of(text: str, counts: Sequence[Statement], part: Statement | None) -> Share:
    """Return the share of a part in the only number before it, or before 其中, that can be its whole."""
    if part is None:
        return Share(None, None)
    wholes = [statement for statement in counts[:-1] if _are_parts(part, statement)]
    among = text.rfind("其中", 0, part.numeral.start)
    if among >= 0:
        wholes = [statement for statement in wholes if statement.numeral.end <= among]
    elif wholes and "；" in text[wholes[0].numeral.end : part.numeral.start]:
        return Share(None, None)  # 大气类93件；水类67件，占27%
    return Share(part, wholes[0]) if len(wholes) == 1 else Share(None, None)


def _of_own_region(part: Statement, own_region: Scope) -> Statement | None:
    """Return the figure of the whole region that a unit's number is a share of: 占全市的16.9%."""
    if len(part.matches) != 1 or part.region is None or part.region.key in (own_region.key, UNKNOWN):
        return None
    return replace(part, numeral=replace(part.numeral, value=None), region=own_region)


def _of_year(part: Statement) -> Statement | None:
    """Return the figure of the whole year that a number of some of its months is a share of: 占全年的52%."""
    if len(part.matches) != 1 or part.period is None or part.period.key == UNKNOWN:
        return None
    year = str(Period(Period.parse_span(part.period.key).year, 1, 12))
    if year == part.period.key:
        return None
    numeral = replace(part.numeral, value=None, text=_WHOLE_YEAR)
    return replace(part, numeral=numeral, period=replace(part.period, key=year))


def _are_parts(part: Statement, whole: Statement) -> bool:
    values = part.numeral.value, whole.numeral.value
    return (
        part.numeral.unit == whole.numeral.unit
        and values[0] is not None
        and values[1] is not None
        and 0 < values[0] <= values[1]
    )

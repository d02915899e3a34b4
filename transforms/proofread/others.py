"""Numbers that are not the report's own: of another authority, of a single case, of a plan."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.proofread.context import Words
from transforms.proofread.numerals import RANGE, find_numerals
from transforms.proofread.text import Block
from transforms.proofread.units import CLASSES, MONEY, PERSONS

#: why a number is not the report's own
OTHER_AUTHORITY, ONE_CASE, PLAN = "others", "one_case", "plan_ahead"
_REGION_NAME = r"(?:[一-龥]{2,7}?(?:省|市|州|县|区)|[省市县区州]|我[省市县区州])?"
_ORGAN = r"(?:局|委员会|委|厅|支队|大队|法院|检察院|管理所|医院|中学|小学|一中|公司|集团|银行)"
#: a title that begins with an authority: 某市水利局2023年…, 某市财政局关于…
_OF_TITLE = re.compile(rf"{_REGION_NAME}[一-龥]{{1,14}}?{_ORGAN}(?=关于|20\d\d|[：:]|$)")
_SIGNATURE = re.compile(rf"{_REGION_NAME}[一-龥]{{1,18}}{_ORGAN}")
_OWN_ORGAN = re.compile(r"环境|环保|生态|我局|本局|分局")
_TITLE_BLOCKS, _SIGNATURE_BLOCKS = 3, 4

_POLICE = r"公安(?:机关|局|部门)?|交警(?:部门|支队)?"
#: another authority with which a clause begins; police first
_SUBJECT = re.compile(
    r"(?:^|[，。；：、（])(?:另外?|其中|同期|全年|据悉|20\d\d年)?"
    rf"{_REGION_NAME}(?:(?P<police>{_POLICE})|(?:市场监[督管][一-龥]{{0,2}}|市监|水利|财政|农业农村|自然资源|林业|"
    r"城管|城市管理|应急管理|住建|住房和城乡建设|交通运输|卫生健康|卫健|税务|司法|教育|民政)"
    r"(?:管理)?(?:局|部门|委|机关)|(?:省|部|生态环境)厅)(?!移[送交]|[的与和、：]|强制)"
)
_OWN_SUBJECT = re.compile(r"我局|本局|我市|本市|全市|生态环境(?:局|部门|系统)|各?分局")

_CASE = re.compile(
    r"某(?![市县区州月年些类])|对其(?!中|余|他)|该(?:公司|企业|厂|店|单位|案|场)|有限(?:责任)?公司|当事人被?处|被处以?罚款"
)
_CASES_OF_ALL = re.compile(r"全市|共|合计|累计")
_BY_LAW = re.compile(r"(?:违反|的，)[^。；]*处以?$|(?:依法|可以?|应当|并)处以?$")
_BOUND = re.compile(r"以[上下]$")
#: a fine below this is of one case, or what a law sets
_SMALL_FINE = 10_000

_PLAN_WORDS = re.compile(
    r"工作计划|工作打算|下一步|下步|打算|工作安排|工作思路|再出发|展望|明年|目标(?!.{0,6}(?:完成|考核|责任|实现|进展|落实))"
)
_MIXED_HEADING = re.compile(r"问题|不足|完成|总结|情况")
_NUMBERED = re.compile(r"[一二三四五六七八九十]+、")
_AIM = re.compile(r"力争|计划(?!生育)|拟|确保|争取|目标")
_LONGEST_OPENING = 25


def is_of_others(blocks: Sequence[Block]) -> bool:
    """Whether the title begins with, or the signature is, another authority than that of the environment."""
    filled = [block for block in blocks if block.text and not block.is_cell]
    for index, block in enumerate(filled[:_TITLE_BLOCKS]):
        is_title = block.is_heading or index == 0  # a title without a stop runs into the first paragraph
        match = _OF_TITLE.match(block.text) if is_title else None
        if match and not block.text.startswith("关于"):
            return not _OWN_ORGAN.search(match[0])
    names = [block.text for block in filled[-_SIGNATURE_BLOCKS:] if _SIGNATURE.fullmatch(block.text)]
    return bool(names) and len(filled) > _SIGNATURE_BLOCKS and not any(map(_OWN_ORGAN.search, names))


def reason_of(text: str, words: Words) -> str:
    """Return why a number of a paragraph is not the report's own; empty where nothing says so."""
    unit_classes = CLASSES.get(words.numeral.unit, frozenset())
    before = text[words.sentence_start : words.numeral.start]
    subjects = list(_SUBJECT.finditer(before))
    if subjects and not _OWN_SUBJECT.search(before, subjects[-1].end()):
        # whom the police detain are those that the bureau sent them
        is_ours = bool(subjects[-1]["police"]) and PERSONS in unit_classes
        if not is_ours:
            return OTHER_AUTHORITY
    return ONE_CASE if _is_one_case(words, before, unit_classes) else ""


def _is_one_case(words: Words, before: str, unit_classes: frozenset[str]) -> bool:
    """Whether a number is of one case (某公司被处罚款2万元), or what a law sets (处2万元以上罚款)."""
    case = list(_CASE.finditer(before))
    if case and not _CASES_OF_ALL.search(before, case[-1].end()):
        return True
    if MONEY not in unit_classes or not words.right.lstrip("的").startswith("罚款"):
        return False
    numeral = words.numeral
    if _BOUND.search(numeral.text) or numeral.mark == RANGE:
        return True
    is_small = numeral.value is not None and numeral.value < _SMALL_FINE
    return bool("违反" in before or (is_small and _BY_LAW.search(words.left)))


def is_plan_heading(heading: str, year: int, *, before: bool) -> bool:
    """Whether a heading begins what is planned; `before` holds on below headings of a lower order."""
    if _PLAN_WORDS.search(heading):
        return not _MIXED_HEADING.search(heading)
    is_numbered = bool(_NUMBERED.match(heading))
    years = [int(number) for number in re.findall(r"20\d\d(?=年)", heading)]
    if is_numbered and years:
        return min(years) > year
    return before and not is_numbered


def is_plan_opening(text: str, year: int) -> bool:
    """Whether a paragraph begins with such a heading as a sentence: 八、2024年目标。…"""
    opening, stop, _ = text.partition("。")
    is_heading = bool(stop) and len(opening) <= _LONGEST_OPENING
    if not is_heading or any(numeral.unit for numeral in find_numerals(opening)):
        return False
    return is_plan_heading(opening, year, before=False)


def is_aim(text: str, position: int) -> bool:
    """Whether what stands here in a sentence is aimed at: 力争行政诉讼零败诉."""
    start = max(text.rfind(stop, 0, position) for stop in "。；") + 1
    return bool(_AIM.search(text, start, position))

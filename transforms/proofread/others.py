"""Numbers that are not the report's own: of another authority, of a single case, of a plan."""

from __future__ import annotations

import re

from transforms.proofread.authorship import FIELD, REGION_NAME
from transforms.proofread.context import Words
from transforms.proofread.numerals import RANGE, find_numerals
from transforms.proofread.units import CLASSES, MONEY, PERSONS

#: why a number is not the report's own
OTHER_AUTHORITY, ONE_CASE, PLAN = "others", "one_case", "plan_ahead"
_POLICE = r"公安(?:机关|局|部门)?|交警(?:部门|支队)?"
#: another authority with which a clause begins; police first
_SUBJECT = re.compile(
    r"(?:^|[，。；：、（])(?:另外?|其中|同期|全年|据悉|20\d\d年)?"
    rf"{REGION_NAME}(?:(?P<police>{_POLICE})|(?:市场监[督管][一-龥]{{0,2}}|市监|水利|财政|农业农村|自然资源|林业|"
    r"城管|城市管理|应急管理|住建|住房和城乡建设|交通运输|卫生健康|卫健|税务|司法|教育|民政|(?:行政)?审批(?:服务)?)"
    r"(?:管理)?(?:局|部门|委|机关)|(?:省|部|生态环境)厅|政府(?:常务|党组|全体)会议|(?:人民)?法院(?=受理|审理|一审|裁)|检察(?:院|机关)"
    r"|全[市县区州](?:各级)?行政(?:执法)?(?:机关|单位|部门)(?!负责人))(?!移[送交]|[的与和、：]|强制|[交转督]办|转来|部署|通报|安排|要求)"
)
#: what the police do of their own accord
_DONE_BY_POLICE = re.compile(r"破获|侦破|查获|打掉")
_WITH, _HANDED_OVER = re.compile(r"与|会同|联合|协同|配合"), re.compile(r"移送公安|移交公安|我局移送")
_OWN_SUBJECT = re.compile(r"我局|本局|我市|本市|全市|生态环境(?:局|部门|系统)|各?分局")

_CASE = re.compile(
    r"某(?![市县区州月年些类])|对其(?!中|余|他)|该(?:公司|企业|厂|店|单位|案|场)|有限(?:责任)?公司|当事人被?处|被处以?罚款"
)
_CASES_OF_ALL = re.compile(r"全市|共|合计|累计")
#: 解决了某养殖场异味等18个问题: what follows is of all again
_ONE_OF_SEVERAL = re.compile(r"等[^，。；]{0,4}\d+[个件起家][^，。；]*[，。；]")
_BY_LAW = re.compile(r"(?:违反|的，)[^。；]*处以?$|(?:依法|可以?|应当|并)处以?$")
_BOUND = re.compile(r"以[上下]$")
#: 罚款50万元以上的6件
_OF_BOUND = re.compile(r"的|案件")
#: what is to be done: 要办到40件以上
_MUST = re.compile(r"要(?:办到|达到|实现|完成|突破)")
#: a fine below this is of one case, or what a law sets
_SMALL_FINE = 10_000

_PLAN_WORDS = re.compile(
    r"工作计划|工作打算|下一步|下步|下一阶段|怎么干|努力方向|打算|工作安排|工作思路|再出发|展望|明年|目标(?!.{0,6}(?:完成|考核|责任|实现|进展|落实))"
)
_MIXED_HEADING = re.compile(r"完成|总结|情况")
_NUMBERED = re.compile(r"[一二三四五六七八九十]+、")
_AIM = re.compile(r"力争|计划(?!生育)|拟|确保|争取|目标")
_LONGEST_OPENING = 25


def reason_of(text: str, words: Words, *, needs_field: bool) -> str:
    """Return why a number of a paragraph is not the report's own; empty where nothing says so.

    `needs_field`: it is one only beside words of the bureau's field.
    """
    unit_classes = CLASSES.get(words.numeral.unit, frozenset())
    before = text[words.sentence_start : words.numeral.start]
    if needs_field and not FIELD.search(before + words.right):
        return OTHER_AUTHORITY
    if _MUST.search(words.clause):
        return PLAN
    subjects = [match for match in _SUBJECT.finditer(before) if not _is_partner(before, match)]
    if subjects and subjects[-1]["police"] and "；" in before[subjects[-1].end() :]:
        subjects = []  # 公安机关立案侦查1人；查封3件: the police have done the first
    if subjects and not _OWN_SUBJECT.search(before, subjects[-1].end()):
        # whom the police detain are those that the bureau sent them
        is_ours = bool(subjects[-1]["police"]) and PERSONS in unit_classes
        is_ours = is_ours and not _DONE_BY_POLICE.search(before, subjects[-1].end())
        is_ours = is_ours or _HANDED_OVER.search(before, subjects[-1].end()) is not None
        if not is_ours:
            return OTHER_AUTHORITY
    after = text[words.numeral.end : words.numeral.end + 2]
    return ONE_CASE if _is_one_case(words, before, after, unit_classes) else ""


def _is_partner(text: str, subject: re.Match[str]) -> bool:
    """Whether an authority is only named as one with whom something is done: 与公安、检察院召开会议."""
    return bool(_WITH.search(re.split(r"[，。；：（]", text[: subject.start()])[-1]))


def _is_one_case(words: Words, before: str, after: str, unit_classes: frozenset[str]) -> bool:
    """Whether a number is of one case (某公司被处罚款2万元), or what a law sets (处2万元以上罚款)."""
    case = list(_CASE.finditer(before))
    if (
        case
        and not _CASES_OF_ALL.search(before, case[-1].end())
        and not _ONE_OF_SEVERAL.search(before, case[-1].end())
    ):
        return True
    numeral = words.numeral
    if MONEY in unit_classes and _BOUND.search(numeral.text) and _OF_BOUND.match(after):
        return True
    if MONEY not in unit_classes or not words.right.lstrip("的").startswith("罚款"):
        return False
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

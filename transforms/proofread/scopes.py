"""Of which region and period a number speaks: 双峰县, 全省, 上年同期, 一季度."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from schemas.periods import Period
from schemas.regions import RegionTable
from transforms.proofread.exclusions import find_exclusions

#: a region or period that words name and for which there are no figures
UNKNOWN = "unknown"
_CN_QUARTER = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_OWN_WORDS = ("全市", "我市", "本市", "全州", "全系统", "全辖区", "合计", "总计")
_OWN_WORDS_OF_UNIT = ("全区", "全县", "我区", "我县", "本区", "本县", "辖区", "合计", "总计")
WIDER = ("全省", "全国", "省内", "国内", "各省", "全区域")
_FOREIGN = re.compile(
    r"(?:^|[，。；：、（(和与及])([一-龥]{2,3}(?:市|省|自治州|自治区))(?![场值民政级容区县])"
)
_NOT_FOREIGN = re.compile(
    r"^[全我本各该城县地省跨外上下]|^(?:移送|移交|抄送|抄告|转送|转给|函告|通报|会同|联合|协同|联系|对接|参加|按照|根据|依照|依据|报送|组织|迎接|协助|配合|通过|接受|获得|列入|纳入|作为|落实)|[个各家某]|[从在由向对到给被把将经与请报]市|[请报向全各加照据]省"
)
_MAY_PRECEDE = re.compile(r"(?:^|[^一-龥]|其中|[由在和与及对向从以市州为，])$")
#: characters of 全市, 全省; read even where they name no scope, so that 占全市 is no city
_LENGTH_OF_ALL = 2
_LONGEST_PRECEDING = 2
#: 罚款数额长岭最高
_MEASURED = re.compile(r"最[高多大少低]|居首|排第|仅有")
_MAY_NOT_FOLLOW = re.compile(r"[化性式]")
#: 占全市的16.9%, 居全市第一 and 高于全市平均 compare a unit with all; 邀请省内专家 is no region either
_MEASURED_BY = ("占", "居", "列", "于", "排名", "位列")
_YARDSTICK = re.compile(r"第[一二三四五\d]|首位|前列|前茅|平均|之首|最[高多大前]")
_WITH_HELP = ("邀请", "请", "由", "经")
#: 全省首个 and 全省行政应诉工作平台 say nothing about the figures of the province
_PRAISE = re.compile(
    r"[一-龥]{0,12}(?:平台|(?<!环境)(?<!环保)(?<!执法)系统)|首|率先|第|前|最|排名|推广|经验|试点|通报|会议|统一|范围|有影响"
    r"|(?:(?:\d{1,3}个|各)(?:市州|州市|地市|地级市|设区市|县市区?|区县|单位))?(?:之?中|当中|里面?|内)?的?"
    r"(?:排[第在行]|[居位列]第|[位名]列|处[于在]|领先|靠前|居前|前列)"
)


@dataclass(frozen=True)
class Scope:
    """A region or period as the text names it; the `key` is a code or period, or UNKNOWN.

    `is_passing`: something is compared with it (比上年). `is_earlier`: it is last year, in words.
    `is_of_work`: such months tell when something was done as well, and a number may be of that only (7—9月).
    `is_rest`: it is the whole without some of its units (除双峰县外).
    """

    key: str
    name: str
    is_passing: bool = False
    is_earlier: bool = False
    is_of_work: bool = False
    is_rest: bool = False


class RegionWords:
    """Finds regions of the table in words, as seen from the region whose report this is."""

    def __init__(self, regions: RegionTable, own: str) -> None:
        self.regions, self.own = regions, own
        self.is_unit = regions.regions[own].is_unit
        self.is_province = regions.regions[own].level == "province"

    @cached_property
    def _spellings(self) -> list[tuple[str, str]]:
        """(spelling, code), longest first; own names and words for all of the region come with its code."""
        own_region = self.regions.regions[self.own]
        pairs = list(self.regions.names.unit_spellings)
        pairs += [
            (region.name, code) for code, region in self.regions.regions.items() if not region.is_unit
        ]
        pairs += [(word, self.own) for word in (_OWN_WORDS_OF_UNIT if self.is_unit else _OWN_WORDS)]
        if self.is_unit and own_region.parent:
            pairs += [("全市", own_region.parent)]
        pairs += [(word, UNKNOWN) for word in WIDER if own_region.level != "province"]
        bureau = self.regions.bureau
        pairs += [("市本级", bureau.code)] if bureau and len(self.regions.bureaus) == 1 else []
        return sorted(set(pairs), key=lambda pair: -len(pair[0]))

    def find(self, text: str) -> list[tuple[int, Scope]]:
        """Return the regions that a text names, with where, in order; a county's name hides its city's."""
        matches: list[tuple[int, int, Scope]] = []
        is_taken = bytearray(len(text))
        for spelling, code in self._spellings:
            start = text.find(spelling)
            while start >= 0:
                end = start + len(spelling)
                if not any(is_taken[start:end]):
                    is_name = self._is_name(spelling, text, start, end)
                    if is_name or len(spelling) == _LENGTH_OF_ALL:
                        is_taken[start:end] = b"\1" * len(spelling)
                    if is_name:
                        matches.append((start, end, Scope(code, spelling)))
                start = text.find(spelling, end)
        matches += [
            (*match.span(1), Scope(UNKNOWN, match[1]))
            for match in _FOREIGN.finditer(text)
            if not any(is_taken[match.start(1) : match.end(1)]) and not _NOT_FOREIGN.search(match[1])
        ]
        return self._without_parents(sorted(self._with_rests(text, matches), key=lambda match: match[0]))

    def _with_rests(self, text: str, matches: list[tuple[int, int, Scope]]) -> list[tuple[int, int, Scope]]:
        """Put the rest of the whole in place of what is taken out of it: 除双峰县外，全市."""
        foreign = [match for match in matches if match[2].key != self.own]
        for start, end in find_exclusions(text, [match[0] for match in foreign]):
            foreign = [match for match in foreign if not start <= match[0] < end]
            foreign.append((start, end, Scope(UNKNOWN, text[start:end], is_rest=True)))
        return foreign if any(match[2].is_rest for match in foreign) else matches

    def _is_name(self, spelling: str, text: str, start: int, end: int) -> bool:
        """Whether a short name is one: 新化 is no county in 创新化解."""
        if spelling in WIDER:
            return not _PRAISE.match(text, end) and not text.endswith(_WITH_HELP, 0, start)
        if spelling in _OWN_WORDS or spelling in _OWN_WORDS_OF_UNIT:
            return not text.endswith(_MEASURED_BY, 0, start) and not _YARDSTICK.match(text, end)
        if len(spelling) > 2:
            return True
        if _MEASURED.match(text, end):
            return True
        preceding = text[max(0, start - _LONGEST_PRECEDING) : start]
        return bool(_MAY_PRECEDE.search(preceding)) and not _MAY_NOT_FOLLOW.match(text, end)

    def _without_parents(self, matches: Sequence[tuple[int, int, Scope]]) -> list[tuple[int, Scope]]:
        """Leave out an authority directly before a unit below it: 某市长岭县."""
        kept = []
        for index, (start, end, scope) in enumerate(matches):
            following = matches[index + 1] if index + 1 < len(matches) else None
            if not following or following[0] != end or not self._is_above(scope.key, following[2].key):
                kept.append((start, scope))
        return kept

    def _is_above(self, code: str, other: str) -> bool:
        known = self.regions.regions
        return code in known and other in known and known[other].parent == code


_TO = r"[-—–－~～至到]"
#: words for a year in front of months or quarters
_YEAR = r"(?:20\d\d年|上一?年度?|去年|今年|本年)"
_PARTS = {"上": (1, 6), "下": (7, 12), "前三": (1, 9), "前两": (1, 6), "前二": (1, 6)}
_PERIOD_WORDS = re.compile(
    r"(?P<against>[比较与同]|相?对于)?(?:"
    r"(?P<since>(?:20\d\d年)?(?:以来|至今|到现在)|近[一二两三四五几\d]+年|历年|[两二三四五六七八九十]年来|[两二三四五六七八九十\d]{1,2}年(?:间|里|累计|共计)"
    rf"|20\d\d年?{_TO}20\d\d年)"
    rf"|(?P<day_year>20\d\d年)?(?P<day_from>\d{{1,2}})月(?P<first_day>\d{{1,2}})[日号]起?{_TO}"
    r"(?:20\d\d年)?(?:(?P<day_to>\d{1,2})月)?(?P<last_day>\d{1,2})[日号]"
    r"|(?P<until>截至|截止)(?P<until_year>20\d\d年)?(?P<until_month>\d{1,2})月(?:底|末|\d{1,2}[日号])?"
    rf"|(?P<span_year>{_YEAR})?(?P<from>\d{{1,2}})月?{_TO}(?P<to>\d{{1,2}})月份?"
    rf"|(?P<part_year>{_YEAR})?(?P<part>上半年|下半年|前三个?季度|前[两二]个?季度)"
    rf"|(?P<quarters_year>{_YEAR})?第?(?P<quarter_from>[一二三四1-4])(?:季度)?{_TO}第?(?P<quarter_to>[一二三四1-4])季度"
    rf"|(?P<quarter_year>{_YEAR})?第?(?P<quarter>[一二三四1-4])季度"
    rf"|(?P<month_year>{_YEAR})?(?P<month>\d{{1,2}})月(?:份|底|末)?(?!\d{{1,2}}[日号])"
    r"|(?P<year>20\d\d)年(?!\d{1,2}月)"
    r"|(?P<last>上年度?同期|去年同期|上一?年度?|去年|同期)"
    r"|(?P<before_last>前年)"
    r"|(?P<last_month>上月|上个月)"
    r"|(?P<last_quarter>上一?个?季度)"
    r"|(?P<plan>明年|(?<!年度)计划|(?<!总)目标|力争|预计|下一步)"
    r"|(?P<total>今年以来|一年来|年初以来|累计)"
    r"|(?P<own>今年|本年度?|当年|全年|本期|本月|本季度)"
    r")"
)


_OF_DOCUMENT = re.compile(
    r"度?(?:\d{1,2}月\d{1,2}[日号]|\d{1,2}[日号]|修订|印发|制定|出台|发布|施行|版|(?:工作|行动|实施)?(?:方案|要点|计划|要求))"
)


_JOINED_MONTHS = re.compile(r"月份?(?:[、和及与]|以及)$")
_LAST_YEAR = ("上年", "上一年", "去年")
_SINCE_NEW_YEAR = ("今年以来", "年初以来")
#: words of a plan, up to what was reached
PLANNED = ("计划", "目标", "力争", "预计")
_WHOLE_YEAR = "全年"
#: the year after the report's: 今年 only in a speech of that year, where it has no figures
_NEXT_YEAR = ("明年", "今年")
_CLAUSE_END = re.compile(r"[，。；：]")
_SHORTEST_MONTH = 28


def same_year(period: Scope, before: Sequence[Scope]) -> Scope:
    """Return 全年 as that of the year named last before it: 2022年全年, 2024年，…；全年."""
    named = [scope for scope in before if not scope.is_passing]
    if period.name != _WHOLE_YEAR or not named:
        return period
    last = named[-1]
    if last.key == UNKNOWN:
        return replace(period, key=UNKNOWN, name=last.name) if last.name in _NEXT_YEAR else period
    year = Period.parse_span(last.key).year
    if year == Period.parse_span(period.key).year:
        return period
    return replace(period, key=str(Period(year, 1, 12)), name=f"{year}年", is_earlier=last.is_earlier)


class PeriodWords:
    """Finds periods in words, as seen from the period of the report.

    `is_spoken_after`: the text is a speech of the year after, which calls the report's year 去年.
    """

    def __init__(self, own: Period, *, is_spoken_after: bool = False) -> None:
        self.own, self.is_spoken_after = own, is_spoken_after

    def find(self, text: str) -> list[tuple[int, Scope]]:
        """Return the periods that a text names, with where, in order."""
        scopes: list[tuple[int, Scope]] = []
        is_until, plan_end = False, -1
        is_year = self.own.last_month - self.own.first_month == 11
        for match in _PERIOD_WORDS.finditer(text):
            if match["total"] and is_year:  # what adds up to the year's figure
                continue
            if self._is_other(match) or (is_until and match["own"]):  # 截至10月底，今年立案
                continue
            if plan_end >= 0 and not _CLAUSE_END.search(text, plan_end, match.start()):  # 力争2024年立案
                continue
            plan_end = match.end() if match["plan"] else -1
            is_until = bool(match["until"])
            if scopes and match["month"] and _JOINED_MONTHS.search(text, 0, match.start()):
                scopes.pop()  # 4月、8月先后组织2次考试: when it was, not of which months the number is
                continue
            scopes.append((match.start(), same_year(self._scope(match), [scope for _, scope in scopes])))
        return scopes

    def _is_other(self, match: re.Match[str]) -> bool:
        """Whether the words are part of a day, or of the name of a document: 根据2022年修订的办法."""
        is_of_document = bool(_OF_DOCUMENT.match(match.string, match.end())) and not match["until"]
        is_of_document = is_of_document or match.string.endswith(tuple("据照按将由"), 0, match.start())
        return is_of_document or bool(match["month"] and not 1 <= int(match["month"]) <= 12)

    def _scope(self, match: re.Match[str]) -> Scope:
        key, name = UNKNOWN, match[0]
        if self.is_spoken_after and name == "去年":
            return Scope(str(self.own), name)
        if self.is_spoken_after and name == "今年":
            return Scope(UNKNOWN, name)
        if match["own"]:
            year = Period(self.own.year, 1, 12)
            key = str(year if match["own"] in ("全年", "本年", "本年度") else self.own)
        elif match["last"]:
            key = str(Period(self.own.year - 1, self.own.first_month, self.own.last_month))
        elif match["before_last"]:
            key = str(Period(self.own.year - 2, self.own.first_month, self.own.last_month))
        elif match["year"]:
            year = Period(int(match["year"]), 1, 12)
            key = str(self.own if year.year == self.own.year else year)
        elif match["quarter"]:
            quarter, year_number = _CN_QUARTER[match["quarter"]], self._year(match["quarter_year"])
            key = str(Period(year_number, 3 * quarter - 2, 3 * quarter))
        elif match["month"]:
            key = str(Period.of_month(self._year(match["month_year"]), int(match["month"])))
        elif (match["last_month"] and self.own.is_month) or (match["last_quarter"] and self.own.is_quarter):
            key = str(self.own.before())
        elif match["part"]:
            months = next(months for word, months in _PARTS.items() if match["part"].startswith(word))
            key = self._span(match["part_year"], *months)
        elif match["quarter_from"]:
            quarters = _CN_QUARTER[match["quarter_from"]], _CN_QUARTER[match["quarter_to"]]
            key = self._span(match["quarters_year"], 3 * quarters[0] - 2, 3 * quarters[1])
        elif match["total"] in _SINCE_NEW_YEAR:
            key = self._span(None, 1, self.own.last_month)
        elif match["until"]:
            key = self._span(match["until_year"], self.own.first_month, int(match["until_month"]))
        elif match["day_from"]:
            key = self._days(match)
        elif match["from"]:
            key = self._span(match["span_year"], int(match["from"]), int(match["to"]))
        is_earlier = bool(match["last"] or match["before_last"]) or name.startswith(_LAST_YEAR)
        is_of_work = bool(match["day_from"] or (match["from"] and int(match["from"]) > 1)) and key != str(
            self.own
        )
        return Scope(
            key, name, is_passing=bool(match["against"]), is_earlier=is_earlier, is_of_work=is_of_work
        )

    def _days(self, match: re.Match[str]) -> str:
        """Return the period of whole months (1月1日至12月31日); there are no figures of other days."""
        months = int(match["day_from"]), int(match["day_to"] or match["day_from"])
        is_whole = int(match["first_day"]) == 1 and int(match["last_day"]) >= _SHORTEST_MONTH
        return self._span(match["day_year"], *months) if is_whole else UNKNOWN

    def _span(self, year: str | None, first: int, last: int) -> str:
        """Return the period of these months; from November to February is none of one year."""
        return str(Period(self._year(year), first, last)) if 1 <= first <= last <= 12 else UNKNOWN

    def _year(self, text: str | None) -> int:
        if not text or text in ("今年", "本年"):
            return self.own.year
        return self.own.year - 1 if text.startswith(_LAST_YEAR) else int(text.rstrip("年"))

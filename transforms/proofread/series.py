"""Numbers of several periods in one list: 四个季度立案分别为70件、59件、65件和54件."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from schemas.periods import Period
from transforms.proofread.context import CLAUSE
from transforms.proofread.matching import SEPARATORS
from transforms.proofread.numerals import Numeral, parse_number
from transforms.proofread.scopes import Scope
from transforms.proofread.units import classes_of_unit

_TO, _AND = "[-—–－~～至到]", "(?:、|和|及|与|以及)"
_QUARTER, _MONTH = "[一二三四1-4]", r"(?:1[0-2]|[1-9])"
_NUMBERS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
#: words for several periods of the same length, one after the other
_PERIODS = re.compile(
    r"(?P<year>20\d\d年|去年|上年|今年|全年)?(?:"
    rf"第?(?P<quarter_from>{_QUARTER})(?:季度)?{_TO}第?(?P<quarter_to>{_QUARTER})个?季度"
    rf"|(?P<quarters>第?{_QUARTER}(?:季度)?(?:{_AND}第?{_QUARTER}(?:季度)?)+)(?<=季度)"
    r"|前(?P<first_quarters>[两二三23])个?季度"
    r"|(?P<all_quarters>(?:[四4]个|各个?|每个?|逐|按|分)季度?)"
    rf"|(?P<all_halves>上、?下(?:两个)?半年|上半年{_AND}下半年|两个半年)"
    rf"|第?(?P<of_quarter>{_QUARTER})季度(?:各|每个?|逐|分)月|(?P<of_half>[上下])半年(?:各|每个?|逐|分)月"
    rf"|(?P<spans>{_MONTH}月?{_TO}{_MONTH}月(?:{_AND}{_MONTH}月?{_TO}{_MONTH}月)+)份?"
    rf"|(?P<month_from>{_MONTH})月?{_TO}(?P<month_to>{_MONTH})月份?"
    rf"|(?<!\d)(?P<months>{_MONTH}月?(?:{_AND}{_MONTH}月?)+)(?<=月)份?"
    r"|前(?P<first_months>[2-9]|1[01]|[两二三四五六七八九十])个月"
    r"|(?P<all_months>(?:各|每个?|逐|按|分|12个|十二个)月份?(?!\d))"
    rf"|(?P<years>20\d\d年?(?:{_AND}20\d\d年)+)"
    r")"
)
#: lists that need no 分别 where there are as many numbers; 1至9月 is one period otherwise
_LISTS = ("quarters", "all_quarters", "all_halves", "months", "spans", "years")
_RESPECTIVELY = re.compile(r"分别|依次|逐[季月]|各[为是有]|按(?:季度|月)")
#: one number for each of several: 四个季度检查均超过900家次, 每季度立案60余件
_EACH, _EACH_PERIOD = re.compile(r"[均都皆每各]"), re.compile(r"^[各每逐]")
#: a period of its own behind the list
_ANOTHER = re.compile(r"季度|半年|\d月|全年|20\d\d年")
_IN_TURN = re.compile(r"分别|依次")
#: shares and changes of several figures: 分别占28%、24%, 同比分别增长5%、3%
_OF_CHANGES = re.compile(r"(?:分别|依次)[约各]?(?:占|[同环]比|较|比|增|上升|提高|提升|下降|减|降)")
_BETWEEN_NUMBERS = re.compile(r"[、，]?(?:和|及|与|以及)?")
_BRACKETS = re.compile(r"（[^（）]*）")
_SCALE = re.compile("[万亿]+")


@dataclass(frozen=True)
class PeriodSeries:
    """Numbers of a list, by their index, each with its period; `whole` is the time of all together.

    `listed` are the periods in order, `words` name them. Where there are not as many numbers as periods,
    the series `is_unclear`. `after` is the period of the numbers behind it.
    """

    periods: Mapping[int, Scope]
    listed: tuple[Scope, ...]
    whole: Scope
    words: str
    is_unclear: bool = False
    after: Scope | None = None

    def has(self, index: int) -> bool:
        return index in self.periods

    def followed_by(self, period: Scope) -> PeriodSeries:
        """Return the series with the period of the numbers behind it."""
        return replace(self, after=period)

    def with_unit(self, figures: Sequence[Numeral], index: int) -> Numeral:
        """Return a number, one of the list with the unit that only its last has: 158、160、140、146件."""
        numeral, last = figures[index], figures[max(self.periods)]
        if not self.has(index) or numeral.unit or not last.unit or numeral.value is None:
            return numeral
        scale = _SCALE.search(last.text)
        parsed = parse_number(f"1{scale[0]}") if scale and not _SCALE.search(numeral.text) else None
        factor = parsed[0] if parsed else Decimal("0.01") if last.unit == "%" else Decimal(1)
        parts = {name: getattr(numeral, name) * factor for name in ("value", "step", "rough_step")}
        return replace(numeral, unit=last.unit, **parts)


def read_series(
    text: str, figures: Sequence[Numeral], index: int, since: int, before: PeriodSeries | None, year: int
) -> PeriodSeries | None:
    """Return the series that begins with a number, whose words begin at `since`; None where none does.

    After one, a list of as many numbers is of the same periods: 上下半年分别立案9件、8件，罚款3万元、2万元.
    """
    lead = re.split("[；。]", text[since : figures[index].start])[-1]
    joined = _joined_numbers(text, figures, index)
    is_same_unit = len({_class_of(figures[number]) for number in joined} - {frozenset()}) <= 1
    named = [match for match in _PERIODS.finditer(lead) if not _ANOTHER.search(lead, match.end())][-1:]
    is_of_changes = _OF_CHANGES.search(CLAUSE.split(lead)[-1]) and figures[index].unit == "%"
    if not is_same_unit or (not named and (before is None or is_of_changes)):
        return None
    if not named and before is not None:
        goes_on = len(joined) == len(before.listed) and not before.is_unclear
        return (
            replace(before, periods=dict(zip(joined, before.listed, strict=True)), words="")
            if goes_on
            else None
        )
    respectively = _RESPECTIVELY.search(CLAUSE.split(lead[named[-1].start() :])[-1])  # not 分别于5月和10月
    listed = tuple(Scope(str(period), str(period)) for period in _periods_of(named[-1], year))
    is_equal = len(joined) == len(listed) > 1
    is_list = any(named[-1][name] for name in _LISTS) and not CLAUSE.search(lead, named[-1].end())
    names = [name for name in SEPARATORS.split(lead[named[-1].end() :]) if name]
    if len(listed) < 2 or len(names) >= max(len(joined), 2):  # 上半年，查封、扣押分别为1件、2件
        return None
    whole = _whole(listed)
    is_each = _EACH_PERIOD.search(named[-1][0]) or _EACH.search(lead, named[-1].end())
    if len(joined) == 1 and not respectively and not is_each:
        return _sum_of(named[-1], index, listed, whole)
    if not respectively and not (is_list and (is_equal or (is_each and len(joined) == 1))):
        return None
    if not is_equal:
        return PeriodSeries(dict.fromkeys(joined, whole), listed, whole, named[-1][0], is_unclear=True)
    return PeriodSeries(dict(zip(joined, listed, strict=True)), listed, whole, named[-1][0])


def _sum_of(
    match: re.Match[str], index: int, listed: tuple[Scope, ...], whole: Scope
) -> PeriodSeries | None:
    """Return the series of a number that is of several quarters together: 一季度和二季度立案129件."""
    spans = [Period.parse_span(scope.key) for scope in listed]
    follow = all(after.first_month == each.last_month + 1 for each, after in pairwise(spans))
    is_sum = follow and (match["quarters"] or match["all_halves"])
    return PeriodSeries({index: whole}, listed, whole, match[0]) if is_sum else None


def read_unclear_list(
    text: str, figures: Sequence[Numeral], index: int, clause: str, period: Scope
) -> PeriodSeries | None:
    """Return the numbers before which 分别 stands and nothing says of what each is; None for others."""
    joined = _joined_numbers(text, figures, index)
    units = {_class_of(figures[number]) for number in joined} - {frozenset()}
    if len(joined) < 2 or len(units) > 1 or not _IN_TURN.search(clause):
        return None
    if units == {classes_of_unit("%")} and not _OF_CHANGES.search(clause):
        return None
    return PeriodSeries(dict.fromkeys(joined, period), (), period, "", is_unclear=True)


def _class_of(numeral: Numeral) -> frozenset[str]:
    return classes_of_unit(numeral.unit)


def _joined_numbers(text: str, figures: Sequence[Numeral], index: int) -> list[int]:
    """Return the indices of the numbers of a list; those in brackets behind one are none of it."""
    joined = [index]
    for number in range(index + 1, len(figures)):
        between = text[figures[joined[-1]].end : figures[number].start]
        if between.count("（") > between.count("）"):
            continue
        if not _BETWEEN_NUMBERS.fullmatch(_BRACKETS.sub("", between)):
            break
        joined.append(number)
    return joined


def _periods_of(match: re.Match[str], own_year: int) -> Iterator[Period]:
    """Yield the periods that words name, in order."""
    words = match["year"] or ""
    year = int(words[:4]) if words[:1] == "2" else own_year - 1 if words in ("去年", "上年") else own_year
    if match["years"]:
        yield from (Period(int(number), 1, 12) for number in re.findall(r"20\d\d", match["years"]))
        return
    if match["spans"]:
        for first, last in re.findall(rf"(\d+)月?{_TO}(\d+)月", match["spans"]):
            if int(first) <= int(last):
                yield Period(year, int(first), int(last))
        return
    length, numbers = _numbers_of(match)
    for number in numbers:
        yield Period(year, length * (number - 1) + 1, length * number)


def _numbers_of(match: re.Match[str]) -> tuple[int, Sequence[int]]:
    """Return how many months the periods have, and which of the year they are."""
    if match["of_quarter"]:
        return 1, range(3 * _number(match["of_quarter"]) - 2, 3 * _number(match["of_quarter"]) + 1)
    if match["of_half"]:
        return 1, range(1, 7) if match["of_half"] == "上" else range(7, 13)
    if match["quarter_from"]:
        return 3, range(_number(match["quarter_from"]), _number(match["quarter_to"]) + 1)
    if match["quarters"]:
        return 3, [_number(each) for each in re.findall(_QUARTER, match["quarters"])]
    if match["first_quarters"]:
        return 3, range(1, _number(match["first_quarters"]) + 1)
    if match["all_quarters"]:
        return 3, range(1, 5)
    if match["all_halves"]:
        return 6, range(1, 3)
    if match["month_from"]:
        return 1, range(int(match["month_from"]), int(match["month_to"]) + 1)
    if match["months"]:
        return 1, [int(each) for each in re.findall(r"\d+", match["months"])]
    if match["first_months"]:
        return 1, range(1, _number(match["first_months"]) + 1)
    return 1, range(1, 13)


def _number(text: str) -> int:
    return _NUMBERS.get(text) or int(text)


def _whole(listed: Sequence[Scope]) -> Scope:
    """Return the time from the first period to the last; of several years it is the last."""
    first, last = Period.parse_span(listed[0].key), Period.parse_span(listed[-1].key)
    if first.year != last.year or first.first_month > last.last_month:
        return listed[-1]
    span = str(Period(last.year, first.first_month, last.last_month))
    return Scope(span, span)

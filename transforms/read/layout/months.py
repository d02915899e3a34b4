"""Read the months that a title, a label or a name speaks of, with or without their year."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from schemas.periods import Period
from schemas.sheet_words import OTHER_MONTH_WORDS, SENDING_WORDS

_YEAR, _MONTH = r"(?<!\d)(?P<year>(?:19|20)\d\d)", r"(?P<month>1[0-2]|0?[1-9])"
_WITH_YEAR = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}年{_MONTH}月(?!份?\d{{1,2}}[日号])",
        rf"{_YEAR}[-._/]{_MONTH}(?![\d]|[-._/]\d)",
        rf"{_YEAR}(?P<month>0[1-9]|1[0-2])(?!\d)",
    )
)
_WITHOUT_YEAR = re.compile(rf"(?<![\d第]){_MONTH}月(?!份?\d{{1,2}}[日号])")
#: not the last of several: 2023-2024年度
_YEAR_ALONE = re.compile(rf"(?<![-~—至、]){_YEAR}(?:年(?!\d)|$)(?![-~—至、])")
_DAY = re.compile(
    rf"{_YEAR}(?:年{_MONTH}月(?P<day>\d{{1,2}})[日号]?|(?P<sign>[-./])(?P<other_month>\d{{1,2}})(?P=sign)(?P<other_day>\d{{1,2}}))"
)
_DAY_WITHOUT_YEAR = re.compile(rf"(?<![\d年]){_MONTH}月\d{{1,2}}[日号]")
_FIRST_DAY = re.compile(r".*\D0?1[日号]?")  # what Excel turns a typed 2023年6月 into
_TO = r"[-~—–至到]"
#: 2023年1月至6月 and 1-6月 name no single month
_SPAN = re.compile(
    rf"(?P<first>(?:(?:19|20)\d\d(?:年|[-./]))?(?<!\d)\d{{1,2}})(?:月份?)?{_TO}(?P<last>(?:(?:19|20)\d\d年)?\d{{1,2}})月"
)
_STRICT_SPAN = re.compile(rf"(?:年\d{{1,2}}|月份?){_TO}(?:(?:19|20)\d\d年)?\d{{1,2}}月")
_SENDING = "|".join(SENDING_WORDS)
#: 2024年1月报送2023年12月: the first is when it was sent
_SENT_ABOUT = re.compile(
    rf"(?:{_YEAR}年)?(?<!\d)(?P<month>1[0-2]|0?[1-9])月份?(?:{_SENDING})[^\d]{{0,4}}?"
    r"(?=(?:(?:19|20)\d\d[-年./])?(?:1[0-2]|0?[1-9])(?:月|$))"
)
_SENT = re.compile(rf"(?:{_YEAR}年)?(?<!\d)(?P<month>1[0-2]|0?[1-9])月份?(?:{_SENDING})(?!表|告)")
_OTHERWISE = re.compile(
    rf"(?:(?:(?:19|20)\d\d年)?(?<!\d)\d{{1,2}}月份?(?:\d{{1,2}}日)?|(?:19|20)\d\d年度?)"
    rf"(?:{'|'.join(map(re.escape, OTHER_MONTH_WORDS))})"
)
_DIGITS = {sign: str(digit % 10) for digit, sign in enumerate("〇一二三四五六七八九零○")} | {
    "零": "0",
    "○": "0",
}
_CHINESE_YEAR = re.compile(r"[一二][〇零○九][〇零○一二三四五六七八九]{2}(?=年)")
_CHINESE_MONTH = re.compile(
    r"(?<![一二三四五六七八九十第])(?P<ten>十)?(?P<one>[一二三四五六七八九])?(?=月)"
)


@dataclass(frozen=True)
class MonthsNamed:
    """The months that a text speaks of.

    `period` is the only month with its year; `month` the only one without (1 to 12); `possible` are all of
    several, `2023-05` or `05`. `sent` is the month in which the text says that it was sent. `years` are
    those without a month.
    """

    period: str | None = None
    month: int | None = None
    possible: tuple[str, ...] = ()
    sent: str | None = None
    years: tuple[int, ...] = ()
    written: str = ""

    def contradicts(self, period: str) -> bool:
        """Return whether something else than this month is meant."""
        if self.period:
            return self.period != period
        if self.month:
            return self.month != int(period[5:])
        if self.possible:
            return period not in self.possible and period[5:] not in self.possible
        return bool(self.years) and int(period[:4]) not in self.years


NO_MONTHS = MonthsNamed()


def find_period(text: str) -> str | None:
    """Return the month that a text names, as `2023-06`, or None."""
    normal = _normalise(text)
    return None if _STRICT_SPAN.search(normal) else _first_period(normal)


def read_months(text: str) -> MonthsNamed:
    """Return the months that a title or a name speaks of."""
    normal = _OTHERWISE.sub("", _normalise(text))
    remaining, sent = _take_sent(normal)
    alone = list(_YEAR_ALONE.finditer(remaining))
    years = tuple(sorted({int(match["year"]) for match in alone}))
    if span := _SPAN.search(remaining):
        return MonthsNamed(possible=_months_of_span(span), sent=sent, years=years, written=span[0])
    periods: dict[str, str] = {}
    for pattern in _WITH_YEAR:
        for match in pattern.finditer(remaining):
            periods.setdefault(_period(match), match[0])
        remaining = pattern.sub("|", remaining)
    if len(periods) == 1 and not _WITHOUT_YEAR.search(remaining):
        ((period, written),) = periods.items()
        return MonthsNamed(period, sent=sent, written=written)
    months = {f"{int(match['month']):02}": match[0] for match in _WITHOUT_YEAR.finditer(remaining)}
    if not periods and len(months) == 1:
        ((name, written),) = months.items()
        completed = _complete(int(name), sent)
        return MonthsNamed(
            completed, None if completed else int(name), sent=sent, years=years, written=written
        )
    written = "、".join((periods | months).values()) or "、".join(match[0] for match in alone)
    return MonthsNamed(possible=(*periods, *months), sent=sent, years=years, written=written)


def read_label(value: str) -> MonthsNamed:
    """Return the months in the value of a label such as 填报期间, which may also be days of one month."""
    normal = _normalise(value)
    days = list(dict.fromkeys(map(_period_of_day, _DAY.finditer(normal))))
    without_year = {match["month"] for match in _DAY_WITHOUT_YEAR.finditer(normal)}
    if len(days) > 1:
        return MonthsNamed(possible=tuple(days), written=normal)
    if days:
        month = days[0]
        if without_year and {int(name) for name in without_year} != {int(month[5:])}:
            return MonthsNamed(possible=(month,), written=normal)
        is_whole = len(_DAY.findall(normal)) + len(without_year) > 1 or _FIRST_DAY.fullmatch(normal)
        return MonthsNamed(
            month if is_whole else None, possible=() if is_whole else (month,), written=normal
        )
    if len(without_year) == 1:
        return MonthsNamed(month=int(without_year.pop()), written=normal)
    named = read_months(normal)
    return MonthsNamed(named.sent, written=normal) if named == MonthsNamed(sent=named.sent) else named


def read_sent(value: str) -> str | None:
    """Return the month of the day or month on which something was sent."""
    normal = _normalise(value)
    day = _DAY.search(normal)
    return _period_of_day(day) if day else _first_period(normal)


def without_months(text: str) -> str:
    """Return a text without the months and days that it names."""
    remaining = _normalise(text)
    for pattern in (_DAY, _DAY_WITHOUT_YEAR, _SPAN, *_WITH_YEAR, _WITHOUT_YEAR, _YEAR_ALONE):
        remaining = pattern.sub("", remaining)
    return remaining


def _normalise(text: str) -> str:
    """Return the text without blanks and with the figures of its years and months in Arabic."""
    normal = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if "月" not in normal:
        return normal
    normal = _CHINESE_YEAR.sub(lambda match: "".join(_DIGITS[sign] for sign in match[0]), normal)
    return _CHINESE_MONTH.sub(_chinese_month, normal)


def _chinese_month(match: re.Match[str]) -> str:
    if not match["ten"]:
        return _DIGITS[match["one"]] if match["one"] else ""
    month = f"1{_DIGITS[match['one']]}" if match["one"] else "10"
    return month if month in ("10", "11", "12") else match[0]


def _first_period(normal: str) -> str | None:
    for pattern in _WITH_YEAR:
        if match := pattern.search(normal):
            return _period(match)
    return None


def _take_sent(normal: str) -> tuple[str, str | None]:
    """Return the text without the month in which it was sent, and that month."""
    match = _SENT_ABOUT.search(normal) or _SENT.search(normal)
    if match is None:
        return normal, None
    month = f"{int(match['month']):02}"
    return f"{normal[: match.start()]}|{normal[match.end() :]}", f"{match['year']}-{month}" if match[
        "year"
    ] else month


def _complete(month: int, sent: str | None) -> str | None:
    """Return the last month of this number that ended before it was sent."""
    if sent is None or len(sent) == 2:
        return None
    year = int(sent[:4]) - (month > int(sent[5:]))
    return str(Period.of_month(year, month))


def _period(match: re.Match[str]) -> str:
    return str(Period.of_month(int(match["year"]), int(match["month"])))


def _period_of_day(match: re.Match[str]) -> str:
    month = int(match["month"] or match["other_month"])
    return f"{match['year']}-{month:02}"


def _months_of_span(span: re.Match[str]) -> tuple[str, ...]:
    """List the months from the first to the last of a span; without their year where it has none."""
    first, last = (re.findall(r"\d+", span[name]) for name in ("first", "last"))
    low, high = int(first[-1]), int(last[-1])
    if not (1 <= low <= 12 and 1 <= high <= 12):
        return ()
    year = int(first[0]) if len(first) > 1 else None
    if len(last) > 1 and year is not None and int(last[0]) != year:
        high += 12 * (int(last[0]) - year)
    months = [(month - 1) % 12 + 1 for month in range(low, high + 1)]
    if year is None or high > 12:
        return tuple(f"{month:02}" for month in months)
    return tuple(f"{year}-{month:02}" for month in months)

"""Read the rarer spellings of a date: Chinese numerals, weekday, time of day, time zone, English.

They are rare, so each distinct text is read by itself; the column-wise parser of `dates.py` goes on with the
result. A spelling that leaves open which day it means is not read: it has a fault.
"""

from __future__ import annotations

import re
from typing import NamedTuple

WEEKDAYS = "一二三四五六日"
_ENGLISH_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(rf"\(?(?:星期|礼拜|周)([{WEEKDAYS}天])\)?")
_ENGLISH_WEEKDAY = re.compile(
    r"(?i)^(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?[., ]+"
)
_PART_OF_DAY = re.compile(r"\(?(?:凌晨|清晨|早上|早晨|上午|中午|正午|下午|傍晚|晚上|夜间)\)?")

_CLOCK = r"(?P<hour>[01]?\d|2[0-3])(?::(?P<minute>[0-5]?\d)(?::[0-5]?\d(?:\.\d+)?)?|[时点](?:整|半|[0-5]?\d分?(?:[0-5]?\d秒)?)?)"
_ZONE = r"z|cst|\(?(?:北京|中国标准)时间\)?|(?:utc|gmt)?(?P<sign>[+-])(?P<hours>0\d|1[0-4]|\d)(?::?(?P<minutes>[0-5]\d))?|utc|gmt"
_TIME = re.compile(
    rf"(?i)(?:(?<=[日号\s])|(?<=\d)t)(?:[ap]m\s*)?{_CLOCK}\s*(?P<half>[ap]m)?\s*(?P<zone>{_ZONE})?(?=\s|$)"
)
_BEIJING = 8 * 60

_DIGITS = {
    character: str(digit)
    for characters in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "○壱貳叄肆伍陸柒捌玖")
    for digit, character in enumerate(characters)
}
_TENS = {"十": "1", "拾": "1", "廿": "2", "卅": "3"}
_NUMERALS = re.compile(rf"[{''.join([*_DIGITS, *_TENS])}\d]+(?=\s*(?:[年月日号./-]|$))")
_WITH_TENS = re.compile(rf"0?(?P<tens>[1-9]?)(?P<ten>[{''.join(_TENS)}])(?P<ones>\d?)")

_YEAR = r"(?P<year>(?:19|20|21)\d\d)"
_YEAR_FIRST = re.compile(
    rf"{_YEAR}\s*(?:"
    r"(?P<sign>[-/.\\。,_]|\s(?=\d))\s*(?P<month>\d{1,2})\s*(?P=sign)\s*(?P<day>\d{1,2})"
    r"|[年./-]\s*(?P<month_2>\d{1,2})\s*月\s*(?P<day_2>\d{1,2})"
    r"|年\s*(?P<month_3>\d{1,2})\s*[./-]\s*(?P<day_3>\d{1,2})"
    r")\s*[日号]?"
)
_YEAR_LAST = re.compile(rf"(?P<first>\d{{1,2}})(?P<sign>[/.-])(?P<second>\d{{1,2}})(?P=sign){_YEAR}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
_DAY = r"(?P<day>\d{1,2})(?:[snr][td]|th)?"
_IN_ENGLISH = tuple(
    re.compile(rf"(?i){pattern}")
    for pattern in (rf"{_DAY}[\s./-]*{_MONTH}[\s,./-]*{_YEAR}", rf"{_MONTH}[\s./-]*{_DAY}[\s,./-]+{_YEAR}")
)


class DateSpelling(NamedTuple):
    """What a text says: `text` is 2023-6-1 where a day could be read.

    `weekday`: position in WEEKDAYS of a weekday beside the date, −1 without one. `fault` is empty if the
    text leaves nothing open.
    """

    text: str
    weekday: int = -1
    fault: str = ""


def read_spelling(text: str) -> DateSpelling:
    """Read one text; what is no date comes back without what stands beside a date.

    Faults: `day_or_month` (6/1/2023), `other_day_by_zone` (an instant that falls on another day in Beijing).
    """
    weekday, remainder = _take_weekday(text)
    remainder = _PART_OF_DAY.sub(" ", remainder)
    time = _TIME.search(remainder)
    if time:
        remainder = remainder[: time.start()] + " " + remainder[time.end() :]
    remainder = re.sub(r"\s+", " ", _NUMERALS.sub(_in_digits, remainder)).strip(" .。,")
    day = _year_first(remainder) or _in_english(remainder) or _year_last(remainder)
    if day == "":
        return DateSpelling(remainder, weekday, "day_or_month")
    if day and time and _is_other_day(time):
        return DateSpelling(day, weekday, "other_day_by_zone")
    return DateSpelling(day or remainder, weekday)


def _take_weekday(text: str) -> tuple[int, str]:
    if match := _ENGLISH_WEEKDAY.search(text):
        return _ENGLISH_WEEKDAYS.index(match[1].lower()), text[match.end() :]
    if match := _WEEKDAY.search(text):
        remainder = f"{text[: match.start()]} {text[match.end() :]}"
        return WEEKDAYS.index(match[1].replace("天", "日")), remainder
    return -1, text


def _in_digits(match: re.Match[str]) -> str:
    """Write numerals before 年, 月 or 日 as digits: 二〇二三, 十一, 廿三, 零陆, 二十."""
    number = "".join(_DIGITS.get(character, character) for character in match[0])
    if with_tens := _WITH_TENS.fullmatch(number):
        ten = _TENS[with_tens["ten"]]
        if with_tens["tens"] and ten != "1":
            return match[0]
        return f"{with_tens['tens'] or ten}{with_tens['ones'] or '0'}"
    return number if number.isdigit() else match[0]


def _is_other_day(time: re.Match[str]) -> bool:
    zone = (time["zone"] or "").lower()
    if not zone or zone == "cst" or "时间" in zone:
        return False
    hour = (
        int(time["hour"]) % 12 + 12 * (time["half"].lower() == "pm") if time["half"] else int(time["hour"])
    )
    offset = 60 * int(time["hours"] or 0) + int(time["minutes"] or 0)
    minutes = 60 * hour + int(time["minute"] or 0) - (-offset if time["sign"] == "-" else offset)
    return not 0 <= minutes + _BEIJING < 24 * 60


def _year_first(text: str) -> str | None:
    match = _YEAR_FIRST.fullmatch(text)
    if match is None:
        return None
    month = match["month"] or match["month_2"] or match["month_3"]
    return f"{match['year']}-{month}-{match['day'] or match['day_2'] or match['day_3']}"


def _in_english(text: str) -> str | None:
    match = next(filter(None, (pattern.fullmatch(text) for pattern in _IN_ENGLISH)), None)
    return match and f"{match['year']}-{_MONTHS.index(match['month'].lower()) + 1}-{match['day']}"


def _year_last(text: str) -> str | None:
    """Read 13/6/2023; an empty text where either number may be the month."""
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        return None
    first, second = int(match["first"]), int(match["second"])
    if first != second and max(first, second) <= 12:
        return ""
    return f"{match['year']}-{min(first, second)}-{max(first, second)}"

"""The grammar of numbers in reports: digits, Chinese numerals, 万 and 亿, 余 and 近, percent, ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from transforms.proofread.guards import BLANK, find_guarded
from transforms.proofread.units import CLASSES, NO_UNIT_BEFORE

_DIGITS = {character: value for value, row in enumerate(
    ("零〇○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for character in row}  # fmt: skip
_TENS = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3}
_MYRIADS = {"万": 4, "萬": 4, "亿": 8, "億": 8}
_CN_DIGITS, _CN_SCALES = "".join(_DIGITS), "".join(_TENS)
_MYRIAD = "".join(_MYRIADS)
_PLAIN = r"(?:\d{1,3}(?:[,，]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_WORDS = rf"[{_CN_DIGITS}{_CN_SCALES}{_MYRIAD}点]*[{_CN_DIGITS}{_CN_SCALES}][{_MYRIAD}]{{0,2}}"
_MIXED = rf"(?:\d+(?:\.\d+)?[{_CN_SCALES}{_MYRIAD}]+零?)+(?:\d+(?:\.\d+)?)?"
_UNITS = "|".join(
    re.escape(unit) + (f"(?![{NO_UNIT_BEFORE[unit]}])" if unit in NO_UNIT_BEFORE else "")
    for unit in sorted(CLASSES, key=len, reverse=True)
)
EXACT, OVER, UNDER, ABOUT, RANGE = "exact", "over", "under", "about", "range"
#: 三十来件 is nearer to thirty than to twenty or forty
ROUGHLY = "roughly"
AT_LEAST, AT_MOST = "at_least", "at_most"
#: 超200件 is more than 200, 突破200件 may be 200; 不足250件 is less than 250, 不超过250件 may be 250
ABOVE, REACHED, BELOW = "above", "reached", "below"
_MARKS_BEFORE = {
    **dict.fromkeys(["近", "将近", "接近"], UNDER),
    **dict.fromkeys(["约", "大约", "约为"], ABOUT),
    **dict.fromkeys(["超", "超过", "逾", "多于", "高于", "大于"], ABOVE),
    "突破": REACHED,
    **dict.fromkeys(
        ["不足", "不到", "不满", "不及", "未满", "未达", "未达到", "未到", "没到", "没有达到", "未突破", "没突破",
         "没有突破", "低于", "少于", "小于"], BELOW
    ),
    **dict.fromkeys(
        ["不超过", "不超", "未超过", "未超", "没超过", "没有超过", "不高于", "不多于", "不大于"], AT_MOST
    ),
    **dict.fromkeys(["不少于", "不低于", "不小于", "至少"], AT_LEAST),
}  # fmt: skip
_MARKS_AFTER = {
    **dict.fromkeys(["左右", "上下"], ABOUT),
    "以上": AT_LEAST,
    **dict.fromkeys(["以下", "以内"], AT_MOST),
}
_MARKS_WITHIN = {**dict.fromkeys(["余", "多", "几"], OVER), "来": ROUGHLY}
_BEFORE = "|".join(sorted(_MARKS_BEFORE, key=len, reverse=True))
_AFTER = "|".join(_MARKS_AFTER)
_NUMERAL = re.compile(
    rf"(?:(?P<before>{_BEFORE})了?)?"
    rf"(?:(?P<low>{_PLAIN}|[{_CN_DIGITS}]+)(?P<low_scale>[{_MYRIAD}]?)(?:{_UNITS}|%)?[-—–－~～至到])?"
    rf"(?:(?P<percent_words>百分之)(?P<percent>{_PLAIN}|{_WORDS}|百)"
    rf"|(?P<number>{_MIXED}|{_PLAIN}|{_WORDS})(?P<more>[余多来几])?"
    rf"(?P<scale>[{_CN_SCALES}]?[{_MYRIAD}]{{0,2}})(?P<more_after>[余多])?(?P<unit>{_UNITS}|%|‰)?)"
    rf"(?P<after>{_AFTER})?"
)
_TOKEN = re.compile(
    rf"\d+(?:\.\d+)?|[{_CN_DIGITS}]+(?:点[{_CN_DIGITS}]+)?|点[{_CN_DIGITS}]+|[{_CN_SCALES}{_MYRIAD}]"
)
#: numbers of set phrases; a single 一 is no number either (一件事, 一起, 一家), nor is 几十 or 数百
_IDIOMS = ("千家万户", "三项制度", "三项机制", "两项制度")
#: words before an amount whose 元 is left out: 处罚金额2710万
_IS_AMOUNT = re.compile(r"(?:金额|罚款|款|奖金|资金|到位|入库|到账|收缴|缴库|实收)[共计为达约超近]{0,2}$")
#: whom 个 counts: 22个老板
_PERSONS = re.compile(
    r"(?:违法|涉案|企业|主要|直接)*(?:老板|员工|工人|负责人|责任人|嫌疑人|当事人|违法者|人员|法定代表人|业主|同志)"
)
#: what has more characters, or is greater, counts nothing that there is
_LONGEST_NUMBER, _GREATEST = 25, Decimal(10) ** 18
_VAGUE = re.compile(rf"[{_CN_DIGITS[3:]}]{{2}}[{_CN_SCALES}]")
_VAGUE_BEFORE = "几数若"


@dataclass(frozen=True)
class Numeral:
    """A number of a text, from `start` to `end` of its block.

    `value` is in the unit's base: 元, and 1 for 100 %. `step` is the worth of its last written digit,
    `rough_step` that of its last digit that is not zero. `guard` says why it is no figure.
    """

    start: int
    end: int
    text: str
    value: Decimal | None = None
    unit: str = ""
    mark: str = EXACT
    step: Decimal = Decimal(1)
    rough_step: Decimal = Decimal(1)
    low: Decimal | None = None
    guard: str = ""


def find_numerals(text: str) -> list[Numeral]:
    """Find the numbers of a cleaned text, in order; also those that are no figures, with their guard."""
    spans, open_text = find_guarded(text)
    numerals = [Numeral(start, end, text[start:end], guard=kind) for start, end, kind in spans]
    position = 0
    while match := _NUMERAL.search(open_text, position):
        position = match.end()
        if numeral := _read(match, open_text):
            numerals.append(numeral)
    return sorted(numerals, key=lambda numeral: numeral.start)


def _read(match: re.Match[str], text: str) -> Numeral | None:
    """Return the number of a match; None where the characters are no number."""
    number = match["percent"] or match["number"]
    if not _is_number(match, number, text):
        return None
    unit = "%" if match["percent_words"] or match["unit"] in ("‰", "成") else match["unit"] or ""
    scale = match["scale"] or ""
    if unit == "个" and _PERSONS.match(text, match.end()):
        unit = "人"
    if not unit and _IS_AMOUNT.search(text[: match.start()]) and set(number + scale) & set(_MYRIADS):
        unit = "元"
    if len(number) > _LONGEST_NUMBER:
        return Numeral(match.start(), match.end(), match[0], guard="identifier")
    parsed = parse_number(number + scale)
    if parsed is None:
        return None
    value, step = parsed
    if value >= _GREATEST:
        return Numeral(match.start(), match.end(), match[0], guard="identifier")
    factor = Decimal(1)
    if unit == "%":
        factor = Decimal({"‰": "0.001", "成": "0.1"}.get(match["unit"] or "", "0.01"))
    rough = step * factor if "." in number else _rough_step(value, step) * factor
    mark = _mark_of(match)
    low = _read_low(match, number + scale)
    return Numeral(
        match.start(), match.end(), match[0], value * factor, unit, RANGE if low else mark,
        step * factor, rough, low * factor if low else None,
    )  # fmt: skip


def _mark_of(match: re.Match[str]) -> str:
    """Return how the words around a number bound it, or those within it: 不足250件, 250余件, 250件以上."""
    within = _MARKS_WITHIN.get(match["more"] or match["more_after"] or "", EXACT)
    after = _MARKS_AFTER.get(match["after"] or "", within)
    return _MARKS_BEFORE.get(match["before"] or "", within if within != EXACT else after)


def _read_low(match: re.Match[str], high: str) -> Decimal | None:
    """Return the lower end of a range; the 万 behind 3至5万元 belongs to both of its ends."""
    if not match["low"] or len(match["low"]) > _LONGEST_NUMBER:
        return None
    scale = match["low_scale"] or "".join(character for character in high[-2:] if character in _MYRIADS)
    parsed = parse_number(match["low"] + scale)
    return parsed[0] if parsed else None


def _is_number(match: re.Match[str], number: str, text: str) -> bool:
    """Whether the characters are a number: Chinese numerals only with a unit, and not in an idiom."""
    start = match.start("percent") if match["percent"] else match.start("number")
    if match["percent_words"]:
        return True
    if _VAGUE.search(number):  # 两三百
        return False
    if any(character.isdigit() and character.isascii() for character in number):
        return not (start and text[start - 1] == ".") and BLANK not in match[0]
    before = text[max(0, start - 1) : start]
    is_vague = before in ("第", *_VAGUE_BEFORE) or any(text.startswith(idiom, start) for idiom in _IDIOMS)
    has_digit = bool(set(number) & set(_DIGITS)) or number.startswith("十")
    is_round = bool(match["before"]) and number in _TENS  # 近百次
    if not match["unit"] or number == "一" or is_vague or not (has_digit or is_round):
        return False
    has_scale = any(
        character in _TENS or character in _MYRIADS or character == "点" for character in number
    )
    return has_scale or len(number) != 2  # 三四件 is no number


def parse_number(text: str) -> tuple[Decimal, Decimal] | None:
    """Return the value of a number in digits, Chinese numerals or both, and the worth of its last digit.

    3446.52万 is (34465200, 100); None for characters that make no number.
    """
    plain = text.replace(",", "").replace("，", "")
    tokens = _TOKEN.findall(plain)
    return _add_up(tokens) if tokens and "".join(tokens) == plain else None


def _add_up(tokens: list[str]) -> tuple[Decimal, Decimal]:
    """Add up digits and multiples: each 千, 百 and 十 within its 万 and 亿."""
    total, section, step = Decimal(0), Decimal(0), Decimal(1)
    number: Decimal | None = None
    last_power = 0
    for token in tokens:
        if power := _TENS.get(token):
            section += (Decimal(1) if number is None else number) * 10**power
            step = step * 10**power if step < 1 else step
            number, last_power = None, power
        elif power := _MYRIADS.get(token):
            section += number or 0
            is_of_all = not section  # 2万亿: the 亿 counts the 万
            total = total * 10**power if is_of_all else total + section * 10**power
            step = step * 10**power
            section, number, last_power = Decimal(0), None, power
        else:
            value, decimals = _read_digits(token)
            number, step = (number or 0) + value, Decimal(10) ** -decimals
    if number is not None and tokens[-1] in _DIGITS and last_power >= 2 and number:
        return total + section + number * 10 ** (last_power - 1), Decimal(10) ** (last_power - 1)
    return total + section + (number or 0), step


def _read_digits(token: str) -> tuple[Decimal, int]:
    """Return the value of digits, and how many of them are decimals."""
    whole = "".join(
        "." if character in "点." else str(_DIGITS.get(character, character)) for character in token
    )
    value = Decimal(f"0{whole}" if whole.startswith(".") else whole)
    return value, len(whole.partition(".")[2])


def as_percent(numeral: Numeral) -> Numeral:
    """Return a number whose unit stands in the label of its column as the percentage that it is."""
    if numeral.unit == "%" or numeral.value is None:
        return numeral
    parts = {name: getattr(numeral, name) / 100 for name in ("value", "step", "rough_step")}
    return replace(numeral, unit="%", **parts)


def _rough_step(value: Decimal, step: Decimal) -> Decimal:
    """Return the worth of the last digit that is not zero: 3400万 was meant to the nearest 100万."""
    rough = step
    while value and value % (rough * 10) == 0:
        rough *= 10
    return rough

"""Read the words for a unit of money in headers, labels and titles: 千元, 人民币万元, （万）, 10k yuan.

A unit is read for all that it says or not at all: 百万元 is not 元, and 美元 is none of UNIT_POWERS.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from schemas.money_units import (
    CURRENCIES,
    CURRENCY_NAMES,
    FOREIGN_CURRENCIES,
    SCALES,
    SCALES_ALONE,
    UNIT_POWERS,
)

#: how many texts are remembered: those of headers and labels come again in every file
_REMEMBERED = 1 << 12


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NAMES = _any_of((*CURRENCY_NAMES, "¥"))
_UNIT = re.compile(
    rf"(?P<name>(?:{_NAMES})*)(?:×|X)?(?P<number>10*)?(?P<scale>{_any_of(SCALES)})?(?P<currency>(?:{_any_of(CURRENCIES)})*)整?"
)
#: a number of 元 that is no unit anybody counts in (五万元), and money that is not ours
_UNREADABLE = re.compile(
    rf"[\d.两一二三四五六七八九十百千万亿数几拾佰仟]+[元圆]|(?:{_any_of(SCALES)})?(?:{_any_of(FOREIGN_CURRENCIES)})"
)
_BETWEEN = re.compile(r"[、,;/\\|()\[\]:_\-]|(?<![A-Z])IN(?![A-Z])|和|及|与|或")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WORD_OF_POWER = {power: word for word, power in UNIT_POWERS.items()}
_BRACKETED = re.compile(r"\(([^()]*)\)")
_UNIT_WORD = rf"(?:人民币)?(?:{_any_of(UNIT_POWERS)})"
#: 以万元为单位, 按千元计, 金额均为元, 金额单位为万元
_PHRASE = re.compile(
    rf"(?:以|按)(?:人民币)?({_UNIT_WORD})(?:人民币)?(?:计|为单位|为计|填|统计|列)"
    rf"|(?:金额|款额|数额)(?:单位)?(?:均|都|一律)?(?:为|是|按|以)(?:人民币)?({_UNIT_WORD})(?![一-鿿\d])"
)
_LABELLED = re.compile(rf"单位(?:为|是)?:?({_UNIT_WORD})(?![一-鿿\d])")


def compact(text: str) -> str:
    """Normalise a text for comparison: NFKC, capitals, no white space, one kind of bracket."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    return plain.translate(str.maketrans("〔[【〈〕]】〉", "(((())))"))


@lru_cache(_REMEMBERED)
def units_in(text: str) -> tuple[str, ...]:
    """Return the distinct units that a text consists of or lists; each of UNIT_POWERS, or as it is written.

    Empty where the text names no unit of money: `件`, `新化县`, `人民币`.
    """
    plain = _THOUSANDS.sub("", compact(text))
    if unit := _read_unit(plain):
        return (unit,)
    units = (_read_unit(token) for token in _BETWEEN.split(plain) if token)
    return tuple(dict.fromkeys(unit for unit in units if unit))


def _read_unit(token: str) -> str | None:
    match = _UNIT.fullmatch(token)
    if match is not None and (match["scale"] or len(match["number"] or "") > 1 or match["currency"]):
        return _named_unit(match)
    return token if _UNREADABLE.fullmatch(token) else None


def _named_unit(match: re.Match[str]) -> str | None:
    scale, number = match["scale"], match["number"] or ""
    if not (match["name"] or match["currency"]) and (number or scale not in SCALES_ALONE):
        return None
    if not (scale or number) and match["currency"] in CURRENCY_NAMES:
        return None
    power = SCALES.get(scale or "", 0) + max(len(number) - 1, 0) + UNIT_POWERS["元"]
    return _WORD_OF_POWER.get(power, match[0])


def is_currency_name(text: str) -> bool:
    """Return whether a text names our currency and no unit of it: 人民币, RMB; or is empty."""
    return compact(text).strip("()") in CURRENCY_NAMES | {""}


def units_of_title(text: str) -> tuple[str, ...]:
    """Return the units that a cell above a header gives: alone, in brackets, or in a sentence."""
    return tuple(dict.fromkeys((*_alone(text), *units_in_brackets(text), *units_in_phrases(text))))


def units_of_note(text: str) -> tuple[str, ...]:
    """Return the units that a row of its own gives: 以下金额单位：万元, （单位为元）."""
    named = (match[1] for match in _LABELLED.finditer(compact(text)))
    return tuple(
        dict.fromkeys((*(unit for word in named for unit in units_in(word)), *units_of_title(text)))
    )


def _alone(text: str) -> tuple[str, ...]:
    unit = _read_unit(_THOUSANDS.sub("", compact(text)).strip("()"))
    return (unit,) if unit else ()


def is_readable(unit: str) -> bool:
    return unit in UNIT_POWERS


def units_in_brackets(text: str) -> tuple[str, ...]:
    """Return the units that stand in brackets in a title: 行政处罚台账（万元）."""
    groups = _BRACKETED.findall(compact(text))
    return tuple(dict.fromkeys(unit for group in groups for unit in units_in(group)))


def units_in_phrases(text: str) -> tuple[str, ...]:
    """Return the units that a sentence gives for all amounts: 以万元为单位, 金额单位为千元."""
    units = (unit for match in _PHRASE.finditer(compact(text)) for unit in units_in(match[1] or match[2]))
    return tuple(dict.fromkeys(units))

"""Tell which number formats of cells show an amount in another unit than the one that the cell holds."""

from __future__ import annotations

import re

from schemas.money_units import UNIT_POWERS
from transforms.normalise.money_units import units_in

_IN_BRACKETS = re.compile(r"\[[^\]]*\]")
_ESCAPES = re.compile(r"[\"\\!_*]")
_QUOTED = re.compile(r'"[^"]*"|\\.|!.')
#: commas behind the last digit divide by a thousand each
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
#: a point that is only shown, among digits: 0!.0000 shows 35000 as 3.5000
_SHOWN_POINT = re.compile(r"[0#?](?:[!\\]\.|\"\.\")(?=[0#?])")
_UNIT = re.compile(r"[十百千万亿]+元?|元")


def may_show_another_amount(code: str) -> bool:
    """Return quickly whether a format is worth looking at beside the unit of its column."""
    plain = _IN_BRACKETS.sub("", code)
    return "%" in plain or _UNIT.search(plain) is not None or _scales(plain)


def shows_nothing(code: str) -> bool:
    """Return whether a format shows neither numbers nor texts: ;;; in its shortest form."""
    return ";" in code and not _IN_BRACKETS.sub("", code).replace('"', "").replace(";", "").strip()


def shows_another_amount(code: str, unit: str | None) -> bool:
    """Return whether a format shows another amount than the number is in the unit of its column.

    `0!.0,"万元"` divides 35000 by ten thousand, which is right for 元; `0.0"万元"` only adds a word, which is
    right for 万元. A percentage is never an amount.
    """
    plain = _IN_BRACKETS.sub("", code)
    bare = _QUOTED.sub("", plain)
    if "%" in bare:
        return True
    if _scales(plain):
        return unit != "元"
    words = (
        word if word.endswith("元") else f"{word}元" for word in _UNIT.findall(_ESCAPES.sub("", plain))
    )
    named = {unit for word in words for unit in units_in(word)}
    return bool(named) and named != {unit} and unit in UNIT_POWERS


def _scales(plain: str) -> bool:
    """Return whether a format shows a number divided: by commas behind its digits, or a point among them."""
    return _SCALED.search(_QUOTED.sub("", plain)) is not None or _SHOWN_POINT.search(plain) is not None

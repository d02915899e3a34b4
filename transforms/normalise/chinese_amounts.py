"""Convert amounts in Chinese words or scientific notation to plain decimals, for the column-wise parser.

Banks and decisions write amounts in Chinese capitals (贰拾壹万元整); Excel writes 1.2E+05. Both
are rare, so they are converted one by one. cn2an reads whole yuan as an exact integer but
decimals as binary floats, so 角 and 分 are read here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

_VARIANTS = str.maketrans("圆圓正萬億貳參叄陸〇○两兩", "元元整万亿贰叁叁陆零零二二")
_DIGITS = dict(zip("零一二三四五六七八九", range(10), strict=True)) | dict(
    zip("零壹贰叁肆伍陆柒捌玖", range(10), strict=True)
)
_DIGIT = f"[{''.join(_DIGITS)}]"
_WHOLE = f"[{''.join(_DIGITS)}十百千拾佰仟万亿廿]+"
_IN_WORDS = re.compile(
    rf"(?:人民币)?(?P<sign>负?)(?:(?P<whole>{_WHOLE})(?P<yuan>元?))?"
    rf"(?:零?(?P<jiao>{_DIGIT})角)?(?:零?(?P<fen>{_DIGIT})分)?整?"
)
# 壹万壹 may mean 11000 or 10001, and 一二三 is not an amount. Amounts of money are never guessed.
_NOT_ZERO = f"[{''.join(_DIGITS).replace('零', '')}]"
_COLLOQUIAL = re.compile(rf"[百佰千仟万亿]{_NOT_ZERO}$|{_NOT_ZERO}{{2}}")

_SCIENTIFIC = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,2})(?P<unit>\D*)")
_BRACKETED = re.compile(r"\((?P<amount>¥?[\d,]*\d(?:\.\d+)?)\)(?P<unit>\D*)")
#: 3万5千元, 1亿2000万元, 200元5角: each group in digits with its own multiple, the greatest first
_IN_GROUPS = re.compile(
    r"(?:人民币|¥)?(?P<sign>-?)(?:(?P<yi>\d{1,5})[亿億])?(?:(?P<wan>\d{1,4})[万萬Ww])?"
    r"(?:(?P<qian>\d{1,2})[千仟])?(?:(?P<bai>\d)[百佰])?(?:(?P<yuan>\d{2,4}))?(?P<unit>[元圆块]?)"
    r"(?:(?P<jiao>\d)[角毛])?(?:(?P<fen>\d)分)?(?:人民币)?[整正]?"
)
_GROUP_POWERS = {"yi": 8, "wan": 4, "qian": 3, "bai": 2, "yuan": 0}


def _join_groups(text: str) -> str | None:
    """Return 3万5千元 as 35000.00元; None where a group could mean anything else (3万5)."""
    match = _IN_GROUPS.fullmatch(text)
    if match is None:
        return None
    groups = {name: int(match[name]) for name in _GROUP_POWERS if match[name]}
    parts = [*groups, *(name for name in ("jiao", "fen") if match[name])]
    is_descending = all(
        groups[name] < 10 ** (_GROUP_POWERS[above] - _GROUP_POWERS[name])
        for above, name in pairwise(groups)
    )
    needs_unit = match["yuan"] or match["jiao"] or match["fen"]
    if len(parts) < 2 or not is_descending or (needs_unit and not match["unit"]):
        return None
    whole = sum(number * 10 ** _GROUP_POWERS[name] for name, number in groups.items())
    return f"{match['sign']}{whole}.{match['jiao'] or 0}{match['fen'] or 0}元"


def to_plain_digits(text: str) -> str:
    """Return an amount in plain digits with its unit; return any other text unchanged."""
    if match := _SCIENTIFIC.fullmatch(text):
        return f"{Decimal(match['number']):f}{match['unit']}"
    if match := _BRACKETED.fullmatch(text):
        return f"-{match['amount']}{match['unit']}"
    if groups := _join_groups(text.replace(" ", "").replace(",", "")):
        return groups
    words = text.replace(" ", "").translate(_VARIANTS)
    match = _IN_WORDS.fullmatch(words)
    if match is None or not (match["whole"] or match["jiao"] or match["fen"]):
        return text
    whole = _read_whole(match["whole"] or "零")
    if whole is None or ((match["jiao"] or match["fen"]) and match["whole"] and not match["yuan"]):
        return text
    jiao_and_fen = f".{_DIGITS[match['jiao'] or '零']}{_DIGITS[match['fen'] or '零']}"
    has_unit = not match["whole"] or match["yuan"] or re.search("[万亿]", match["whole"])
    return f"{'-' if match['sign'] else ''}{whole}{jiao_and_fen}{'元' if has_unit else ''}"


def _read_whole(words: str) -> int | None:
    if _COLLOQUIAL.search(words):
        return None
    import cn2an  # imported late: slow, and few files have amounts in words

    try:
        number = cn2an.cn2an(words, "normal")
    except (ValueError, KeyError):  # cn2an raises KeyError for some orders of digits, as 廿零
        return None
    return number if isinstance(number, int) else None

"""Words that take a unit out of the whole: 除双峰县外, 全市（不含双峰县）, 双峰县除外."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAMES = r"[^，。；：！？（）()\d]{1,40}?"
_TAKEN_OUT = (
    r"不(?:包括|包含|含|计算|计|算)(?!在内)|[未没](?:包括|包含|含|计入|算)(?!在内)"
    r"|扣除|剔除|排除|刨除|除去|除开|减去|去掉|去除"
)
_EXCEPT = r"(?<![消解扫清拆排删铲免剔扣去刨减])除(?!外|此|去|开|了?此)了?"
_EXCLUSION = re.compile(
    rf"{_EXCEPT}{_NAMES}(?:以外|之外|外)|{_NAMES}(?:除外|不(?:包括|包含|计算|计|算)在内)"
    rf"|(?:{_TAKEN_OUT})[^，。；：！？（）()\d]{{1,40}}"
)
#: units that the region table does not name
_UNIT = re.compile(r"市本级|市直|市级|市局|本级|支队|大队|分局|开发区|经开区|高新区|[各个]县|县级|县域")
_EXCEPT_BEGINS = re.compile(_EXCEPT)
_IN_BRACKETS = re.compile(r"（([^（）]*)）")
#: what these take out needs no name of a unit: 不含涉水案件
_NOT_COUNTED = re.compile(r"^(?:不(?:包括|包含|含)|未(?:包括|包含|含))")
#: 除双峰县立案42件外 is closed behind its number
_LEFT_OPEN = re.compile(
    rf"(?:{_EXCEPT}|扣除|剔除|减去|^(?:不含|不包括|不包含))(?P<names>[^，。；：！？（）()外]{{1,40}})$"
)
_OF_ALL = re.compile(r"全[市县区州]")
_CLOSED = re.compile(r"(?:以外|之外|外|后|，)")
_BEHIND = re.compile(r"(?:的?案件)?(?P<stop>[，（(])(?:其中)?(?P<words>[^，。；（）()]{2,40})")
#: the number behind such words is of what is taken out, or of the rest: 扣除双峰县42件, 双峰县除外206件
_OF_NEXT = re.compile(r"(?:(?:扣除|剔除|减去|除去|去掉)[^\d]*|除外)\d")


def find_exclusions(text: str, names: Sequence[int] = ()) -> list[tuple[int, int]]:
    """Return where words take a unit out of the whole, as (start, end); `names` are where units stand."""
    return [
        match.span()
        for match in _EXCLUSION.finditer(text)
        if any(match.start() <= name < match.end() for name in names)
        or _UNIT.search(match[0])
        or _NOT_COUNTED.match(match[0])
    ]


def with_exclusions_read(lead: str) -> str:
    """Leave out what stands in brackets, except for what they take out of the whole."""
    return _IN_BRACKETS.sub(lambda match: f"，{match[1]}，" if _EXCLUSION.search(match[1]) else "", lead)


def open_exclusion(lead: str, *, is_start: bool) -> tuple[str, str]:
    """Return the words of a number that is taken out itself, and what they name: 除双峰县立案42件外.

    The names are empty where the words take nothing out, or the number is of the rest.
    """
    match = _LEFT_OPEN.search(lead)
    if not match or _OF_ALL.search(lead, match.start()) or (is_start and lead.startswith("不")):
        return lead, ""
    return f"{lead[: match.start()]}，{match['names']}", match["names"].rstrip("的")


def close_exclusion(names: str, lead: str) -> str:
    """Return the words behind such a number with the exclusion whole, as if without the number."""
    match = _CLOSED.match(lead) if names else None
    return f"除{names}外，{lead[match.end() :]}" if match else lead


def words_behind(text: str, position: int) -> str:
    """Return the words right behind a number that may take something out of it: 206件（不含双峰县）."""
    match = _BEHIND.match(text, position)
    if not match or _OF_NEXT.search(match["words"]):
        return ""
    words = re.split(r"\d", match["words"], maxsplit=1)[0]
    is_of_next = match["stop"] == "，" and _EXCEPT_BEGINS.match(words)
    return "" if is_of_next else words

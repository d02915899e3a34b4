"""How headers begin and end: a quick look that spares nearly all cells of data a closer one."""

from __future__ import annotations

import re
from collections.abc import Collection

#: ends of texts that folding leaves unchanged, whatever precedes them
_PLAIN_END = re.compile(r"[-./0-9A-Za-z一-龥]{1,2}")
#: ends that reading a header takes away: a unit of money, a remark, English beside Chinese
_ADDED_END = re.compile(
    r"(?:[-/,:;_|、]|单位:?)?(?:人民币)?[十百千万亿拾佰仟]*[元圆千万亿]$|(?:必|选)填项?$|必录$"
)
#: the last characters of such ends: hardly any cell of data is searched for one
_LAST_ADDED = frozenset("元圆千万亿填项录")
_LATIN_END = re.compile(r"[一-龥].*[A-Za-z]$")
#: starts of texts that reading a header leaves unchanged: no mark, number, translation or unit of money
_PLAIN_START = re.compile(r"(?![人十百千万亿拾佰仟元圆])[一-龥]{1,2}")


class HeaderEdges:
    """The beginnings and ends of all known headers, as they are spelled after folding."""

    def __init__(self, spellings: Collection[str]) -> None:
        bare = (_ADDED_END.sub("", spelling) for spelling in spellings)
        self._ends = {spelling[-length:] for spelling in (*spellings, *bare) for length in (1, 2)}
        self._starts = {spelling[:length] for spelling in spellings for length in (1, 2)}
        self._single = {spelling for spelling in spellings if len(spelling) == 1}

    def may_begin(self, text: str) -> bool:
        """Return whether a header may begin with this text."""
        start = text[:2]
        is_plain = _PLAIN_START.fullmatch(start) is not None
        return not is_plain or start in self._starts or start[0] in self._single

    def may_end(self, text: str) -> bool:
        """Return whether this may be the end of a header: 金额(万元) may, 3.5万元 may not."""
        last = text[-1:]
        end = _ADDED_END.sub("", text)[-2:] if last in _LAST_ADDED else text[-2:]
        return (
            _PLAIN_END.fullmatch(end) is None
            or end.upper() in self._ends
            or (last.isascii() and last.isalpha() and _LATIN_END.search(text) is not None)
        )

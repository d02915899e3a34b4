"""Find cells that hold several numbers of documents: 1301、1302号, 1305号至1307号, 482-486号, 632号等5份."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from schemas.ledgers.numbering import (
    DOCUMENT_COUNTERS,
    LIST_SEPARATORS,
    LONGEST_RANGE,
    RANGE_WORDS,
)
from transforms.normalise.columns import BoolMask, match_mask, replace_pattern, to_arrow, to_series
from transforms.normalise.text import CLOSING_BRACKETS, OPENING_BRACKETS

_YEAR = r"(?:19|20)\d\d"
_SEPARATOR = rf"(?:[{re.escape(''.join(LIST_SEPARATORS))}\s]|以)+"
#: other separators also occur within one number: 2023/06/12
_PLAIN_SEPARATOR = re.compile("[、,;和及与]")
_RANGE = f"(?:{'|'.join(RANGE_WORDS)})"
_COUNTER = f"(?:{'|'.join(DOCUMENT_COUNTERS)})"
_CHINESE_COUNT = "二两三四五六七八九十"

_DASHES = "‐‑‒–—―−─"
_OPENING = f"{OPENING_BRACKETS}|[<《]"
#: cells worth a closer look, as they are written; anything else is one number
_MAY_BE_SEVERAL = (
    rf"[{re.escape(''.join(LIST_SEPARATORS))}]|{_RANGE}|\d\s+第?\d|号[\s\-{_DASHES}]*第?\d|[等共]"
    rf"|\d[\-{_DASHES}]+第?\d|{_YEAR}.*(?:{_OPENING}){_YEAR}|号.+{_YEAR}"
)
_BRACKETED_YEAR = re.compile(rf"\({_YEAR}\)|\({_YEAR}(?=\D)")
_AFTER_YEAR = re.compile(rf"\(?{_YEAR}(?:\)|年)?(?P<serials>.*)$", re.DOTALL)
_SERIAL = r"(?:第?\(?(\d+)\)?号?)"
_ITEM = re.compile(rf"^{_SERIAL}(?:(?:{_RANGE}|-+){_SERIAL})?$")
#: what stands before the first serial: 湘01行初12、13号
_BEFORE_FIRST = re.compile(r"^\D*(?:\d+\D+)?(?=\d)")
_FURTHER = re.compile(rf"(?:等|共)(?:(?P<count>\d+)|(?P<words>[{_CHINESE_COUNT}]+))?{_COUNTER}?$")
_HYPHENATED = re.compile(r"(?P<first>\d+)-(?P<last>\d+)(?P<hao>号?)$")


class NumberLists(NamedTuple):
    """Where cells hold several numbers.

    `is_list`: they certainly do. `is_perhaps_range`: they look like 482-486号, which may also be one
    number. `counts`: how many, as text; missing where there is no list.
    """

    is_list: BoolMask
    is_perhaps_range: BoolMask
    counts: pd.Series[str]

    @property
    def is_empty(self) -> bool:
        return not (self.is_list.any() or self.is_perhaps_range.any())


def find_number_lists(text: pd.Series[str]) -> NumberLists:
    """Find the cells of a column that hold several numbers; few cells are looked at one by one."""
    array = to_arrow(text)
    candidates = np.flatnonzero(match_mask(array, _MAY_BE_SEVERAL))
    plain = replace_pattern(array.take(pa.array(candidates)), _OPENING, "(")
    plain = replace_pattern(plain, f"{CLOSING_BRACKETS}|[>》]", ")")
    plain = replace_pattern(plain, f"[{_DASHES}]+", "-")
    is_list, is_perhaps = np.zeros(len(array), dtype=bool), np.zeros(len(array), dtype=bool)
    counts: npt.NDArray[np.object_] = np.full(len(array), None, dtype=object)
    known: dict[str, tuple[str, bool] | None] = {}
    for position, written in zip(candidates.tolist(), plain.to_pylist(), strict=True):
        if written not in known:
            known[written] = _count_numbers(written)
        if result := known[written]:
            counts[position], is_certain = result
            (is_list if is_certain else is_perhaps)[position] = True
    return NumberLists(is_list, is_perhaps, to_series(pa.array(counts, pa.large_string()), text.index))


def _count_numbers(text: str) -> tuple[str, bool] | None:
    """Return how many numbers a text holds and whether that is certain; None for one number."""
    if (years := len(_BRACKETED_YEAR.findall(text))) > 1:
        return str(years), True
    after = _AFTER_YEAR.search(text)
    serials = after["serials"] if after else text
    serials = re.sub(r"^[\s\-.·:第]+|[、,;。.\s]+$", "", serials)
    if further := _FURTHER.search(serials):
        if re.search(r"\d", serials[: further.start()]):
            return further["count"] or further["words"] or "不止一", True
        return None
    if hyphenated := _HYPHENATED.fullmatch(re.sub(r"\s+", "", serials)):
        is_marked = bool(hyphenated["hao"]) or bool(_BRACKETED_YEAR.search(text))
        span = _span(hyphenated["first"], hyphenated["last"])
        return (str(span), False) if span and is_marked else None
    is_marked = (
        "号" in serials or bool(_BRACKETED_YEAR.search(text)) or bool(_PLAIN_SEPARATOR.search(serials))
    )
    return _count_items(serials) if is_marked and (after or "号" in text) else None


def _count_items(serials: str) -> tuple[str, bool] | None:
    """Count the items of a list of numbers and ranges; None if anything in it is no number."""
    first, *further_items = [item for item in re.split(_SEPARATOR, serials) if item] or [""]
    items = [_ITEM.match(item) for item in (_strip_prefix(first), *further_items)]
    spans = [
        0 if item is None else 1 if item.group(2) is None else _span(item.group(1), item.group(2))
        for item in items
    ]
    return (str(sum(spans)), True) if all(spans) and sum(spans) > 1 else None


def _strip_prefix(item: str) -> str:
    """Remove what stands before the serial, unless the item is one without it."""
    return item if _ITEM.match(item) else _BEFORE_FIRST.sub("", item)


def _span(first: str, last: str) -> int:
    """Count the numbers of a range; 0 if it is none."""
    count = int(last) - int(first) + 1
    return count if 1 < count <= LONGEST_RANGE else 0

"""Read the text of one header cell: its spellings without remarks and translations, and its unit of money."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from schemas.money_units import HEADER_MARKS, HEADER_REMARKS
from transforms.normalise.money_units import units_in

#: how many texts are remembered: those of headers come again in every file
REMEMBERED = 1 << 14
_BRACKETS = str.maketrans("〔[【〈〕]】〉", "(((())))")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_CHINESE = re.compile(r"[一-鿿]")
_NUMBERING = re.compile(r"^(?:\(\d{1,2}\)|\d{1,2}[.、)]?)(?=[一-鿿])")
_REMARK_AT_END = re.compile(
    rf"(?:{'|'.join(sorted(filter(str.isalpha, HEADER_REMARKS), key=len, reverse=True))})$"
)
_LATIN_BRACKETS = re.compile(r"\((?P<latin>[ -'*-~]*[A-Z]{2}[ -'*-~]*)\)")
#: a translation at an end of a Chinese header
_LATIN_END = re.compile(r"[-/,.:;&'’_\\|]*(?P<latin>[0-9A-Z][-0-9A-Z,./&'’_ ]*[A-Z][-0-9A-Z,./&'’_ ]*)$")
_LATIN_START = re.compile(r"^(?P<latin>[A-Z][-0-9A-Z,./&'’_ ]*[A-Z])[-/,.:;&_\\|]*(?=[一-鿿(])")
_SEPARATED_UNIT = re.compile(r"[-/,:;_|\\、]+(?:(?:金额|货币|计量)?单位:?)?(?P<unit>[^-/,:;_|\\、()]+)$")
_LABELLED_UNIT = re.compile(r"(?:货币|计量)?单位:?(?P<unit>[^()]+)$")
_BARE_UNIT = re.compile(r"(?P<unit>(?:人民币)?[十百千万亿拾佰仟]*[元圆])$|(?P<multiple>[千万亿])$")
_LEADING_UNIT = re.compile(r"^(?P<unit>(?:人民币)?[十百千万亿拾佰仟]+元)[-/,:;_|、]*")


@dataclass(frozen=True)
class HeaderText:
    """A header cell as it may be compared with the known headers.

    `whole`: spellings with all words that it has. `bare`: spellings without the unit of money. `money_units`
    are those that it names: of UNIT_POWERS, or as they are written where they cannot be read.
    """

    whole: tuple[str, ...]
    bare: tuple[str, ...]
    money_units: tuple[str, ...]


@lru_cache(REMEMBERED)
def fold_header(text: str) -> str:
    """Normalise a header for comparison: NFKC, no white space, one kind of bracket, no required mark."""
    compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).translate(_BRACKETS)
    return compact.strip(HEADER_MARKS).upper()


@lru_cache(REMEMBERED)
def read_header(text: str) -> HeaderText:
    """Read a header cell: 罚款金额（万元）（必填） Fine Amount is 罚款金额 in 万元."""
    folded = fold_header(text)
    plain = _strip_remarks(folded)
    glossed, units = _strip_translation(*_take_bracketed_units(plain))
    bare, more = _take_unit_at_end(_strip_remarks(glossed))
    distinct = tuple(dict.fromkeys((*units, *more)))
    return HeaderText(
        tuple(dict.fromkeys((folded, plain, *([] if distinct else [_strip_remarks(glossed)])))),
        (_strip_remarks(bare),) if distinct and bare else (),
        distinct,
    )


def split_money_unit(header: str) -> tuple[str, str | None]:
    """Split 罚款金额(万元) into 罚款金额 and 万元; the unit is None where the header has none."""
    read = read_header(header)
    return (read.bare or read.whole)[0], "、".join(read.money_units) or None


def _strip_remarks(text: str) -> str:
    """Remove what says how to fill in a column: (必填), *, a number before it."""
    text = _BRACKETED.sub(
        lambda match: "" if match[1].strip(HEADER_MARKS) in HEADER_REMARKS else match[0], text
    )
    text = _NUMBERING.sub("", text.strip(HEADER_MARKS))
    return _REMARK_AT_END.sub("", text).strip(HEADER_MARKS) or text


def _take_bracketed_units(text: str) -> tuple[str, tuple[str, ...]]:
    units: list[str] = []

    def take(match: re.Match[str]) -> str:
        named = units_in(match[1])
        units.extend(named)
        return "" if named else match[0]

    return _BRACKETED.sub(take, text), tuple(units)


def _strip_translation(text: str, units: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Remove English beside Chinese, with a unit that it names (Fine Amount, 10k Yuan)."""
    if not _CHINESE.search(text):
        return text, units
    latin: list[str] = []

    def take(match: re.Match[str]) -> str:
        latin.append(match["latin"])
        return ""

    for pattern in (_LATIN_BRACKETS, _LATIN_END, _LATIN_START):
        text = pattern.sub(take, text)
    return text, (*units, *(unit for words in latin for unit in units_in(words)))


def _take_unit_at_end(text: str) -> tuple[str, tuple[str, ...]]:
    """Take a unit without brackets: 罚款金额/万元, 罚款金额 单位：元, 罚款金额千元."""
    for pattern in (_LABELLED_UNIT, _SEPARATED_UNIT, _BARE_UNIT, _LEADING_UNIT):
        match = pattern.search(text)
        if match is None:
            continue
        named = units_in(match[match.lastgroup or 0])
        if named:
            return (text[: match.start()] + text[match.end() :]).strip("-/,:;_|、(（"), named
    return text, ()

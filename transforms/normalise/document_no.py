"""Parse numbers of official documents (文号) into organ, kind, county, year and serial.

某环罚决字(冷)〔2024〕1号 and 某环罚字(冷)[2024]001号 are the same decision: rows are
compared by the parsed form, `某环|罚|冷|2024|1`, never by the text. A prior notice
(罚告字) announces a penalty and is not a decision.

A number is split before its first digit. There are few distinct heads and tails, so each is parsed once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.normalise.columns import (
    BoolMask,
    apply_to_distinct,
    as_mask,
    extract,
    join,
    keep_where,
    match_array,
    replace_pattern,
    to_arrow,
    to_series,
)
from transforms.normalise.number_lists import NumberLists, find_number_lists
from transforms.normalise.parsed import Parsed, code_series
from transforms.normalise.text import CLOSING_BRACKETS, OPENING_BRACKETS

_HALVES = r"(?s)^(?P<head>[^0-9]*)(?P<tail>.*)$"

_HEAD = r"^(?P<name>[\p{Han}A-Za-z()·.\-]*?)(?P<opening>\(?)$"
_ORGAN_AND_KIND = r"^(?P<organ>.*环(?:境保护局|境保护|境局|境|保局|保)?(?:.{0,6}分局)?)(?P<kind>.*)$"
_OTHER_ORGAN_AND_KIND = r"^(?P<organ>.*?)(?P<kind>(?:(?:行政)?处?罚|责改).*|)$"
_KIND_AND_COUNTY = r"^(?P<kind>.*字)(?P<county>.{1,4})$"
_SEIZURE = r"查\((扣押?|封)\)"  # these brackets contain part of the kind, not a county
_PRIOR_NOTICE = "罚(?:决|字|处|先|事先|听|听证)*告|先告|听告|事先告知|听证告知"

_HAN_BUT_HAO = r"\x{4e00}-\x{53f6}\x{53f8}-\x{9fff}"  # 号, U+53F7, ends a number
_IN_SERIAL = rf"[0-9A-Za-z.\-{_HAN_BUT_HAO}]"
_TAIL = (
    r"^(?P<year>(?:19|20)\d\d)年?(?P<closing>\)?)年?[-.·:]*"
    rf"(?P<serial>(?:{_IN_SERIAL}|\({_IN_SERIAL}+\))*?(?:[0-9A-Za-z]|\({_IN_SERIAL}+\)))(?P<hao>号?)$"
)

_KEY = re.compile(
    r"(?P<organ>[^|/ ]*)\|(?P<kind>[^|]*)\|(?P<county>[^|]*)\|(?P<year>\d{4})\|(?P<serial>[^|/ ]+)"
)


@dataclass(frozen=True)
class ParsedDocumentNo(Parsed):
    """Parsed numbers: `values` as written with uniform brackets.

    `key` is equal for all spellings of a number.
    """

    key: pd.Series[str]


def parse_document_no(text: pd.Series[str]) -> ParsedDocumentNo:
    """Parse document numbers and their keys.

    Faults: `several_numbers` (a list or range; `details` says how many), `prior_notice`, `unreadable` (no
    organ, year or serial). Notice: `perhaps_several`, for 482-486号, which may also be one number.
    """
    numbers = _read_numbers(text)
    head, tail, lists = numbers.head, numbers.tail, numbers.lists
    faults = {
        "several_numbers": numbers.is_list,
        "prior_notice": numbers.is_notice,
        "unreadable": ~numbers.is_number & text.notna().to_numpy(),
    }
    notices = {"perhaps_several": numbers.is_number & lists.is_perhaps_range}
    written = join([head["written"], "〔", tail["year"], "〕", tail["serial"], tail["hao"]])
    key = join([head["key"], tail["year"], tail["serial_key"]], "|")
    return ParsedDocumentNo(
        values=to_series(keep_where(numbers.is_number, written), text.index, text.name),
        faults=code_series(text.index, faults),
        notices=code_series(text.index, notices),
        details=lists.counts,
        key=to_series(keep_where(numbers.is_number, key), text.index),
    )


def write_uniformly(text: pd.Series[str]) -> pa.Array:
    """Write all spellings of a number as 某环罚(冷)(2024)1号; null where a text is no document number."""
    numbers = _read_numbers(text)
    tail = numbers.tail
    uniform = join([numbers.head["uniform"], "(", tail["year"], ")", tail["serial_key"], "号"])
    return keep_where(numbers.is_number, uniform)


def write_key(text: str) -> str:
    """Write the keys of document numbers in a text as people write the numbers."""

    def write(key: re.Match[str]) -> str:
        county = f"({key['county']})" if key["county"] else ""
        return f"{key['organ']}{key['kind']}{county}〔{key['year']}〕{key['serial']}号"

    return _KEY.sub(write, text)


def kind_of_document(key: pd.Series[str]) -> pd.Series[str]:
    """Return the kind in keys: 罚 of 某环罚〔2023〕5号."""
    return to_series(extract(to_arrow(key), r"^[^|]*\|(?P<kind>[^|]*)\|")["kind"], key.index, key.name)


def county_mark(key: pd.Series[str]) -> pd.Series[str]:
    """Return the county part of keys, null where a number has none."""
    county = extract(to_arrow(key), r"^[^|]*\|[^|]*\|(?P<county>[^|]*)\|")["county"]
    return to_series(keep_where(as_mask(pc.not_equal(county, "")), county), key.index, key.name)


class _Numbers(NamedTuple):
    """The parts of a column of numbers, and which of its texts are numbers, notices and lists."""

    head: dict[str, pa.Array]
    tail: dict[str, pa.Array]
    is_number: BoolMask
    is_notice: BoolMask
    is_list: BoolMask
    lists: NumberLists


def _read_numbers(text: pd.Series[str]) -> _Numbers:
    halves = extract(to_arrow(text), _HALVES)
    head = apply_to_distinct(halves["head"], _read_head)
    tail = apply_to_distinct(halves["tail"], _read_tail)
    # In 罚字第20231号 the digits are a serial: there is no year.
    lacks_year = pc.and_(head["ends_in_di"], tail["has_no_closing_bracket"])
    is_notice = as_mask(pc.or_(head["is_notice"], tail["is_notice"]))
    is_read = pc.and_(pc.and_(head["is_read"], tail["is_read"]), pc.invert(lacks_year))
    is_number = as_mask(is_read) & ~is_notice
    lists = find_number_lists(text)
    is_list = (lists.is_list | (lists.is_perhaps_range & ~is_number)) & ~is_notice
    return _Numbers(head, tail, is_number & ~is_list, is_notice, is_list, lists)


def _read_head(heads: pa.Array) -> dict[str, pa.Array]:
    """Parse the part before the year: 某环罚决字(冷)〔."""
    plain = _unify(heads)
    parts = extract(plain, _HEAD)
    organ, kind, county = _split_head(parts["name"])
    return {
        "is_notice": match_array(replace_pattern(plain, "[()]", ""), _PRIOR_NOTICE),
        "is_read": pc.fill_null(match_array(parts["name"], r"\p{Han}"), False),
        "ends_in_di": pc.and_(pc.equal(parts["opening"], ""), match_array(parts["name"], "第$")),
        "written": replace_pattern(parts["name"], r"\(([^()]*)$", r"(\1)"),
        "key": join([organ, kind, county], "|"),
        "uniform": join([organ, kind, replace_pattern(county, "^(.+)$", r"(\1)")]),
    }


def _read_tail(tails: pa.Array) -> dict[str, pa.Array]:
    """Parse the year and what follows: 2024〕第001号."""
    plain = _unify(tails)
    parts = extract(plain, _TAIL)
    return {
        "is_notice": match_array(plain, _PRIOR_NOTICE),
        "is_read": pc.fill_null(match_array(parts["serial"], r"\d"), False),
        "has_no_closing_bracket": pc.and_(
            pc.equal(parts["closing"], ""), match_array(parts["serial"], r"^\d")
        ),
        **{name: parts[name] for name in ("year", "serial", "hao")},
        "serial_key": _serial_key(parts["serial"]),
    }


def _unify(array: pa.Array) -> pa.Array:
    """Make all brackets round and all dashes hyphens, and remove blanks."""
    array = replace_pattern(array, f"{OPENING_BRACKETS}|[<《]", "(")
    array = replace_pattern(array, f"{CLOSING_BRACKETS}|[>》]", ")")
    array = replace_pattern(array, r"\s+", "")
    return replace_pattern(array, "[‐‑‒–—―−─]+", "-")


def _split_head(name: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Split organ, kind and county; the county is in brackets or after 字."""
    name = replace_pattern(pc.utf8_upper(name), _SEIZURE, r"查\1")
    bracketed = extract(name, r"\((?P<county>[^()]+)\)?")["county"]
    organ, kind = _organ_and_kind(replace_pattern(name, r"\([^()]*\)?|[)第]|[.\-]+$", ""))
    after = extract(kind, _KIND_AND_COUNTY)
    is_after = pc.and_(pc.is_null(bracketed), pc.is_valid(after["kind"]))
    kind = replace_pattern(pc.if_else(is_after, after["kind"], kind), "字$", "")
    county = pc.fill_null(pc.if_else(is_after, after["county"], bracketed), "")
    return organ, replace_pattern(kind, "^罚决$", "罚"), county


def _organ_and_kind(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Split organ and kind: organs of ecology and environment end with the last 环, others before
    罚 or at the end.
    """
    with_huan, other_organs = extract(text, _ORGAN_AND_KIND), extract(text, _OTHER_ORGAN_AND_KIND)
    is_with_huan = pc.is_valid(with_huan["organ"])
    organ = pc.if_else(is_with_huan, with_huan["organ"], replace_pattern(other_organs["organ"], "字$", ""))
    return organ, pc.if_else(is_with_huan, with_huan["kind"], other_organs["kind"])


def _serial_key(serial: pa.Array) -> pa.Array:
    """Remove 第, brackets and leading zeros: 第(0106), 0106 and 106 are the same serial."""
    serial = replace_pattern(pc.utf8_upper(serial), r"([0-9])[第()]+([0-9])", r"\1-\2")
    serial = replace_pattern(serial, r"[第()]|^[.\-]+", "")
    return replace_pattern(serial, r"(^|[^0-9])0+([0-9])", r"\1\2")

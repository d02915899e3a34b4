"""A correct value rendered as an office would type it: dates in seven formats, amounts in three."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flows.sample_year.styles import EXCEL_DATES, Style
from schemas.ledgers.compiled import LedgerField

Cell = str | int | float | date | None

FEN_OF = {"元": 100, "万元": 1_000_000}
_WIDE = str.maketrans("0123456789()", "０１２３４５６７８９（）")
_SERIAL_DAY_ZERO = date(1899, 12, 30)
_NUMBER = re.compile(r"(?P<head>.*?)(?P<county>\([^()]*\))?〔(?P<year>\d{4})〕(?P<serial>\d+)号")
_PENALTY = re.compile(r"(?<!不)罚$")  # 不罚 means no penalty


@dataclass(frozen=True)
class Verbatim:
    """A cell text written unchanged, whatever the style; used for injected errors."""

    text: str


def render(value: Any, field: LedgerField, style: Style, position: int) -> Cell:
    """Render the cell of a field; `position` makes the spellings of an empty value alternate."""
    if isinstance(value, Verbatim):
        return value.text
    if value is None:
        return "" if field.type.kind == "boolean" else style.nulls[position % len(style.nulls)]
    match field.type.kind:
        case "date":
            return _render_date(value, style)
        case "money":
            return _render_money(value, style)
        case "boolean":
            return style.booleans[0 if value else 1]
        case "categories":
            return style.joiner.join(value)
        case "document_no":
            return _render_document_no(value, style)
        case "integer":
            return int(value)
        case "number":
            return float(value)
    # Case numbers are compared as text: full-width characters are folded,
    # but other brackets make another case.
    return _widen(value, style) if field.name == "case_no" else str(value)


def render_header(field: LedgerField, style: Style) -> str:
    """Choose a header of the field: an alias if the style uses one; for money, one in the style's unit."""
    headers = field.headers
    if field.type.kind == "money":
        bare = [name for name in headers if "(" not in name]
        in_unit = [name for name in headers if name.endswith(f"({style.money_unit})")]
        chosen = (bare if style.bare_money_header and bare else in_unit)[-1 if style.alias else 0]
    else:
        chosen = headers[min(style.alias, len(headers) - 1)]
    return _break_header(chosen) if style.broken_headers else chosen


def amount_of(fen: int, money_unit: str) -> Decimal:
    """Convert 分 to 元 or 万元, as `money_unit` says."""
    return Decimal(fen) / FEN_OF[money_unit]


def _break_header(text: str) -> str:
    """Format a header as copied from a narrow column: full-width
    brackets, a line break or blank in the middle.
    """
    wide = text.replace("(", "（").replace(")", "）")
    middle = len(wide) // 2
    return f"{wide[:middle]}{chr(10) if len(wide) > 6 else ' '}{wide[middle:]}"


def _render_date(day: date, style: Style) -> Cell:
    match style.dates:
        case "serial":
            return (day - _SERIAL_DAY_ZERO).days
        case "2023-05-06":
            return day.isoformat()
        case "2023.5.6":
            return f"{day.year}.{day.month}.{day.day}"
        case "2023/5/6":
            return f"{day.year}/{day.month}/{day.day}"
        case "20230506":
            return f"{day:%Y%m%d}"
        case "2023年5月6日":
            return _widen(f"{day.year}年{day.month}月{day.day}日", style)
    assert style.dates == EXCEL_DATES
    return day


def _render_money(fen: int, style: Style) -> Cell:
    amount = amount_of(fen, style.money_unit)
    if style.amounts == "thousands":
        return f"{amount:,f}" if amount % 1 == 0 else f"{amount:,.2f}"
    if style.amounts == "3.5万" and fen >= FEN_OF["万元"] and fen % 10_000 == 0:
        return f"{amount_of(fen, '万元').normalize():f}万"
    return int(amount) if amount == int(amount) else float(amount)


def _render_document_no(number: str, style: Style) -> str:
    parts = _NUMBER.fullmatch(number)
    if parts is None:
        raise ValueError(f"{number} is no number of a document")
    opening, closing = style.number_brackets[0], style.number_brackets[1]
    serial = parts["serial"].zfill(style.leading_zeros)
    hao = "号" if style.has_hao else ""
    head = f"{_PENALTY.sub(style.penalty_word, parts['head'])}{parts['county'] or ''}"
    return _widen(f"{head}{opening}{parts['year']}{closing}{serial}{hao}", style)


def _widen(text: str, style: Style) -> str:
    return text.translate(_WIDE) if style.full_width else text

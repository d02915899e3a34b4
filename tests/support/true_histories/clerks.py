"""How a clerk writes matters into a file: the form of the table, its amounts, its name and its folder.

A written file knows which of its rows tells of which matter, so that each row of the warehouse can be
traced to what happened.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import xlsxwriter

from schemas.catalogue import ledgers
from tests.support.true_histories.matters import AMOUNTS, NAMES, Matter

#: headers of the amount, by the form in which a clerk writes it
YUAN, WAN, QIAN, LABEL, CELLS = "yuan", "wan", "qian", "label", "cells"
AMOUNT_HEADERS = {
    YUAN: "{}(元)", WAN: "{}(万元)", QIAN: "{}（千元）", LABEL: "{}", CELLS: "{}(元)",
}  # fmt: skip
AMOUNT_NAMES = {"penalties": "罚款金额", "payments": "缴款金额"}
ORDINARY_AMOUNTS = (YUAN, WAN)
TOTAL_WORDS = ("合计", "总计", "累计", "本月合计")


@dataclass(frozen=True)
class Line:
    """A row as written: the matter that it tells of, if any, and the values by field."""

    matter: Matter | None
    values: Mapping[str, Any]


def lines_of(matters: Iterable[Matter]) -> list[Line]:
    """Write matters down as they are."""
    return [Line(matter, matter.values) for matter in matters]


@dataclass(frozen=True)
class File:
    """A file in the inbox; `matters` are those that its rows (counted from 1) tell of."""

    path: str
    data: bytes
    matters: Mapping[int, Matter] = field(default_factory=dict, compare=False)
    header_row: int = 1


@dataclass(frozen=True)
class Style:
    """The habits of a clerk."""

    is_csv: bool = False
    amounts: str = YUAN
    has_title: bool = False
    has_labels: bool = False
    has_serials: bool = False
    total_word: str = ""
    example: str = ""

    @classmethod
    def draw(cls, rng: random.Random, *, is_ordinary: bool) -> Style:
        return cls(
            is_csv=rng.random() < 0.3,
            amounts=rng.choice(ORDINARY_AMOUNTS if is_ordinary else tuple(AMOUNT_HEADERS)),
            has_title=rng.random() < 0.4,
            has_labels=rng.random() < 0.3,
            has_serials=rng.random() < 0.4,
            total_word=rng.choice(TOTAL_WORDS) if rng.random() < 0.3 else "",
        )


def write_file(
    path: str,
    ledger: str,
    unit: str,
    month: str,
    lines: Sequence[Line],
    style: Style,
    *,
    above: Sequence[Sequence[Any]] = (),
    merged: tuple[str, int, int] | None = None,
    is_zero: bool = False,
) -> File:
    """Write lines into a table.

    `merged`: a field, the first and the last of the lines over which its cell is merged. `is_zero`: say
    that there is nothing to report.
    """
    if merged:
        style = replace(style, is_csv=False)
    fields = _fields(ledger, lines)
    cells = [*_above(ledger, unit, month, style), *map(list, above)]
    cells.append(
        [*(["序号"] if style.has_serials else []), *(_header(ledger, name, style) for name in fields)]
    )
    header_row = len(cells)
    if style.example:
        cells.append(_example(ledger, fields, style))
    first_row = len(cells) + 1
    for serial, line in enumerate(lines, start=1):
        cells.append([*([serial] if style.has_serials else []), *_cells(ledger, fields, line, style)])
    if is_zero:
        cells.append(["本月无"])
    if style.total_word and len(lines) > 1:
        cells.append(_total(ledger, fields, lines, style))
    span = None
    if merged:
        column = fields.index(merged[0]) + style.has_serials
        span = (column, first_row + merged[1], first_row + merged[2])
    data = _csv(cells) if style.is_csv else _workbook(ledgers()[ledger].title, cells, span)
    matters = {
        row: line.matter for row, line in enumerate(lines, start=first_row) if line.matter is not None
    }
    return File(f"{path}.{'csv' if style.is_csv else 'xlsx'}", data, matters, header_row)


def _fields(ledger: str, lines: Sequence[Line]) -> list[str]:
    used = {name for line in lines for name in line.values}
    return [item.name for item in ledgers()[ledger].fields if item.required or item.name in used]


def _above(ledger: str, unit: str, month: str, style: Style) -> list[list[Any]]:
    year, number = month[:4], int(month[5:])
    title = f"{NAMES[unit]}{year}年{number}月{ledgers()[ledger].title}"
    above: list[list[Any]] = [[title]] if style.has_title else []
    if style.has_labels:
        above.append([f"填报单位：{NAMES[unit]}", None, f"填报期间：{year}年{number}月"])
    if style.amounts == LABEL and ledger in AMOUNTS:
        above.append(["单位：万元"])
    return above


def _header(ledger: str, name: str, style: Style) -> str:
    if name == AMOUNTS.get(ledger):
        return AMOUNT_HEADERS[style.amounts].format(AMOUNT_NAMES[ledger])
    return ledgers()[ledger].field(name).header


def _cells(ledger: str, fields: Sequence[str], line: Line, style: Style) -> list[Any]:
    return [
        _amount(line.values[name], style) if name == AMOUNTS.get(ledger) else _plain(line.values.get(name))
        for name in fields
    ]


def _plain(value: Any) -> Any:
    return f"{value}" if isinstance(value, date) else value


def _amount(value: Any, style: Style) -> Any:
    """Write an amount in 分 in the clerk's unit; a text stands as it is."""
    if not isinstance(value, int):
        return value
    scale = {WAN: 100_00_00, LABEL: 100_00_00, CELLS: 100_00_00, QIAN: 1000_00}.get(style.amounts, 100)
    number = value // scale if value % scale == 0 else round(value / scale, 6)
    return f"{number:g}万元" if style.amounts == CELLS else number


def _total(ledger: str, fields: Sequence[str], lines: Sequence[Line], style: Style) -> list[Any]:
    amounts = [line.values[AMOUNTS[ledger]] for line in lines] if ledger in AMOUNTS else []
    if not all(isinstance(amount, int) for amount in amounts):
        amounts = []
    total = [style.total_word, *([None] * (len(fields) - 1 + style.has_serials))]
    if amounts:
        total[fields.index(AMOUNTS[ledger]) + style.has_serials] = _amount(sum(amounts), style)
    else:
        total[1] = f"{len(lines)}件"
    return total


def _example(ledger: str, fields: Sequence[str], style: Style) -> list[Any]:
    definition = ledgers()[ledger]
    row: list[Any] = [definition.field(name).example for name in fields]
    return [style.example, *row] if style.has_serials else [style.example, *row[1:]]


def _csv(cells: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in cells])
    return text.getvalue().encode("utf-8-sig")


def _workbook(title: str, cells: Sequence[Sequence[Any]], span: tuple[int, int, int] | None) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet(title)
        for index, row in enumerate(cells):
            sheet.write_row(index, 0, row)
        if span:
            column, first, last = span
            value = cells[first - 1][column]
            for row in range(first, last + 1):
                sheet.write_blank(row - 1, column, None)
            sheet.merge_range(first - 1, column, last - 1, column, value)
    return written.getvalue()

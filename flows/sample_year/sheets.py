"""A sheet as rows of cells: title and labels, header, data rows, total, foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from flows.sample_year.cells import Cell, Verbatim, amount_of, render, render_header
from flows.sample_year.offices import Office
from flows.sample_year.parties import person_name
from flows.sample_year.scenario import Values
from flows.sample_year.styles import Style
from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.periods import Period

_SERIAL, _INFORMANT = "序号", "举报人"
#: counts of people that offices add up below the table
_PEOPLE_COUNT_FIELDS = (
    "officer_count",
    "persons_detained",
    "persons_filed",
    "expected",
    "took",
    "passed",
    "attended",
)
_EXTRA_REMARKS = ("已归档", "", "待补正卷宗")


@dataclass(frozen=True)
class Sheet:
    """A sheet to write; `merged` are the rows, from 0, whose first cell spans the whole table."""

    name: str
    rows: list[list[Cell]]
    merged: tuple[int, ...] = ()
    is_hidden: bool = False


def ledger_sheet(
    ledger: LedgerDefinition,
    rows: Sequence[Values],
    office: Office,
    period: Period,
    style: Style,
    filled_in_on: date,
) -> Sheet:
    """Build the sheet of one ledger of one office for one month."""
    style = _fit_money_unit(ledger, style)
    fields = _order_fields(ledger, style)
    top, merged = _build_title_rows(ledger, office, period, style)
    cells: list[list[Cell]] = [
        [
            render(values.get(field.name), field, style, index + position)
            for position, field in enumerate(fields)
        ]
        for index, values in enumerate(rows)
    ]
    if not rows:
        cells = [[style.zero_word, *[None] * (len(fields) - 1)]]
    headers: list[Cell] = [render_header(field, style) for field in fields]
    table = [headers, *cells]
    if style.total_row and rows:
        table += _build_total_row(fields, rows, style)
    if ledger.name == "rewards" and style.names_informants:
        table = _add_informant_column(table, len(rows), office)
    table = _add_extra_columns(table, len(rows), style)
    foot = _build_foot_rows(office, style, filled_in_on) if style.foot_rows else []
    width = max(len(row) for row in [*top, *table, *foot])
    padded = [[*row, *[None] * (width - len(row))] for row in [*top, *table, *foot]]
    name = ledger.title.removesuffix("台账") if style.short_sheet_names else ledger.title
    return Sheet(name, padded, merged)


def hidden_sheet(ledger: LedgerDefinition) -> Sheet:
    """Build the hidden sheet with the lists behind drop-downs, as templates have it."""
    lists: list[list[Cell]] = [[field.header, *field.allowed] for field in ledger.fields if field.allowed]
    return Sheet("字典", lists, is_hidden=True)


def empty_sheet() -> Sheet:
    return Sheet("Sheet3", [])


def _fit_money_unit(ledger: LedgerDefinition, style: Style) -> Style:
    """Return the style, with the other money unit if the ledger has no header in the office's own unit."""
    headers = [field.headers for field in ledger.fields if field.type.kind == "money"]
    has_unit_header = all(
        any(name.endswith(f"({style.money_unit})") for name in names) for names in headers
    )
    return (
        style
        if has_unit_header
        else replace(style, money_unit="元" if style.money_unit == "万元" else "万元")
    )


def _order_fields(ledger: LedgerDefinition, style: Style) -> list[LedgerField]:
    if not style.required_first:
        return list(ledger.fields)
    required = [field for field in ledger.fields if field.required]
    return required + [field for field in reversed(ledger.fields) if not field.required]


def _build_title_rows(
    ledger: LedgerDefinition, office: Office, period: Period, style: Style
) -> tuple[list[list[Cell]], tuple[int, ...]]:
    month = f"{period.year}年{period.first_month}月"
    top: list[list[Cell]] = []
    if style.has_title:
        top.append([f"{office.title}{month}{ledger.title}"])
    merged = tuple(range(len(top)))
    if style.has_labels:
        has_money = any(field.type.kind == "money" for field in ledger.fields)
        unit = [f"单位：{style.money_unit}"] if has_money else []
        top.append([f"填报单位：{office.title}", None, f"填报期间：{month}", *unit])
    return top, merged


def _build_total_row(fields: list[LedgerField], rows: Sequence[Values], style: Style) -> list[list[Cell]]:
    """Build the total row, if a column adds up; entries that are not numbers are skipped, as in Excel."""
    if not any(_is_added_up(field) for field in fields):
        return []
    return [["合计", *(_sum_column(field, rows, style) for field in fields[1:])]]


def _is_added_up(field: LedgerField) -> bool:
    return field.type.kind == "money" or field.name in _PEOPLE_COUNT_FIELDS


def _sum_column(field: LedgerField, rows: Sequence[Values], style: Style) -> Cell:
    if not _is_added_up(field):
        return None
    entries: list[Any] = [values.get(field.name) for values in rows]
    total: int = sum(
        (entry for entry in entries if entry is not None and not isinstance(entry, Verbatim)), 0
    )
    if field.type.kind != "money":
        return total
    amount: Decimal = amount_of(total, style.money_unit)
    if style.amounts == "thousands":
        return f"{amount:,.2f}"
    return int(amount) if amount == int(amount) else float(amount)


def _add_informant_column(table: list[list[Cell]], data_rows: int, office: Office) -> list[list[Cell]]:
    """Add the column that must not be sent, the informants' (invented) names."""
    rng = Random(f"{office.code}/informants")
    names: list[Cell] = [_INFORMANT, *(person_name(rng) for _ in range(data_rows))]
    return [[*row, *names[index : index + 1]] for index, row in enumerate(table)]


def _add_extra_columns(table: list[list[Cell]], data_rows: int, style: Style) -> list[list[Cell]]:
    """Add the columns that no ledger defines: a serial number first, a remark last."""
    widened: list[list[Cell]] = []
    for index, row in enumerate(table):
        is_data = 0 < index <= data_rows
        serial = index if is_data else None
        remark = _EXTRA_REMARKS[index % len(_EXTRA_REMARKS)] if is_data else None
        before = _extra_cell(_SERIAL if style.serial_column else "", index, serial)
        widened.append([*before, *row, *_extra_cell(style.extra_column, index, remark)])
    return widened


def _extra_cell(header: str, index: int, content: Cell) -> list[Cell]:
    """Return the cell of an extra column in the row `index`, the header in the first; none without header."""
    if not header:
        return []
    return [header if index == 0 else content]


def _build_foot_rows(office: Office, style: Style, filled_in_on: date) -> list[list[Cell]]:
    rng = Random(f"{office.code}/foot")
    filler, checker = person_name(rng), person_name(rng)
    day = f"{filled_in_on.year}年{filled_in_on.month}月{filled_in_on.day}日"
    phone = f"0000-{rng.randrange(10**7):07}"
    return [
        [f"填报人：{filler}", None, f"审核人：{checker}", None, f"联系电话：{phone}", f"填表日期：{day}"],
        [f"注：本表由{office.title}于次月5日前报送，金额单位为{style.money_unit}。"],
    ]

"""Write the sheet that a clerk fills in: labels, header with notes, example row, validated cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_range

from schemas.forms import EXAMPLE_MARK, INSTRUCTIONS_SHEET, NOTHING_SHEET, REQUIRED_MARK
from schemas.ledgers.compiled import LedgerDefinition, LedgerField, Ledgers
from schemas.reporting.replacement import DELIVERY_LABELS
from transforms.template import looks
from transforms.template.entry_rules import (
    Lists,
    Validation,
    delivery_entry,
    drop_down,
    month_entry,
    no_entry,
    validation,
)
from transforms.template.words import need, note
from transforms.text_width import lines_of, width_of

UNIT_ROW, MONTH_ROW, LEGEND_ROW, HEADER_ROW = 1, 2, 3, 5
#: where a report that is sent again says how; to the right of the hints
DELIVERY_ROW, DELIVERY_COLUMN = MONTH_ROW, 6
EXAMPLE_ROW, FIRST_ROW = HEADER_ROW + 1, HEADER_ROW + 2
ROWS = 1000
SERIAL = "序号"
#: in templates and in the guide for clerks (docs/zh/clerk-send.md)
WAYS_OF_NOTHING = (
    f"本月没有的台账，任选一种办法：在“{NOTHING_SHEET}”那张表里打 √，或在那张台账表里{EXAMPLE_MARK}下面一行的“{SERIAL}”格写“无”；"
    "一样算数，都记作“零报告”。"
)
SERIAL_WIDTH, LEAST_WIDTH, MOST_WIDTH, HEADER_WIDTH = 11, 12, 34, 20
#: total width that stays readable on A4 paper
PAGE_WIDTH = 200
NOTE_WIDTH_PIXELS, NOTE_WIDTH, NOTE_LINE_PIXELS = 330, 43, 18
LEGEND = (
    f"橙色带 {REQUIRED_MARK} 的栏必填，黄色的栏视情况必填，蓝色的栏选填。鼠标停在栏名上看填法，详见“{INSTRUCTIONS_SHEET}”页。",
    f"从灰色{EXAMPLE_MARK}的下面一行填起。没有内容可报的，在{EXAMPLE_MARK}下面一行的“{SERIAL}”格写“无”。",
)


class Prefilled(NamedTuple):
    """The unit and the month (2023年6月) that a template has filled in; empty: the clerk fills them in."""

    unit: str = ""
    month: str = ""


BLANK = Prefilled()


def write_ledger_sheet(
    book: Any, sheet: Any, ledger: LedgerDefinition, ledgers: Ledgers, units: Sequence[str], lists: Lists,
    prefilled: Prefilled = BLANK,
) -> None:  # fmt: skip
    """Write the ledger to `sheet` of the xlsxwriter workbook `book`."""
    _write_labels(book, sheet, ledger, units, lists, prefilled)
    _write_serial_column(book, sheet)
    for column, field in enumerate(ledger.fields, start=1):
        _write_column(book, sheet, column, ledger, field, ledgers, validation(field, lists))
    widths = [_width(field) for field in ledger.fields]
    sheet.set_row(HEADER_ROW, looks.row_height(map(_header_text, ledger.fields), widths))
    sheet.set_row(EXAMPLE_ROW, looks.row_height(map(_example_text, ledger.fields), widths))
    sheet.data_validation(EXAMPLE_ROW, 0, EXAMPLE_ROW, len(ledger.fields), no_entry())
    sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, FIRST_ROW + ROWS - 1, len(ledger.fields))})
    _set_up_page(sheet, SERIAL_WIDTH + sum(widths))


def _write_labels(
    book: Any,
    sheet: Any,
    ledger: LedgerDefinition,
    units: Sequence[str],
    lists: Lists,
    prefilled: Prefilled,
) -> None:
    """Write title, unit, month and delivery; the reader takes nothing else from the rows above the header."""
    label, filled_in = book.add_format(looks.LABEL), book.add_format(looks.ENTRY)
    plain = book.add_format(looks.HINT)  # for the whole row, so that column borders begin at the header
    write_identity(book, sheet, ledger.title, units, lists, prefilled)
    sheet.write_string(DELIVERY_ROW, DELIVERY_COLUMN, f"{DELIVERY_LABELS[0]}：", label)
    sheet.write_blank(DELIVERY_ROW, DELIVERY_COLUMN + 1, None, filled_in)
    sheet.data_validation(
        DELIVERY_ROW, DELIVERY_COLUMN + 1, DELIVERY_ROW, DELIVERY_COLUMN + 1, delivery_entry(lists)
    )
    for row, text in enumerate(LEGEND, start=LEGEND_ROW):
        sheet.set_row(row, 18, plain)
        sheet.write_string(row, 0, text, plain)


def write_identity(
    book: Any, sheet: Any, title: str, units: Sequence[str], lists: Lists, prefilled: Prefilled
) -> None:
    """Write a title, and below it the cells for unit and month."""
    label, filled_in = book.add_format(looks.LABEL), book.add_format(looks.ENTRY)
    plain = book.add_format(looks.HINT)
    sheet.set_row(0, 30, plain)
    sheet.write_string(0, 0, title, book.add_format(looks.TITLE))
    rows = [
        (UNIT_ROW, "填报单位", prefilled.unit, "← 点左边的格，从下拉列表中选本单位", drop_down("填报单位", units, lists)),
        (MONTH_ROW, "填报期间", prefilled.month, "← 写年份和月份，点左边的格有样子", month_entry()),
    ]  # fmt: skip
    for row, text, value, hint, rule in rows:
        sheet.set_row(row, 22, plain)
        sheet.write_string(row, 0, f"{text}：", label)
        sheet.write(row, 1, value or None, filled_in)
        sheet.write_string(row, 2, "← 已经填好，请核对" if value else hint, plain)
        sheet.data_validation(row, 1, row, 1, rule)


def _write_serial_column(book: Any, sheet: Any) -> None:
    sheet.set_column(0, 0, SERIAL_WIDTH, book.add_format({**looks.BODY, "align": "center"}))
    sheet.write_string(
        HEADER_ROW, 0, SERIAL, book.add_format({**looks.HEAD, "bg_color": looks.EXAMPLE_GROUND})
    )
    sheet.write_string(
        EXAMPLE_ROW, 0, EXAMPLE_MARK, book.add_format({**looks.BODY, "align": "center", **looks.EXAMPLE})
    )


def _write_column(
    book: Any,
    sheet: Any,
    column: int,
    ledger: LedgerDefinition,
    field: LedgerField,
    ledgers: Ledgers,
    rule: Validation | None,
) -> None:
    """Write a field: column format, header with note, example, validation of the rows below."""
    sheet.set_column(column, column, _width(field), book.add_format(looks.body_style(field)))
    sheet.write_string(
        HEADER_ROW, column, _header_text(field), book.add_format(looks.header_style(need(ledger, field)))
    )
    _write_note(sheet, column, note(ledger, field, ledgers))
    _write_example(sheet, column, field, book.add_format({**looks.body_style(field), **looks.EXAMPLE}))
    if rule is not None:
        sheet.data_validation(FIRST_ROW, column, FIRST_ROW + ROWS - 1, column, rule)


def _write_note(sheet: Any, column: int, text: str) -> None:
    height = (lines_of(text, NOTE_WIDTH) + 1) * NOTE_LINE_PIXELS
    size = {
        "width": NOTE_WIDTH_PIXELS,
        "height": height,
        "font_name": looks.FONT["font_name"],
        "font_size": 10,
    }
    sheet.write_comment(HEADER_ROW, column, text, size)


def _write_example(sheet: Any, column: int, field: LedgerField, look: Any) -> None:
    value = example_of(field)
    if value is None:
        sheet.write_blank(EXAMPLE_ROW, column, None, look)
    elif field.type.kind == "date":
        sheet.write_datetime(EXAMPLE_ROW, column, date.fromisoformat(str(value)), look)
    elif isinstance(value, str):
        sheet.write_string(EXAMPLE_ROW, column, value, look)
    else:
        sheet.write_number(EXAMPLE_ROW, column, value, look)


def example_of(field: LedgerField) -> str | float | None:
    """Return the value in the example row: the field's example, else the first choice of a required field."""
    if field.example is not None or not field.required:
        return field.example
    return field.allowed[0] if field.allowed else None


def _header_text(field: LedgerField) -> str:
    return f"{REQUIRED_MARK}{field.header}" if field.required else field.header


def _example_text(field: LedgerField) -> str:
    value = example_of(field)
    return "" if value is None else str(value)


def _width(field: LedgerField) -> int:
    """Return a width for the example, every choice, and the header in a few lines."""
    choices = field.allowed if field.type.kind == "category" else ()
    widths = [width_of(text) for text in (_example_text(field), *choices)]
    return max(
        LEAST_WIDTH,
        min(MOST_WIDTH, max(widths) + 3),
        min(HEADER_WIDTH, width_of(_header_text(field)) + 3),
    )


def _set_up_page(sheet: Any, width: int) -> None:
    """Freeze and repeat the header and the first two columns, and set up printing."""
    sheet.freeze_panes(EXAMPLE_ROW, 2)
    sheet.set_landscape()
    sheet.set_paper(looks.PAPER_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(math.ceil(width / PAGE_WIDTH), 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.repeat_columns(0, 1)
    sheet.set_footer("&C第 &P 页，共 &N 页")

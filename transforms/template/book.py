"""Render a template workbook. The same definition and units always give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from schemas.forms import INSTRUCTIONS_SHEET, LISTS_SHEET, NOTHING_SHEET
from schemas.ledgers.compiled import LedgerDefinition, Ledgers
from transforms.foreign_text import fit_workbook, safe_stem
from transforms.template.entry_rules import Lists
from transforms.template.instructions import write_instructions, write_instructions_of_all
from transforms.template.ledger_sheet import BLANK, Prefilled, write_ledger_sheet
from transforms.template.looks import FONT
from transforms.template.nothing_sheet import write_nothing_sheet

#: creation date in every workbook; the current time would change the bytes each time
MADE_ON = datetime(2024, 1, 1)  # noqa: DTZ001 - xlsxwriter takes instants without a zone
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def blank_workbook(
    name: str, ledgers: Ledgers, units: Sequence[str], prefilled: Prefilled = BLANK
) -> bytes:
    """Render the xlsx template of a ledger: the sheet to fill in, the instructions, the long lists."""
    ledger, lists, buffer = ledgers[name], Lists(), io.BytesIO()
    with _new_book(buffer, ledger.title) as book:
        _add_ledger(book, ledger, ledgers, units, lists, prefilled)
        write_instructions(book, book.add_worksheet(INSTRUCTIONS_SHEET), ledger, ledgers)
        _add_lists(book, lists)
    return buffer.getvalue()


def workbook_of_month(
    names: Sequence[str], ledgers: Ledgers, units: Sequence[str], prefilled: Prefilled
) -> bytes:
    """Render one template with several ledgers, and the sheet on which those without anything are ticked."""
    chosen, lists, buffer = [ledgers[name] for name in names], Lists(), io.BytesIO()
    with _new_book(buffer, name_of_month(prefilled).removesuffix(".xlsx")) as book:
        sheet = book.add_worksheet(NOTHING_SHEET)
        write_nothing_sheet(book, sheet, chosen, [fit_workbook(unit) for unit in units], lists, prefilled)
        for ledger in chosen:
            _add_ledger(book, ledger, ledgers, units, lists, prefilled)
        write_instructions_of_all(book, book.add_worksheet(INSTRUCTIONS_SHEET), chosen, ledgers)
        _add_lists(book, lists)
    return buffer.getvalue()


def name_of_month(prefilled: Prefilled) -> str:
    """Return the name of the file with a unit's ledgers of a month."""
    return f"{safe_stem(f'{prefilled.unit}{prefilled.month}台账.xlsx')}.xlsx"


def _new_book(buffer: io.BytesIO, title: str) -> Any:
    font = {**FONT, "font_scheme": False}  # a copy, because xlsxwriter modifies it
    book = xlsxwriter.Workbook(buffer, {**OPTIONS, "default_format_properties": font})
    book.set_properties({"title": title, "created": MADE_ON})
    return book


def _add_ledger(
    book: Any, ledger: LedgerDefinition, ledgers: Ledgers, units: Sequence[str], lists: Lists, prefilled: Prefilled
) -> None:  # fmt: skip
    sheet = book.add_worksheet(ledger.title)
    sheet.set_comments_author(INSTRUCTIONS_SHEET)
    names = [fit_workbook(unit) for unit in units]
    write_ledger_sheet(book, sheet, ledger, ledgers, names, lists, prefilled)


def _add_lists(book: Any, lists: Lists) -> None:
    if lists.long:
        _write_lists(book.add_worksheet(LISTS_SHEET), lists)


def _write_lists(sheet: Any, lists: Lists) -> None:
    for column, values in enumerate(lists.long):
        for row, value in enumerate(values):
            sheet.write_string(row, column, value)
    sheet.hide()

"""Render a template workbook. The same definition and units always give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from schemas.forms import INSTRUCTIONS_SHEET, LISTS_SHEET
from schemas.ledgers.compiled import Ledgers
from transforms.foreign_text import fit_workbook
from transforms.template.entry_rules import Lists
from transforms.template.instructions import write_instructions
from transforms.template.ledger_sheet import write_ledger_sheet
from transforms.template.looks import FONT

#: creation date in every workbook; the current time would change the bytes each time
MADE_ON = datetime(2024, 1, 1)  # noqa: DTZ001 - xlsxwriter takes instants without a zone
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def blank_workbook(name: str, ledgers: Ledgers, units: Sequence[str]) -> bytes:
    """Render the xlsx template of a ledger: the sheet to fill in, the instructions, the long lists."""
    ledger, lists = ledgers[name], Lists()
    buffer = io.BytesIO()
    font = {**FONT, "font_scheme": False}  # a copy, because xlsxwriter modifies it
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "default_format_properties": font}) as book:
        book.set_properties({"title": ledger.title, "created": MADE_ON})
        sheet = book.add_worksheet(ledger.title)
        sheet.set_comments_author(INSTRUCTIONS_SHEET)
        write_ledger_sheet(book, sheet, ledger, ledgers, [fit_workbook(unit) for unit in units], lists)
        write_instructions(book, book.add_worksheet(INSTRUCTIONS_SHEET), ledger, ledgers)
        if lists.long:
            _write_lists(book.add_worksheet(LISTS_SHEET), lists)
    return buffer.getvalue()


def _write_lists(sheet: Any, lists: Lists) -> None:
    for column, values in enumerate(lists.long):
        for row, value in enumerate(values):
            sheet.write_string(row, column, value)
    sheet.hide()

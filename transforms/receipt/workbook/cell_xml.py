"""Write the cells of a sheet as XML, each text in its own cell.

The libraries that write workbooks make several calls and objects for a cell, and a county's sheet has
thousands. Here a cell is one piece of text. Rows and columns count from 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from openpyxl.utils import get_column_letter

from transforms.foreign_text import LONGEST_TEXT

#: what XML cannot hold or reads as markup, and a text that looks like Excel's own escape of it
SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_MARKUP_ONLY = re.compile("[&<>\r]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape_xml(text: str) -> str:
    """Escape a text for XML, and what XML cannot hold as Excel does (_x0001_)."""
    return SPECIAL.sub(_escape, text)


def escape_markup(text: str) -> str:
    """Escape a text that openpyxl took from a workbook: it leaves Excel's own escapes as they are."""
    return _MARKUP_ONLY.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return _MARKUP.get(match[0]) or f"_x{ord(match[0]):04X}_"


def text_cell(
    row: int, column: int, style: int, text: str, escape: Callable[[str], str] = escape_xml
) -> str:
    """Write a cell that is text, whatever it looks like; text that is too long for Excel is cut."""
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
    if SPECIAL.search(text):
        text = escape(text)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r="{get_column_letter(column)}{row}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def number_cell(row: int, column: int, style: int, number: float) -> str:
    return f'<c r="{get_column_letter(column)}{row}" s="{style}"><v>{number:.16G}</v></c>'


def boolean_cell(row: int, column: int, style: int, is_true: bool) -> str:
    return f'<c r="{get_column_letter(column)}{row}" s="{style}" t="b"><v>{is_true:d}</v></c>'


def blank_cell(row: int, column: int, style: int) -> str:
    return f'<c r="{get_column_letter(column)}{row}" s="{style}"/>'


def error_cell(row: int, column: int, style: int, error: str) -> str:
    return f'<c r="{get_column_letter(column)}{row}" s="{style}" t="e"><v>{escape_xml(error)}</v></c>'

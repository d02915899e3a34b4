"""Cells of a sheet as XML, each text in its own cell.

The libraries that write workbooks take several calls and objects for a cell, which is most of what a receipt costs: a county's
sheet has thousands. Here a cell is one piece of text, and a row is written as it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from openpyxl.utils import get_column_letter

#: Excel refuses the workbook that has a longer one
LONGEST_TEXT = 32_767
SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_REST = re.compile("[&<>\r]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape_xml(text: str) -> str:
    """A text as XML holds it; what XML cannot hold as Excel writes it, and what only looks so such that it stays."""
    return SPECIAL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return _MARKUP.get(match[0]) or f"_x{ord(match[0]):04X}_"


def as_it_was(text: str) -> str:
    """The same of a text that was taken out of a workbook without undoing what Excel had done to it."""
    return _REST.sub(_escape, text)


def text_cell(row: int, column: int, style: int, text: str, held: Callable[[str], str] = escape_xml) -> str:
    """A cell that is text whatever it looks like; rows and columns count from 1."""
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
    if SPECIAL.search(text):
        text = held(text)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r="{get_column_letter(column)}{row}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def number_cell(row: int, column: int, style: int, number: float) -> str:
    return f'<c r="{get_column_letter(column)}{row}" s="{style}"><v>{number:.16G}</v></c>'


def yes_no_cell(row: int, column: int, style: int, is_yes: bool) -> str:
    return f'<c r="{get_column_letter(column)}{row}" s="{style}" t="b"><v>{is_yes:d}</v></c>'


def blank_cell(row: int, column: int, style: int) -> str:
    return f'<c r="{get_column_letter(column)}{row}" s="{style}"/>'


def error_cell(row: int, column: int, style: int, error: str) -> str:
    return f'<c r="{get_column_letter(column)}{row}" s="{style}" t="e"><v>{escape_xml(error)}</v></c>'

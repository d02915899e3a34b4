"""Write the cells of a sheet as XML, each text in its own cell.

The libraries that write workbooks make several calls and objects for a cell, and a county's sheet has
thousands. Here a cell is one piece of text. Rows and columns count from 1.
"""

from __future__ import annotations

import re
from functools import cache

from xlsxwriter.utility import xl_col_to_name

from transforms.foreign_text import LONGEST_TEXT

#: what XML cannot hold or reads as markup, and a text that looks like Excel's own escape of it
SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_MARKUP_ONLY = re.compile("[&<>\r]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@cache
def column_letters(column: int) -> str:
    """Return the letters of a column, counted from 1."""
    letters: str = xl_col_to_name(column - 1)
    return letters


def escape_xml(text: str) -> str:
    """Escape a text for XML, and what XML cannot hold as Excel does (_x0001_)."""
    return SPECIAL.sub(_escape, text)


def escape_markup(text: str) -> str:
    """Escape a text for XML; what looks like Excel's own escapes stays as it is."""
    return _MARKUP_ONLY.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return _MARKUP.get(match[0]) or f"_x{ord(match[0]):04X}_"


def text_cell(row: int, column: int, style: int, text: str) -> str:
    """Write a cell that is text, whatever it looks like; text that is too long for Excel is cut."""
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
    if SPECIAL.search(text):
        text = escape_xml(text)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return (
        f'<c r="{column_letters(column)}{row}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'
    )


def number_cell(row: int, column: int, style: int, number: float) -> str:
    return f'<c r="{column_letters(column)}{row}" s="{style}"><v>{number:.16G}</v></c>'


def boolean_cell(row: int, column: int, style: int, is_true: bool) -> str:
    return f'<c r="{column_letters(column)}{row}" s="{style}" t="b"><v>{is_true:d}</v></c>'


def blank_cell(row: int, column: int, style: int) -> str:
    return f'<c r="{column_letters(column)}{row}" s="{style}"/>'

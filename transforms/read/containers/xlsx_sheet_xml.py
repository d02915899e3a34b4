"""Read metadata and errors of a sheet from its XML before calamine reads it.

Calamine skips Excel's errors and formulas saved without a result: read as empty, a #REF! in an optional
column would silently be a case without a closing date. It keeps the first of two cells with the same name,
and builds the whole rectangle from A1 to the last value, which one stray cell can make larger than the
memory. Afterwards none of this can be detected.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from transforms.read.containers.grid import (
    LAST_COLUMN,
    LAST_ROW,
    LONGEST_CELL,
    MOST_CELLS,
    NO_RESULT,
    UnusableFileError,
)
from transforms.read.containers.xlsx_sheet_scan import LONGEST_TAG, Integers, scan

WIDEST_COLUMN = 255
_PREFIX = re.compile(rb"<(\w+):worksheet[\s>]")
_ASIDE = re.compile(rb"<!--|<!\[CDATA\[|<\?|<!")
_ASIDE_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_ROW = re.compile(rb'<row(?: r="([1-9][0-9]{0,9})")?((?:[\s/][^<>]*)?)>')
_ROW_BEGINS = b'<row r="'
_TAG = re.compile(rb"<(row|c)((?:[\s/][^<>]*)?)>")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)0*([0-9]{0,12})[\"']")
_HIDDEN = re.compile(rb"\shidden\s*=\s*[\"'](?:1|true)[\"']|\sht\s*=\s*[\"']0(?:\.0*)?[\"']")
#: in a sheet without any of these no row is hidden or has no height
_MAY_HIDE = (b"hidden", b' ht="0', b" ht='0")
_ERROR = re.compile(
    rb"<c r=\"([A-Z]{1,3}[0-9]+)\"[^<>]*\st=[\"']e[\"'][^<>]*>\s*(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?\s*<v[^<>]*>([^<]+)<"
)
_FORMULA_ALONE = re.compile(
    rb"<c r=\"([A-Z]{1,3}[0-9]+)\"([^<>]*)>\s*(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)\s*(?:<v[^<>]*/>|<v[^<>]*></v>)?\s*</c>"
)
_FORMULA_OF_ZERO = re.compile(
    rb"<c r=\"([A-Z]{1,3}[0-9]+)\"([^<>]*)>\s*(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)\s*<v>0(?:\.0*)?</v>"
)
_IS_ERROR = re.compile(rb't="e"')
_IS_TEXT = re.compile(rb"\st=[\"']str[\"']")
_IS_NO_NUMBER = re.compile(rb"\st=[\"'](?!n[\"'])")
NO_FORMATS: Mapping[int, str] = {}
_MERGED = re.compile(rb"<mergeCell\s[^<>]*ref=[\"']([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})[\"']")
_COLUMN = re.compile(rb"<col\s([^<>]*)>")
_ATTRIBUTE = re.compile(rb"(\w+)=[\"']([^\"']*)[\"']")


@dataclass(frozen=True)
class SheetMetadata:
    """Metadata of a sheet that calamine does not give.

    `lost` holds the text of each cell that calamine would read as empty.
    """

    cells: int
    has_long_text: bool
    lost: dict[tuple[int, int], str]
    hidden_rows: frozenset[int]
    merged: tuple[tuple[int, int, int, int], ...]
    column_widths: dict[int, float]
    number_formats: dict[tuple[int, int], str]


def read_sheet_metadata(
    xml: bytes, formats: Mapping[int, str] = NO_FORMATS, *, is_uncalculated: bool = False
) -> SheetMetadata:
    """Read the metadata of a sheet. Raises UnusableFileError where the sheet must not be read.

    `formats`: by number of a style, the formats of numbers to look for. `is_uncalculated`: the workbook was
    written to be calculated when it is opened; a formula that is 0 has no result then.
    """
    xml = _without_prefix(xml)
    tags = scan(xml)
    if tags.has_aside:
        xml = _without_asides(xml)
        tags = scan(xml)
    if not tags.is_plain:
        xml = _with_references(xml)
        tags = scan(xml)
    _check_references(tags.rows, tags.columns)
    width = _check_extent(tags.rows[tags.has_content], tags.columns[tags.has_content])
    has_error = _IS_ERROR.search(xml) or (b"'" in xml and b"t='e'" in xml)
    return SheetMetadata(
        len(tags.rows),
        has_long_text(xml),
        (_errors(xml) if has_error else {})
        | (_formulas_alone(xml, is_uncalculated) if tags.has_formula else {}),
        _hidden_rows(xml, tags.row_tags),
        _merged(xml),
        _widths(xml, width),
        _number_formats(xml, formats) if formats else {},
    )


def has_long_text(xml: bytes) -> bool:
    """Return whether there may be a text too long for a cell: it would fill a window without a tag."""
    window = LONGEST_CELL // 2
    return any(
        xml.find(b"<", offset, offset + window) < 0 for offset in range(0, len(xml) - window, window)
    )


def _without_prefix(xml: bytes) -> bytes:
    prefix = _PREFIX.search(xml, 0, 4096)
    if prefix is None:
        return xml
    return xml.replace(b"<%b:" % prefix[1], b"<").replace(b"</%b:" % prefix[1], b"</")


def _without_asides(xml: bytes) -> bytes:
    """Remove comments, CDATA and processing instructions, which could hide a cell or look like one."""
    parts, offset = [], 0
    while aside := _ASIDE.search(xml, offset):
        parts.append(xml[offset : aside.start()])
        closing = _ASIDE_ENDS.get(aside[0])
        if closing is None:
            raise UnusableFileError("sheet.unreadable", detail="夹带外部定义（DOCTYPE）")
        end = xml.find(closing, aside.end())
        if end < 0:
            raise UnusableFileError("sheet.unreadable", detail="XML 不完整")
        offset = end + len(closing)
    return b"".join([*parts, xml[offset:]])


def _with_references(xml: bytes) -> bytes:
    """Write a plain name into every row and cell; one without a name follows the one before it."""
    row = column = 0

    def add_name(tag: re.Match[bytes]) -> bytes:
        nonlocal row, column
        name = _REFERENCE.search(tag[2])
        attributes = _REFERENCE.sub(b"", tag[2], count=1)
        if tag[1] == b"row":
            row, column = _row_number(name, row), 0
            return b'<row r="%d"%b>' % (row, attributes)
        if name is None:
            column += 1
            return b'<c r="%b"%b>' % (f"{xl_col_to_name(column - 1)}{row}".encode(), attributes)
        letters, number = name[1].decode().upper(), int(name[2] or b"0")
        if not letters or not number:
            raise UnusableFileError("sheet.unreadable", detail=f"没有“{letters}{number}”这样的单元格")
        column = _column_number(letters)
        if column > LAST_COLUMN or number > LAST_ROW:
            raise UnusableFileError("sheet.far_cell", detail=f"{letters[:9]}{number}")
        return b'<c r="%b%d"%b>' % (letters.encode(), number, attributes)

    return _TAG.sub(add_name, xml)


def _row_number(name: re.Match[bytes] | None, previous: int) -> int:
    """Return the number of a row, from its name or as the one after the previous row."""
    number = int(name[2] or b"0") if name else previous + 1
    if not number:
        raise UnusableFileError("sheet.unreadable", detail="行号有误")
    if number > LAST_ROW:
        raise UnusableFileError("sheet.far_cell", detail=f"A{number}")
    return number


def _column_number(letters: str) -> int:
    """Return the number of a column, from 1; for letters beyond ZZZ a number beyond Excel's last column."""
    return xl_cell_to_rowcol(f"{letters}1")[1] + 1 if len(letters) <= 3 else LAST_COLUMN + 1


def _check_references(rows: Integers, columns: Integers) -> None:
    """Refuse a sheet with two cells of the same name, as nobody knows which of them counts."""
    keys = rows * (LAST_COLUMN * 2) + columns
    if (np.diff(keys) > 0).all():
        return
    keys = np.sort(keys)
    twice = keys[1:][np.diff(keys) == 0]
    if len(twice):
        row, column = divmod(int(twice[0]), LAST_COLUMN * 2)
        raise UnusableFileError(
            "sheet.duplicate_cells", detail=f"单元格 {xl_col_to_name(column - 1)}{row} "
        )


def _check_extent(rows: Integers, columns: Integers) -> int:
    """Return the last column with a value; refuse a sheet whose rectangle from A1 is too large."""
    if not len(rows):
        return 0
    height, width = int(rows.max()), int(columns.max())
    if height > LAST_ROW or width > LAST_COLUMN or height * width > MOST_CELLS:
        far = int(np.argmax(rows if height * LAST_COLUMN > width * LAST_ROW else columns))
        raise UnusableFileError(
            "sheet.far_cell", detail=f"{xl_col_to_name(int(columns[far]) - 1)}{rows[far]}"
        )
    return width


def _errors(xml: bytes) -> dict[tuple[int, int], str]:
    return {
        xl_cell_to_rowcol(cell.decode()): html.unescape(value.decode("utf-8", "replace"))
        for cell, value in _ERROR.findall(xml)
    }


def _formulas_alone(xml: bytes, is_uncalculated: bool) -> dict[tuple[int, int], str]:
    """Return the formulas without a result; an empty text is a result, 0 is none in a workbook that a program
    wrote without calculating it.
    """
    zeros = _FORMULA_OF_ZERO.findall(xml) if is_uncalculated else []
    uncalculated = {
        xl_cell_to_rowcol(cell.decode()): NO_RESULT
        for cell, attributes in zeros
        if not _IS_NO_NUMBER.search(attributes)
    }
    return uncalculated | {
        xl_cell_to_rowcol(cell.decode()): NO_RESULT
        for cell, attributes in _FORMULA_ALONE.findall(xml)
        if not _IS_TEXT.search(attributes)
    }


def _hidden_rows(xml: bytes, tags: Integers) -> frozenset[int]:
    """Return the positions of hidden rows. Raises UnusableFileError where a row appears twice."""
    may_hide = any(sign in xml for sign in _MAY_HIDE)
    if not may_hide and _ascend(xml, tags):
        return frozenset()
    rows = [row for tag in tags.tolist() if (row := _ROW.match(xml, tag))]  # the other tags are <rowBreaks>
    numbers = []
    number = 0
    for row in rows:
        number = int(row[1]) if row[1] else _row_number(_REFERENCE.search(row[2]), number)
        numbers.append(number)
    if len(set(numbers)) < len(numbers):
        twice = next(number for number, count in Counter(numbers).items() if count > 1)
        raise UnusableFileError("sheet.duplicate_cells", detail=f"第 {twice} 行")
    if max(numbers, default=0) > LAST_ROW:
        raise UnusableFileError("sheet.far_cell", detail=f"A{max(numbers)}")
    if not may_hide:
        return frozenset()
    return frozenset(
        number - 1 for number, row in zip(numbers, rows, strict=True) if _HIDDEN.search(row[2])
    )


def _ascend(xml: bytes, tags: Integers) -> bool:
    """Return whether all rows begin with `<row r="12"` and their numbers ascend, so that none is repeated."""
    begins = np.frombuffer(xml + b" " * LONGEST_TAG, np.uint8)[
        tags[:, None] + np.arange(len(_ROW_BEGINS) + 8)
    ]
    digits = begins[:, len(_ROW_BEGINS) :].astype(np.int64) - ord("0")
    is_digit = (digits >= 0) & (digits <= 9)
    length = np.argmin(is_digit, axis=1)
    numbers = np.zeros(len(tags), np.int64)
    for position in range(int(length.max(initial=0))):
        np.copyto(numbers, numbers * 10 + digits[:, position], where=position < length)
    is_closed = digits[np.arange(len(tags)), length] == ord('"') - ord("0")
    is_plain = (
        begins[:, : len(_ROW_BEGINS)] == np.frombuffer(_ROW_BEGINS, np.uint8)
    ).all() and is_closed.all()
    return bool(is_plain and (np.diff(numbers, prepend=0) > 0).all() and numbers.max(initial=0) <= LAST_ROW)


def _merged(xml: bytes) -> tuple[tuple[int, int, int, int], ...]:
    end = xml.rfind(b"</sheetData>")
    return tuple(
        (*xl_cell_to_rowcol(first.decode()), *xl_cell_to_rowcol(last.decode()))
        for first, last in _MERGED.findall(xml, max(end, 0))
    )


def _number_formats(xml: bytes, formats: Mapping[int, str]) -> dict[tuple[int, int], str]:
    """Return the formats of the cells with a number that have one of these styles."""
    styles = b"|".join(b"%d" % style for style in formats)
    styled = re.compile(rb"<c r=\"([A-Z]{1,3}[0-9]+)\"([^<>]*\ss=[\"'](%b)[\"'][^<>]*)>" % styles)
    return {
        xl_cell_to_rowcol(cell.decode()): formats[int(style)]
        for cell, attributes, style in styled.findall(xml)
        if not _IS_NO_NUMBER.search(attributes)
    }


def _widths(xml: bytes, last_column: int) -> dict[int, float]:
    """Return the widths in characters of the columns up to the last one with a value."""
    widths: dict[int, float] = {}
    reached = 0
    for tag in _COLUMN.findall(xml, 0, max(xml.find(b"<sheetData"), 0)):
        attributes = dict(_ATTRIBUTE.findall(tag))
        try:
            first, last, width = (
                int(attributes[b"min"]),
                int(attributes[b"max"]),
                float(attributes[b"width"]),
            )
        except (KeyError, ValueError):
            continue
        if first > reached and 0 <= width <= WIDEST_COLUMN:  # they ascend and do not overlap
            widths.update(dict.fromkeys(range(first - 1, min(last, last_column)), width))
            reached = last
    return widths

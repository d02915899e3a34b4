"""Read OpenDocument spreadsheets: the .ods of LibreOffice, and the single XML file (.fods).

No library in use here gives their error cells, hidden rows and merged cells, so the XML is read itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from lxml import etree
from xlsxwriter.utility import xl_rowcol_to_cell

from transforms.normalise.number_formats import may_show_another_amount
from transforms.read.containers.grid import (
    LAST_COLUMN,
    LAST_ROW,
    MOST_CELLS,
    NO_RESULT,
    Grid,
    UnusableFileError,
)
from transforms.read.containers.opendocument_styles import OFFICE, TABLE, Style, Styles
from transforms.read.containers.raised_text import mark_elements

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_EXTENSION = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_ROW_GROUPS = {f"{TABLE}table-row-group", f"{TABLE}table-rows", f"{TABLE}table-header-rows"}
_COLUMN_GROUPS = {f"{TABLE}table-column-group", f"{TABLE}table-columns", f"{TABLE}table-header-columns"}
_CELLS = {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"}
_DURATION = re.compile(r"PT(\d{1,2})H(\d{1,2})M(\d{1,2})")
#: an error of LibreOffice's own, beside #DIV/0! and the like
_OWN_ERROR = re.compile(r"Err:(\d+)")


def document_grids(roots: Sequence[etree._Element]) -> list[Grid]:
    """Return a grid for each sheet; the first root holds the sheets, all may hold styles.

    A sheet that cannot be used says why. Raises UnusableFileError for another kind of document.
    """
    body = roots[0].find(f"{OFFICE}body/{OFFICE}spreadsheet")
    if body is None:
        raise UnusableFileError("file.unknown_format", detail="是开放文档，不是工作簿")
    styles = Styles(roots)
    grids = []
    for table in body.iterchildren(f"{TABLE}table"):
        name, is_visible = table.get(f"{TABLE}name") or "", styles.is_sheet_visible(table)
        try:
            grids.append(_Sheet(table, styles).grid(name, is_visible))
        except UnusableFileError as unusable:
            grids.append(Grid(name, [], is_visible=is_visible, refused=unusable))
    return grids


class _Sheet:
    """The filled cells of a sheet by row and column."""

    def __init__(self, table: etree._Element, styles: Styles) -> None:
        self._styles = styles
        self._values: dict[tuple[int, int], Any] = {}
        self._merged: list[tuple[int, int, int, int]] = []
        self._hidden: set[int] = set()
        self._struck: set[tuple[int, int]] = set()
        self._formats: dict[tuple[int, int], str] = {}
        self._widths, self._column_styles = self._read_columns(table)
        row = 0
        for element in _descend(table, f"{TABLE}table-row", _ROW_GROUPS):
            count = _repeat(element, "rows", LAST_ROW)
            self._add_rows(element, row, count)
            row += count

    def _read_columns(self, table: etree._Element) -> tuple[dict[int, float], dict[int, str]]:
        widths, names, column = dict[int, float](), dict[int, str](), 0
        for element in _descend(table, f"{TABLE}table-column", _COLUMN_GROUPS):
            count = _repeat(element, "columns", LAST_COLUMN)
            covered = range(column, min(column + count, LAST_COLUMN))
            width = self._styles.column_width(element)
            if width is not None:
                widths.update(dict.fromkeys(covered, width))
            if name := element.get(f"{TABLE}default-cell-style-name"):
                names.update(dict.fromkeys(covered, name))
            column += count
        return widths, names

    def _add_rows(self, element: etree._Element, first: int, count: int) -> None:
        """Add a row, which may stand for several that are alike."""
        filled = list(self._filled_cells(element, first))
        is_hidden = element.get(f"{TABLE}visibility") in ("collapse", "filter")
        if not filled:
            return
        if first + count > LAST_ROW or len(self._values) + len(filled) * count > MOST_CELLS:
            raise UnusableFileError("sheet.far_cell", detail=f"第 {first + count} 行")
        for row in range(first, first + count):
            if is_hidden:
                self._hidden.add(row)
            for column, value, style in filled:
                self._add_cell((row, column), value, style)

    def _add_cell(self, position: tuple[int, int], value: Any, style: Style) -> None:
        self._values[position] = value
        if style.is_struck:
            self._struck.add(position)
        if type(value) is float and may_show_another_amount(style.number_format):
            self._formats[position] = style.number_format

    def _filled_cells(self, element: etree._Element, row: int) -> Iterator[tuple[int, Any, Style]]:
        """Yield the cells of a row that hold something: column, value, style; note merged ones."""
        column, row_style = 0, element.get(f"{TABLE}default-cell-style-name")
        for cell in element.iterchildren(*_CELLS):
            count = _repeat(cell, "columns", LAST_COLUMN)
            self._note_merged(cell, row, column)
            mark_elements(cell, self._styles.alignment)
            value = "" if cell.tag == f"{TABLE}covered-table-cell" else _value(cell)
            if value != "":
                if column + count > LAST_COLUMN:
                    raise UnusableFileError(
                        "sheet.far_cell", detail=xl_rowcol_to_cell(row, LAST_COLUMN - 1)
                    )
                for position in range(column, column + count):
                    name = cell.get(f"{TABLE}style-name") or row_style or self._column_styles.get(position)
                    yield position, value, self._styles.cell_style(name or "Default")
            column += count

    def _note_merged(self, cell: etree._Element, row: int, column: int) -> None:
        down, across = (_count(cell, f"number-{name}-spanned", LAST_ROW) for name in ("rows", "columns"))
        if down > 1 or across > 1:
            last = min(column + across, LAST_COLUMN) - 1
            self._merged.append((row, column, row + down - 1, last))

    def grid(self, name: str, is_visible: bool) -> Grid:
        height = max((row for row, _ in self._values), default=-1) + 1
        width = max((column for _, column in self._values), default=-1) + 1
        if height * width > MOST_CELLS:
            is_low = height * LAST_COLUMN > width * LAST_ROW
            far = max(self._values, key=lambda position: position[0 if is_low else 1])
            raise UnusableFileError("sheet.far_cell", detail=xl_rowcol_to_cell(*far))
        rows: list[list[Any]] = [[""] * width for _ in range(height)]
        for (row, column), value in self._values.items():
            rows[row][column] = value
        return Grid(
            name,
            rows,
            is_visible=is_visible,
            hidden_rows=frozenset(self._hidden),
            merged=tuple(
                (top, left, min(bottom, height - 1), right)
                for top, left, bottom, right in self._merged
                if top < height
            ),
            struck=frozenset(self._struck),
            column_widths={column: value for column, value in self._widths.items() if column < width},
            number_formats=self._formats,
        )


def _descend(parent: etree._Element, tag: str, groups: set[str]) -> Iterator[etree._Element]:
    """Yield the rows or columns of a table in order, also those in groups."""
    for child in parent.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag in groups:
            yield from _descend(child, tag, groups)


def _count(element: etree._Element, name: str, most: int) -> int:
    text = (element.get(f"{TABLE}{name}") or "").strip()
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 12 else 1


def _repeat(element: etree._Element, what: str, most: int) -> int:
    return _count(element, f"number-{what}-repeated", most)


def _value(cell: etree._Element) -> Any:
    """Return what a cell holds, by the type that it says; an error is its text."""
    kind, text = cell.get(f"{OFFICE}value-type"), _text(cell)
    is_formula = cell.get(f"{TABLE}formula") is not None
    if is_formula and (error := _error(cell, text)):
        return error
    if kind in ("float", "percentage", "currency"):
        number = _number(cell.get(f"{OFFICE}value"))
        return text if number is None else number
    if kind == "date":
        return _moment(cell.get(f"{OFFICE}date-value") or text)
    if kind == "time":
        match = _DURATION.match(cell.get(f"{OFFICE}time-value") or "")
        hour, minute, second = map(int, match.groups()) if match else (24, 0, 0)
        return time(hour, minute, second) if hour < 24 and max(minute, second) < 60 else text
    if kind == "boolean":
        return cell.get(f"{OFFICE}boolean-value") == "true"
    text = text or cell.get(f"{OFFICE}string-value") or ""
    return NO_RESULT if is_formula and kind is None and not text else text


def _error(cell: etree._Element, text: str) -> str:
    """Return the text of an error, empty where the cell has none."""
    if own := _OWN_ERROR.fullmatch(text):
        return f"#ERR{own[1]}!"
    if cell.get(f"{_EXTENSION}value-type") == "error" or text.startswith("#"):
        return text or "#VALUE!"
    return ""


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _moment(text: str) -> Any:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return text


def _text(cell: etree._Element) -> str:
    """Return the paragraphs of a cell, without those of its comment."""
    return "\n".join(_paragraph(paragraph) for paragraph in cell.iterchildren(f"{TEXT}p", f"{TEXT}h"))


_SIGNS: Mapping[str, str] = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
_ASIDE = {f"{TEXT}note", f"{TEXT}ruby-text", f"{OFFICE}annotation"}


def _paragraph(element: etree._Element) -> str:
    pieces = [element.text or ""]
    for child in element.iterchildren(etree.Element):
        if child.tag == f"{TEXT}s":
            count = (child.get(f"{TEXT}c") or "1").strip()
            pieces.append(
                " "
                * (min(int(count), 100) if count.isascii() and count.isdigit() and len(count) < 9 else 1)
            )
        elif child.tag not in _ASIDE:
            pieces.append(_SIGNS.get(str(child.tag)) or _paragraph(child))
        pieces.append(child.tail or "")
    return "".join(pieces)

"""Read the XML that Excel 2002 and 2003 save (SpreadsheetML); many systems export it in files named .xls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
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
from transforms.read.containers.raised_text import mark_elements

SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_SS = f"{{{SPREADSHEET}}}"
_POINTS_OF_A_CHARACTER = 5.25
#: formats that are called by a name and show another amount
_NAMED_FORMATS = {"Percent": "0.00%"}


def spreadsheet_grids(root: etree._Element) -> list[Grid]:
    """Return a grid for each worksheet; a grid that cannot be used says why."""
    is_1904 = root.find(f"{_EXCEL}ExcelWorkbook/{_EXCEL}Date1904") is not None
    styles = _read_styles(root)
    grids = []
    for sheet in root.iterchildren(f"{_SS}Worksheet"):
        name = sheet.get(f"{_SS}Name") or ""
        visible = sheet.findtext(f"{_EXCEL}WorksheetOptions/{_EXCEL}Visible") or ""
        is_visible = visible.strip() not in ("SheetHidden", "SheetVeryHidden")
        try:
            grids.append(_Sheet(sheet.find(f"{_SS}Table"), styles).grid(name, is_visible, is_1904))
        except UnusableFileError as unusable:
            grids.append(Grid(name, [], is_visible=is_visible, is_1904=is_1904, refused=unusable))
    return grids


@dataclass(frozen=True)
class _Style:
    """What matters of how a cell looks: struck through, and the number format."""

    is_struck: bool = False
    number_format: str = ""


_PLAIN = _Style()


def _read_styles(root: etree._Element) -> dict[str, _Style]:
    """Return the styles by their id. What a style does not say it takes from its parent or the default."""
    elements = {style.get(f"{_SS}ID") or "": style for style in root.iterfind(f"{_SS}Styles/{_SS}Style")}
    return {name: _read_style(elements, name) for name in elements}


def _read_style(elements: Mapping[str, etree._Element], name: str) -> _Style:
    struck, code, seen = None, None, set[str]()
    while name in elements and name not in seen:
        seen.add(name)
        font = elements[name].find(f"{_SS}Font")
        struck = font.get(f"{_SS}StrikeThrough") if struck is None and font is not None else struck
        format_element = elements[name].find(f"{_SS}NumberFormat")
        code = format_element.get(f"{_SS}Format") if code is None and format_element is not None else code
        name = elements[name].get(f"{_SS}Parent") or "Default"
    return _Style(struck == "1", _NAMED_FORMATS.get(code or "", code or ""))


class _Sheet:
    """The cells of a worksheet by row and column."""

    def __init__(self, table: etree._Element | None, styles: Mapping[str, _Style]) -> None:
        self._styles, self._column_styles = styles, dict[int, str]()
        self._struck = set[tuple[int, int]]()
        self._formats: dict[tuple[int, int], str] = {}
        self._values: dict[tuple[int, int], Any] = {}
        self._merged: list[tuple[int, int, int, int]] = []
        self._hidden: set[int] = set()
        self._widths: dict[int, float] = {}
        if table is not None:
            for index, column in _iter_indexed(table, "Column", LAST_COLUMN):
                self._add_column(index, column)
            for index, row in _iter_indexed(table, "Row", LAST_ROW):
                self._add_row(index, row)

    def _add_column(self, index: int, column: etree._Element) -> None:
        width = _number(column.get(f"{_SS}Width"))
        last = min(index + _integer(column, "Span", LAST_COLUMN), LAST_COLUMN - 1)
        if style := column.get(f"{_SS}StyleID"):
            self._column_styles.update(dict.fromkeys(range(index, last + 1), style))
        if width is not None:
            self._widths.update(dict.fromkeys(range(index, last + 1), width / _POINTS_OF_A_CHARACTER))

    def _add_row(self, index: int, row: etree._Element) -> None:
        if row.get(f"{_SS}Hidden") == "1":
            self._hidden.update(range(index, min(index + _integer(row, "Span", LAST_ROW), LAST_ROW) + 1))
        for column, cell in _iter_indexed(row, "Cell", LAST_COLUMN):
            if (index, column) in self._values:
                raise UnusableFileError(
                    "sheet.duplicate_cells", detail=f"单元格 {xl_rowcol_to_cell(index, column)} "
                )
            self._values[index, column] = _value(cell)
            self._note_style((index, column), cell.get(f"{_SS}StyleID") or row.get(f"{_SS}StyleID") or "")
            across, down = _integer(cell, "MergeAcross", LAST_COLUMN), _integer(cell, "MergeDown", LAST_ROW)
            if across or down:
                self._merged.append((index, column, index + down, column + across))

    def _note_style(self, position: tuple[int, int], name: str) -> None:
        style = self._styles.get(name or self._column_styles.get(position[1], "Default"), _PLAIN)
        if style.is_struck:
            self._struck.add(position)
        if type(self._values[position]) is float and may_show_another_amount(style.number_format):
            self._formats[position] = style.number_format

    def grid(self, name: str, is_visible: bool, is_1904: bool) -> Grid:
        filled = {position: value for position, value in self._values.items() if value != ""}
        height = max((row for row, _ in filled), default=-1) + 1
        width = max((column for _, column in filled), default=-1) + 1
        if height * width > MOST_CELLS:
            is_low = height * LAST_COLUMN > width * LAST_ROW
            far = max(filled, key=lambda position: position[0 if is_low else 1])
            raise UnusableFileError("sheet.far_cell", detail=xl_rowcol_to_cell(*far))
        rows: list[list[Any]] = [[""] * width for _ in range(height)]
        for (row, column), value in filled.items():
            rows[row][column] = value
        widths = {column: value for column, value in self._widths.items() if column < width}
        return Grid(
            name,
            rows,
            is_visible=is_visible,
            is_1904=is_1904,
            hidden_rows=frozenset(self._hidden),
            merged=tuple(self._merged),
            struck=frozenset(self._struck),
            column_widths=widths,
            number_formats=self._formats,
        )


def _iter_indexed(parent: etree._Element, tag: str, last: int) -> Iterator[tuple[int, etree._Element]]:
    """Yield children with their index from 0; one without ss:Index
    follows what the child before it covers.
    """
    following = 0
    for child in parent.iterchildren(f"{_SS}{tag}"):
        index = _integer(child, "Index", last + 1, following + 1) - 1
        if not 0 <= index < last:
            raise UnusableFileError(
                "sheet.far_cell", detail=f"{'行' if tag == 'Row' else '列'} {index + 1}"
            )
        if index < following:
            raise UnusableFileError(
                "sheet.duplicate_cells", detail=f"第 {index + 1} {'行' if tag == 'Row' else '列'}"
            )
        yield index, child
        following = index + 1 + _integer(child, "MergeAcross" if tag == "Cell" else "Span", last)


def _integer(element: etree._Element, name: str, most: int, default: int = 0) -> int:
    text = (element.get(f"{_SS}{name}") or "").strip()
    if not text:
        return default
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


_ALIGNMENTS = {"Sup": "superscript", "Sub": "subscript"}


def _value(cell: etree._Element) -> Any:
    data = cell.find(f"{_SS}Data")
    if data is None:
        return NO_RESULT if cell.get(f"{_SS}Formula") else ""
    mark_elements(data, lambda part: _ALIGNMENTS.get(etree.QName(part).localname, ""))
    text, kind = "".join(data.itertext()), data.get(f"{_SS}Type")
    if kind == "Number":
        number = _number(text)
        return text if number is None else number
    if kind == "DateTime":
        return _moment(text)
    if kind == "Boolean":
        return text.strip() == "1"
    return text


def _moment(text: str) -> Any:
    """Parse 2023-05-06T00:00:00.000; a moment on Excel's day zero is a time of day."""
    try:
        moment = datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return text
    return moment.time() if text.strip().startswith("1899-12-31T") else moment

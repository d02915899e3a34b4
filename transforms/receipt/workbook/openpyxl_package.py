"""Load and save an xlsx with openpyxl in memory, so that no value changes and equal workbooks give equal
bytes.

Left to itself, openpyxl turns numbers into dates in cells with a date format (20230506, typed into such a
cell, becomes #VALUE!), writes sheets by way of temporary files, and writes the current time into the file.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from typing import Any, NamedTuple

from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import to_excel
from openpyxl.workbook import Workbook
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.dimensions import SheetDimension
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import Element

from transforms.receipt.workbook.cell_xml import (
    blank_cell,
    boolean_cell,
    error_cell,
    escape_markup,
    escape_xml,
    number_cell,
    text_cell,
)

#: the most that openpyxl is given: unpacked bytes of the file, and cells that merges and links of a sheet
#: span
LARGEST_UNPACKED = 6_000_000
LARGEST_SPAN = 200_000
_SPAN = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\s[^>]*?\bref=[\"']([A-Za-z0-9]+:[A-Za-z0-9]+)[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_STRICT = b"http://purl.oclc.org/ooxml/"
_SHEET_PART = re.compile(r"/?xl/worksheets/[^/]+\.xml")
_CORE_PART = "docProps/core.xml"
_CORE = (
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>\xe6\xb1\x87\xe6\x80\xbb</dc:creator></cp:coreProperties>'
)


def is_small(data: bytes) -> bool:
    """Return whether an xlsx is small enough for openpyxl; larger files, and files that are no zip, are
    redrawn.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(part.file_size for part in archive.infolist()) <= LARGEST_UNPACKED
    except zipfile.BadZipFile:
        return True


def _is_misleading(sheet: bytes) -> bool:
    """Return whether openpyxl would not finish (a huge merge) or silently see no cell (strict OOXML)."""
    return _STRICT in sheet or sum(_cells_in(span.decode()) for span in _SPAN.findall(sheet)) > LARGEST_SPAN


def _cells_in(span: str) -> int:
    first_column, first_row, last_column, last_row = range_boundaries(span)
    cells: int = (last_column - first_column + 1) * (last_row - first_row + 1)
    return cells


class _Reader(ExcelReader):  # type: ignore[misc]
    """Reads every number as a number, whatever its format."""

    def read_worksheets(self) -> None:
        self.wb._date_formats = set()
        self.wb._timedelta_formats = set()
        super().read_worksheets()


class _Archive(zipfile.ZipFile):
    """A zip without times, and without the county's author and dates."""

    def writestr(self, name: Any, data: Any, *_: Any) -> None:
        part = zipfile.ZipInfo(str(name), (1980, 1, 1, 0, 0, 0))
        super().writestr(part, _CORE if name == _CORE_PART else data, zipfile.ZIP_DEFLATED)


class RenderedSheet(NamedTuple):
    """A sheet whose rows are XML already: the range that they fill, and the attributes and cells of each."""

    range: str
    rows: Sequence[tuple[str, str]]


class _SheetWriter(WorksheetWriter):  # type: ignore[misc]
    """Writes the rows as text, which is ten times as fast as openpyxl, and all else as openpyxl does."""

    def __init__(self, sheet: Any) -> None:
        super().__init__(sheet, io.BytesIO())
        self._styles: dict[bytes, int] = {}

    def write_dimensions(self) -> None:
        rendered = getattr(self.ws, "rendered", None)
        if rendered is None:
            super().write_dimensions()
        else:
            self.xf.send(SheetDimension(rendered.range).to_tree())

    def write_rows(self) -> None:
        """Write an empty element, which `to_bytes` replaces; the steps that follow need the comments found
        here.
        """
        rendered = getattr(self.ws, "rendered", None)
        if rendered is None:
            self._rows = "".join(self._row(number, cells) for number, cells in self.rows())
        else:
            self._rows = "".join(
                f'<row r="{number}"{attributes}>{cells}</row>'
                for number, (attributes, cells) in enumerate(rendered.rows, 1)
            )
        self.xf.send(Element("sheetData"))

    def to_bytes(self) -> bytes:
        self.write()
        data: bytes = self.out.getvalue()
        return data.replace(b"<sheetData/>", f"<sheetData>{self._rows}</sheetData>".encode(), 1)

    def _row(self, number: int, cells: Sequence[Any]) -> str:
        dimensions = self.ws.row_dimensions.get(number, {})
        attributes = "".join(
            f' {name}="{escape_xml(value)}"' for name, value in dict(dimensions).items() if name != "r"
        )
        self.ws._comments += [CommentRecord.from_cell(cell) for cell in cells if cell._comment is not None]
        return f'<row r="{number}"{attributes}>{"".join(map(self._cell, cells))}</row>'

    def _cell(self, cell: Any) -> str:
        value, style = cell._value, self._style(cell._style)
        if value is None or value == "":
            return blank_cell(cell.row, cell.column, style) if style or cell._comment else ""
        if cell.data_type == "s":
            return text_cell(cell.row, cell.column, style, value, escape_markup)
        if cell.data_type == "b":
            return boolean_cell(cell.row, cell.column, style, value)
        if cell.data_type == "e":
            return error_cell(cell.row, cell.column, style, value)
        if not isinstance(value, int | float):  # a date that is stored as one
            value = to_excel(value, cell.parent.parent.epoch)
        return number_cell(cell.row, cell.column, style, value)

    def _style(self, style: Any) -> int:
        """Return the number of a cell's style; searched for once, as many cells share one."""
        if not style:
            return 0
        key = style.tobytes()
        if key not in self._styles:
            self._styles[key] = self.ws.parent._cell_styles.add(style)
        return self._styles[key]


class _Writer(ExcelWriter):  # type: ignore[misc]
    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        writer = _SheetWriter(ws)
        self._archive.writestr(ws.path[1:], writer.to_bytes())
        ws._rels = writer._rels
        self.manifest.append(ws)


def has_formulas(data: bytes) -> bool:
    """Return whether any part of an xlsx contains a formula."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any(_FORMULA.search(archive.read(name)) for name in archive.namelist())


def load_understood(data: bytes, needed: set[str]) -> Workbook | None:
    """Load a workbook with the results of its formulas; None where openpyxl fails or does not see a sheet
    in `needed`.

    Irregular parts make openpyxl raise exceptions of all kinds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(
                _is_misleading(archive.read(name))
                for name in archive.namelist()
                if _SHEET_PART.fullmatch(name)
            ):
                return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = _Reader(io.BytesIO(data), data_only=True, keep_vba=False, keep_links=False)
            reader.read()
    except MemoryError:
        raise
    except Exception:
        return None
    seen = {sheet.title for sheet in reader.wb.worksheets}
    return reader.wb if seen and needed <= seen else None


def save(workbook: Workbook) -> bytes:
    """Return the bytes of a workbook."""
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _Writer(workbook, _Archive(written, "w", zipfile.ZIP_DEFLATED)).save()
    return written.getvalue()

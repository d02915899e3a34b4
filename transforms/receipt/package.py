"""An xlsx read and written in memory, as it stands: no cell changes its value by being carried, and no clock enters.

openpyxl makes dates of numbers in cells that look like dates (20230506, typed into a date cell, becomes #VALUE!), writes sheets
by way of temporary files and the hour into the file; here numbers stay numbers, and the same workbook gives the same bytes.
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

from transforms.receipt.cells import (
    as_it_was,
    blank_cell,
    error_cell,
    escape_xml,
    number_cell,
    text_cell,
    yes_no_cell,
)

#: what openpyxl is asked to carry: unpacked bytes of all sheets, and cells that merges and links span
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
    """Return whether an xlsx is small enough for openpyxl; larger files, and files that are no zip, are redrawn."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(part.file_size for part in archive.infolist()) <= LARGEST_UNPACKED
    except zipfile.BadZipFile:
        return True


def _is_misleading(sheet: bytes) -> bool:
    """A merge without end, over which openpyxl never finishes; strict OOXML, of which it sees no cell and says nothing."""
    return _STRICT in sheet or sum(_cells_in(span.decode()) for span in _SPAN.findall(sheet)) > LARGEST_SPAN


def _cells_in(span: str) -> int:
    first_column, first_row, last_column, last_row = range_boundaries(span)
    cells: int = (last_column - first_column + 1) * (last_row - first_row + 1)
    return cells


class _Reader(ExcelReader):  # type: ignore[misc]
    def read_worksheets(self) -> None:
        self.wb._date_formats = set()
        self.wb._timedelta_formats = set()
        super().read_worksheets()


class _Archive(zipfile.ZipFile):
    """A zip without times; the county's author and dates are left out."""

    def writestr(self, name: Any, data: Any, *_: Any) -> None:
        part = zipfile.ZipInfo(str(name), (1980, 1, 1, 0, 0, 0))
        super().writestr(part, _CORE if name == _CORE_PART else data, zipfile.ZIP_DEFLATED)


class RenderedWorkbook(NamedTuple):
    """The rows of a sheet that has no cells of openpyxl's: the range that they fill, and of each its attributes and cells."""

    range: str
    rows: Sequence[tuple[str, str]]


class _SheetWriter(WorksheetWriter):  # type: ignore[misc]
    """Writes all but the rows as openpyxl does; of the rows it takes ten times as long as this."""

    def __init__(self, sheet: Any) -> None:
        super().__init__(sheet, io.BytesIO())
        self._styles: dict[bytes, int] = {}

    def write_dimensions(self) -> None:
        drawn = getattr(self.ws, "drawn", None)
        if drawn is None:
            super().write_dimensions()
        else:
            self.xf.send(SheetDimension(drawn.range).to_tree())

    def write_rows(self) -> None:
        """An empty element, in whose place the rows come at the end; what follows asks whether there were comments."""
        drawn = getattr(self.ws, "drawn", None)
        if drawn is None:
            self._rows = "".join(self._row(number, cells) for number, cells in self.rows())
        else:
            self._rows = "".join(
                f'<row r="{row_number}"{looks}>{cells}</row>'
                for row_number, (looks, cells) in enumerate(drawn.rows, 1)
            )
        self.xf.send(Element("sheetData"))

    def written(self) -> bytes:
        self.write()
        data: bytes = self.out.getvalue()
        return data.replace(b"<sheetData/>", f"<sheetData>{self._rows}</sheetData>".encode(), 1)

    def _row(self, number: int, cells: Sequence[Any]) -> str:
        dimensions = self.ws.row_dimensions.get(number, {})
        looks = "".join(
            f' {name}="{escape_xml(value)}"' for name, value in dict(dimensions).items() if name != "r"
        )
        self.ws._comments += [CommentRecord.from_cell(cell) for cell in cells if cell._comment is not None]
        return f'<row r="{number}"{looks}>{"".join(map(self._cell, cells))}</row>'

    def _cell(self, cell: Any) -> str:
        value, style = cell._value, self._style(cell._style)
        if value is None or value == "":
            return blank_cell(cell.row, cell.column, style) if style or cell._comment else ""
        if cell.data_type == "s":
            return text_cell(cell.row, cell.column, style, value, as_it_was)
        if cell.data_type == "b":
            return yes_no_cell(cell.row, cell.column, style, value)
        if cell.data_type == "e":
            return error_cell(cell.row, cell.column, style, value)
        if not isinstance(value, int | float):  # a date that is stored as one
            value = to_excel(value, cell.parent.parent.epoch)
        return number_cell(cell.row, cell.column, style, value)

    def _style(self, style: Any) -> int:
        """The number of a cell's style, looked for once: most cells look like others."""
        if not style:
            return 0
        look = style.tobytes()
        if look not in self._styles:
            self._styles[look] = self.ws.parent._cell_styles.add(style)
        return self._styles[look]


class _Writer(ExcelWriter):  # type: ignore[misc]
    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        writer = _SheetWriter(ws)
        self._archive.writestr(ws.path[1:], writer.written())
        ws._rels = writer._rels
        self.manifest.append(ws)


def has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any(_FORMULA.search(archive.read(name)) for name in archive.namelist())


def load_understood(data: bytes, needed: set[str]) -> Workbook | None:
    """The workbook with the results of its formulas, numbers as they are stored; None where openpyxl stumbles over it.

    Odd parts end in all kinds of exceptions, or in sheets (of those `needed`) that it does not see.
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
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _Writer(workbook, _Archive(written, "w", zipfile.ZIP_DEFLATED)).save()
    return written.getvalue()

"""Open BIFF: the .xls of Excel 97 and older, and the .et of WPS, alone or in a compound file.

xlrd reads them, because calamine silently reads their error cells as empty, and gives neither hidden rows
nor widths.
"""

from __future__ import annotations

import io
import re
from datetime import datetime, time, timedelta
from typing import Any

import xlrd

from schemas.receipt_marks import county_comment
from transforms.normalise.number_formats import may_show_another_amount
from transforms.read.containers.grid import (
    NO_RESULT,
    Grid,
    Notice,
    OpenedFile,
    UnusableFileError,
    clean_cells,
    unreadable_file,
)
from transforms.read.containers.raised_text import join_runs
from transforms.read.containers.xls_formulas import find_uncalculated_formulas
from transforms.read.containers.xls_looks import (
    find_partly_struck_cells,
    find_struck_cells,
    find_unseen_cells,
)

CFB_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: how a sheet of Excel 2 to 5 begins that is not in a compound file
BARE_MAGICS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00")
_DIRECTORY_ENTRY = 128
_FIRST_SERIAL_BEYOND = 2_958_466  # the day after 9999-12-31
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_BIFF8 = 80
#: a stream that Excel and WPS write, and programs that calculate nothing do not
_PROPERTIES = "\5SummaryInformation"
_ESCAPEMENTS = {1: "superscript", 2: "subscript"}

#: a stream in the directory → what the file is
_OTHER_FORMATS = {
    "WordDocument": "是 Word 文档",
    "PowerPoint Document": "是 PowerPoint 演示文稿",
    "__properties_version1.0": "是 Outlook 邮件",
    "VisioDocument": "是 Visio 绘图",
}


class _Nowhere(io.TextIOBase):
    """A log that discards xlrd's remarks, which it would print."""

    def write(self, text: str) -> int:
        return len(text)


def open_biff(data: bytes) -> OpenedFile:
    """Return the grids of an xls or et."""
    notices: list[Notice] = []
    if data.startswith(CFB_MAGIC):
        _check_streams(data)
        notices = [("file.macros", "", {})] if _has_entry(data, "_VBA_PROJECT") else []
        notices += [("file.embedded_objects", "", {})] if _has_entry(data, "MBD", is_whole=False) else []
    book, is_damaged = _open_book(data)
    notices += [("file.damaged", "", {})] if is_damaged else []
    is_by_program = data.startswith(CFB_MAGIC) and not _has_entry(data, _PROPERTIES)
    grids = [_open_sheet(book, index, is_by_program, notices) for index in range(book.nsheets)]
    return OpenedFile(grids, tuple(notices))


def _check_streams(data: bytes) -> None:
    """Refuse a compound file that is encrypted, or no workbook by its directory."""
    if _has_entry(data, "EncryptedPackage"):
        raise UnusableFileError("file.encrypted")
    if _has_entry(data, "Workbook") or _has_entry(data, "Book"):
        return
    for stream, detail in _OTHER_FORMATS.items():
        if _has_entry(data, stream):
            raise UnusableFileError("file.unknown_format", detail=detail)


def _has_entry(data: bytes, name: str, *, is_whole: bool = True) -> bool:
    """Return whether the directory has an entry of this name.

    Entries begin at multiples of their length, so they are found even in a damaged directory.
    """
    wanted = name.encode("utf-16-le") + (b"\0\0" if is_whole else b"")
    offset = data.find(wanted)
    while offset >= 0 and offset % _DIRECTORY_ENTRY:
        offset = data.find(wanted, offset + 1)
    return offset >= 0


def _open_book(data: bytes) -> tuple[xlrd.Book, bool]:
    """Return the workbook, and whether it could only be read by ignoring damage."""
    error: Exception | None = None
    for is_lenient in (False, True):
        try:
            book = _xlrd_book(data, is_lenient)
            if book.biff_version < _BIFF8 and book.codepage is None:
                book = _xlrd_book(data, is_lenient, encoding_override="gb18030")
        except xlrd.XLRDError as refused:
            if "encrypted" in str(refused):
                raise UnusableFileError("file.encrypted") from refused
            error = refused
        except MemoryError:
            raise
        except Exception as failure:  # of any kind: assertions, struct, index and decoding errors
            error = failure
        else:
            return book, is_lenient
    assert error is not None
    raise unreadable_file(error) from error


def _xlrd_book(data: bytes, is_lenient: bool, **options: Any) -> xlrd.Book:
    return xlrd.open_workbook(
        file_contents=data,
        logfile=_Nowhere(),
        formatting_info=True,  # merged ranges, hidden rows and widths come only with it
        on_demand=True,  # a damaged sheet leaves the others
        ragged_rows=True,
        ignore_workbook_corruption=is_lenient,
        **options,
    )


def _open_sheet(book: xlrd.Book, index: int, is_by_program: bool, notices: list[Notice]) -> Grid:
    name, is_1904 = book.sheet_names()[index].replace("\0", ""), book.datemode == 1
    try:
        sheet = book.sheet_by_index(index)
        cells = _Cells(book)
        rows = [cells.row(sheet, row) for row in range(sheet.nrows)]
        struck, partly_struck = find_struck_cells(book, sheet), find_partly_struck_cells(book, sheet)
        _mark_raised(book, sheet, rows)
        _mark_uncalculated(book, index, rows, is_by_program)
        book.unload_sheet(index)
    except MemoryError:
        raise
    except Exception as error:
        refused = UnusableFileError("sheet.unreadable", **unreadable_file(error).placeholders)
        return Grid(name, [], is_1904=is_1904, refused=refused)
    formats = _amount_formats(book, sheet)
    notices.extend(clean_cells(rows, name))
    return Grid(
        name,
        rows,
        is_visible=sheet.visibility == 0,
        is_1904=is_1904,
        hidden_rows=frozenset(
            row for row, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0
        ),
        struck=struck,
        partly_struck=partly_struck,
        merged=tuple((top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells),
        column_widths={
            column: info.width / 256 for column, info in sheet.colinfo_map.items() if column < sheet.ncols
        },
        number_formats=formats,
        unseen=find_unseen_cells(book, sheet),
        hidden_columns=frozenset(
            column for column, info in sheet.colinfo_map.items() if info.hidden or info.width == 0
        ),
        comments={cell: county_comment(note.text) for cell, note in sheet.cell_note_map.items()},
    )


def _mark_raised(book: xlrd.Book, sheet: xlrd.sheet.Sheet, rows: list[list[Any]]) -> None:
    """Write the raised and lowered parts of texts with the characters for them, in place."""
    aligned = {
        index: _ESCAPEMENTS[font.escapement]
        for index, font in enumerate(book.font_list)
        if font.escapement in _ESCAPEMENTS
    }
    if not aligned:
        return
    for (row, column), runs in sheet.rich_text_runlist_map.items():
        text = rows[row][column]
        if not isinstance(text, str) or not runs:
            continue
        starts = [0, *(start for start, _ in runs)]
        ends = [*starts[1:], len(text)]
        fonts = [-1, *(font for _, font in runs)]
        marked = join_runs(
            (aligned.get(font, ""), text[start:end])
            for font, start, end in zip(fonts, starts, ends, strict=True)
        )
        rows[row][column] = text if marked is None else marked


def _mark_uncalculated(book: xlrd.Book, index: int, rows: list[list[Any]], is_by_program: bool) -> None:
    """Write into the cells of formulas without a result that they have none, in place."""
    for row, column in find_uncalculated_formulas(book, index, is_by_program):
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([""] * (column + 1 - len(rows[row])))
        rows[row][column] = NO_RESULT


def _amount_formats(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> dict[tuple[int, int], str]:
    """Return the formats of numbers that may be shown as another amount, by row and column."""
    codes = {
        index: book.format_map[style.format_key].format_str or ""
        for index, style in enumerate(book.xf_list)
        if style.format_key in book.format_map
    }
    suspects = {index: code for index, code in codes.items() if may_show_another_amount(code)}
    if not suspects:
        return {}
    return {
        (row, column): suspects[style]
        for row in range(sheet.nrows)
        for column in range(sheet.row_len(row))
        if sheet.cell_type(row, column) == xlrd.XL_CELL_NUMBER
        and (style := sheet.cell_xf_index(row, column)) in suspects
    }


class _Cells:
    """Converts cells to Python values, as calamine does those of an xlsx."""

    def __init__(self, book: xlrd.Book) -> None:
        self._book = book
        self._are_elapsed: dict[int, bool] = {}

    def row(self, sheet: xlrd.sheet.Sheet, row: int) -> list[Any]:
        types, values = sheet.row_types(row), sheet.row_values(row)
        if not {xlrd.XL_CELL_DATE, xlrd.XL_CELL_BOOLEAN, xlrd.XL_CELL_ERROR}.isdisjoint(types):
            values = [
                self._value(type_, value, sheet, row, column)
                for column, (type_, value) in enumerate(zip(types, values, strict=True))
            ]
        return list(values)

    def _value(self, type_: int, value: Any, sheet: xlrd.sheet.Sheet, row: int, column: int) -> Any:
        if type_ == xlrd.XL_CELL_DATE:
            return self._moment(value, sheet.cell_xf_index(row, column))
        if type_ == xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        if type_ == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(value, "#UNKNOWN!")
        return value

    def _moment(self, serial: float, format_index: int) -> Any:
        """Convert a serial to a moment, time or duration, by its format; one out of range stays a number."""
        if not 0 <= serial < _FIRST_SERIAL_BEYOND:
            return serial
        if serial >= 1 and self._is_elapsed(format_index):
            return timedelta(days=serial)
        try:
            moment: datetime = xlrd.xldate_as_datetime(serial, self._book.datemode)
        except OverflowError:
            return serial
        return moment if serial >= 1 else moment.time() or time()

    def _is_elapsed(self, format_index: int) -> bool:
        if format_index not in self._are_elapsed:
            key = self._book.xf_list[format_index].format_key
            self._are_elapsed[format_index] = bool(
                _ELAPSED.search(self._book.format_map[key].format_str or "")
            )
        return self._are_elapsed[format_index]

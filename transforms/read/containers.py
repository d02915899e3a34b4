"""From the bytes of a file to grids of cells, by what the bytes are and never by the file's extension."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from transforms.read.lost_cells import lost_cells

ZIP_MAGIC = b"PK\x03\x04"
CFB_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: how an encrypted workbook shows itself: the stream that holds an xlsx, or FILEPASS behind the first record of an xls
ENCRYPTED = re.compile(
    rb"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0|\x09\x08\x10\0\0\x06\x05\0.{12}(?:\x86\0\0\0)?\x2f\0", re.DOTALL
)
#: what may stand in a file that says nothing: byte order marks, blanks, zeros
NOTHING = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
HTML_STARTS = (b"<html", b"<!doctype html", b"<table", b"<?xml")
LARGEST_CSV_FIELD = 32_767  # what an Excel cell can hold


class UnusableFile(Exception):
    """A file that cannot be read; `rule_id` and `places` make its finding."""

    def __init__(self, rule_id: str, **places: Any) -> None:
        super().__init__(rule_id, places)
        self.rule_id = rule_id
        self.places = places


@dataclass(frozen=True)
class Grid:
    """A sheet as rows of cell values, from A1; row n of the list is row n + 1 in Excel. A CSV is one unnamed grid.

    `is_1904`: bare serial numbers count from 1904. `hidden_rows` are places in `rows`. `merged` (first row, first column, last
    row, last column) and `column_widths` (in characters) serve those who draw the sheet anew. All count from 0.
    """

    name: str
    rows: list[list[Any]]
    is_visible: bool = True
    is_csv: bool = False
    is_1904: bool = False
    hidden_rows: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    column_widths: Mapping[int, float] = field(default_factory=dict)

    def is_empty(self) -> bool:
        return not any(cell_text(cell) for row in self.rows for cell in row)


@dataclass(frozen=True)
class Opened:
    """An opened file: its grids, and what was ignored in it and is told (rule, sheet or "", places of the sentence)."""

    grids: list[Grid]
    told: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()


def open_file(data: bytes) -> Opened:
    """The grids of a workbook, web page or CSV file. Raises UnusableFile with the rule that says why not."""
    if not data.strip(NOTHING):
        raise UnusableFile("file.empty")
    if data.startswith(CFB_MAGIC) and ENCRYPTED.search(data):
        raise UnusableFile("file.encrypted")
    if data.startswith((ZIP_MAGIC, CFB_MAGIC)):
        return Opened(_open_workbook(data))
    if data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(HTML_STARTS):
        raise UnusableFile("file.unknown_format", detail="是网页或 XML，不是工作簿")
    return Opened([_open_csv(data)])


def _open_workbook(data: bytes) -> list[Grid]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        lost = lost_cells(data) if data.startswith(ZIP_MAGIC) else {}
        sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        return [_open_sheet(workbook, sheet, lost.get(sheet.name, {})) for sheet in sheets]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the Rust reader is no Exception
        raise UnusableFile("file.unreadable", detail=str(error)[:120] or type(error).__name__) from error


def _open_sheet(workbook: CalamineWorkbook, sheet: Any, lost: Mapping[tuple[int, int], str]) -> Grid:
    rows: list[list[Any]] = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
    for (row, column), text in lost.items():
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([""] * (column + 1 - len(rows[row])))
        rows[row][column] = rows[row][column] or text
    return Grid(sheet.name, rows, is_visible=sheet.visible == SheetVisibleEnum.Visible)


def decode(data: bytes) -> str:
    """Text by its byte order mark, else strict UTF-8, else GB18030 (what a Chinese Excel saves without a mark)."""
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    candidates = [encoding for mark, encoding in marks if data.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnusableFile("file.unknown_format", detail="既不是工作簿，也不是 UTF-8 或 GB18030 编码的文本")


def _open_csv(data: bytes) -> Grid:
    text = decode(data)
    first_lines = text[:4096]
    delimiter = max(",\t;", key=first_lines.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    csv.field_size_limit(LARGEST_CSV_FIELD)
    rows: list[list[Any]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        raise UnusableFile("file.broken_csv", row=len(rows) + 1) from error
    return Grid("", rows, is_csv=True)


def cell_text(cell: Any) -> str:
    """A cell as the text that a person sees: a float as its 15 significant digits, a date as 2023-05-06."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        return _number_text(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _number_text(number: float) -> str:
    """Excel keeps 15 digits: a longer whole number has lost its end and is shown as 4.3E+17, as Excel does."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = format(number, ".15g").upper()
    return f"{Decimal(text):f}" if "E-" in text else text

"""The grids of cells that every container becomes, and the error that says why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from transforms.errors import TransformError

#: rows × columns from A1 to the last value of a sheet: a province's year fits, a stray cell at XFD1048576
#: does not
MOST_CELLS = 4_000_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
LONGEST_CELL = 32_767  # characters that an Excel cell can hold

#: the text of a cell whose formula was saved without its result
NO_RESULT = "#公式没有结果"

#: a notice of what was ignored: rule, sheet or "", and what fills the rule's texts
Notice = tuple[str, str, Mapping[str, Any]]


class UnusableFileError(TransformError):
    """A file or sheet that cannot be read; `rule_id` and `placeholders` make its finding."""

    def __init__(self, rule_id: str, **placeholders: Any) -> None:
        super().__init__(rule_id, placeholders)
        self.rule_id = rule_id
        self.placeholders = placeholders


@dataclass(frozen=True)
class Grid:
    """A sheet as rows of cell values, from A1; row n of the list is row n + 1 in Excel.

    A CSV is one unnamed grid. `member` is the name of its file in a zip.

    `refused` says why a sheet of a readable workbook cannot be used; it has no rows then. `is_1904`: bare
    serial numbers count from 1904. `hidden_rows` are positions in `rows`. `merged` (first row, first
    column, last row, last column) and `column_widths` (in characters) are used to redraw the sheet.
    `number_formats` are those of the numbers that may be shown as another amount. `unseen` are cells that
    show nothing (white on white, a format without signs); `comments` are notes on cells, `printed` what
    stands above and below each page when the sheet is printed. `partly_struck` are cells of which a part of
    the text is struck through, which are `struck` too. All count from 0.
    """

    name: str
    rows: list[list[Any]]
    member: str = ""
    is_visible: bool = True
    is_csv: bool = False
    is_1904: bool = False
    hidden_rows: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    struck: frozenset[tuple[int, int]] = frozenset()
    partly_struck: frozenset[tuple[int, int]] = frozenset()
    column_widths: Mapping[int, float] = field(default_factory=dict)
    number_formats: Mapping[tuple[int, int], str] = field(default_factory=dict)
    unseen: frozenset[tuple[int, int]] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    printed: tuple[str, ...] = ()
    refused: UnusableFileError | None = None

    @property
    def tab(self) -> str:
        """The name of the sheet without that of its file in a zip."""
        return self.name.removeprefix(self.member).lstrip("/") if self.member else self.name

    def is_empty(self) -> bool:
        return not any(cell_text(cell) for row in self.rows for cell in row)


@dataclass(frozen=True)
class OpenedFile:
    """An opened file: its grids, and notices of what was ignored."""

    grids: list[Grid]
    notices: tuple[Notice, ...] = ()


#: what libraries say of broken files, in lower case, and how it is said to a clerk
LIBRARY_WORDS = {
    "not a zip file": "文件不完整，常见于没有传完或没有存完",
    "bad magic number": "文件中间有损坏",
    "bad crc": "文件中间有损坏",
    "end-of-stream": "文件不完整，常见于没有传完或没有存完",
    "error -3 while decompressing": "文件中间有损坏",
    "error -5 while decompressing": "文件不完整，常见于没有传完或没有存完",
    "truncated": "文件不完整，常见于没有传完或没有存完",
}


def unreadable_file(error: BaseException) -> UnusableFileError:
    """Build the error of a file on which a library failed, in words for a clerk where they are known."""
    words = " ".join(str(error).replace("\0", "").split())
    known = next((text for part, text in LIBRARY_WORDS.items() if part in words.lower()), None)
    return UnusableFileError("file.unreadable", detail=known or words[:120] or type(error).__name__)


def clean_cells(rows: list[list[Any]], sheet: str) -> list[Notice]:
    """Cut texts that are too long for Excel and remove NUL, which PostgreSQL refuses, in place.

    Return a notice for each cut.
    """
    notices: list[Notice] = []
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            if type(cell) is not str:
                continue
            if "\0" in cell:
                row[column] = cell = cell.replace("\0", "")
            if len(cell) > LONGEST_CELL:
                row[column] = cell[:LONGEST_CELL]
                notices.append(("sheet.text_cut", sheet, {"detail": xl_rowcol_to_cell(index, column)}))
    return notices


def cell_text(cell: Any) -> str:
    """Return the text that a person sees in a cell: a float in 15
    significant digits, a date as 2023-05-06.
    """
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
    """Format a number as Excel shows it: it keeps 15 digits, so a longer whole number is shown as 4.3E+17."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = format(number, ".15g").upper()
    return f"{Decimal(text):f}" if "E-" in text else text

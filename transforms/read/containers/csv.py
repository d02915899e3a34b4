"""Open CSV and other delimited text: find encoding and delimiter, and split it into rows as Excel counts
them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import Any

from schemas.row_marks import FEWEST_SWALLOWED_SEPARATORS, SWALLOWED_SHARE
from transforms.read.containers.grid import LONGEST_CELL, MOST_CELLS, Grid, UnusableFileError

_DELIMITERS = ",\t;"
_SAMPLE = 65_536  # characters in which the delimiter is looked for
_SAMPLE_ROWS = 100
#: Excel's own hint in the first line, which it does not show
_HINT = re.compile(r'"?sep=([^\r\n"])"?(?:\r\n|\r|\n)')
#: ="0043", which keeps Excel from turning the text into a number
_QUOTED_TEXT = re.compile(r'^="?([^"]*)"?\Z')
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))(?<=\d,)")  # the comma first, which a search leaps to
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def open_delimited(data: bytes) -> Grid:
    """Return the one grid of a text file.

    Row n is its nth record, whatever number of lines the records take.
    """
    text = decode(data)
    hint = _HINT.match(text)
    delimiter = hint[1] if hint else find_delimiter(text)
    if text.count(delimiter) + text.count("\n") + text.count("\r") > 2 * MOST_CELLS:
        raise UnusableFileError("file.too_large", detail=f"超过 {MOST_CELLS} 个单元格")
    rows = split_records(text[hint.end() :] if hint else text, delimiter)
    if '="' in text:
        rows = [[_QUOTED_TEXT.sub(r"\1", cell) for cell in row] for row in rows]
    return Grid("", rows, is_csv=True)


def split_records(text: str, delimiter: str) -> list[list[Any]]:
    """Return the cells of each record.

    Raises UnusableFileError where a quote is not at an end of a cell, or one that opens a cell meets its
    end rows below.
    """
    csv.field_size_limit(LONGEST_CELL)
    rows: list[list[Any]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows.extend(reader)
    except csv.Error as error:
        raise UnusableFileError("file.broken_csv", row=len(rows) + 1) from error
    has_longer_records = reader.line_num > len(rows)
    if has_longer_records and (swallowing := _find_swallowing_row(rows, delimiter)) is not None:
        raise UnusableFileError("file.broken_csv", row=swallowing + 1)
    return rows


def _find_swallowing_row(rows: list[list[Any]], delimiter: str) -> int | None:
    """Return the first row with a cell that holds the lines of further rows.

    A stray quote makes one cell of all up to the next quote: it has about as many separators to each line
    as the header has, and a remark of several lines has hardly any.
    """
    separators = max(map(len, rows), default=1) - 1
    for index, row in enumerate(rows):
        for cell in row:
            if "\n" not in cell and "\r" not in cell:
                continue
            lines = sum(1 for line in cell.splitlines()[1:] if line.strip())
            fewest = max(FEWEST_SWALLOWED_SEPARATORS, SWALLOWED_SHARE * separators * lines)
            if lines and cell.count(delimiter) >= fewest:
                return index
    return None


def decode(data: bytes) -> str:
    """Decode by the byte order mark, else as strict UTF-8, else as
    GB18030, the default of a Chinese Excel.
    """
    candidates = [encoding for mark, encoding in _MARKS.items() if data.startswith(mark)] or [
        "utf-8",
        "gb18030",
    ]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        if encoding != "gb18030" and _is_mostly_text(text):
            before = text[: text.index("\0")]
            raise UnusableFileError("file.nul_bytes", row=len(before.splitlines()) or 1)
    raise UnusableFileError(
        "file.unknown_format", detail="既不是工作簿，也不是 UTF-8 或 GB18030 编码的文本"
    )


def find_delimiter(text: str) -> str:
    """Return the character that splits most of the first records into the same number of cells.

    Counting characters would not do: amounts contain commas, and quoted cells anything.
    """
    sample = _THOUSANDS.sub("", text[:_SAMPLE])
    return max(_DELIMITERS, key=lambda delimiter: _regularity(sample, delimiter))


def _regularity(sample: str, delimiter: str) -> int:
    """Count the cells in records of the most frequent width; zero for a delimiter that splits nothing."""
    if delimiter not in sample:
        return 0
    csv.field_size_limit(_SAMPLE)
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    widths = Counter(len(record) for record in islice(reader, _SAMPLE_ROWS))
    return max(((width - 1) * count for width, count in widths.items()), default=0)


def _is_mostly_text(text: str) -> bool:
    """Return whether a file with NUL may be a damaged text; other files have control characters too."""
    return not any(chr(code) in text for code in range(1, 32) if chr(code) not in "\t\r\n\f\v")

"""Parse regular CSV files: those with the same header are parsed together, in one call of pyarrow.

pyarrow parses a regular file just as `transforms.read.containers.csv` does. A file with anything else in it
(a quote in an odd position, a row of another width, a lone carriage return) is left to `read_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from transforms.read.containers.csv import decode, find_delimiter, split_records
from transforms.read.containers.detect import is_delimited
from transforms.read.containers.grid import MOST_CELLS, UnusableFileError
from transforms.read.layout.text_columns import TEXT

DELIMITER = ","
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COMMA, _QUOTE, _LINE_END = b',"\n'
_BLOCK_BYTES = 2**20  # parsed together: what stays in the processor's cache
#: Excel's hint in the first line, which is no header
_DELIMITER_HINTS = (b"sep=", b'"sep=')


@dataclass(frozen=True)
class RegularFile:
    """A CSV file in UTF-8 with \\n at the end of each line, one row in each line, all of one width."""

    header: bytes
    body: bytes
    width: int
    rows: int

    def first_rows(self, count: int) -> list[list[str]]:
        """Return the header and the first `count` rows below it."""
        end = 0
        for _ in range(min(count, self.rows)):
            end = self.body.index(b"\n", end) + 1
        return split_records((self.header + self.body[:end]).decode(), DELIMITER)


def as_regular_file(data: bytes) -> RegularFile | None:
    """Return the file, or None where its bytes show that it is not regular.

    Whether all of it is UTF-8 and each row has the same width is left to the parser.
    """
    text = _regular_text(data) if is_delimited(data) else None
    if text is None:
        return None
    codes = np.frombuffer(text, np.uint8)
    if b'"' in text:
        commas, lines = _count_outside_quotes(codes)
    else:
        commas, lines = text.count(b","), text.count(b"\n")
    commas_per_line, remainder = divmod(commas, max(lines, 1))
    if remainder or not commas_per_line or lines < 2 or commas + 2 * lines > 2 * MOST_CELLS:
        return None
    end = text.index(b"\n") + 1
    header = text[:end]
    width = commas_per_line + 1
    return RegularFile(header, text[end:], width, lines - 1) if _count_cells(header) == width else None


def _count_cells(header: bytes) -> int:
    try:
        return len(split_records(header.decode(), DELIMITER)[0])
    except UnusableFileError:
        return 0


def _regular_text(data: bytes) -> bytes | None:
    """Return the text in UTF-8 with \\n at line ends; None where it may be separated in another way."""
    try:
        text = data.removeprefix(_BYTE_ORDER_MARK)
        if b"\0" in data or not _is_utf8(text[: text.find(b"\n") + 1]):
            text = decode(data).encode()
        has_other_delimiter = (b"\t" in text or b";" in text) and find_delimiter(decode(data)) != DELIMITER
    except UnusableFileError:
        return None
    if has_other_delimiter or text.startswith(_DELIMITER_HINTS) or (b'"' in text and b'="' in text):
        return None
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    if not text.endswith(b"\n"):
        text += b"\n"
    return None if b"\r" in text else text


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _count_outside_quotes(codes: npt.NDArray[np.uint8]) -> tuple[int, int]:
    """Count the commas and line ends outside quoted cells; (0, 0)
    where a quote is not at an end of a cell.
    """
    quotes = np.flatnonzero(codes == _QUOTE)
    if len(quotes) % 2:
        return 0, 0
    before = np.where(quotes[::2] == 0, _LINE_END, codes[quotes[::2] - 1])
    neighbours = np.concatenate([before, codes[quotes[1::2] + 1]])
    commas, lines = np.flatnonzero(codes == _COMMA), np.flatnonzero(codes == _LINE_END)
    is_regular = ((neighbours == _COMMA) | (neighbours == _LINE_END)).all()
    if not is_regular or (np.searchsorted(quotes, lines) % 2).any():
        return 0, 0
    return int(np.count_nonzero(np.searchsorted(quotes, commas) % 2 == 0)), len(lines)


#: files with the number that the caller knows them by
NumberedFiles = Sequence[tuple[int, RegularFile]]


def parse_regular_files(files: NumberedFiles) -> list[tuple[NumberedFiles, list[pa.Array]]]:
    """Parse files with one header into columns of text, in as few parts as possible.

    A file that pyarrow cannot parse is in none of the parts.
    """
    columns = _parse([file for _, file in files])
    if columns is not None:
        return [(files, columns)]
    half = len(files) // 2
    return [*parse_regular_files(files[:half]), *parse_regular_files(files[half:])] if half else []


def _parse(files: Sequence[RegularFile]) -> list[pa.Array] | None:
    text = b"".join([files[0].header, *(file.body for file in files)])
    names = [str(index) for index in range(files[0].width)]
    try:
        table = csv.read_csv(
            pa.BufferReader(text),
            csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES, skip_rows=1, column_names=names),
            csv.ParseOptions(quote_char='"' if b'"' in text else False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=dict.fromkeys(names, TEXT), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != sum(file.rows for file in files):
        return None
    return [column.combine_chunks() for column in table.columns]

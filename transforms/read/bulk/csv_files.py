"""Bulk parsing of regular CSV files: those of one header are parsed together, in one pyarrow call.

What is plain here is read by pyarrow just as `delimited.records` reads it. A file that holds anything else (a quote out of
place, a row of another width, a lone carriage return) is for `read_file`, which looks at everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from transforms.read.bulk.arrow_columns import TEXT
from transforms.read.containers.csv import decode, find_delimiter, split_records
from transforms.read.containers.detect import is_delimited
from transforms.read.containers.grid import MOST_CELLS, UnusableFileError

DELIMITER = ","
_MARK = b"\xef\xbb\xbf"
_COMMA, _QUOTE, _LINE = b',"\n'
_STEP = 2**20  # bytes parsed together: what stays in the processor's cache
#: Excel's hint in the first line, which is no header
_HINTS = (b"sep=", b'"sep=')


@dataclass(frozen=True)
class RegularFile:
    """A plain file in UTF-8: its lines end in \\n, its rows stand one in each line and have all as many cells as the header."""

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
    """The file, if it is plain as far as bytes can tell; that they are UTF-8, the parser tells."""
    text = _plain_text(data) if is_delimited(data) else None
    if text is None:
        return None
    signs = np.frombuffer(text, np.uint8)
    end = text.index(b"\n") + 1
    commas, lines = _parted(signs) if b'"' in text else (_count(signs, _COMMA), _count(signs, _LINE))
    width, rest = divmod(commas, max(lines, 1))
    if rest or not width or lines < 2 or commas + 2 * lines > 2 * MOST_CELLS:
        return None
    header = text[:end]
    return RegularFile(header, text[end:], width + 1, lines - 1) if _cells(header) == width + 1 else None


def _cells(header: bytes) -> int:
    try:
        return len(split_records(header.decode(), DELIMITER)[0])
    except UnusableFileError:
        return 0


def _plain_text(data: bytes) -> bytes | None:
    """The text in UTF-8 with \\n at the end of each line; None where it may be parted otherwise than by commas and lines."""
    try:
        text = data.removeprefix(_MARK)
        if b"\0" in data or not _is_utf8(text[: text.find(b"\n") + 1]):
            text = decode(data).encode()
        is_parted_otherwise = (b"\t" in text or b";" in text) and find_delimiter(decode(data)) != DELIMITER
    except UnusableFileError:
        return None
    if is_parted_otherwise or text.startswith(_HINTS) or (b'"' in text and b'="' in text):
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


def _count(signs: npt.NDArray[np.uint8], sign: int) -> int:
    return int(np.count_nonzero(signs == sign))


def _parted(signs: npt.NDArray[np.uint8]) -> tuple[int, int]:
    """How many commas part cells and how many line ends part rows, where some cells are quoted as a whole; (0, 0) where a quote
    stands otherwise.
    """
    quotes = np.flatnonzero(signs == _QUOTE)
    if len(quotes) % 2:
        return 0, 0
    before = np.where(quotes[::2] == 0, _LINE, signs[quotes[::2] - 1])
    outside = np.concatenate([before, signs[quotes[1::2] + 1]])
    commas, lines = np.flatnonzero(signs == _COMMA), np.flatnonzero(signs == _LINE)
    if not ((outside == _COMMA) | (outside == _LINE)).all() or (np.searchsorted(quotes, lines) % 2).any():
        return 0, 0
    return int(np.count_nonzero(np.searchsorted(quotes, commas) % 2 == 0)), len(lines)


Part = Sequence[tuple[int, RegularFile]]


def parse_regular_file(files: Part) -> list[tuple[Part, list[pa.Array]]]:
    """Numbered files of one header as columns of text, one for each cell of the header, in as few parts as can be parsed.

    A file that cannot be parsed is in none.
    """
    columns = _columns([file for _, file in files])
    if columns is not None:
        return [(files, columns)]
    half = len(files) // 2
    return [*parse_regular_file(files[:half]), *parse_regular_file(files[half:])] if half else []


def _columns(files: Sequence[RegularFile]) -> list[pa.Array] | None:
    joined = b"".join([files[0].header, *(file.body for file in files)])
    names = [str(index) for index in range(files[0].width)]
    try:
        table = csv.read_csv(
            pa.BufferReader(joined),
            csv.ReadOptions(use_threads=False, block_size=_STEP, skip_rows=1, column_names=names),
            csv.ParseOptions(quote_char='"' if b'"' in joined else False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=dict.fromkeys(names, TEXT), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != sum(file.rows for file in files):
        return None
    return [column.combine_chunks() for column in table.columns]

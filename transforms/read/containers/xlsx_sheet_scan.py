"""Find the cells of a sheet in its XML by array operations over the bytes, as a loop over the tags would be
slow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.read.containers.grid import UnusableFileError

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

LONGEST_TAG = 32  # bytes of a tag that are looked at, at most
_STEP = 8 * 2**20  # bytes looked at together: keeps the arrays small
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # before the XML declaration


@dataclass(frozen=True)
class Tags:
    """The tags of a sheet: rows and columns (from 1) of its cells, and which of them have content."""

    rows: Integers
    columns: Integers
    has_content: Booleans
    row_tags: Integers
    has_formula: bool
    has_aside: bool
    is_plain: bool  # every cell begins with its name, as in `<c r="AB12"`


def scan(xml: bytes) -> Tags:
    """Find all tags of a sheet. Raises UnusableFileError for empty XML."""
    text = np.frombuffer(xml + b" " * LONGEST_TAG, np.uint8)
    parts = [_scan_part(text, start, min(start + _STEP, len(xml))) for start in range(0, len(xml), _STEP)]
    if not parts:
        raise UnusableFileError("sheet.unreadable", detail="XML 不完整")
    return Tags(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.has_content for part in parts]),
        np.concatenate([part.row_tags for part in parts]),
        any(part.has_formula for part in parts),
        any(part.has_aside for part in parts),
        all(part.is_plain for part in parts),
    )


def _scan_part(text: npt.NDArray[np.uint8], start: int, end: int) -> Tags:
    """Find the tags that begin between two positions; the last one may end beyond."""
    tags = np.flatnonzero(text[start:end] == ord("<")) + start
    first, second = text[tags + 1], text[tags + 2]
    is_short = (second <= ord(" ")) | (second == ord(">")) | (second == ord("/"))
    offsets = np.flatnonzero((first == ord("c")) & is_short)
    inner = first[np.minimum(offsets + 1, len(tags) - 1)] if len(tags) else first
    has_content = (
        (inner == ord("v")) | (inner == ord("f")) | (inner == ord("i")) | (offsets + 1 == len(tags))
    )
    rows, columns, is_plain = _references(text, tags[offsets])
    has_aside = bool(((first == ord("!")) | ((first == ord("?")) & (tags > len(_BYTE_ORDER_MARK)))).any())
    row_tags = tags[(first == ord("r")) & (second == ord("o"))]
    return Tags(rows, columns, has_content, row_tags, bool((first == ord("f")).any()), has_aside, is_plain)


def _references(text: npt.NDArray[np.uint8], tags: Integers) -> tuple[Integers, Integers, bool]:
    """Return row and column of the cells that begin with `<c r="AB12"`, and whether all of them do."""
    is_plain = (text[tags + 3] == ord("r")) & (text[tags + 4] == ord("=")) & (text[tags + 5] == ord('"'))
    rows, columns = np.zeros(len(tags), np.int64), np.zeros(len(tags), np.int64)
    is_open = np.ones(len(tags), np.bool_)
    for position in range(11):
        letters = text[tags + 6 + position]
        is_digit = is_open & (letters >= ord("0")) & (letters <= ord("9"))
        is_letter = is_open & (letters >= ord("A")) & (letters <= ord("Z"))
        is_plain &= ~is_letter | ((rows == 0) & (position < 3))
        is_plain &= ~is_digit | (columns > 0) & ((rows > 0) | (letters > ord("0")))
        is_plain &= ~is_open | is_digit | is_letter | ((letters == ord('"')) & (rows > 0))
        np.copyto(rows, rows * 10 + letters - ord("0"), where=is_digit)
        np.copyto(columns, columns * 26 + letters - ord("A") + 1, where=is_letter)
        is_open &= is_digit | is_letter
        if not is_open.any():
            break
    return rows, columns, bool(is_plain.all() and not is_open.any())

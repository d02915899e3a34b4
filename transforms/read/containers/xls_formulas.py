"""Find the formulas of an xls that a program did not calculate; xlrd reads them as empty or 0."""

from __future__ import annotations

import struct

import xlrd

_HEADER = struct.Struct("<HH")
#: row, column, style, result, flags
_FORMULA = struct.Struct("<HHH8sH")
_FORMULA_RECORDS = (0x0006, 0x0206, 0x0406)
_BEGIN_RECORDS = (0x0809, 0x0409, 0x0209, 0x0009)
_END_RECORD = 0x000A
#: the flag by which a program leaves the calculation to the one that opens the file
_CALCULATE_ON_LOAD = 0x0002
_BIFF5 = 50
_ZERO = bytes(8)


def find_uncalculated_formulas(
    book: xlrd.Book, index: int, is_by_program: bool
) -> frozenset[tuple[int, int]]:
    """Return the cells (row, column, from 0) of a sheet whose formula was written with 0 or nothing as its
    result, to be calculated when the file is opened.

    `is_by_program`: the file has none of the properties that Excel and WPS write. Its formulas do not say
    that they are to be calculated.
    """
    if book.biff_version < _BIFF5:
        return frozenset()
    data, position = book.mem, book._sh_abs_posn[index]
    cells, depth = set(), 0
    while position + _HEADER.size <= len(data):
        kind, length = _HEADER.unpack_from(data, position)
        position += _HEADER.size
        if kind in _BEGIN_RECORDS:
            depth += 1
        elif kind == _END_RECORD:
            depth -= 1
            if depth <= 0:
                break
        elif kind in _FORMULA_RECORDS and length >= _FORMULA.size:
            row, column, _, result, flags = _FORMULA.unpack_from(data, position)
            if (is_by_program or flags & _CALCULATE_ON_LOAD) and _is_nothing(result):
                cells.add((row, column))
        position += length
    return frozenset(cells)


def _is_nothing(result: bytes) -> bool:
    """Return whether a result is 0 or the empty text."""
    return result == _ZERO or (result[6:] == b"\xff\xff" and result[0] == 3)

"""Write what surrounds the cells of a sheet as XML: rows, widths of columns, merged ranges."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from transforms.receipt.untouched import DECLARATION
from transforms.receipt.workbook.cell_xml import column_letters
from transforms.receipt.workbook.package import COLUMN_PX, MAIN, RELATIONS, ROW_PX

SHEET_START = f'{DECLARATION}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
_PT = 0.75  # a pixel in points
_DIGIT_PX, _PADDING_PX = 7, 5  # of the font that widths are measured in


def row_xml(number: int, cells: str, points: float = 0, *, is_hidden: bool = False) -> str:
    """Write a row, counted from 1; without a height of its own it has that of the sheet."""
    pixels = height_px(points)
    height = f' ht="{pixels * _PT:.16g}" customHeight="1"' if pixels != ROW_PX else ""
    hidden = ' hidden="1"' if is_hidden else ""
    return f'<row r="{number}"{hidden}{height}>{cells}</row>'


def height_px(points: float) -> int:
    """Return the height of a row in pixels."""
    return round(points / _PT) if points else ROW_PX


def width_px(characters: float) -> int:
    """Return the width of a column in pixels, which hold this many digits."""
    if characters < 1:
        return int(characters * (_DIGIT_PX + _PADDING_PX) + 0.5)
    return int(characters * _DIGIT_PX + 0.5) + _PADDING_PX


def stored_width_px(characters: float) -> int:
    """Return the width in pixels of a column as files have it, with the space at both sides."""
    return int(characters * _DIGIT_PX + 0.5)


@lru_cache(256)
def columns_xml(widths: tuple[tuple[int, float], ...]) -> str:
    """Write the widths of columns, which count from 0."""
    listed = "".join(
        f'<col min="{column + 1}" max="{column + 1}" width="{_stored_width(width):.16g}"{_custom(width)}/>'
        for column, width in widths
    )
    return f"<cols>{listed}</cols>" if listed else ""


def _stored_width(characters: float) -> float:
    """Return a width as files have it: with the space at both sides of the digits."""
    return (width_px(characters) * 256 // _DIGIT_PX) / 256


def _custom(characters: float) -> str:
    return ' customWidth="1"' if width_px(characters) != COLUMN_PX else ""


def merges_xml(spans: Sequence[tuple[int, int, int, int]]) -> str:
    """Write merged ranges: first row, first column, last row and last column of each, from 0."""
    listed = "".join(
        f'<mergeCell ref="{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"/>'
        for top, left, bottom, right in spans
    )
    return f'<mergeCells count="{len(spans)}">{listed}</mergeCells>' if listed else ""

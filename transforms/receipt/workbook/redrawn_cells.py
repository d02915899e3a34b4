"""Render the cells of a redrawn sheet by column: most columns hold plain text without findings."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from schemas.ledgers.rules import Severity
from transforms.foreign_text import LONGEST_TEXT
from transforms.read.containers.detect import Grid, cell_text
from transforms.receipt.subject import LAST_COLUMN, LAST_ROW
from transforms.receipt.words import FORMULA_STARTS, clean
from transforms.receipt.workbook.cell_xml import (
    blank_cell,
    boolean_cell,
    column_letters,
    number_cell,
    text_cell,
)
from transforms.receipt.workbook.redrawn_styles import Styles

#: General shows a whole number from here on as 1.2E+11
_GENERAL_ENDS, _DIGITS_END = 1e11, 1e15
_FIRST_YEAR = 1904
#: rows in memory while writing
ROWS_AT_ONCE = 2_000
#: signs in texts, joined by line ends, that need a closer look: XML markup, Excel's escapes, starts of
#: formulas
_SIGNS = ("&", "<", ">", "_x", *(f"\n{sign}" for sign in FORMULA_STARTS))
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
#: converts a date or time to a number of days, as the workbook counts them
Days = Callable[[Any], float]
#: the day before the first, as Excel counts 29 February 1900, and as it counts from 1904
_DAY_ZERO, _DAY_ZERO_OF_1904 = date(1899, 12, 30), date(1904, 1, 1)


def render_rows(
    days: Days,
    grid: Grid,
    header: tuple[int, int],
    severities: Mapping[int, Mapping[int, Severity]],
    styles: Styles,
) -> Iterator[tuple[int, str]]:
    """Yield every row, and marked ones beyond the last.

    `header` is its first and last row; all count from 0.
    """
    first_head, last_head = header
    count = min(len(grid.rows), LAST_ROW)
    for row in range(min(last_head + 1, count)):
        kind = "above" if row < first_head else "head"
        yield row, _row(days, row, grid.rows[row][:LAST_COLUMN], kind, severities.get(row, {}), styles)
    for start in range(last_head + 1, count, ROWS_AT_ONCE):
        yield from _body(
            days, grid.rows[start : min(start + ROWS_AT_ONCE, count)], start, severities, styles
        )
    for row in sorted(severities.keys() - set(range(count))):
        yield row, _row(days, row, [], "", severities[row], styles)


def _body(
    days: Days,
    rows: Sequence[Sequence[Any]],
    start: int,
    severities: Mapping[int, Mapping[int, Severity]],
    styles: Styles,
) -> Iterator[tuple[int, str]]:
    """Yield some rows below the header, rendered column by column; rows of different lengths one by one."""
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        for index, row in enumerate(rows, start):
            yield index, _row(days, index, row[:LAST_COLUMN], "", severities.get(index, {}), styles)
        return
    by_column = islice(zip(*rows, strict=True), LAST_COLUMN)
    columns = [_column(days, start, index, values, styles) for index, values in enumerate(by_column)]
    for index, (row, cells) in enumerate(zip(rows, zip(*columns, strict=True), strict=True), start):
        marked = severities.get(index)
        yield index, "".join(_mark(days, index, row, cells, marked, styles) if marked else cells)


def _mark(
    days: Days,
    row: int,
    values: Sequence[Any],
    cells: Sequence[str],
    marked: Mapping[int, Severity],
    styles: Styles,
) -> list[str]:
    """Return the cells of a row, with the marked ones rendered again."""
    beyond = [index for index in sorted(marked) if index >= len(cells)]
    rendered = [
        *cells,
        *(blank_cell(row + 1, index + 1, styles.of_cell("text", marked[index])) for index in beyond),
    ]
    for index in marked.keys() - set(beyond):
        rendered[index] = _cell(days, row + 1, index + 1, values[index], "", marked[index], styles)
    return rendered


def _column(days: Days, start: int, column: int, values: Sequence[Any], styles: Styles) -> list[str]:
    """Render the cells of a column without marks; plain text needs no look at each."""
    if _is_plain(values):
        begin, style = f'<c r="{column_letters(column + 1)}', styles.of_cell("text", None)
        middle = f'" s="{style}" t="inlineStr"><is><t>'
        return [
            f"{begin}{row}{middle}{text}</t></is></c>" if text else ""
            for row, text in enumerate(values, start + 1)
        ]
    return [
        _cell(days, row, column + 1, value, "", None, styles) for row, value in enumerate(values, start + 1)
    ]


def _is_plain(values: Sequence[Any]) -> bool:
    """Return whether all values are texts that XML holds unchanged and that are no formulas, by one search
    of all.
    """
    try:
        joined = "\n".join(["", *values])
    except TypeError:
        return False
    if joined.count("\n") != len(values) or (
        len(joined) > LONGEST_TEXT and max(map(len, values)) > LONGEST_TEXT
    ):
        return False
    if any(sign in joined for sign in _SIGNS) or _CONTROL.search(joined):
        return False
    return joined == "\n".join(["", *map(str.strip, values)])


def _row(
    days: Days, row: int, cells: Sequence[Any], kind: str, marked: Mapping[int, Severity], styles: Styles
) -> str:
    rendered = [
        _cell(days, row + 1, index + 1, value, kind, marked.get(index), styles)
        for index, value in enumerate(cells)
    ]
    beyond = sorted(marked.keys() - set(range(len(cells))))
    return "".join(
        [
            *rendered,
            *(blank_cell(row + 1, index + 1, styles.of_cell("text", marked[index])) for index in beyond),
        ]
    )


def _cell(
    days: Days, row: int, column: int, value: Any, kind: str, severity: Severity | None, styles: Styles
) -> str:
    if value.__class__ is str:
        if value:
            like = kind or ("formula_like" if value.startswith(FORMULA_STARTS) else "text")
            return text_cell(row, column, styles.of_cell(like, severity), value)
        return (
            blank_cell(row, column, styles.of_cell(kind or "text", severity))
            if severity or kind == "head"
            else ""
        )
    if value is not None:
        return _value_cell(days, row, column, value, severity, styles)
    return blank_cell(row, column, styles.of_cell("text", severity)) if severity else ""


def _value_cell(
    days: Days, row: int, column: int, value: Any, severity: Severity | None, styles: Styles
) -> str:
    """Render a number, date or boolean as such, and what Excel cannot hold as text."""
    if isinstance(value, bool):
        return boolean_cell(row, column, styles.of_cell("general", severity), value)
    if isinstance(value, int | float) and math.isfinite(value):
        is_long = _GENERAL_ENDS <= abs(value) < _DIGITS_END and float(value).is_integer()
        return number_cell(row, column, styles.of_cell("whole" if is_long else "general", severity), value)
    if isinstance(value, time | timedelta):
        kind = "time" if isinstance(value, time) else "duration"
        return number_cell(row, column, styles.of_cell(kind, severity), days(value))
    if isinstance(value, date) and value.year >= _FIRST_YEAR:
        has_hour = isinstance(value, datetime) and value.time() != time()
        plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        return number_cell(
            row, column, styles.of_cell("moment" if has_hour else "date", severity), days(plain)
        )
    return text_cell(row, column, styles.of_cell("text", severity), clean(cell_text(value)))


def count_days(value: date | time | timedelta, *, is_1904: bool) -> float:
    """Convert a date, time or duration to a number of days."""
    if isinstance(value, timedelta):
        duration = value
    elif isinstance(value, time):
        duration = timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
    else:
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        duration = moment - datetime.combine(_DAY_ZERO_OF_1904 if is_1904 else _DAY_ZERO, time())
    return duration.days + (duration.seconds + duration.microseconds / 1e6) / 86_400

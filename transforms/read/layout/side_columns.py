"""Doubt tables with a column beside the ledger's that changes what rows mean: corrections, months, counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

from schemas.sheet_words import CORRECTION_HEADER, COUNT_COLUMN_HEADERS, MONTH_COLUMN_HEADERS
from transforms.read.layout.doubtful_rows import cell_of_row
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.months import read_label
from transforms.read.layout.rows import SheetRows, format_rows
from transforms.read.layout.tables import SheetTable

_CORRECTION = re.compile(CORRECTION_HEADER)
_MONTH = re.compile(r"(?:(?P<year>(?:19|20)\d\d)[-./年]?)?(?P<month>1[0-2]|0?[1-9])月?份?")
_NUMBER = re.compile(r"\d+(?:\.0*)?")


def find_side_columns(header: Sequence[str], known: Container[int]) -> dict[int, str]:
    """Return the columns that are not among the known ones and change what rows mean, each with its rule."""
    rules = {}
    for column, text in enumerate(header):
        folded = fold_header(text) if text and column not in known else ""
        if folded in MONTH_COLUMN_HEADERS:
            rules[column] = "sheet.column_of_other_months"
        elif folded in COUNT_COLUMN_HEADERS:
            rules[column] = "sheet.column_of_counts"
        elif _CORRECTION.fullmatch(folded):
            rules[column] = "sheet.column_of_corrections"
    return rules


def doubt_side_columns(
    sheet: SheetRows, table: SheetTable, columns: Mapping[str, HeaderColumn], period: str
) -> Iterator[dict[str, Any]]:
    """Yield a warning for each such column, at the first cell that says something else than the table."""
    known = {column.index for column in columns.values()}
    tests: dict[str, Callable[[str], bool]] = {
        "sheet.column_of_other_months": lambda text: _is_other_month(text, period),
        "sheet.column_of_counts": lambda text: _NUMBER.fullmatch(text) is not None and float(text) != 1,
        "sheet.column_of_corrections": bool,
    }
    for column, rule_id in find_side_columns(table.header.texts, known).items():
        rows = [row for row in table.rows if tests[rule_id](_cell(sheet.texts[row], column))]
        if rows:
            details = {"rows": format_rows(rows), "period": period}
            yield cell_of_row(sheet, table, rule_id, rows[0], column, **details)


def _is_other_month(text: str, period: str) -> bool:
    if match := _MONTH.fullmatch(text.replace(" ", "")):
        return int(match["month"]) != int(period[5:]) or match["year"] not in (None, period[:4])
    return bool(text) and read_label(text).contradicts(period)


def _cell(texts: Sequence[str], column: int) -> str:
    return texts[column] if column < len(texts) else ""

"""Recognise sheets without a header that go on with the table of another sheet."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from schemas.row_marks import COLUMN_SHIFTS, FEWEST_FILLED, FEWEST_FITTING_CELLS
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.header_match import HeaderColumn, HeaderRow

_NUMBER = re.compile(r"[-+]?[¥￥]?\d[\d,，]*(?:\.\d+)?\s*[十百千万亿]?元?")
_DOCUMENT = re.compile(r".*[〔\[(（【{].*\d{4}.*\d+\s*号?.*", re.DOTALL)
#: what a cell of a field of each kind looks like; choices may be anything
_LOOKS = {
    "date": re.compile(r"(?:19|20)\d\d(?:\d{4}|\s*[-./年]\s*\d{1,2}.*)"),
    "document_no": _DOCUMENT,
    "identity_no": re.compile(r"\d{15}|\d{17}[\dXx]"),
    "boolean": re.compile(r"是|否|有|无|√"),
    "uscc": re.compile(r"[0-9A-Za-z]{15,20}"),
    "money": _NUMBER,
    "integer": _NUMBER,
    "number": _NUMBER,
}


def list_continued_rows(index: HeaderIndex, header: HeaderRow, texts: Sequence[Sequence[str]]) -> list[int]:
    """Return the rows (from 0) of a sheet that fit the columns of a header in another sheet.

    Numbers, days and documents stand where the header has them: two of them at least, and more than do not
    fit; or one where all that is required is filled in.
    """
    best: list[int] = []
    for ledger, match in header.matches.items():
        if not index.missing(ledger, match):
            for shift in COLUMN_SHIFTS:
                form = index.ledgers[ledger]
                kinds = _kinds_by_column(match.columns, form.kinds, shift)
                required = {
                    match.columns[name].index + shift for name in form.required if name in match.columns
                }
                fitting = [row for row, cells in enumerate(texts) if _fits(cells, kinds, required)]
                best = max(best, fitting, key=len)
    return best


def _kinds_by_column(
    columns: Mapping[str, HeaderColumn], kinds: Mapping[str, str], shift: int
) -> dict[int, str]:
    """Return the kind of field in each column, where the rows are shifted right by this number of columns."""
    return {
        column.index + shift: kinds[field] for field, column in columns.items() if column.index + shift >= 0
    }


def _fits(cells: Sequence[str], kinds: Mapping[int, str], required: Collection[int]) -> bool:
    """Return whether a row fits; a text that is the number of a document does too, any other says nothing."""
    marks = []
    for column, kind in kinds.items():
        text = cells[column] if column < len(cells) else ""
        if text and kind in _LOOKS:
            marks.append(_LOOKS[kind].fullmatch(text) is not None)
        elif kind == "text" and _DOCUMENT.fullmatch(text):
            marks.append(True)
    if sum(marks) >= FEWEST_FITTING_CELLS:
        return 2 * sum(marks) > len(marks)
    is_filled = len(required) >= FEWEST_FILLED and all(
        0 <= column < len(cells) and cells[column] for column in required
    )
    return is_filled and bool(marks) and all(marks)

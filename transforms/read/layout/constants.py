"""Fill the columns that the system of a county lacks with the constants that the city set for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from transforms.read.containers.grid import UnusableFileError
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.submission import RowSpan
from transforms.read.layout.text_columns import TEXT


def find_constants(
    index: HeaderIndex, ledger: str, unit: str, columns: Mapping[str, HeaderColumn]
) -> dict[str, str]:
    """Return what to read for the fields that a sheet of this unit has no column for.

    Raises UnusableFileError where a required field has neither.
    """
    constants = {
        field: text
        for field, text in index.local.constants_of(ledger, unit).items()
        if field not in columns
    }
    missing = [
        header
        for field, header in index.ledgers[ledger].required.items()
        if field not in columns and field not in constants
    ]
    if missing:
        raise UnusableFileError("sheet.missing_columns", detail="、".join(missing))
    return constants


def fill_constants(span: RowSpan, constants: Mapping[str, str]) -> RowSpan:
    """Return the rows with these constants; rows that other submissions share are copied."""
    if not constants:
        return span
    rows = span.block.slice(span.first, span.count)
    for field, text in constants.items():
        column = pa.array([text], TEXT).take(pa.array([0] * span.count, pa.int64()))
        rows = rows.set_column(rows.column_names.index(field), field, column)
    return RowSpan.whole(rows)


def constant_notices(
    sheet: SheetRows, constants: Mapping[str, str], headers: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return a notice of what was read for each column that the sheet lacks."""
    return [
        sheet.make_finding("sheet.constant", header=headers[field], detail=text)
        for field, text in constants.items()
    ]

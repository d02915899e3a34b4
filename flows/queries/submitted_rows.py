"""A row of a submission as its file has it, read again from the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flows.archive.store import archive_path
from flows.precheck import read_isolated_file
from flows.workspace import Workspace
from transforms.read import SOURCE_ROW, Submission
from transforms.validate.adjustments import has_same_text
from transforms.validate.joined_text import unit_of_column


@dataclass(frozen=True)
class SubmittedRow:
    """The texts of a row, by field; `naming` are those that tell it from every other row of its sheet.

    `naming` is empty where no field that may be shown tells it from the others. `headers` are those that the
    file has, `money_units` what it says of the amounts of a column (missing where it says nothing).
    """

    texts: dict[str, str]
    naming: dict[str, str]
    headers: Mapping[str, str]
    money_units: Mapping[str, str]


def find_submitted_row(
    workspace: Workspace, submission: dict[str, Any], row_number: int
) -> SubmittedRow | None:
    """Return a row of a submission by its number in the sheet; None if the file has none, or cannot be read
    any more.
    """
    path = archive_path(workspace.home.archive, submission["sha256"])
    [read] = read_isolated_file(
        workspace.home, [(submission["source_file"], path)], workspace.regions, None
    )
    for table in read.submissions:
        if table.is_rejected or table.sheet != submission["source_sheet"]:
            continue
        if table.ledger == submission["ledger"]:
            rows = table.rows
            if (chosen := rows[rows[SOURCE_ROW].eq(row_number)]).shape[0] == 1:
                return _describe(workspace, table, rows, chosen.iloc[0])
    return None


def _describe(workspace: Workspace, table: Submission, rows: pd.DataFrame, row: pd.Series) -> SubmittedRow:
    ledger = workspace.ledgers[str(table.ledger)]
    headers = {name: column.header for name, column in table.columns.items()}
    units = {
        field.name: unit
        for field in ledger.fields
        if field.type.kind == "money" and (unit := unit_of_column(table, field.name))
    }
    filled = [
        field.name for field in ledger.fields if pd.notna(row[field.name]) and str(row[field.name]).strip()
    ]
    texts = {field: str(row[field]) for field in filled}
    shown = [field for field in filled if not ledger.field(field).private]
    order = sorted(shown, key=lambda field: field not in ledger.naming_fields())
    naming: dict[str, str] = {}
    is_same = np.ones(len(rows), dtype=bool)
    for field in order:
        naming[field] = texts[field]
        is_same &= has_same_text(rows[field], texts[field])
        if is_same.sum() == 1:
            return SubmittedRow(texts, naming, headers, units)
    return SubmittedRow(texts, {}, headers, units)

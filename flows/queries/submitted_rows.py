"""A row of a submission as its file has it, read again from the archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flows.archive.store import archive_path
from flows.precheck import read_isolated_file
from flows.workspace import Workspace
from transforms.read import SOURCE_ROW
from transforms.validate.adjustments import has_same_text


@dataclass(frozen=True)
class SubmittedRow:
    """The texts of a row, by field; `naming` are those that tell it from every other row of its sheet.

    `naming` is empty where no field that may be shown tells it from the others.
    """

    texts: dict[str, str]
    naming: dict[str, str]


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
                return _describe(workspace, submission["ledger"], rows, chosen.iloc[0])
    return None


def _describe(workspace: Workspace, name: str, rows: pd.DataFrame, row: pd.Series) -> SubmittedRow:
    ledger = workspace.ledgers[name]
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
            return SubmittedRow(texts, naming)
    return SubmittedRow(texts, {})

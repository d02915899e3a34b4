"""One text frame of all submissions of a ledger in a batch, and the headers of its columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import STR
from schemas.periods import Period
from transforms.read import SOURCE_ROW, Submission, join_frames, text_frame
from transforms.validate.batch import LedgerBatch


def join_text(batch: LedgerBatch) -> pd.DataFrame:
    """Join the rows of all submissions, with the origin of each row and the dates that limit its dates.

    Columns: the fields as the county wrote them, `source_row`, `submission`, `file`, `sheet`, `unit_code`,
    `period`, `arrived_on` and `period_end` (the first day after the period).
    """
    submissions = batch.submissions
    texts = text_frame(join_frames(submission.accepted_span for submission in submissions.values()))
    sizes = [submission.accepted_span.count for submission in submissions.values()]

    ends = [Period.parse(str(submission.period)).end_on for submission in submissions.values()]
    origins = pd.DataFrame(
        {
            "submission": pd.Series(list(submissions), dtype="int64"),
            **{
                name: pd.Series(
                    [getattr(submission, name) for submission in submissions.values()], dtype=STR
                )
                for name in ("file", "sheet", "unit_code", "period")
            },
            "arrived_on": pd.Series(
                [batch.received_on[index] for index in submissions], dtype="datetime64[s]"
            ),
            "period_end": pd.Series(ends, dtype="datetime64[s]"),
        }
    )
    repeated = origins.take(np.repeat(np.arange(len(sizes)), sizes)).set_axis(texts.index)
    return pd.concat([texts, repeated], axis="columns")


def find_money_units(
    ledger: LedgerDefinition, submissions: Mapping[int, Submission], text: pd.DataFrame
) -> pd.DataFrame:
    """Return the unit (of UNIT_POWERS, or missing) by money field and row: in the header, else beside it."""
    units = {}
    for field in ledger.fields:
        if field.type.kind == "money":
            unit_by_submission = {
                index: unit_of_column(submission, field.name) for index, submission in submissions.items()
            }
            units[field.name] = text["submission"].map(unit_by_submission).astype(STR)
    return pd.DataFrame(units, index=text.index)


def unit_of_column(submission: Submission, field: str) -> str | None:
    """Return the money unit of a column: of its header, else the one that stands beside the table."""
    column = submission.columns.get(field)
    return column.money_units[0] if column and column.money_units else submission.money_unit


def list_headers(ledger: LedgerDefinition, submissions: Mapping[int, Submission]) -> pd.DataFrame:
    """Return letter (`<field>`) and written header (`<field>.header`) of each column by submission."""
    by_submission = {}
    for index, submission in submissions.items():
        letters = {name: column.letter for name, column in submission.columns.items()}
        headers = {f"{name}.header": column.header for name, column in submission.columns.items()}
        by_submission[index] = letters | headers
    names = [name for field in ledger.fields for name in (field.name, f"{field.name}.header")]
    by_name = {name: [columns.get(name) for columns in by_submission.values()] for name in names}
    return pd.DataFrame(by_name, index=list(by_submission), dtype=STR)


def find_held_rows(
    submissions: Mapping[int, Submission], text: pd.DataFrame, rule_id: str | None = None
) -> pd.Series:
    """Return a mask of the rows in which the reader found an error, of one rule or of any."""
    held = {
        (index, finding["row"])
        for index, submission in submissions.items()
        for finding in submission.findings
        if finding["severity"] == Severity.ERROR.value and rule_id in (None, finding["rule_id"])
    }
    return _find_rows(held, text)


def find_unread_cells(submissions: Mapping[int, Submission], text: pd.DataFrame) -> dict[str, pd.Series]:
    """Return by field a mask of the rows in which nobody can tell what the cell says."""
    rows_by_field: dict[str, set[tuple[int, int]]] = {}
    for index, submission in submissions.items():
        for row, field in submission.unread:
            rows_by_field.setdefault(field, set()).add((index, row))
    return {field: _find_rows(rows, text) for field, rows in rows_by_field.items()}


def _find_rows(rows: set[tuple[int, int]], text: pd.DataFrame) -> pd.Series:
    if not rows:
        return pd.Series(False, index=text.index)
    return pd.Series(
        pd.MultiIndex.from_frame(text[["submission", SOURCE_ROW]]).isin(rows), index=text.index
    )

"""What corrections and waivers did in a batch: a notice on each cell, and how many rows of each submission they touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from schemas.adjustments import Adjustment
from schemas.ledgers.compiled import LedgerDefinition
from transforms.read import Submission
from transforms.validate.adjustments import corrected_rule
from transforms.validate.check_rules import findings_on_cells


def corrected_findings(
    ledger: LedgerDefinition,
    written: pd.DataFrame,
    letters: pd.DataFrame,
    adjustments: Sequence[Adjustment],
    corrections: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """A notice on each cell that was read as something else than what stands in it."""
    nothing = pd.Series(pd.NA, index=written.index, dtype="Int64")
    broken = []
    for adjustment in adjustments:
        mask = corrections.get(adjustment.adjustment_id)
        if mask is not None and mask.any():
            name = str(adjustment.field)
            broken.append(
                (corrected_rule(adjustment, ledger.field(name).private), name, np.flatnonzero(mask))
            )
    return findings_on_cells(ledger, written, letters, nothing, broken)


def rows_by_submission(text: pd.DataFrame, mask: np.ndarray) -> Mapping[int, int]:
    """How many rows of a mask each submission has."""
    counted: dict[int, int] = text.loc[mask, "submission"].value_counts().to_dict()
    return counted


def effects_by_submission(
    submissions: Sequence[Submission],
    adjustments: Sequence[Adjustment],
    effects: Mapping[str, Mapping[int, int]],
) -> pd.DataFrame:
    """Each adjustment with each submission of its report that could be read."""
    by_report: dict[tuple[Any, ...], list[int]] = {}
    for index, submission in enumerate(submissions):
        if not submission.is_rejected:
            by_report.setdefault((submission.unit_code, submission.ledger, submission.period), []).append(
                index
            )
    rows = [
        (index, adjustment.adjustment_id, effects.get(adjustment.adjustment_id, {}).get(index, 0))
        for adjustment in adjustments
        for index in by_report.get(adjustment.report, [])
    ]
    return pd.DataFrame(rows, columns=["submission", "adjustment_id", "rows"])

"""Effects of corrections and waivers in a batch: notices on cells, affected rows by submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from schemas.adjustments import Adjustment
from schemas.ledgers.compiled import LedgerDefinition
from transforms.read import Submission
from transforms.validate.adjustments import corrected_rule
from transforms.validate.broken_rules import BrokenRule
from transforms.validate.check_rules import build_cell_findings


def find_corrections(
    ledger: LedgerDefinition,
    written: pd.DataFrame,
    headers: pd.DataFrame,
    adjustments: Sequence[Adjustment],
    corrected: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Build a notice for each cell whose value was corrected; `written` is the text before corrections."""
    broken = []
    for adjustment in adjustments:
        mask = corrected.get(adjustment.adjustment_id)
        if mask is not None and mask.any():
            name = str(adjustment.field)
            rule = corrected_rule(adjustment, ledger.field(name).private)
            broken.append(BrokenRule(rule, name, np.flatnonzero(mask)))
    return build_cell_findings(ledger, written, headers, broken)


def count_by_submission(text: pd.DataFrame, mask: np.ndarray) -> Mapping[int, int]:
    """Count the rows of a mask by submission."""
    counts: dict[int, int] = text.loc[mask, "submission"].value_counts().to_dict()
    return counts


def list_effects(
    submissions: Sequence[Submission],
    adjustments: Sequence[Adjustment],
    effects: Mapping[str, Mapping[int, int]],
) -> pd.DataFrame:
    """List each adjustment with each readable submission of its report, and the number of rows affected."""
    by_report: dict[tuple[Any, ...], list[int]] = {}
    for index, submission in enumerate(submissions):
        if not submission.is_rejected:
            report = (submission.unit_code, submission.ledger, submission.period)
            by_report.setdefault(report, []).append(index)
    rows = [
        (index, adjustment.adjustment_id, effects.get(adjustment.adjustment_id, {}).get(index, 0))
        for adjustment in adjustments
        for index in by_report.get(adjustment.report, [])
    ]
    return pd.DataFrame(rows, columns=["submission", "adjustment_id", "rows"])

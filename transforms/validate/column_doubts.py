"""Combine the doubts of one column that have one reason into one finding, so that a clerk reads it once."""

from __future__ import annotations

import pandas as pd

from schemas.ledgers.amount_bounds import MANY_DOUBTS
from schemas.ledgers.field_rules import OTHER_DOCUMENT, OTHER_UNIT, SEVERAL_OBJECTS
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS
from transforms.read.layout.rows import format_rows

#: the ends of the ids of rules that a whole column can break for one reason
_COMBINED = (".implausible", f".{OTHER_UNIT}", f".{OTHER_DOCUMENT}", f".{SEVERAL_OBJECTS}")
_SAME_REASON = ["submission", "rule_id", "column", "problem"]


def combine_doubts(findings: pd.DataFrame) -> pd.DataFrame:
    """Replace MANY_DOUBTS or more doubts of one column and report for one reason by one on the column.

    `findings`: BATCH_FINDING_COLUMNS.
    """
    if len(findings) < MANY_DOUBTS:
        return findings
    is_doubt = findings["rule_id"].str.endswith(_COMBINED).fillna(False).astype(bool)
    if is_doubt.sum() < MANY_DOUBTS:
        return findings
    counts = findings[is_doubt].groupby(_SAME_REASON)["row"].transform("size")
    many = findings.loc[counts.index[counts >= MANY_DOUBTS]]
    if many.empty:
        return findings
    combined = [_combine(group) for _, group in many.groupby(_SAME_REASON, sort=False)]
    remaining = findings.drop(index=many.index)
    frames = [
        frame for frame in (remaining, pd.DataFrame(combined, columns=BATCH_FINDING_COLUMNS)) if len(frame)
    ]
    return pd.concat(frames, ignore_index=True)


def _combine(group: pd.DataFrame) -> dict[str, object]:
    first: dict[str, object] = group.iloc[0].to_dict()
    values = group["value"].unique()
    rows = format_rows([int(row) - 1 for row in sorted(group["row"])])
    return first | {
        "row": None,
        "cell": None,
        "value": values[0] if len(values) == 1 else None,
        "problem": f"第 {rows} 行{first['problem']}",
        "at_stake_fen": group["at_stake_fen"].sum(),
    }

"""Gather findings that have one cause: where a whole column is doubted, the clerk is told once."""

from __future__ import annotations

import pandas as pd

from schemas.ledgers.amount_bounds import MANY_ALIKE
from schemas.ledgers.compiled import OTHER_UNIT
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS
from transforms.read.layout.rows import format_rows

#: the ends of the ids of rules that a whole column can break for one reason
_GATHERED = (".implausible", f".{OTHER_UNIT}")
_ALIKE = ["submission", "rule_id", "column", "problem"]


def gather_alike(findings: pd.DataFrame) -> pd.DataFrame:
    """Replace MANY_ALIKE or more doubts of one column and report for one reason by one on the column.

    `findings`: BATCH_FINDING_COLUMNS.
    """
    is_gathered = findings["rule_id"].str.endswith(_GATHERED).fillna(False).astype(bool)
    if is_gathered.sum() < MANY_ALIKE:
        return findings
    counts = findings[is_gathered].groupby(_ALIKE)["row"].transform("size")
    many = findings.loc[counts.index[counts >= MANY_ALIKE]]
    if many.empty:
        return findings
    gathered = [_describe(group) for _, group in many.groupby(_ALIKE, sort=False)]
    remaining = findings.drop(index=many.index)
    frames = [
        frame for frame in (remaining, pd.DataFrame(gathered, columns=BATCH_FINDING_COLUMNS)) if len(frame)
    ]
    return pd.concat(frames, ignore_index=True)


def _describe(group: pd.DataFrame) -> dict[str, object]:
    first = group.iloc[0].to_dict()
    values = group["value"].unique()
    rows = format_rows([int(row) - 1 for row in sorted(group["row"])])
    return first | {
        "row": None,
        "cell": None,
        "value": values[0] if len(values) == 1 else None,
        "problem": f"第 {rows} 行{first['problem']}",
        "at_stake_fen": group["at_stake_fen"].sum(),
    }

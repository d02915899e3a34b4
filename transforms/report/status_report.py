"""Show the states of many reports as a matrix of units and months."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from schemas.sentences import Sentence

#: the sign of each state
SIGNS = {
    "on_time": "✓",
    "late": "迟",
    "missing": "缺",
    "zero": "零",
    "partial": "部",
    "rejected": "退",
    "replaced": "换",
    "not_due": "·",
}
DOUBTED, NOT_OWED = "!", ""
#: states from worst to best: a cell of several ledgers shows the worst
WORST_FIRST = ("missing", "rejected", "partial", "late", "replaced", "not_due", "on_time", "zero")
#: states that need no attention
IN_ORDER = {"on_time", "zero", "not_due", "replaced"}


def matrix(
    states: pd.DataFrame,
    doubted: Collection[int],
    titles: Mapping[str, str],
    months: Sequence[str],
    *,
    is_full: bool,
) -> list[dict[str, Any]]:
    """Build a matrix with a row for each unit and ledger and a column for each month.

    The first row of a unit combines its ledgers: the worst sign of a month and how many ledgers have it.
    Below it are the ledgers that need attention in a month in which they differ, or all of them if
    `is_full`.
    """
    rows = []
    for name, unit_states in states.groupby("unit_name", sort=False):
        by_ledger = {
            ledger: _cells(part, doubted) for ledger, part in unit_states.groupby("ledger", sort=False)
        }
        mixed = {month for month in months if len({cells.get(month) for cells in by_ledger.values()}) > 1}
        combined = {
            month: _combine([cells[month] for cells in by_ledger.values() if month in cells])
            for month in months
        }
        rows.append(
            {"unit": name, "ledger": Sentence("全部 {count} 种台账", count=len(by_ledger)), **combined}
        )
        for ledger, cells in by_ledger.items():
            if is_full or _needs_attention(cells, mixed):
                signs = {month: _sign(*cells[month]) if month in cells else NOT_OWED for month in months}
                rows.append({"unit": "", "ledger": titles[ledger], **signs})
    return rows


def _needs_attention(cells: Mapping[str, tuple[str, bool]], mixed: Collection[str]) -> bool:
    return any(
        state not in IN_ORDER or is_doubted
        for month, (state, is_doubted) in cells.items()
        if month in mixed
    )


def _cells(part: pd.DataFrame, doubted: Collection[int]) -> dict[str, tuple[str, bool]]:
    cells = zip(part["period"], part["state"], part["submission_id"], strict=True)
    return {month: (state, number in doubted) for month, state, number in cells}


def _sign(state: str, is_doubted: bool) -> str:
    return SIGNS[state] + (DOUBTED if is_doubted else "")


def _combine(cells: Sequence[tuple[str, bool]]) -> str:
    if not cells:
        return NOT_OWED
    worst = min((state for state, _ in cells), key=WORST_FIRST.index)
    count = sum(state == worst for state, _ in cells)
    sign = "✓" if worst in IN_ORDER - {"not_due"} else SIGNS[worst]
    is_of_some = worst not in IN_ORDER and count < len(cells)
    return (
        sign
        + (str(count) if is_of_some else "")
        + (DOUBTED if any(is_doubted for _, is_doubted in cells) else "")
    )


def spans(months: Sequence[str]) -> str:
    """Format months in any order as 2023-01 to 2023-03, 2023-05."""
    numbered = sorted((int(month[:4]) * 12 + int(month[5:]), month) for month in months)
    runs = [
        [month for _, (_, month) in run]
        for _, run in groupby(enumerate(numbered), key=lambda pair: pair[1][0] - pair[0])
    ]
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)

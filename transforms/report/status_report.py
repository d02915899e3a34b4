"""The states of many reports for people: a matrix that shows where to look, and whom to ask for what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

#: one sign a state
SIGNS = {
    "on_time": "✓", "late": "迟", "missing": "缺", "zero": "零", "partial": "部", "rejected": "退",
    "replaced": "换", "not_due": "·",
}  # fmt: skip
DOUBTED, NOT_OWED = "!", ""
#: what somebody must be asked about
TO_CHASE = ("missing", "rejected", "partial")
#: the worst first: what the cell of many ledgers shows
WORST_FIRST = ("missing", "rejected", "partial", "late", "replaced", "not_due", "on_time", "zero")
#: states in which a report needs no eye
IN_ORDER = {"on_time", "zero", "not_due", "replaced"}


def matrix(
    states: pd.DataFrame,
    doubted: Collection[int],
    titles: Mapping[str, str],
    months: Sequence[str],
    *,
    is_full: bool,
) -> list[dict[str, Any]]:
    """Units and ledgers down, months across. A unit's first line is all its ledgers together: the worst sign of a month and
    how many ledgers have it; below it come the ledgers that need an eye in a month in which
    they are not all alike, or every one (`is_full`).
    """
    rows = []
    for name, of_unit in states.groupby("unit_name", sort=False):
        by_ledger = {
            ledger: _cells(part, doubted) for ledger, part in of_unit.groupby("ledger", sort=False)
        }
        mixed = {month for month in months if len({cells.get(month) for cells in by_ledger.values()}) > 1}
        together = {
            month: _together([cells[month] for cells in by_ledger.values() if month in cells])
            for month in months
        }
        rows.append({"unit": name, "ledger": f"全部 {len(by_ledger)} 种台账", **together})
        for ledger, cells in by_ledger.items():
            if is_full or _needs_an_eye(cells, mixed):
                signs = {month: _sign(*cells[month]) if month in cells else NOT_OWED for month in months}
                rows.append({"unit": "", "ledger": titles[ledger], **signs})
    return rows


def _needs_an_eye(cells: Mapping[str, tuple[str, bool]], mixed: Collection[str]) -> bool:
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


def _together(cells: Sequence[tuple[str, bool]]) -> str:
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


def follow_up_list(
    states: pd.DataFrame, doubts: pd.DataFrame, titles: Mapping[str, str], silent: Collection[str]
) -> list[dict[str, Any]]:
    """Whom to ask for what: unit, what (a state, or doubtful), months, ledgers, due_on, reports and reason; unit by unit.

    One line for the ledgers and months of a unit that are missing alike. `doubts` has submission_id and message; `silent`
    months are listed elsewhere, in one line.
    """
    asked = states[states["state"].isin(TO_CHASE) & ~states["period"].isin(silent)]
    reasons = doubts.groupby("submission_id", sort=False)["message"].agg(" ".join).to_dict()
    doubtful = states[states["submission_id"].isin(list(reasons))]
    lines = []
    for name in states["unit_name"].unique():
        mine = asked[asked["unit_name"] == name]
        for state in TO_CHASE:
            lines += _alike(
                str(name), state, mine[mine["state"] == state], titles, len(states["ledger"].unique())
            )
        for report in doubtful[doubtful["unit_name"] == name].to_dict("records"):
            entry = {
                "unit": name,
                "what": "doubtful",
                "months": report["period"],
                "ledgers": titles[report["ledger"]],
            }
            lines.append(
                {
                    **entry,
                    "due_on": report["due_on"],
                    "reports": 1,
                    "reason": reasons[report["submission_id"]],
                }
            )
    return lines


def _alike(
    name: str, state: str, part: pd.DataFrame, titles: Mapping[str, str], most: int
) -> list[dict[str, Any]]:
    """A line for each set of ledgers, with the months in which it is that set."""
    by_month = {month: tuple(of_month["ledger"]) for month, of_month in part.groupby("period")}
    lines = []
    for ledgers in dict.fromkeys(by_month.values()):
        months = [month for month, reported in by_month.items() if reported == ledgers]
        of_line = part[part["period"].isin(months)]
        held = int(of_line["held_back"].sum()) if state == "partial" else 0
        lines.append({
            "unit": name, "what": state, "months": spans(months), "due_on": of_line["due_on"].iloc[0],
            "ledgers": "全部台账" if len(ledgers) == most else "、".join(titles[ledger] for ledger in ledgers),
            "reports": len(of_line), "reason": f"{held} 行未收下" if held else "",
        })  # fmt: skip
    return lines


def spans(months: Sequence[str]) -> str:
    """2023-01 to 2023-03, 2023-05 of months in any order."""
    numbered = sorted((int(month[:4]) * 12 + int(month[5:]), month) for month in months)
    runs = [
        [month for _, (_, month) in run]
        for _, run in groupby(enumerate(numbered), key=lambda pair: pair[1][0] - pair[0])
    ]
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)

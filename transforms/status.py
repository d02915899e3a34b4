"""Who has reported what: one state for each unit, ledger and month, with the day it was due and by how much it was late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from schemas.obligations import Obligations
from schemas.periods import Period
from schemas.states import REPORT_WORDS

STATES = tuple(REPORT_WORDS)
STATUS_COLUMNS = [
    "unit_code", "unit_name", "ledger", "period", "state", "due_on", "received_at", "days_late", "submission_id",
    "rows", "held_back",
]  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """A report that is owed, or of which something came: whether it is owed, and by when, if its month is over."""

    is_owed: bool
    due: date | None
    today: date
    obligations: Obligations

    def days_late(self, received: date) -> int:
        return self.obligations.days_late(self.due, received) if self.due else 0


def report_states(
    submissions: pd.DataFrame,
    *,
    units: Mapping[str, str],
    ledgers: Sequence[str],
    months: Sequence[str],
    obligations: Obligations,
    today: date,
) -> pd.DataFrame:
    """STATUS_COLUMNS for every report that a unit (code to name) owes for these months, and every other that came.

    `submissions` are all that a warehouse knows of these months, in the order in which they came, with `received_on` (a date),
    `sha256`, `state` and `is_standing`. A refused file that no ledger could be read from counts against every ledger owed that
    it might hold. The calendar is not asked of a month that is not over: it may not know the next one yet. Raises
    CalendarUnknown.
    """
    came = _by_report(submissions, ledgers)
    rows = []
    for month in months:
        is_over = Period.parse(month).end_on <= today
        for code, name in units.items():
            for ledger in ledgers:
                is_owed = obligations.is_owed(code, ledger, month)
                of_report = came.get((code, ledger, month), [])
                if not is_owed:
                    of_report = [one for one in of_report if isinstance(one["ledger"], str)]
                if is_owed or of_report:
                    due = obligations.due_on(code, ledger, month) if is_owed and is_over else None
                    state = _state(of_report, _Asked(is_owed, due, today, obligations))
                    rows.append({"unit_code": code, "unit_name": name, "ledger": ledger, "period": month, **state})
    return pd.DataFrame(rows, columns=STATUS_COLUMNS, dtype=object)


def _by_report(submissions: pd.DataFrame, ledgers: Sequence[str]) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for one in submissions.to_dict("records"):
        for ledger in [one["ledger"]] if isinstance(one["ledger"], str) else ledgers:
            found.setdefault((one["unit_code"], ledger, one["period"]), []).append({str(name): one[name] for name in one})
    return found


def _state(came: Sequence[Mapping[str, Any]], asked: _Asked) -> dict[str, Any]:
    """The state of one report from all that came for it."""
    standing = next((one for one in came if one["is_standing"]), None)
    if not came:
        is_missing = asked.due is not None and asked.today > asked.due
        return {"state": "missing" if is_missing else "not_due", "due_on": asked.due}
    if standing is None:
        return _told("rejected", came[-1], asked, came[-1]["received_on"])
    first = next(one for one in came if one["state"] != "rejected")
    was_replaced = first["sha256"] != standing["sha256"]  # the same file judged again by other decisions replaces nothing
    state = "replaced" if was_replaced else "late" if asked.days_late(first["received_on"]) else "on_time"
    if standing["state"] in ("zero", "partial"):
        state = str(standing["state"])
    return _told(state, standing, asked, first["received_on"])


def _told(state: str, one: Mapping[str, Any], asked: _Asked, arrived_on: date) -> dict[str, Any]:
    told = {name: one[name] for name in ("received_at", "submission_id", "rows", "held_back")}
    return {"state": state, "due_on": asked.due, "days_late": asked.days_late(arrived_on), **told}

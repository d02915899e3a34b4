"""Who has reported what: one state for each unit, ledger and month, with the day it was due and by how much it was late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from schemas.periods import Period
from schemas.working_days import is_working_day

STATES = ("on_time", "late", "missing", "zero", "partial", "rejected", "replaced", "not_due")
STATUS_COLUMNS = [
    "unit_code", "unit_name", "ledger", "period", "state", "due_on", "received_at", "days_late", "submission_id",
    "rows", "held_back",
]  # fmt: skip


def due_on(month: str, working_day: int) -> date:
    """The n-th working day of the month after `month` (2023-06)."""
    day = Period.parse(month).end_on
    while True:
        working_day -= is_working_day(day)
        if working_day == 0:
            return day
        day += timedelta(days=1)


def days_late(due: date, received: date) -> int:
    """Working days after `due` up to and with `received`; 0 where it came in time."""
    span = (received - due).days
    return sum(is_working_day(due + timedelta(days=offset)) for offset in range(1, span + 1))


def report_states(
    submissions: pd.DataFrame,
    *,
    units: Mapping[str, str],
    ledgers: Sequence[str],
    months: Sequence[str],
    due: Mapping[str, date],
    today: date,
) -> pd.DataFrame:
    """STATUS_COLUMNS for every unit (code to name), ledger and month.

    `submissions` are all that a warehouse knows of these months, in the order in which they came, with `received_on` (a date),
    `sha256`, `state` and `is_standing`. A refused file that no ledger could be read from counts against every ledger that it
    might hold.
    """
    by_report: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for one in submissions.to_dict("records"):
        for ledger in [one["ledger"]] if isinstance(one["ledger"], str) else ledgers:
            by_report.setdefault((one["unit_code"], ledger, one["period"]), []).append(one)
    rows = []
    for month in months:
        for code, name in units.items():
            for ledger in ledgers:
                state = _state(by_report.get((code, ledger, month), []), due[month], today)
                rows.append({"unit_code": code, "unit_name": name, "ledger": ledger, "period": month, **state})
    return pd.DataFrame(rows, columns=STATUS_COLUMNS, dtype=object)


def _state(came: Sequence[Mapping[str, Any]], due: date, today: date) -> dict[str, Any]:
    """The state of one report from all that came for it."""
    standing = next((one for one in came if one["is_standing"]), None)
    if standing is None and not came:
        return {"state": "not_due" if today <= due else "missing", "due_on": due}
    if standing is None:
        return _told("rejected", came[-1], due, came[-1]["received_on"])
    first = next(one for one in came if one["state"] != "rejected")
    late = days_late(due, first["received_on"])
    was_replaced = first["sha256"] != standing["sha256"]  # the same file judged again by other decisions replaces nothing
    state = "replaced" if was_replaced else "late" if late else "on_time"
    if standing["state"] in ("zero", "partial"):
        state = str(standing["state"])
    return _told(state, standing, due, first["received_on"])


def _told(state: str, one: Mapping[str, Any], due: date, arrived_on: date) -> dict[str, Any]:
    told = {name: one[name] for name in ("received_at", "submission_id", "rows", "held_back")}
    return {"state": state, "due_on": due, "days_late": days_late(due, arrived_on), **told}

"""Determine the state of each report: one for each unit, ledger and month, with its due day and how late it
was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from schemas.periods import Period
from schemas.reporting.obligations import Obligations
from schemas.states import CURRENT_STATES, REPORT_WORDS

STATES = tuple(REPORT_WORDS)
STATUS_COLUMNS = [
    "unit_code",
    "unit_name",
    "ledger",
    "period",
    "state",
    "due_on",
    "received_at",
    "days_late",
    "submission_id",
    "rows",
    "held_back",
]
REPORT = ["period", "unit_code", "ledger"]
_COUNTS = ["days_late", "submission_id", "rows", "held_back"]
#: columns of the submission that decides the state
_OF_SUBMISSION = ["received_at", "submission_id", "rows", "held_back"]
_OF_ARRIVALS = ["state", "came", "was_rejected", "was_replaced", "arrived_on", "was_handed_over"]


def report_states(
    submissions: pd.DataFrame,
    *,
    units: Mapping[str, str],
    ledgers: Sequence[str],
    months: Sequence[str],
    obligations: Obligations,
    today: date,
) -> pd.DataFrame:
    """Return STATUS_COLUMNS for each report that a unit (code to name) owes for these months, and each
    other that came.

    `submissions` are all that the warehouse has of these months, in the order of their arrival, with
    `received_on` (a date), `sha256`, `state` and `is_current`. A rejected file of an unknown ledger says
    nothing about any. A month that is not over has no due day, as the calendar may not know the next month
    yet. Raises CalendarUnknownError.
    """
    submissions = submissions[submissions["ledger"].notna()]
    expected = obligations.table(list(units), ledgers, months, submissions[REPORT])
    reports = expected.merge(_by_report(submissions), how="left", on=REPORT, validate="1:1")
    came = reports["came"].eq(True)
    is_handed_over = reports["was_handed_over"].eq(True)
    reports = reports[reports["is_owed"] | (came & ~is_handed_over)].reset_index(drop=True)
    reports["unit_name"] = reports["unit_code"].map(units)
    reports["due_on"] = _due_on(reports, obligations, today)
    reports["days_late"] = [
        None if pd.isna(arrived) else obligations.days_late(due, arrived) if due else 0
        for due, arrived in zip(reports["due_on"], reports["arrived_on"], strict=True)
    ]
    reports["state"] = _state(reports, today)
    states = reports[STATUS_COLUMNS].astype(dict.fromkeys(_COUNTS, "Int64")).astype(object)
    return states.where(states.notna(), None)


def _by_report(submissions: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each report of which anything came: of the current submission, else of the last
    rejected one.

    `arrived_on` is the day of the first that was not rejected; `was_replaced` whether another file than
    that is current (the same file revalidated by other decisions replaces nothing); `was_handed_over`
    whether what was accepted ceased to count with nothing in its place: its unit's successor has it now.
    """
    came = submissions.sort_values("submission_id", kind="stable")
    standing = _join_submissions(came[came["is_current"].astype(bool)])
    latest = pd.concat([standing, came.drop_duplicates(REPORT, keep="last")]).drop_duplicates(REPORT)
    first = came[came["state"] != "rejected"].drop_duplicates(REPORT)[[*REPORT, "sha256", "received_on"]]
    latest = latest.merge(first, how="left", on=REPORT, suffixes=("", "_of_first"), validate="1:1")
    is_current = latest["is_current"].astype(bool)
    return latest.assign(
        came=True,
        was_rejected=~is_current,
        was_replaced=is_current & (latest["sha256"] != latest["sha256_of_first"]),
        arrived_on=latest["received_on_of_first"].where(is_current, latest["received_on"]),
        was_handed_over=False if is_current.all() else ~is_current & _was_accepted(came, latest),
    )[[*REPORT, *_OF_SUBMISSION, *_OF_ARRIVALS]]


def _was_accepted(came: pd.DataFrame, latest: pd.DataFrame) -> np.ndarray:
    """Whether anything of a report was ever accepted, for each of `latest`."""
    accepted = came[came["state"].isin(CURRENT_STATES)]
    is_accepted: np.ndarray = pd.MultiIndex.from_frame(latest[REPORT]).isin(
        pd.MultiIndex.from_frame(accepted[REPORT])
    )
    return is_accepted


def _join_submissions(standing: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each current report: its first submission, the rows of all and the worst state."""
    is_single = ~standing.duplicated(REPORT, keep=False)
    if is_single.all():
        return standing
    reports = standing.groupby(REPORT, sort=False)
    counts = reports[["rows", "held_back"]].transform("sum")
    is_partial = (
        standing["state"].eq("partial").groupby([standing[name] for name in REPORT]).transform("any")
    )
    state = standing["state"].mask(is_partial, "partial").mask(~is_partial & ~is_single, "accepted")
    return standing.assign(rows=counts["rows"], held_back=counts["held_back"], state=state).drop_duplicates(
        REPORT
    )


def _due_on(reports: pd.DataFrame, obligations: Obligations, today: date) -> list[date | None]:
    """Return the due day of each report that is owed and whose month is over."""
    is_over = {month: Period.parse(month).end_on <= today for month in reports["period"].unique()}
    rows = reports[["period", "working_day", "is_owed"]].itertuples(index=False)
    return [
        obligations.nth_working_day_after(month, working_day) if is_owed and is_over[month] else None
        for month, working_day, is_owed in rows
    ]


def _state(reports: pd.DataFrame, today: date) -> np.ndarray:
    is_missing = np.array([due is not None and today > due for due in reports["due_on"]], dtype=bool)
    nothing_came, is_late = reports["came"].isna(), pd.to_numeric(reports["days_late"]).gt(0)
    choices = {
        "missing": nothing_came & is_missing,
        "not_due": nothing_came,
        "rejected": reports["was_rejected"].eq(True),
        "zero": reports["state"].eq("zero"),
        "partial": reports["state"].eq("partial"),
        "replaced": reports["was_replaced"].eq(True),
        "late": is_late,
    }
    return np.select(
        [mask.to_numpy(dtype=bool) for mask in choices.values()], list(choices), default="on_time"
    )

"""Compute the time limits of all rows at once, from their definitions and a given day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from schemas.deadlines import DUE_SOON_DAYS, TimeLimit
from schemas.reporting.working_days import WorkingCalendar
from transforms.deadlines.other_rows import (
    first_date,
    paid_in_full_on,
    pending,
    renewed_until,
    suspended_days,
)

#: what a row of a ledger is known by
SOURCE = ["unit_code", "submission_id", "source_row"]
DEADLINE_COLUMNS = [
    *SOURCE, "ledger", "document_no", "limit_id", "started_on", "due_on", "met_on", "days_left", "state", "amount_fen",
]  # fmt: skip
DATES = ("started_on", "due_on", "met_on")
STATES = ("due_soon", "lapsed", "running", "met_late")

#: the rows of each ledger: SOURCE, the fields (dates as datetime64), `=field` for what a number is compared
#: by, and `#field` for a number as views show it
Rows = Mapping[str, pd.DataFrame]


def compute_deadlines(
    limits: Mapping[str, TimeLimit],
    rows: Rows,
    calendar: WorkingCalendar,
    today: date,
    due_soon_days: int = DUE_SOON_DAYS,
) -> pd.DataFrame:
    """Return DEADLINE_COLUMNS of what runs, lapsed, or was met late, what is due soon first.

    A limit that has not begun or was met in time has no row. `due_on` is missing where the calendar does not
    reach it. `days_left` is negative after the last day, and for what was met late the days of delay.
    `amount_fen` is what is owed, or what has been added to it.
    """
    frames, last_days = [], dict[str, pd.Series]()
    for limit in limits.values():
        frame = rows[limit.ledger]
        if frame.empty:
            continue
        started_on = last_days[limit.after] if limit.after else frame[str(limit.start)]
        spans = _spans(limit, frame, rows, calendar, started_on, pd.Timestamp(today))
        last_days[limit.limit_id] = spans["due_on"]
        frames.append(_listed(limit, frame, spans, pd.Timestamp(today), due_soon_days))
    if not frames:
        return pd.DataFrame(columns=DEADLINE_COLUMNS)
    deadlines = pd.concat(frames, ignore_index=True)
    order = deadlines["state"].map({state: number for number, state in enumerate(STATES)})
    deadlines = deadlines.assign(order=order).sort_values(
        ["order", "due_on", "unit_code", "document_no", "limit_id"], kind="stable", ignore_index=True
    )
    return deadlines[DEADLINE_COLUMNS]


def _spans(
    limit: TimeLimit,
    frame: pd.DataFrame,
    rows: Rows,
    calendar: WorkingCalendar,
    started_on: pd.Series,
    today: pd.Timestamp,
) -> pd.DataFrame:
    """Return when the limit of each row started, ends, and was met; and how many days did not count."""
    if limit.wait_months:
        started_on = started_on + pd.DateOffset(months=limit.wait_months)
    for other in limit.renewed_by:
        renewed = renewed_until(other, frame, rows)
        started_on = started_on.where(~(renewed > started_on), renewed)
        started_on = started_on.mask(pending(other, frame, rows))
    suspended = sum(
        (suspended_days(other, frame, rows, started_on, today) for other in limit.suspended_by),
        pd.Series(0, index=frame.index),
    )
    due_on = _last_day(limit, frame, calendar, started_on) + pd.to_timedelta(suspended, unit="D")
    due_on = due_on - pd.Timedelta(days=limit.before_days)
    met_on = _met_on(limit, frame, rows)
    if limit.presumed_days:
        is_extended = met_on.fillna(today) > due_on
        due_on = due_on.mask(is_extended, due_on + pd.Timedelta(days=limit.presumed_days))
    spans = {"started_on": started_on, "due_on": due_on, "met_on": met_on, "suspended": suspended}
    return pd.DataFrame(spans, index=frame.index)


def _last_day(
    limit: TimeLimit, frame: pd.DataFrame, calendar: WorkingCalendar, started_on: pd.Series
) -> pd.Series:
    """Return the last day by law, or the one that the row states."""
    if limit.working_days is not None:
        number: pd.Series | int = limit.working_days
        if limit.allowed:
            number = frame[list(limit.allowed)].fillna(0).sum(axis=1).astype("int64")
        return calendar.after_working_days(started_on, number)
    if limit.months is not None:
        return started_on + pd.DateOffset(months=limit.months)
    by_law = started_on + pd.Timedelta(days=limit.days or 0)
    stated = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    for name in limit.stated:
        stated = stated.fillna(frame[name])
    if limit.most_days is not None:
        latest = started_on + pd.Timedelta(days=limit.most_days)
        stated = stated.where(~(stated > latest), latest)
    return stated.fillna(by_law)


def _met_on(limit: TimeLimit, frame: pd.DataFrame, rows: Rows) -> pd.Series:
    """Return the first day on which something met the limit."""
    candidates = [frame[name] for name in limit.met]
    candidates += [first_date(other, frame, rows) for other in limit.met_by]
    candidates += [paid_in_full_on(limit.paid, frame, rows)] if limit.paid else []
    if not candidates:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    return pd.concat(candidates, axis=1).min(axis=1)


def _listed(
    limit: TimeLimit, frame: pd.DataFrame, spans: pd.DataFrame, today: pd.Timestamp, due_soon_days: int
) -> pd.DataFrame:
    """Return the rows that are to be listed, with state and days left."""
    is_open = spans["met_on"].isna()
    is_late = spans["met_on"] > spans["due_on"]
    is_over = frame[list(limit.over)].notna().any(axis=1) if limit.over else False
    is_listed = spans["started_on"].le(today) & (
        is_late | (is_open & ~pd.Series(is_over, index=frame.index))
    )
    for name, values in limit.where.items():
        is_listed &= frame[name].isin(list(values))
    if limit.paid:
        is_listed &= frame[limit.paid.owed].fillna(0).gt(0)
    chosen, spans = frame[is_listed], spans[is_listed]
    days_left = (spans["due_on"] - spans["met_on"].fillna(today)).dt.days
    state = np.select(
        [spans["met_on"].notna(), days_left < 0, days_left <= due_soon_days],
        ["met_late", "lapsed", "due_soon"],
        "running",
    )
    return chosen[SOURCE].assign(
        ledger=limit.ledger,
        document_no=chosen[f"#{limit.document}"],
        limit_id=limit.limit_id,
        **{name: spans[name] for name in DATES},
        days_left=days_left.astype("Int64"),
        state=state,
        amount_fen=_amount(limit, chosen, spans, today),
    )


def _amount(limit: TimeLimit, frame: pd.DataFrame, spans: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
    """Return what is owed; where it grows by the day, what has been added: at most as much again."""
    if limit.paid is None:
        return pd.Series(pd.NA, index=frame.index, dtype="Int64")
    owed = frame[limit.paid.owed].astype("Int64")
    if not limit.daily_percent:
        return owed
    days = (spans["met_on"].fillna(today) - spans["started_on"]).dt.days - spans["suspended"]
    added = owed * limit.daily_percent * days.clip(lower=0).astype("Int64") // 100
    return added.where(added < owed, owed)

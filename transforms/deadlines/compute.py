"""Compute the time limits of all rows at once, from their definitions and a given day.

Rows of a ledger that agree in everything that its limits depend on are of one kind, as many do. The limits
of a kind are computed once, from an example of it (`compute_spans`), and listed for its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import pandas as pd

from schemas.deadlines import DUE_SOON_DAYS, TimeLimit, limits_by_ledger, owed_fields
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
#: a limit of all rows of a kind, which a ledger numbers; `percent` of what a row owes is its amount
SPAN_COLUMNS = [
    "kind_number",
    "limit_id",
    "started_on",
    "due_on",
    "met_on",
    "days_left",
    "state",
    "percent",
]
DATES = ("started_on", "due_on", "met_on")
STATES = ("due_soon", "lapsed", "running", "met_late")

#: rows of each ledger: the fields (dates as datetime64), `=field` for what a number is compared by, and where
#: they are listed SOURCE, and `#field` for a number as views show it
Rows = Mapping[str, pd.DataFrame]


def compute_deadlines(
    limits: Mapping[str, TimeLimit],
    rows: Rows,
    calendar: WorkingCalendar,
    today: date,
    due_soon_days: int = DUE_SOON_DAYS,
) -> pd.DataFrame:
    """Compute the limits of each row by itself, as `list_deadlines` lists them."""
    numbered = {name: frame.assign(kind_number=range(len(frame))) for name, frame in rows.items()}
    spans = compute_spans(limits, numbered, rows, calendar, today, due_soon_days)
    return list_deadlines(limits, numbered, spans)


def compute_spans(
    limits: Mapping[str, TimeLimit],
    examples: Rows,
    rows: Rows,
    calendar: WorkingCalendar,
    today: date,
    due_soon_days: int = DUE_SOON_DAYS,
) -> pd.DataFrame:
    """Return SPAN_COLUMNS of what runs, lapsed, or was met late.

    `examples` has a row of each kind, with its `kind_number`; `rows` are those that limits look up.
    A limit that has not begun or was met in time is not listed. `due_on` is missing where the calendar does
    not reach it. `days_left` is negative after the last day, and for what was met late the days of delay.
    """
    listed = [
        _listed_spans(of_ledger, examples[ledger], rows, calendar, pd.Timestamp(today), due_soon_days)
        for ledger, of_ledger in limits_by_ledger(limits).items()
        if not examples[ledger].empty
    ]
    return pd.concat(listed, ignore_index=True) if listed else pd.DataFrame(columns=SPAN_COLUMNS)


def list_deadlines(limits: Mapping[str, TimeLimit], rows: Rows, spans: pd.DataFrame) -> pd.DataFrame:
    """Return DEADLINE_COLUMNS of all rows, which have a `kind_number`; what is due soon first.

    `amount_fen` is what is owed, or what has been added to it.
    """
    listed = list(_listed_rows(limits, rows, spans))
    if not listed:
        return pd.DataFrame(columns=DEADLINE_COLUMNS)
    deadlines = pd.concat(listed, ignore_index=True)
    order = deadlines["state"].map({state: number for number, state in enumerate(STATES)})
    deadlines = deadlines.assign(order=order).sort_values(
        ["order", "due_on", "unit_code", "document_no", "limit_id"], kind="stable", ignore_index=True
    )
    return deadlines[DEADLINE_COLUMNS]


def _listed_rows(
    limits: Mapping[str, TimeLimit], rows: Rows, spans: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    """Yield the rows of each ledger, each with every span of its kind."""
    for ledger, of_ledger in limits_by_ledger(limits).items():
        frame, owed = rows[ledger], owed_fields(limits).get(ledger)
        if frame.empty:
            continue
        listed = (
            frame[[*SOURCE, "kind_number"]]
            .assign(
                ledger=ledger,
                document_no=frame[f"#{of_ledger[0].document}"],
                owed_fen=pd.array(frame[owed] if owed else [pd.NA] * len(frame), dtype="Int64"),
            )
            .merge(spans[spans["limit_id"].isin([limit.limit_id for limit in of_ledger])], on="kind_number")
        )
        yield listed.assign(amount_fen=listed["owed_fen"] * listed["percent"].astype("Int64") // 100)


def _listed_spans(
    limits: list[TimeLimit],
    examples: pd.DataFrame,
    rows: Rows,
    calendar: WorkingCalendar,
    today: pd.Timestamp,
    due_soon_days: int,
) -> pd.DataFrame:
    """Return SPAN_COLUMNS of a ledger's limits that are to be listed, from an example of each kind."""
    frames, last_days = [], dict[str, pd.Series]()
    for limit in limits:
        started_on = last_days[limit.after] if limit.after else examples[str(limit.start)]
        spans = _spans(limit, examples, rows, calendar, started_on, today)
        last_days[limit.limit_id] = spans["due_on"]
        frames.append(_listed(limit, examples, spans, today, due_soon_days))
    return pd.concat(frames, ignore_index=True)


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
    return chosen[["kind_number"]].assign(
        limit_id=limit.limit_id,
        **{name: spans[name] for name in DATES},
        days_left=days_left.astype("Int64"),
        state=state,
        percent=_percent(limit, spans, today),
    )


def _percent(limit: TimeLimit, spans: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
    """Return the share of what is owed that stands open: all; where it grows by the day, what was added, at
    most as much again.
    """
    if limit.paid is None or not limit.daily_percent:
        return pd.Series(100 if limit.paid else pd.NA, index=spans.index, dtype="Int64")
    days = (spans["met_on"].fillna(today) - spans["started_on"]).dt.days - spans["suspended"]
    return (days.clip(lower=0) * limit.daily_percent).clip(upper=100).astype("Int64")

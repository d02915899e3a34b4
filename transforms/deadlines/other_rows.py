"""Look up, for every row at once, what other ledgers say of its matter: decided, paid, suspended."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from schemas.deadlines import Elsewhere, MetBy, Paid, RenewedBy, SuspendedBy

Rows = Mapping[str, pd.DataFrame]


def first_date(other: MetBy, frame: pd.DataFrame, rows: Rows) -> pd.Series:
    """Return the first date of the other ledger's rows, of `a|b` the one that is filled in."""
    matches = _matching(other, rows)
    names = other.date.split("|")
    dates = matches[names[0]]
    for name in names[1:]:
        dates = dates.fillna(matches[name])
    return _dates_by_own(other, frame, dates.groupby(matches["number"]).min())


def paid_in_full_on(paid: Paid, frame: pd.DataFrame, rows: Rows) -> pd.Series:
    """Return the day on which the payments reached what is owed."""
    payments = _matching(paid, rows)
    for name, values in paid.where.items():
        payments = payments[payments[name].isin(list(values))]
    owed = pd.Series(frame[paid.owed].to_numpy(), index=frame[f"={paid.own}"])
    owed = owed[owed.index.notna() & ~owed.index.duplicated()]
    payments = payments.sort_values(paid.date, kind="stable")
    total = payments[paid.amount].astype("Int64").groupby(payments["number"]).cumsum()
    has_reached = total.ge(_look_up(payments["number"], owed).astype("Int64")).fillna(False).astype(bool)
    reached = payments[has_reached]
    return _dates_by_own(paid, frame, reached[paid.date].groupby(reached["number"]).min())


def suspended_days(
    other: SuspendedBy, frame: pd.DataFrame, rows: Rows, started_on: pd.Series, today: pd.Timestamp
) -> pd.Series:
    """Return on how many days after the start such a matter was open, up to today."""
    matches = _matching(other, rows)
    starts = pd.Series(started_on.to_numpy(), index=frame[f"={other.own}"])
    starts = starts[starts.index.notna() & ~starts.index.duplicated()]
    first = _look_up(matches["number"], starts)
    first = first.where(first > matches[other.first], matches[other.first]).where(first.notna())
    days = (matches[other.last].fillna(today) - first).dt.days.clip(lower=0)
    return _by_own(other, frame, days.groupby(matches["number"]).sum()).fillna(0).astype("int64")


def renewed_until(other: RenewedBy, frame: pd.DataFrame, rows: Rows) -> pd.Series:
    """Return the day before which the limit does not begin, as such a matter ended not long before."""
    matches = _matching(other, rows)
    last = matches[other.last].groupby(matches["number"]).max() + pd.Timedelta(days=other.days)
    return _dates_by_own(other, frame, last)


def pending(other: RenewedBy, frame: pd.DataFrame, rows: Rows) -> pd.Series:
    """Return whether such a matter is still open."""
    matches = _matching(other, rows)
    is_open = matches["number"][matches[other.last].isna()]
    return frame[f"={other.own}"].isin(is_open.tolist()) & frame[f"={other.own}"].notna()


def _matching(other: Elsewhere, rows: Rows) -> pd.DataFrame:
    """Return the rows of the other ledger that have a number, in the column `number`."""
    matches = rows[other.ledger]
    matches = matches.assign(number=matches[f"={other.number}"])
    return matches[matches["number"].notna()]


def _by_own(other: Elsewhere, frame: pd.DataFrame, by_number: pd.Series) -> pd.Series:
    """Give each row of the frame the value of its number."""
    return _look_up(frame[f"={other.own}"], by_number)


def _dates_by_own(other: Elsewhere, frame: pd.DataFrame, by_number: pd.Series) -> pd.Series:
    """Do the same with dates."""
    return _by_own(other, frame, by_number).astype("datetime64[s]")


def _look_up(keys: pd.Series, by_number: pd.Series) -> pd.Series:
    """Give each key its value; unlike `map`, keeping the type where there is none."""
    return pd.Series(by_number.reindex(keys.to_numpy(dtype=object)).array, index=keys.index)

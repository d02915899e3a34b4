"""Who has reported what, as the commands, the night and the warehouse's own table of it share it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from flows.workplace import Workplace
from schemas.periods import Period
from schemas.working_days import FIRST_KNOWN, CalendarUnknown
from transforms.chase import chase_list, matrix, silent_months, spans
from transforms.status import STATUS_COLUMNS, report_states
from warehouse.coverage import kept_coverage, replace_coverage
from warehouse.engine import Connection, reading, writing
from warehouse.evidence import doubts_of_months
from warehouse.history import reported_months, submissions_of_months
from warehouse.load import last_load


@dataclass(frozen=True)
class Status:
    """The states of some months' reports, what is doubted of those that stand, and the months for which nobody sent any."""

    months: list[str]
    states: pd.DataFrame
    doubts: pd.DataFrame
    silent: list[str]

    def rows(self) -> list[dict[str, Any]]:
        """As `status --json` gives them."""
        told: list[dict[str, Any]] = self.states.astype(object).where(self.states.notna(), None).to_dict("records")
        return told

    def matrix(self, place: Workplace, *, is_full: bool) -> list[dict[str, Any]]:
        return matrix(self.states, set(self.doubts["submission_id"]), _titles(place), self.months, is_full=is_full)

    def chase(self, place: Workplace) -> list[dict[str, Any]]:
        """Whom to ask for what; months of which nobody sent anything are one line."""
        lines = chase_list(self.states, self.doubts, _titles(place), self.silent)
        if self.silent:
            count = int((self.states["state"].eq("missing") & self.states["period"].isin(self.silent)).sum())
            told = {"unit": "各单位", "what": "missing", "months": spans(self.silent), "ledgers": "全部台账", "due_on": None}
            lines.append({**told, "reports": count, "reason": "还没有任何单位报送"})
        return lines


def _titles(place: Workplace) -> dict[str, str]:
    return {name: ledger.title for name, ledger in place.ledgers.items()}


def status_of(place: Workplace, connection: Connection, months: list[str], load_id: int, today: date) -> Status:
    """The status of these months as of a load and a day. Raises CalendarUnknown."""
    submissions = submissions_of_months(connection, place.tables, months, load_id)
    arrived = [at.replace(tzinfo=UTC).astimezone(place.home.timezone) for at in submissions["received_at"]]
    states = report_states(
        submissions.assign(
            received_at=[at.isoformat(timespec="seconds") for at in arrived], received_on=[at.date() for at in arrived]
        ),
        units={unit.code: unit.name for unit in place.regions.units},
        ledgers=list(place.ledgers),
        months=months,
        obligations=place.obligations,
        today=today,
    )
    doubts = doubts_of_months(connection, place.tables, months, load_id)
    standing = set(submissions.loc[submissions["is_standing"].astype(bool), "submission_id"])
    _, last = reported_months(connection, place.tables)
    silent = silent_months(states, last) if last else []
    return Status(months, states, doubts[doubts["submission_id"].isin(standing)], silent)


def local_day(place: Workplace, now: datetime) -> date:
    """The day of an instant (UTC without a zone) where the bureau is."""
    return now.replace(tzinfo=UTC).astimezone(place.home.timezone).date()


def reported_so_far(place: Workplace, connection: Connection, today: date) -> list[str]:
    """Every month from the first that anybody reported to that of `today`."""
    first, _ = reported_months(connection, place.tables)
    if first is None:
        return []
    first, last = max(first, f"{FIRST_KNOWN:%Y-%m}"), f"{today:%Y-%m}"
    years = range(int(first[:4]), today.year + 1)
    return [month for year in years for month in Period(year, 1, 12).months() if first <= month <= last]


def last_year(place: Workplace, today: date) -> Period:
    """The last year that anybody reported anything for."""
    with reading(place.engine) as connection:
        _, last = reported_months(connection, place.tables)
    return Period.parse(min(last or "9999", f"{today:%Y-%m}")[:4])


def refresh_coverage(place: Workplace, now: datetime) -> str | None:
    """Make the warehouse's table of who has reported what anew, if it differs; why it cannot be made, where it cannot.

    A run must not fail for it: what counties sent is loaded whatever the calendar knows.
    """
    today = local_day(place, now)
    with reading(place.engine) as connection:
        load_id, _ = last_load(connection, place.tables)
        try:
            states = coverage_of(place, connection, load_id, today)
        except CalendarUnknown as error:
            return f"who has reported what could not be told: {error}"
        is_kept = kept_coverage(connection, place.tables) == states
    if not is_kept:
        with writing(place.engine) as connection:
            replace_coverage(connection, place.tables, states, now)
    return None


def coverage_of(place: Workplace, connection: Connection, load_id: int, today: date) -> list[dict[str, Any]]:
    """The states of all months reported so far, as of a load. Raises CalendarUnknown."""
    months = reported_so_far(place, connection, today)
    rows = status_of(place, connection, months, load_id, today).rows() if months else []
    return [{**{name: row[name] for name in STATUS_COLUMNS}, "load_id": load_id} for row in rows]

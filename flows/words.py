"""The words for codes that stand in the warehouse, as operators read them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from flows.language import _, mark, ngettext
from schemas import states
from schemas.periods import Period, is_period
from schemas.sentences import Sentence

if TYPE_CHECKING:
    from flows.workspace import RunScope, Workspace

STATE_WORDS = {
    states.ACCEPTED: mark("accepted"),
    states.PARTIAL: mark("partial"),
    states.ZERO: mark("zero"),
    states.REJECTED: mark("rejected"),
    states.AWAITING: mark("awaiting"),
    states.WITHDRAWN: mark("withdrawn"),
    "on_time": mark("on time"),
    "late": mark("late"),
    "missing": mark("missing"),
    "replaced": mark("replaced"),
    "not_due": mark("not due"),
    "doubtful": mark("doubtful"),
}
SEVERITY_WORDS = {
    "fatal": mark("rejected"),
    "error": mark("error"),
    "warning": mark("warning"),
    "notice": mark("note"),
}
#: the kinds of the bureau's decisions
KIND_WORDS = {
    "waiver": mark("waiver"),
    "correction": mark("correction"),
    "confirm": mark("confirmation"),
    "withdraw": mark("withdrawal"),
}
#: the signs of `status` that are Chinese, and those in their place
_SIGNS = {
    "迟": mark("L"),
    "缺": mark("M"),
    "零": mark("0"),
    "部": mark("P"),
    "退": mark("R"),
    "换": mark("C"),
}
_MONTH = re.compile("(?<![0-9-])20[0-9]{2}-[0-9]{2}(?![0-9-])")
_INSTANT = re.compile("(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2})?)")
_BETWEEN_MONTHS = re.compile("(?<=[0-9]), (?=20[0-9]{2}-[0-9]{2}(?![0-9-]))")
_QUARTERS = (mark("{year}-Q1"), mark("{year}-Q2"), mark("{year}-Q3"), mark("{year}-Q4"))


def count_submissions(number: int) -> Sentence:
    return (
        Sentence("{count} submission", count=1)
        if number == 1
        else Sentence("{count} submissions", count=number)
    )


def state_word(state: str) -> str:
    """Return the word for a state of a submission or report."""
    return _(STATE_WORDS[state])


def describe_signs(cell: str) -> str:
    """Say a cell of the matrix of `status` with the signs of the chosen language."""
    return "".join(_(_SIGNS[sign]) if sign in _SIGNS else sign for sign in cell)


def describe_scope(workspace: Workspace, scope: RunScope) -> str:
    """Name the unit, the month and the ledger that a run is about."""
    unit = workspace.regions.name_of(scope.unit_code) if scope.unit_code else ""
    ledger = workspace.ledgers[scope.ledger].title if scope.ledger else ""
    return " ".join(filter(None, (unit, describe_period(scope.period or ""), ledger)))


def describe_months(text: str) -> str:
    """Say spans of months, 2023-01 to 2023-03, in the chosen language."""
    text = re.sub(
        r"(\S+) to (\S+)", lambda span: _("{first} to {last}").format(first=span[1], last=span[2]), text
    )
    text = _BETWEEN_MONTHS.sub(_(", "), text)
    return _MONTH.sub(lambda month: describe_period(month[0]), text)


def describe_period(text: str) -> str:
    """Write a year, a quarter or a month in the chosen language: 2023年第二季度; in English as it stands."""
    if not is_period(text):
        return text
    period = Period.parse(text)
    if period.is_month:
        return _("{year}-{month:02}").format(year=period.year, month=period.first_month)
    if period.is_quarter:
        return _(_QUARTERS[period.last_month // 3 - 1]).format(year=period.year)
    return _("{year}").format(year=period.year)


def describe_days_left(state: str, days_left: int | None) -> str:
    """Say how many days a time limit still runs, or by how many it was missed."""
    if days_left is None:
        return ""
    days = abs(days_left)
    if state == "met_late":
        return ngettext("{days} day late", "{days} days late", days).format(days=days)
    if days_left < 0:
        return ngettext("over by {days} day", "over by {days} days", days).format(days=days)
    if days_left == 0:
        return _("ends today")
    return ngettext("{days} day left", "{days} days left", days).format(days=days)


def describe_day(day: date | str) -> str:
    """Write a day in the chosen language: 2023年6月7日; in English as it stands."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return _("{year}-{month:02}-{day:02}").format(year=day.year, month=day.month, day=day.day)


def format_instant(instant: str) -> str:
    """Write an instant of the bureau's time to the second, without zone and parts of a second."""
    parts = _INSTANT.match(instant)
    return f"{describe_day(parts['day'])} {parts['time']}" if parts else instant

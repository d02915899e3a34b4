"""Which of the city's figures moved since a day, and why: by cause, unit and submission."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from flows.portal.operator.years import working_year
from flows.portal.reader.figures import offered_years
from flows.portal.visit import Visit
from flows.queries.changes import Change, changed_figures
from flows.queries.earlier_regions import workspace_as_of
from schemas.catalogue import indicators
from schemas.figures.display import format_delta, format_figure
from schemas.figures.figure_changes import CAUSE_WORDS
from schemas.periods import Period
from transforms.report.attribution import printed_deltas
from warehouse.engine import Connection, reading
from warehouse.load.record_load import last_load
from warehouse.ops.loads import load_instants
from warehouse.schema.as_of import AsOf

TITLES = {
    "title": "指标", "period": "时期", "before": "原来", "after": "现在", "delta": "变动（数值，金额按元）", "cause": "原因",
    "unit": "单位", "part_delta": "这一项的变动（数值，金额按元）", "submissions": "报送编号",
}  # fmt: skip
#: submissions named of a part
MOST_NAMED = 5
#: decimals of a difference of rates, so that one in percentage points has two, as the rates have
RATE_PLACES = 4
#: no load is earlier
EARLIEST = date(2000, 1, 1)


def show_moved(visit: Visit) -> Response:
    """List the figures of a year that moved since a day."""
    year, since = working_year(visit), chosen_since(visit)
    return visit.page(
        "operator/moved.html",
        year=str(year),
        years=offered_years(visit),
        since=since,
        moved=moved_figures(visit, year, since),
    )


def download_moved(visit: Visit) -> Response:
    """Download the figures that moved since a day, a line for each part."""
    year, since = working_year(visit), chosen_since(visit)
    rows = [
        {
            **{name: figure[name] for name in ("title", "before", "after")},
            "delta": figure["number"],
            "period": str(year),
            "cause": part["cause"],
            "unit": part["unit"],
            "part_delta": part["number"],
            "submissions": " ".join(map(str, part["submissions"])),
        }
        for figure in moved_figures(visit, year, since)
        for part in figure["parts"]
    ]
    return visit.download_table(rows, TITLES, f"变动指标-{year}-自{since}")


def chosen_since(visit: Visit) -> date:
    """Return the day of the page's address, or yesterday, or the day of the last load if that is earlier."""
    with suppress(ValueError):
        since = date.fromisoformat(visit.query("since"))
        if EARLIEST <= since <= visit.today:
            return since
    yesterday = visit.today - timedelta(days=1)
    with reading(visit.workspace.engine) as connection:
        loads = load_instants(connection, visit.workspace.tables)
    last = visit.local(max(loads.values())).date() if loads else yesterday
    return min(yesterday, last)


def load_before(visit: Visit, connection: Connection, day: date) -> int:
    """Return the last load before a day began; 0 if there was none."""
    midnight = datetime.combine(day, time(), visit.workspace.home.timezone).astimezone(UTC)
    moment = midnight.replace(tzinfo=None) - timedelta(microseconds=1)
    return last_load(connection, visit.workspace.tables, moment)[0]


def moved_figures(visit: Visit, year: Period, since: date) -> list[dict[str, Any]]:
    """Return the city's figures of a year that differ from those before a day, with the parts of each
    difference.
    """
    with reading(visit.workspace.engine) as connection:
        last = visit.workspace.as_of_moment(connection)
        first = last.with_load(load_before(visit, connection, since))
        if first.load_id == last.load_id:
            return []
        key = ("moved", first.load_id, last.load_id, str(year))
        return visit.portal.memory.recall(key, lambda: _moved_between(visit, first, last, year))


def _moved_between(visit: Visit, first: AsOf, last: AsOf, year: Period) -> list[dict[str, Any]]:
    workspace = visit.workspace
    workspace_then, first = workspace_as_of(workspace, first)
    catalogue, city = list(indicators().values()), workspace.regions.top.code
    changed = changed_figures(workspace, first, last, catalogue, [city], year, workspace_then)
    return [_describe(visit, change) for change in changed]


def _describe(visit: Visit, change: Change) -> dict[str, Any]:
    indicator = change.indicator
    before, after = (
        format_figure(indicator, figure.numerator, figure.denominator)
        for figure in (change.before, change.after)
    )
    delta, shown = shown_deltas(change)
    return {
        "indicator_id": indicator.indicator_id, "title": indicator.title, "before": before, "after": after,
        "delta": delta_words(change, delta), "is_provisional": change.after.is_provisional,
        "number": change.to_number(change.delta),
        "parts": _parts(visit, change, shown),
    }  # fmt: skip


def _parts(visit: Visit, change: Change, shown: Sequence[Decimal]) -> list[dict[str, Any]]:
    """Add the parts up by cause and unit, the largest first; `shown` are their differences for print."""
    sums: dict[tuple[str, str], Decimal] = {}
    shown_sums: dict[tuple[str, str], Decimal] = {}
    submissions: dict[tuple[str, str], list[int]] = {}
    for (share, mover, delta), shown_delta in zip(change.shares, shown, strict=True):
        key = share.cause, mover.unit_code if mover else ""
        sums[key] = sums.get(key, Decimal(0)) + delta
        shown_sums[key] = shown_sums.get(key, Decimal(0)) + shown_delta
        submissions.setdefault(key, []).extend([mover.submission_id] if mover else [])
    name_of = visit.workspace.regions.name_of
    return [
        {
            "cause": CAUSE_WORDS[cause],
            "unit": name_of(unit) if unit else "",
            "delta": delta_words(change, shown_sums[cause, unit]),
            "number": change.to_number(total),
            "submissions": submissions[cause, unit],
        }
        for (cause, unit), total in sorted(sums.items(), key=lambda item: -abs(item[1]))
    ]


def shown_deltas(change: Change) -> tuple[Decimal, list[Decimal]]:
    """Return the difference of a figure and those of its parts for print, so that the parts add up."""
    return printed_deltas(change.indicator, [share.delta for share, *_ in change.shares], RATE_PLACES)


def delta_words(change: Change, delta: Decimal) -> str:
    """Write a difference; a figure that was not there before and is zero has moved by its report alone."""
    is_first = change.before.numerator is None
    return "有了报告" if is_first and not delta else format_delta(change.indicator, delta)

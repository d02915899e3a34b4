"""Publications that an operator orders: the periods to choose from, and what would be published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from flows.language import say_in_chinese
from flows.outputs.publication import describe_missing, find_unchanged_publication
from flows.portal.jobs import PUBLISH
from flows.portal.numbers import parse_number
from flows.portal.operator.orders import new_token, order
from flows.portal.reader.figures import offered_years
from flows.portal.visit import Visit
from flows.queries.figures import figure_rows
from flows.queries.missing_reports import count_missing_reports
from flows.queries.months import offered_months
from schemas.catalogue import indicators
from schemas.periods import Period, is_period
from transforms.report.preview_words import period_words
from warehouse.engine import reading
from warehouse.figures.publications import publications
from warehouse.figures.stored_figures import provisional_periods, stored_periods

UNFINISHED, PROVISIONAL, EMPTY = "未结束", "暂定，还缺报送", "还没有报送"


def show_publish_form(visit: Visit) -> Response:
    """Ask which period to publish; then show what would be published, and what of it is provisional."""
    workspace, period = visit.workspace, _period(visit.query("period"), visit)
    if period is None:
        return visit.page(
            "operator/publish.html", period="", **_offer(visit), figures=[], missing=[], missing_count=0,
            earlier=[], load_id=0, token="", fault="没有这个时期。" if visit.query("period") else "",
            ends_on=None, unchanged=None,
        )  # fmt: skip
    catalogue, city = list(indicators().values()), workspace.regions.top.code
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        figures = figure_rows(workspace, as_of, catalogue, [city], period)
        missing = [say_in_chinese(line) for line in describe_missing(workspace, as_of, period)]
        missing_count = count_missing_reports(workspace, as_of, catalogue, city, period)
        earlier = publications(connection, workspace.tables, str(period))
        unchanged = find_unchanged_publication(workspace, as_of, period)
    return visit.page(
        "operator/publish.html",
        period=str(period),
        **_offer(visit),
        figures=figures,
        missing=missing,
        missing_count=missing_count,
        earlier=[(item, visit.local(item.published_at)) for item in reversed(earlier)],
        load_id=as_of.load_id,
        token=new_token(),
        fault="",
        ends_on=period.last_on if period.last_on >= visit.today else None,
        unchanged=unchanged,
    )


def order_publication(visit: Visit) -> Response:
    """Order that the figures of a period be frozen, as they were shown."""
    period, load_id = _period(visit.field("period"), visit), parse_number(visit.field("load_id"))
    if period is None or load_id is None:
        return visit.refuse(422, "没有这个时期。")
    subject = {
        "period": str(period),
        "load_id": load_id,
        "is_provisional": visit.field("is_provisional") == "1",
        "is_again": visit.field("is_again") == "1",
    }
    return order(visit, PUBLISH, subject, str(period))


def _period(text: str, visit: Visit) -> Period | None:
    """Return the period of a form; None if it is none, has not begun, or is of a year that is not offered."""
    if not is_period(text) or text[:4] not in offered_years(visit):
        return None
    period = Period.parse(text)
    return period if period.start_on <= visit.today else None


def _offer(visit: Visit) -> dict[str, Any]:
    """Offer the periods that may be published: years, quarters and months, each the latest first, with
    what is not complete about them; suggest the latest that is over, reported and not yet published.
    """
    years = offered_years(visit)
    quarters = [f"{year}-Q{number}" for year in years for number in (4, 3, 2, 1)]
    months = offered_months(visit.workspace, visit.today)
    with reading(visit.workspace.engine) as connection:
        as_of = visit.workspace.as_of_moment(connection)
        provisional = provisional_periods(as_of, visit.workspace.regions.top.code)
        stored = stored_periods(as_of)
        published = {item.period for item in publications(connection, visit.workspace.tables)}

    def describe(name: str) -> dict[str, Any]:
        state = PROVISIONAL if name in provisional else "" if name in stored else EMPTY
        is_over = Period.parse(name).last_on < visit.today
        return {"name": name, "words": period_words(name), "state": state if is_over else UNFINISHED}

    groups = [
        (words, [describe(name) for name in names if Period.parse(name).start_on <= visit.today])
        for words, names in (("年", years), ("季度", quarters), ("月", months))
    ]
    names = [item["name"] for _, items in groups for item in items if item["state"] in ("", PROVISIONAL)]
    return {"groups": groups, "suggested": _suggest([name for name in names if name not in published])}


def _suggest(names: Iterable[str]) -> str:
    """Return the period that ended last, the shortest of those that end together, if any."""
    periods = map(Period.parse, names)
    return str(max(periods, key=lambda period: (period.last_on, period.start_on), default=""))

"""Print which figures a load moved: the years in full, other periods in full where they are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flows.language import _, mark
from flows.outputs.load_reports import LoadReport
from flows.render import print_line, print_table
from flows.words import describe_months, describe_period
from schemas.figures.display import NO_FIGURE
from schemas.figures.reach import Comparisons
from transforms.report.status_report import spans

#: of months and quarters no more figures than this are printed one by one
MOST_FIGURES = 60
COLUMNS = {
    "region_name": mark("region"),
    "period": mark("period"),
    "title": mark("figure"),
    "before": mark("before"),
    "after": mark("after"),
}


def print_moved_figures(report: LoadReport) -> None:
    """Print the figures that moved, and which were new, so that each period that moved is named."""
    if not report.moved:
        print_line(_("No figure moved."))
        return
    years = [figure for figure in report.moved if figure["period"].isdigit()]
    shorter = [figure for figure in report.moved if not figure["period"].isdigit()]
    moved = [figure for figure in shorter if figure["before"] != NO_FIGURE]
    new = [figure for figure in shorter if figure["before"] == NO_FIGURE]
    is_short = len(moved) <= MOST_FIGURES
    if listed := [*years, *(moved if is_short else ())]:
        print_table(
            _("Figures moved"),
            [{**figure, "period": describe_period(figure["period"])} for figure in listed],
            {key: _(heading) for key, heading in COLUMNS.items()},
            right=["before", "after"],
        )
    if moved and not is_short:
        print_line(
            _("Moved too, all in moved_figures.csv: {periods}").format(periods=count_by_period(moved))
        )
    if new:
        print_line(_("Figures for the first time: {periods}").format(periods=count_by_period(new)))
    if report.comparisons:
        print_line(
            _("Comparisons that change with them: {comparisons}").format(
                comparisons=describe_comparisons(report.comparisons)
            )
        )


def count_by_period(figures: Sequence[Mapping[str, Any]]) -> str:
    """Count figures by period: 2023-Q2 (50), 2023-06 (50)."""
    counts = Counter(figure["period"] for figure in figures)
    return _(", ").join(
        _("{period} ({count})").format(period=describe_period(period), count=count)
        for period, count in counts.items()
    )


def describe_comparisons(comparisons: Comparisons) -> str:
    """Describe the cumulative figures and changes that have to be read again."""
    named = {
        mark("totals from January to {periods}"): describe_months(spans(comparisons.cumulative)),
        mark("changes from the year before, of {periods}"): _name_periods(comparisons.next_year),
        mark("changes from the period before, of {periods}"): _name_periods(comparisons.next_period),
    }
    return _("; ").join(_(what).format(periods=periods) for what, periods in named.items() if periods)


def _name_periods(periods: Sequence[str]) -> str:
    return _(", ").join(map(describe_period, periods))

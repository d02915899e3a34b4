"""The command `changes`: which figures moved between two instants, and why."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from flows.commands.common import (
    format_options,
    open_readable_workspace,
    parse_instant,
    parse_region,
    period_option,
    print_for_programs,
    select_indicators,
)
from flows.language import _, ngettext, translate
from flows.queries.changes import Change, changed_figures
from flows.queries.earlier_regions import workspace_as_of
from flows.render import print_line
from flows.words import describe_period
from flows.workspace import Workspace
from schemas.figures.display import PERCENTAGE_POINT_PLACES, format_delta, format_figure
from schemas.figures.figure_changes import CAUSE_WORDS, DEFINITION, REGIONS, Mover
from schemas.periods import Period
from transforms.report.attribution import Share, printed_deltas
from warehouse.engine import reading
from warehouse.figures.materialize import reported_periods
from warehouse.schema.as_of import AsOf

#: one line per part: Excel has no lists
CSV_COLUMNS = [
    "indicator_id", "title", "region_code", "region_name", "period", "before", "after", "delta", "cause", "unit_code",
    "unit_name", "submission_id", "source_file", "source_sheet", "part_delta",
]  # fmt: skip
#: a rate is a share, its difference is printed in percentage points
SHOWN_RATE_PLACES = PERCENTAGE_POINT_PLACES + 2


@click.command()
@period_option(
    "--period",
    help="A year 2023, a quarter 2023-Q2 or a month 2023-06; without it every period that moved.",
)
@click.option("--since", "since_text", required=True, metavar="TIME",
              help="From then on; a day counts from its beginning: 2024-03-01 or 2024-03-01T08:00.")  # fmt: skip
@click.option(
    "--until", "until_text", metavar="TIME", help="Up to then, a day to its end; without it, now."
)
@click.option(
    "--region",
    "region_code",
    metavar="CODE",
    help="The city or a unit; without it the city and every unit.",
)
@click.option(
    "--indicator", "chosen", multiple=True, metavar="ID", help="Only this indicator; may be repeated."
)
@format_options
@click.pass_obj
def changes(
    folder: Path, period: Period | None, since_text: str, until_text: str | None, region_code: str | None,
    chosen: tuple[str, ...], as_json_text: bool, as_csv_text: bool,
) -> None:  # fmt: skip
    """Which figures moved between two moments, and by which submission."""
    workspace = open_readable_workspace(folder)
    indicators = select_indicators(chosen)
    regions = (
        [region] if (region := parse_region(workspace, region_code)) else list(workspace.regions.regions)
    )
    since = parse_instant(since_text, workspace, "--since", is_start=True)
    until = parse_instant(until_text, workspace, "--until") if until_text else None
    if until and until <= since and until_text != since_text:
        raise click.BadParameter(
            _("{until_text} lies before --since {since_text}").format(
                until_text=until_text, since_text=since_text
            ),
            param_hint="--until",
        )
    with reading(workspace.engine) as connection:
        last = workspace.as_of_moment(connection, until)
        first = workspace.as_of_moment(connection, since)
        if until:
            workspace, last = workspace_as_of(workspace, last)
        workspace_then, first = workspace_as_of(workspace, first)
        periods = [period] if period else _reported_periods(workspace, first, last)
        changed = [
            change
            for each in periods
            for change in changed_figures(workspace, first, last, indicators, regions, each, workspace_then)
        ]
    rows = _csv_rows(workspace, changed) if as_csv_text else [change.row() for change in changed]
    if not print_for_programs(rows, CSV_COLUMNS, as_json_text, as_csv_text):
        if not changed:
            print_line(
                _describe_none(since_text, until_text, period, has_loads=first.load_id != last.load_id)
            )
        _print_changes(workspace, changed)


def _reported_periods(workspace: Workspace, first: AsOf, last: AsOf) -> list[Period]:
    """List the periods with any report, a year before its quarters and months."""
    periods = {
        period for as_of in (first, last) for period in reported_periods(as_of, workspace.obligations)
    }
    return sorted(periods, key=lambda period: (period.year, period.first_month - period.last_month, period))


def _csv_rows(workspace: Workspace, changed: list[Change]) -> list[dict[str, Any]]:
    rows = []
    for change in changed:
        figure = {
            **change.row(),
            "title": change.indicator.title,
            "region_name": workspace.regions.name_of(change.after.region_code),
        }
        for (_share, mover, _cell), part in zip(change.shares, figure.pop("parts"), strict=True):
            source = {"unit_name": workspace.regions.name_of(mover.unit_code), "source_file": mover.source_file,
                      "source_sheet": mover.source_sheet} if mover else {}  # fmt: skip
            rows.append({**figure, **part, "delta": figure["delta"], "part_delta": part["delta"], **source})
    return rows


def _describe_none(since: str, until: str | None, period: Period | None, *, has_loads: bool) -> str:
    """Say that nothing moved in an interval, of a period or at all."""
    interval = (
        _("since {since} until {until}").format(since=since, until=until)
        if until
        else _("since {since}").format(since=since)
    )
    if not has_loads:
        return _("{interval}: nothing was taken in").format(interval=interval)
    if period:
        return _("{interval}: no figure of {period} moved").format(
            interval=interval, period=describe_period(str(period))
        )
    return _("{interval}: no figure moved").format(interval=interval)


def _print_changes(workspace: Workspace, changed: list[Change]) -> None:
    """Print each figure before and after, then how much each submission moved it."""
    for change in changed:
        displayed = [
            format_figure(change.indicator, figure.numerator, figure.denominator)
            for figure in (change.before, change.after)
        ]
        name = workspace.regions.name_of(change.after.region_code)
        delta, parts = printed_deltas(
            change.indicator, [share.delta for share, *_ in change.shares], SHOWN_RATE_PLACES
        )
        is_first_zero = change.before.numerator is None and not delta
        difference = (
            _("there is a report now")
            if is_first_zero
            else translate(format_delta(change.indicator, delta))
        )
        print_line()
        print_line(
            _("{figure}  {region} {period}: {before} → {after} ({difference})").format(
                figure=change.indicator.title,
                region=name,
                period=describe_period(change.after.period),
                before=displayed[0],
                after=displayed[1],
                difference=difference,
            )
        )
        for (share, mover, _cell), part in zip(change.shares, parts, strict=True):
            print_line(
                f"  {_say_part(change, part)}  {translate(CAUSE_WORDS[share.cause])}"
                f"{_describe_source(workspace, share, mover)}"
            )


def _say_part(change: Change, part: Decimal) -> str:
    """Say a submission's part of a change; one that moves nothing has no sign and no number."""
    return translate(format_delta(change.indicator, part)) if part else _("no difference")


def _describe_source(workspace: Workspace, share: Share, mover: Mover | None) -> str:
    if mover is None:
        return "" if share.cause in (DEFINITION, REGIONS) else _(" (the part of no single submission)")
    file = mover.source_file + (f"［{mover.source_sheet}］" if mover.source_sheet else "")
    counted = []
    if share.entered:
        counted.append(
            ngettext("{count} row counts", "{count} rows count", share.entered).format(count=share.entered)
        )
    if share.left:
        counted.append(
            ngettext("{count} row counts no more", "{count} rows count no more", share.left).format(
                count=share.left
            )
        )
    return _(": {unit} {period} {ledger}, {file}, {rows} (#{number})").format(
        unit=workspace.regions.name_of(mover.unit_code), period=describe_period(mover.period), file=file,
        ledger=workspace.ledgers[mover.ledger].title, number=mover.submission_id,
        rows=_(", ").join(counted) or _("there is a report now"),
    )  # fmt: skip

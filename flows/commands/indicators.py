"""The command `indicators`: figures, and the reports missing from them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
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
    was_before_first_load,
)
from flows.commands.find_publication import find_publication, region_without_figures
from flows.language import _, translate
from flows.queries.earlier_regions import workspace_as_of
from flows.queries.figures import figure_rows
from flows.queries.missing_reports import describe_missing_reports
from flows.render import print_line, print_table
from flows.words import describe_months, describe_period, format_instant
from flows.workspace import Workspace
from schemas.periods import Period
from warehouse.engine import Connection, reading
from warehouse.figures.publications import published_figures

INDICATOR_COLUMNS = [
    "indicator_id", "title", "unit", "region_code", "region_name", "period", "value", "numerator", "denominator", "display",
    "units_expected", "units_reported", "is_provisional", "as_of",
]  # fmt: skip
#: lines printed of what is missing; `status` has all
MOST_MISSING = 10


@click.command()
@period_option("--period", required=True, help="A year 2023, a quarter 2023-Q2 or a month 2023-06.")
@click.option("--region", "region_code", metavar="CODE", help="A unit; without it the city.")
@click.option(
    "--indicator", "chosen", multiple=True, metavar="ID", help="Only this indicator; may be repeated."
)
@click.option(
    "--as-of",
    "as_of_text",
    metavar="TIME",
    help="As the warehouse knew it then: 2024-03-01 (the end of that day) or 2024-03-01T08:00.",
)
@click.option("--publication", type=int, metavar="N", help="As they were published under this number.")
@click.option("--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.csv",
              help="A CSV with indicator_id and published_text, to be shown beside.")  # fmt: skip
@format_options
@click.pass_obj
def indicators(
    folder: Path, period: Period, region_code: str | None, chosen: tuple[str, ...], as_of_text: str | None,
    publication: int | None, against: Path | None, as_json_text: bool, as_csv_text: bool,
) -> None:  # fmt: skip
    """The figures of a region for a period."""
    if as_of_text and publication:
        raise click.UsageError(_("--as-of and --publication are two questions; ask one"))
    workspace = open_readable_workspace(folder)
    selected = select_indicators(chosen)
    moment = parse_instant(as_of_text, workspace, "--as-of") if as_of_text else None
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection, moment)
        if moment:
            workspace, as_of = workspace_as_of(workspace, as_of)
        region_code = parse_region(workspace, region_code) or workspace.regions.top.code
        if publication is None:
            rows = figure_rows(workspace, as_of, selected, [region_code], period)
            missing = describe_missing_reports(workspace, as_of, selected, region_code, period)
        else:
            rows = _published(workspace, connection, publication, region_code, period)
            selected_ids = {indicator.indicator_id for indicator in selected}
            rows = [row for row in rows if row["indicator_id"] in selected_ids or not chosen]
            missing = []
    if print_for_programs(rows, INDICATOR_COLUMNS, as_json_text, as_csv_text):
        return
    if not was_before_first_load(as_of, as_of_text):
        _print_figures(rows, period, against)
        _print_missing(missing)


def _published(
    workspace: Workspace, connection: Connection, number: int, region_code: str, period: Period
) -> list[dict[str, Any]]:
    """Return the figures of a publication, unchanged."""
    publication = find_publication(workspace, connection, number, period)
    figures = published_figures(connection, workspace.tables, publication.number, region_code)
    if not figures:
        raise region_without_figures(workspace, number, region_code)
    return figures


def _print_figures(rows: list[dict[str, Any]], period: Period, against: Path | None) -> None:
    columns = {
        "title": _("figure"),
        "display": describe_period(str(period)),
        "coverage": _("reported"),
        "indicator_id": _("id"),
    }
    for row in rows:
        is_imported = row["units_expected"] is None
        reported = _("imported") if is_imported else f"{row['units_reported']}/{row['units_expected']}"
        row["coverage"] = reported + ("*" if row["is_provisional"] else "")
    if against is not None:
        with against.open(encoding="utf-8-sig", newline="") as file:
            published = {
                row_of_csv["indicator_id"]: row_of_csv["published_text"]
                for row_of_csv in csv.DictReader(file)
            }
        for row in rows:
            row["published"] = published.get(row["indicator_id"])
            row["same"] = (
                "" if row["published"] is None else "=" if row["published"] == row["display"] else "≠"
            )
        columns = {
            "title": _("figure"),
            "display": describe_period(str(period)),
            "same": "",
            "published": _("published"),
            **columns,
        }
    print_table(
        f"{rows[0]['region_name']} {describe_period(str(period))}",
        rows,
        columns,
        right=["display", "published"],
    )
    if as_of := rows[0]["as_of"]:
        print_line(_("As of {instant}").format(instant=format_instant(as_of)))
    if any(row["units_expected"] is None for row in rows):
        print_line(_("imported: published before this system existed, and not computed from reports"))
    if any(row["is_provisional"] for row in rows):
        print_line(_("* provisional: not every unit has reported every month; `huizong status` says which"))


def _print_missing(missing: Sequence[str]) -> None:
    """Print the reports a provisional figure still lacks."""
    for line in missing[:MOST_MISSING]:
        print_line(_("  missing: {line}").format(line=describe_months(translate(line))))
    if len(missing) > MOST_MISSING:
        print_line(_("  … and {count} more").format(count=len(missing) - MOST_MISSING))

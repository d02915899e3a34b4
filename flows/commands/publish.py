"""The command `publish`: figures are frozen under a number, or taken from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from flows.commands.common import open_readable_workspace, open_workspace, period_option
from flows.commands.names import find_id
from flows.language import _, translate
from flows.outputs.imported_publication import import_publication
from flows.outputs.publication import MissingReportsError, PublicationResult, RestatedFigure
from flows.outputs.publication import publish as publish_figures
from flows.outputs.snapshot import refresh_snapshot
from flows.pipeline import utc_now
from flows.render import print_line, print_table
from flows.run_lock import hold_run_lock
from flows.words import describe_months, describe_period
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.figures.display import format_delta
from schemas.periods import Period
from transforms.foreign_text import make_visible
from transforms.report.attribution import printed_deltas

MOST_LINES = 20


@click.command()
@period_option("--period", required=True, help="A year 2023, a quarter 2023-Q2 or a month 2023-06.")
@click.option("--note", default="", metavar="TEXT", help="What this publication is for.")
@click.option(
    "--provisional", is_flag=True, help="Publish although units are missing; the publication says so."
)
@click.option("--from-file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.csv",
              help="Figures published before this system existed: indicator_id and value or published_text.")  # fmt: skip
@click.pass_obj
def publish(folder: Path, period: Period, note: str, provisional: bool, file: Path | None) -> None:
    """Freeze the figures of a period under a number; `indicators --publication N` shows them again."""
    if file is not None:
        if provisional:
            raise click.UsageError(
                _("--provisional is about computed figures; --from-file takes published ones")
            )
        _import_published(open_workspace(folder), period, note, file)
        return
    workspace = open_readable_workspace(folder)
    try:
        with hold_run_lock(workspace):
            publication = publish_figures(
                workspace, period, note, as_provisional=provisional, now=utc_now()
            )
    except MissingReportsError as error:
        missing_lines = "".join(f"\n  {make_visible(line)}" for line in first_lines(error.missing))
        raise click.ClickException(
            _(
                "{period} is not complete; --provisional publishes it as provisional. "
                "Missing:{missing_lines}"
            ).format(period=describe_period(str(period)), missing_lines=missing_lines)
        ) from error
    refresh_snapshot(workspace)
    _print_published(workspace, publication)


def _import_published(workspace: Workspace, period: Period, note: str, file: Path) -> None:
    """Record the published figures of a file, and say what was taken."""
    titles = {name: indicator.title for name, indicator in indicators().items()}
    regions = {code: workspace.regions.name_of(code) for code in workspace.regions.regions}
    with hold_run_lock(workspace):
        imported = import_publication(
            workspace,
            period,
            note,
            file.read_bytes(),
            lambda text: _find(text, titles, _("indicator")),
            lambda text: _find(text, regions, _("region")) if text else workspace.regions.top.code,
            now=utc_now(),
        )
    refresh_snapshot(workspace)
    number = imported.publication.number
    print_line(
        _("Publication {number} of {period}: {count} figures imported from {name}.").format(
            number=number,
            period=describe_period(str(period)),
            count=len(imported.figures),
            name=file.name,
        )
    )
    print_line(_("They were published before this system existed, and are marked as imported everywhere."))
    if imported.previous:
        print_line(
            _("They stand in the place of the imported publication {number}.").format(
                number=imported.previous.number
            )
        )


def _find(text: str, titles: Mapping[str, str], kind: str) -> str:
    """Return an id by itself or its title. Raises ValueError with the nearest."""
    try:
        return find_id(text, titles, kind, "")
    except click.BadParameter as error:
        raise ValueError(error.message) from error


def first_lines(lines: list[str]) -> list[str]:
    omitted = len(lines) - MOST_LINES
    return [describe_months(translate(line)) for line in lines[:MOST_LINES]] + (
        [_("… and {count} more").format(count=omitted)] if omitted > 0 else []
    )


def _print_published(workspace: Workspace, published: PublicationResult) -> None:
    publication = published.publication
    provisional = _(" (provisional)") if publication.is_provisional else ""
    print_line(
        _("Publication {number} of {period}{provisional}, as of load {load_id}.").format(
            number=publication.number,
            period=describe_period(str(publication.period)),
            provisional=provisional,
            load_id=publication.load_id,
        )
    )
    city = [row for row in published.figures if row["region_code"] == workspace.regions.top.code]
    print_table(
        workspace.regions.top.name,
        city,
        {"title": _("figure"), "display": describe_period(str(publication.period))},
        ["display"],
    )
    if published.moved:
        rows = [
            {
                "region": moved.now["region_name"],
                "figure": moved.now["title"],
                "before": moved.before["display"],
                "now": moved.now["display"],
                "by_definition": _by_definition(moved),
            }
            for moved in published.moved
        ]
        columns = {"region": _("region"), "figure": _("figure"), "before": _("before"), "now": _("now"),
                   "by_definition": _("of which by definition")}  # fmt: skip
        print_table(_("Moved since the last publication"), rows, columns, right=list(columns)[2:])
        print_line(_("`huizong changes` tells by which submissions."))
    elif published.previous:
        print_line(
            _("No figure moved since publication {number}.").format(number=published.previous.number)
        )
    if published.missing:
        print_line(_("Missing:"))
        for line in first_lines(published.missing):
            print_line(f"  {line}")
    print_line(_("The figures of every unit lie in {folder}").format(folder=published.folder))


def _by_definition(moved: RestatedFigure) -> str:
    """Say how much of a change comes from a changed definition, as the figure itself is printed."""
    if not moved.by_definition:
        return ""
    indicator = indicators()[moved.now["indicator_id"]]
    delta, _parts = printed_deltas(indicator, [moved.by_definition])
    return translate(format_delta(indicator, delta))

"""The command `backfill`: re-ingest a range of months, including what an older rule set validated."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.commands.common import (
    EXIT_OK,
    EXIT_OTHER,
    EXIT_REJECTED,
    month_option,
    open_workspace,
    parse_unit,
)
from flows.commands.moved_figures import count_by_period
from flows.commands.nightly import last_load_id, print_left_files, select_runs
from flows.ingest.discover import scan_inbox
from flows.language import _, ngettext, translate
from flows.render import print_line
from flows.run_lock import hold_run_lock
from flows.words import describe_period
from flows.workspace import RunScope, Workspace
from schemas.periods import months_between


@click.command()
@month_option("--from", "first", required=True, help="The first month, as 2023-01.")
@month_option("--to", "last", required=True, help="The last month, as 2023-12.")
@click.option("--unit", "unit_code", metavar="CODE", help="Only this unit's reports.")
@click.pass_obj
def backfill(folder: Path, first: str, last: str, unit_code: str | None) -> None:
    """Load new files of these months, and revalidate submissions that other rules validated.

    Each month is a load of its own: a backfill that was stopped continues with the first unfinished month.
    """
    months = months_between(first, last)
    if not months:
        raise click.UsageError(_("--to {last} comes before --from {first}").format(last=last, first=first))
    workspace = open_workspace(folder)
    if unit_code is not None:
        unit_code = parse_unit(workspace.regions, unit_code)
    with hold_run_lock(workspace):
        units = {month: unit_code and workspace.regions.report_unit(unit_code, month) for month in months}
        scopes = [RunScope(units[month], month, is_revalidation=True) for month in months]
        sys.exit(
            _backfill(
                workspace,
                [scope for scope in scopes if not scan_inbox(workspace, scope).is_empty],
                len(months),
            )
        )


def _backfill(workspace: Workspace, scopes: list[RunScope], months: int) -> int:
    """Run the months one by one; return the worst exit code."""
    print_line(
        ngettext(
            "{count} of {months} months has something new or something to revalidate.",
            "{count} of {months} months have something new or something to revalidate.",
            len(scopes),
        ).format(count=len(scopes), months=months)
    )
    code, last_id = EXIT_OK, last_load_id(workspace)
    for scope, result in zip(scopes, select_runs(workspace, scopes) if scopes else (), strict=True):
        print_left_files(result)
        load_id, message = last_load_id(workspace), _("nothing was loaded")
        if load_id != last_id:
            report = result.report_on(workspace, load_id)
            message, last_id = (
                _("{headline} Figures moved: {periods}.").format(
                    headline=translate(report.headline()),
                    periods=count_by_period(report.moved) or _("none"),
                ),
                load_id,
            )
            code = EXIT_REJECTED if report.has_rejected and code == EXIT_OK else code
        print_line(
            _("{period}: {message}").format(period=describe_period(str(scope.period)), message=message)
        )
        code = EXIT_OTHER if result.has_fault else code
    return code

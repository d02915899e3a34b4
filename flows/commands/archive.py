"""The commands `publish` (freeze figures), `verify` and `rebuild` (check the archive behind them)."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from flows.archive.log import ArchiveLog
from flows.archive.repeats import find_repeat_problems
from flows.archive.verify import find_anchor_problem, find_archive_problems
from flows.atomic import sync
from flows.commands.common import (
    EXIT_OK,
    EXIT_OTHER,
    open_readable_workspace,
    open_workspace,
    period_option,
    require_current_warehouse,
)
from flows.commands.names import find_id
from flows.ingest.rebuild import Comparison, WarehouseNotEmptyError, compare_warehouses
from flows.ingest.rebuild import rebuild as rebuild_warehouse
from flows.language import _, ngettext, translate
from flows.leftovers import REBUILT, unfinished_rebuild
from flows.outputs.imported_publication import import_publication
from flows.outputs.publication import MissingReportsError, PublicationResult
from flows.outputs.publication import publish as publish_figures
from flows.outputs.snapshot import refresh_snapshot
from flows.outputs.verify_published import find_altered_publications
from flows.pipeline import utc_now
from flows.refresh.marts import refresh_marts
from flows.refresh.verify_stored import find_altered_results, find_deleted_rows
from flows.render import print_line, print_table
from flows.run_lock import hold_run_lock
from flows.workspace import Workspace
from schemas.catalogue import indicators
from schemas.periods import Period
from transforms.foreign_text import make_visible
from warehouse.migrations.fingerprint import SchemaStatus, UpgradeError

MOST_LINES = 20


@click.command()
@period_option("--period", required=True, help="A year 2023, a quarter 2023-Q2 or a month 2023-06.")
@click.option("--note", default="", help="What this publication is for.")
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
            ).format(period=period, missing_lines=missing_lines)
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
            number=number, period=period, count=len(imported.figures), name=file.name
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
    return [translate(line) for line in lines[:MOST_LINES]] + (
        [_("… and {count} more").format(count=omitted)] if omitted > 0 else []
    )


def _print_published(workspace: Workspace, published: PublicationResult) -> None:
    publication = published.publication
    provisional = _(" (provisional)") if publication.is_provisional else ""
    print_line(
        _("Publication {number} of {period}{provisional}, as of load {load_id}.").format(
            number=publication.number,
            period=publication.period,
            provisional=provisional,
            load_id=publication.load_id,
        )
    )
    city = [row for row in published.figures if row["region_code"] == workspace.regions.top.code]
    print_table(
        workspace.regions.top.name,
        city,
        {"title": _("figure"), "display": str(publication.period), "indicator_id": _("id")},
        ["display"],
    )
    if published.moved:
        rows = [
            {
                "region": moved.now["region_name"],
                "figure": moved.now["title"],
                "before": moved.before["display"],
                "now": moved.now["display"],
                "by_definition": f"{float(moved.by_definition):+g}" if moved.by_definition else "",
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


@click.command()
@click.option(
    "--anchor",
    metavar="DIGEST",
    help="A digest that an earlier run or verify printed, or a line of anchor_file: find out whether the log still "
    "has it.",
)
@click.pass_obj
def verify(folder: Path, anchor: str | None) -> None:
    """Find what was altered in the archive or removed: files by their hash, log entries by the chain.

    Stored figures and reporting states are computed again and compared with the stored ones; the rows of
    each load are counted.

    It prints the last digest of the log. Keep it elsewhere: with --anchor it proves later that nothing was
    put back to an earlier state.
    """
    anchor = anchor and anchor.split(" ")[-1]
    if anchor is not None and not re.fullmatch(r"[0-9a-fA-F]{12,64}", anchor):
        raise click.BadParameter(
            _("a digest has 64 characters 0–9 and a–f; the first 12 will do"), param_hint="--anchor"
        )
    workspace = open_workspace(folder)
    has_warehouse = workspace.form() is not SchemaStatus.ABSENT
    if has_warehouse:
        require_current_warehouse(workspace)
    compared = workspace if has_warehouse else None
    problems = list(find_archive_problems(workspace.home, compared))
    problems += find_repeat_problems(workspace.home, compared)
    if has_warehouse:
        problems += [
            *find_deleted_rows(workspace),
            *find_altered_results(workspace),
            *find_altered_publications(workspace),
        ]
    if anchor is not None and (problem := find_anchor_problem(workspace.home, anchor)):
        problems.append(problem)
    for problem in problems:
        print_line(problem)
    print_line(
        ngettext("{count} problem.", "{count} problems.", len(problems)).format(count=len(problems))
        if problems
        else _("The archive is whole: every file and every entry is what it was.")
    )
    print_line(
        _("The log ends with {last_digest}.").format(
            last_digest=ArchiveLog(workspace.home.archive).last_digest()
        )
    )
    sys.exit(EXIT_OTHER if problems else EXIT_OK)


@click.command()
@click.option(
    "--into", "url", metavar="URL", help=f"An empty database for it; without it {REBUILT} in the home."
)
@click.option("--replace", is_flag=True, help="Put it in the place of the home's own SQLite warehouse.")
@click.option(
    "--although-different",
    is_flag=True,
    help="Replace a warehouse that differs by more than loads that it lacks, and admit entries of the log that lack "
    "files of an earlier one of their number.",
)
@click.pass_obj
def rebuild(folder: Path, url: str | None, replace: bool, although_different: bool) -> None:
    """Rebuild the warehouse from the archive alone, and compare it with the live one."""
    workspace = open_workspace(folder)
    file = workspace.home.folder / REBUILT
    is_replaceable = url is None and not workspace.home.settings.warehouse_url
    if replace and not is_replaceable:
        raise click.UsageError(
            _(
                "--replace is for the SQLite warehouse of the home; for others, name the new one "
                "in the settings"
            )
        )
    try:
        with hold_run_lock(workspace, prepares=False):
            comparison = (_rebuild if url else _rebuild_beside)(
                workspace, url or "", although_different=although_different
            )
            differs = bool(comparison and comparison.differing)
            if replace and comparison and differs and not (comparison.is_behind or although_different):
                raise click.ClickException(
                    _(
                        "the live warehouse lacks no load, yet it differs, so it was not replaced; the new "
                        "one is {file}. Find out why: rows of the warehouse were altered, the log was, or "
                        "the program's rules are other ones. If the new one is right, add "
                        "--although-different"
                    ).format(file=file)
                )
            if replace:
                _put_in_place(workspace, file)
    except WarehouseNotEmptyError as error:
        raise click.UsageError(
            _("{error} holds a warehouse already; name an empty database").format(error=error)
        ) from error
    sys.exit(EXIT_OTHER if differs else EXIT_OK)


def _rebuild_beside(workspace: Workspace, _url: str, *, although_different: bool) -> Comparison | None:
    """Rebuild the warehouse as a file that is there only as a whole; compare it as `_rebuild` does."""
    unfinished = unfinished_rebuild(workspace.home.folder)
    file = workspace.home.folder / REBUILT
    try:
        for path in (*unfinished, file):
            path.unlink(missing_ok=True)
        comparison = _rebuild(
            workspace, f"sqlite:///{unfinished[0]}", although_different=although_different
        )
        os.replace(unfinished[0], file)
        return comparison
    finally:
        for path in unfinished:
            path.unlink(missing_ok=True)


def _rebuild(workspace: Workspace, url: str, *, although_different: bool) -> Comparison | None:
    """Rebuild the warehouse at `url` and compare the live one with it; None where there is none that can be
    compared.
    """
    rebuilt = rebuild_warehouse(workspace.home, url, print_line, although_different=although_different)
    try:
        if fault := refresh_marts(rebuilt, utc_now()):
            print_line(fault)
        if workspace.form() is SchemaStatus.ABSENT:
            print_line(_("There was no warehouse to compare it with."))
            return None
        workspace.prepare()
        comparison = compare_warehouses(workspace, rebuilt)
    except UpgradeError as error:
        print_line(
            _("It could not be compared with the live one: {problem}.").format(problem=translate(error))
        )
        return None
    finally:
        rebuilt.engine.dispose()
    if comparison.differing:
        print_line(
            _("The new warehouse differs from the live one in: {differing}.").format(
                differing=", ".join(comparison.differing)
            )
        )
    else:
        print_line(
            _(
                "The new warehouse holds the same as the live one, to the last row: checksum {checksum}."
            ).format(checksum=comparison.checksum)
        )
    return comparison


def _put_in_place(workspace: Workspace, file: Path) -> None:
    workspace.engine.dispose()
    live = workspace.home.folder / "warehouse.sqlite"
    for leftover in (f"{live}-wal", f"{live}-shm"):
        Path(leftover).unlink(missing_ok=True)
    os.replace(file, live)
    sync(live.parent)
    print_line(_("It now is {live}.").format(live=live))

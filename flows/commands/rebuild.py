"""The command `rebuild`: a warehouse made from the archive alone, and compared with the live one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from flows.archive.ownership import ForeignArchiveError
from flows.atomic import sync
from flows.commands.common import EXIT_OK, EXIT_OTHER, open_workspace
from flows.ingest.rebuild import Comparison, WarehouseNotEmptyError, compare_warehouses
from flows.ingest.rebuild import rebuild as rebuild_warehouse
from flows.language import _, translate
from flows.leftovers import REBUILT, unfinished_rebuild
from flows.outputs.snapshot import refresh_snapshot
from flows.pipeline import utc_now
from flows.refresh.marts import refresh_marts
from flows.render import print_line
from flows.run_lock import hold_run_lock
from flows.workspace import Workspace
from warehouse.migrations.fingerprint import SchemaStatus, UpgradeError


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
    except (UpgradeError, ForeignArchiveError) as error:
        if isinstance(error, ForeignArchiveError) and not although_different:
            raise  # it has what the archive lacks: nobody replaces it unasked
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
    refresh_snapshot(workspace)

"""The command `grant-reader`: let a role read the views of a PostgreSQL warehouse."""

from __future__ import annotations

from pathlib import Path

import click

from flows.commands.common import open_readable_workspace
from flows.language import _, translate
from flows.outputs.snapshot import SNAPSHOT
from flows.render import print_line
from flows.run_lock import hold_run_lock
from warehouse.engine import writing
from warehouse.marts.create_views import mart_views
from warehouse.marts.reader_roles import ReaderRoleError, make_reader


@click.command("grant-reader")
@click.argument("role", metavar="ROLE")
@click.pass_obj
def grant_reader(folder: Path, role: str) -> None:
    """Let ROLE read the views for report tools and nothing else (PostgreSQL).

    A missing role is created, without a password. On SQLite, readers use marts.sqlite in the home.
    """
    workspace = open_readable_workspace(folder)
    if workspace.engine.dialect.name != "postgresql":
        raise click.UsageError(
            _("a SQLite warehouse has no roles; let readers have {file}").format(
                file=workspace.home.folder / SNAPSHOT
            )
        )
    with hold_run_lock(workspace):
        try:
            with writing(workspace.engine) as connection:
                messages = list(make_reader(connection, role, mart_views(connection)))
        except ReaderRoleError as error:
            raise click.UsageError(translate(error)) from error
    for line in messages:
        print_line(line)

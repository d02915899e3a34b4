"""The command `demo`: a year of invented county workbooks in the inbox."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from flows.commands.common import open_home, open_workspace
from flows.home_folder import create_home
from flows.language import _
from flows.render import print_line


@click.command()
@click.option(
    "--year", type=click.IntRange(2004, 2100), default=2023, show_default=True, help="A year that is over."
)
@click.pass_obj
def demo(folder: Path, year: int) -> None:
    """Write a year of county workbooks into the inbox, as irregular as real ones; the rows are invented.

    A folder that is no home yet is made one; a home that holds files of counties is refused.
    """
    from flows.portal.demo_accounts import make_demo_accounts
    from flows.sample_year import write_demo_year
    from flows.sample_year.sample_files import require_no_real_files, sample_files_listed

    with open_home(folder) as home:
        if year >= datetime.now(home.timezone).year:
            raise click.BadParameter(_("{year} is not over yet").format(year=year), param_hint="--year")
        require_no_real_files(home)
        create_home(folder)
    workspace = open_workspace(folder)
    workspace.home.make()
    with sample_files_listed(workspace.home) as written:
        written |= set(write_demo_year(workspace.home.inbox, year, workspace.regions))
    for name, password in make_demo_accounts(workspace.home.folder, workspace.regions).items():
        print_line(
            _("Account of the portal: {name}, first password {password} (shown only here)").format(
                name=name, password=password
            )
        )
    print_line(
        _("{files} files of {units} units for {year} lie in {inbox}").format(
            files=len(written), units=len(workspace.regions.units), year=year, inbox=workspace.home.inbox
        )
    )

"""The command line. Commands that only read never import Prefect."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from flows.commands import month_option, run_command, workplace
from flows.commands_forms import template
from flows.commands_read import indicators, status
from flows.commands_statistics import statistics
from flows.workplace import Selection
from warehouse.engine import WarehouseFault


class _Commands(click.Group):
    """Tells a database that is not there in a sentence; what else goes wrong is a fault of ours and shown whole."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except WarehouseFault as error:
            said = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            raise click.ClickException(f"the warehouse cannot be used: {said[0]}") from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--home", "folder", type=click.Path(file_okay=False, path_type=Path), envvar="HUIZONG_HOME", default=Path("var"),
    show_default=True, help="Folder that holds everything of one installation.",
)  # fmt: skip
@click.version_option(package_name="huizong")
@click.pass_context
def main(context: click.Context, folder: Path) -> None:
    """County ledgers in, city figures out.

    Exit codes: 0 done; 2 wrong usage; 3 done, but some submission was rejected; 4 another run holds the lock; 1 anything else.
    """
    context.obj = folder


main.add_command(indicators)
main.add_command(statistics)
main.add_command(status)
main.add_command(template)


@main.command()
@click.option("--year", type=click.IntRange(2004, 2100), default=2023, show_default=True, help="A year that is over.")
@click.pass_obj
def demo(folder: Path, year: int) -> None:
    """Write a year of county workbooks into the inbox, dirty as in life; the rows are invented."""
    from flows.demo import write_demo_year

    place = workplace(folder)
    if year >= datetime.now(place.home.timezone).year:
        raise click.BadParameter(f"{year} is not over yet", param_hint="--year")
    place.home.make()
    written = write_demo_year(place.home.inbox, year, place.regions)
    click.echo(f"{len(written)} files of {len(place.regions.units)} units for {year} lie in {place.home.inbox}")


@main.command()
@click.pass_obj
def nightly(folder: Path) -> None:
    """Take in what is new, refresh the figures, write reports; safe to run again at any time."""

    sys.exit(run_command(workplace(folder), Selection()))


@main.command()
@click.option("--unit", "unit_code", required=True, metavar="CODE", help="The unit whose reports are to be taken in.")
@month_option("--period", required=True, help="The month, as 2023-06.")
@click.option("--dataset", "ledger", metavar="NAME", help="Only this ledger.")
@click.pass_obj
def rerun(folder: Path, unit_code: str, period: str, ledger: str | None) -> None:
    """Take in what one unit sent late or again for one month."""

    place = workplace(folder)
    if unit_code not in place.regions.unit_codes():
        raise click.BadParameter(f"no unit {unit_code}; there are {place.regions.valid_units()}", param_hint="--unit")
    if ledger is not None and ledger not in place.ledgers:
        raise click.BadParameter(f"no ledger {ledger}; there are {', '.join(place.ledgers)}", param_hint="--dataset")
    sys.exit(run_command(place, Selection(unit_code, period, ledger)))

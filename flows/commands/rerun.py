"""The command `rerun`: what one unit sent late or again for one month."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.commands.common import month_option, open_workspace, parse_ledger, parse_unit
from flows.commands.nightly import run_command
from flows.workspace import RunScope


@click.command()
@click.option(
    "--unit", "unit_code", required=True, metavar="CODE", help="The unit whose reports are to be taken in."
)
@month_option("--period", required=True, help="The month, as 2023-06.")
@click.option("--dataset", "ledger", metavar="NAME", help="Only this ledger.")
@click.pass_obj
def rerun(folder: Path, unit_code: str, period: str, ledger: str | None) -> None:
    """Load what one unit sent late or again for one month."""
    workspace = open_workspace(folder)
    unit_code = workspace.regions.report_unit(parse_unit(workspace.regions, unit_code), period)
    ledger = parse_ledger(ledger, "--dataset") if ledger is not None else None
    sys.exit(run_command(workspace, RunScope(unit_code, period, ledger)))

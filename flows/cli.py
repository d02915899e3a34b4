"""The command line. A command's module is imported only when the command is run, to start fast."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import click

#: the module of each command; its function has the command's name, with _ for -
COMMANDS = {
    "demo": "flows.commands.nightly",
    "nightly": "flows.commands.nightly",
    "rerun": "flows.commands.nightly",
    "backfill": "flows.commands.backfill",
    "check": "flows.commands.check",
    "template": "flows.commands.template",
    "dictionary": "flows.commands.dictionary",
    "indicators": "flows.commands.indicators",
    "changes": "flows.commands.changes",
    "status": "flows.commands.status",
    "statistics": "flows.commands.statistics",
    "publish": "flows.commands.archive",
    "verify": "flows.commands.archive",
    "rebuild": "flows.commands.archive",
    "explain": "flows.commands.explain",
    "export": "flows.commands.export",
    "grant-reader": "flows.commands.grant_reader",
    "serve": "flows.commands.serve",
    "worker": "flows.commands.worker",
}


class _Commands(click.Group):
    """Report an unreachable database as one line; let any other exception show its traceback."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[name]), name.replace("-", "_"))
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Exception as error:
            from warehouse.engine import WarehouseFault

            if not isinstance(error, WarehouseFault):
                raise
            lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            raise click.ClickException(f"the warehouse cannot be used: {lines[0]}") from error


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
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

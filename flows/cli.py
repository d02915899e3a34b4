"""The command line. A command's module is imported only when the command is run, to start fast."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from flows.language import _, choose_language, language_of, mark, translate
from flows.quick_imports import without_collection
from transforms.foreign_text import make_lines_visible

#: what the mode of a new file or folder never has: the group may not write, others may do nothing
PRIVATE_UMASK = 0o027
#: of what a command does, in the list of commands
SUMMARY_LENGTH = 200
#: the modules of the commands, by what they are for; the function has the command's name, with _ for -
GROUPS = {
    mark("Reports of the counties"): {
        "nightly": "flows.commands.nightly",
        "rerun": "flows.commands.rerun",
        "backfill": "flows.commands.backfill",
        "check": "flows.commands.check",
        "template": "flows.commands.template",
        "status": "flows.commands.status",
        "mailbox": "flows.commands.mailbox",
    },
    mark("Figures"): {
        "indicators": "flows.commands.indicators",
        "explain": "flows.commands.explain",
        "changes": "flows.commands.changes",
        "deadlines": "flows.commands.deadlines",
        "disclosure": "flows.commands.disclosure",
    },
    mark("Publication"): {
        "publish": "flows.commands.publish",
        "report": "flows.commands.report",
        "statistics": "flows.commands.statistics",
        "proofread": "flows.commands.proofread",
        "export": "flows.commands.export",
        "dictionary": "flows.commands.dictionary",
    },
    mark("Installation"): {
        "init": "flows.commands.init",
        "demo": "flows.commands.demo",
        "serve": "flows.commands.serve",
        "portal": "flows.commands.portal",
        "account": "flows.commands.account",
        "grant-reader": "flows.commands.grant_reader",
        "worker": "flows.commands.worker",
        "verify": "flows.commands.verify",
        "rebuild": "flows.commands.rebuild",
    },
}
COMMANDS = {name: module for commands in GROUPS.values() for name, module in commands.items()}


class _Commands(click.Group):
    """Report an expected error as one line with its exit code; let any other exception show its traceback."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Choose the language first: help and errors of the options themselves are printed in it too."""
        choose_language(language_of(_find_folder(args)))
        from flows.commands.help import translate_command

        return click.Group.make_context(translate_command(self), info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        from flows.commands.help import translate_command

        return translate_command(import_command(cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by what they are for."""
        width = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(_(title)):
                formatter.write_dl([(name.ljust(width), self._summary(ctx, name)) for name in commands])

    def _summary(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(SUMMARY_LENGTH) if command else ""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.ClickException as error:
            from flows.commands.usage_errors import in_words

            error_in_words = in_words(error)
            error_in_words.message = make_lines_visible(translate(error_in_words.message))  # type: ignore[misc]
            raise error_in_words from error.__cause__
        except Exception as error:
            if failure := _expected_failure(error):
                raise failure from error
            raise


def import_command(name: str) -> click.Command:
    """Import the module of a command."""
    with without_collection():
        module = importlib.import_module(COMMANDS[name])
    command: click.Command = getattr(module, name.replace("-", "_"))
    return command


def _find_folder(args: list[str]) -> Path:
    """Find the home that these arguments name, before they are parsed."""
    for argument, following in zip(args, [*args[1:], ""], strict=True):
        if argument == "--home":
            return Path(following)
        if argument.startswith("--home="):
            return Path(argument.removeprefix("--home="))
        if not argument.startswith("-"):
            break
    return Path(os.environ.get("HUIZONG_HOME") or "var")


def _expected_failure(error: Exception) -> click.ClickException | None:
    """Return what to print for an error that is no fault of the program, and the exit code."""
    from flows.errors import FlowError
    from flows.storage_errors import describe_storage_error
    from warehouse.errors import DatabaseError, WarehouseError

    if isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort):
        return None
    if isinstance(error, FlowError | WarehouseError):
        exit_code = error.exit_code if isinstance(error, FlowError) else 1
        return _ExpectedError(make_lines_visible(translate(error)), exit_code)
    if sentence := describe_storage_error(error):
        return click.ClickException(make_lines_visible(translate(sentence)))
    if not isinstance(error, DatabaseError):
        return None
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return click.ClickException(
        _(
            "the warehouse cannot be used: {problem}. To do: see that the database runs and lets this user in, "
            "then run the same command again"
        ).format(problem=make_lines_visible(lines[0]))
    )


class _ExpectedError(click.ClickException):
    """An expected error with an exit code of its own."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it for the class


def _print_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print the traceback of an internal error, whose message may quote a cell."""
    lines = "".join(traceback.format_exception(kind, error, trace))
    click.echo(make_lines_visible(lines), nl=False, err=True)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--home", "folder", type=click.Path(path_type=Path), envvar="HUIZONG_HOME", default=Path("var"),
    metavar="DIR", show_default=True, help="Folder that holds everything of one installation.",
)  # fmt: skip
@click.version_option(package_name="huizong", help="Show the version and exit.")
@click.pass_context
def main(context: click.Context, folder: Path) -> None:
    """County ledgers in, city figures out.

    Exit codes: 0 done; 2 wrong usage; 3 done, but some submission was rejected; 4
    another run holds the lock; 1 anything else.
    """
    os.umask(PRIVATE_UMASK)
    sys.excepthook = _print_traceback
    context.obj = folder

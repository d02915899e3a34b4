"""The command `verify`: what was altered in archive and warehouse, or removed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from flows.archive.log import ArchiveLog
from flows.archive.repeats import find_repeat_problems
from flows.archive.verify import find_anchor_problem, find_archive_problems
from flows.archive.verify_records import find_altered_records
from flows.commands.common import EXIT_OK, EXIT_OTHER, open_workspace, require_current_warehouse
from flows.language import _, ngettext
from flows.outputs.snapshot import find_differing_snapshot
from flows.outputs.verify_published import find_altered_publications
from flows.refresh.verify_stored import find_altered_results, find_deleted_rows
from flows.render import print_line
from warehouse.migrations.fingerprint import SchemaStatus


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
    each load are counted, and those of the readers' copy compared; loads, files of the inbox and regions are
    compared with the archive. To compare every single row, use rebuild without --replace.

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
            *find_altered_records(workspace),
            *find_deleted_rows(workspace),
            *find_altered_results(workspace),
            *find_altered_publications(workspace),
            *find_differing_snapshot(workspace),
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

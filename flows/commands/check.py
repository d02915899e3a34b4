"""The command `check`: validate files before they are sent, for a clerk or an upload form. Needs no
warehouse; with one at hand, files are compared with what was reported before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.commands.common import (
    EXIT_OK,
    EXIT_REJECTED,
    format_options,
    month_option,
    open_home_if_any,
    open_readable_workspace,
    open_workspace,
    parse_unit,
    print_for_programs,
)
from flows.home_folder import is_home
from flows.ingest.inbox import decode_filename
from flows.language import _, translate
from flows.render import as_json, print_data, print_line
from flows.sandbox.pool import start_children
from flows.storage_errors import describe_errno
from flows.words import SEVERITY_WORDS

if TYPE_CHECKING:
    import pandas as pd

    from flows.precheck import CheckResult
    from flows.preview import Preview
    from flows.reported_before import Comparison
    from flows.workspace import Workspace

#: lines printed per sheet; the receipt has all
MOST_LINES = 30


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE…",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Where the receipts go; without it, beside each file (not in the inbox).")  # fmt: skip
@click.option(
    "--unit", "unit_code", metavar="CODE", help="Whose report it is, where the file does not say."
)
@month_option("--period", help="For which month, as 2023-06, where the file does not say.")
@click.option("--preview", "is_preview", is_flag=True,
              help="Say which figures would move if the files were loaded now; needs a home with a warehouse.")  # fmt: skip
@format_options
@click.pass_obj
def check(
    folder: Path, files: tuple[Path, ...], out: Path | None, unit_code: str | None, period: str | None,
    is_preview: bool, as_json_text: bool, as_csv_text: bool,
) -> None:  # fmt: skip
    """Check files before they are sent, and write their receipts: the same workbooks, wrong cells marked."""
    if is_preview and as_csv_text:
        raise click.UsageError(_("--preview has two tables; print them with --json"))
    start_children()  # they import while this process does
    from schemas.catalogue import ledgers

    with open_home_if_any(folder) as home:
        regions = home.regions()
        home.local_headers(ledgers(), regions)  # a mistake in headers.toml is said before any file is read
    workspace = open_readable_workspace(folder) if is_preview else _workspace_if_any(folder)
    unit_code = parse_unit(regions, unit_code) if unit_code is not None else None
    from flows.precheck import check_files
    from schemas.ledgers.finding import PRINTED_COLUMNS, compose_messages

    try:
        compare = _comparison_with(workspace) if workspace else None
        now = datetime.now(home.timezone)
        results = check_files(home, regions, files, out, unit_code, period, now, compare=compare)
    except OSError as error:
        file_name = decode_filename(os.fsdecode(error.filename2 or error.filename or ""))
        raise click.ClickException(
            _(
                "{file}: {reason}. If the file is open in Excel, close it first; if the disk is full or the share is "
                "gone, see to that, and check again."
            ).format(file=file_name, reason=translate(describe_errno(error.errno)))
        ) from error
    if compare and not compare.is_made:
        text = _("A run is at work on the warehouse: the files were not compared with earlier reports.")
        print_line(text, is_error=True)
    findings = [result.findings.assign(message=compose_messages) for result in results]
    rows = [row for frame in findings for row in _records(frame[PRINTED_COLUMNS])]
    preview = _preview(workspace, files, results) if workspace and is_preview else None
    if preview and as_json_text:
        print_data(as_json({"findings": rows, "preview": preview.as_printed()}))
    elif not print_for_programs(rows, PRINTED_COLUMNS, as_json_text, as_csv_text):
        for result in results:
            _print_file(result)
        if preview:
            _print_preview(preview)
    sys.exit(EXIT_REJECTED if any(result.has_errors for result in results) else EXIT_OK)


def _workspace_if_any(folder: Path) -> Workspace | None:
    """Open a home whose warehouse can be read; None of any other, which a check does not need.

    Where there may be one that cannot be used, a line says why nothing is compared with it.
    """
    if not is_home(folder):
        return None
    from warehouse.errors import DatabaseError

    try:
        workspace = open_workspace(folder)
        return None if workspace.form().value else workspace
    except click.ClickException as error:
        problem = translate(error.message)
    except DatabaseError as error:
        problem = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else ""
    text = _("The files were not compared with earlier reports: {problem}")
    print_line(text.format(problem=problem), is_error=True)
    return None


def _comparison_with(workspace: Workspace) -> Comparison:
    """Compare with what the warehouse knows; its modules are not needed for a mere check."""
    from flows.pipeline import utc_now
    from flows.reported_before import Comparison

    return Comparison(workspace, utc_now())


def _preview(workspace: Workspace, files: Sequence[Path], results: Sequence[CheckResult]) -> Preview:
    """Say what would move; its modules open warehouses, which a mere check does not need."""
    from flows.pipeline import utc_now
    from flows.preview import preview_checked

    return preview_checked(workspace, files, results, utc_now())


def _print_preview(preview: Preview) -> None:
    """Say for a clerk which figures would move: those of years first, as many as can be read at a glance."""
    from transforms.report.preview_words import preview_lines

    for line in preview_lines(preview.moved, preview.awaiting, MOST_LINES):
        print_line(line)


def _records(findings: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = findings.astype(object).where(findings.notna(), None).to_dict("records")
    return records


def _print_file(checked: CheckResult) -> None:
    """Print for a clerk whether the file would be accepted, then what
    to correct, by sheet, the worst first.
    """
    from schemas.catalogue import ledgers
    from transforms.receipt.check_words import sheet_words, verdict_words

    verdict = translate(verdict_words(checked.findings, checked.submissions))
    print_line(_("{file}: {verdict}").format(file=checked.file, verdict=verdict))
    about = checked.findings["sheet"].fillna("")
    for sheet, part in checked.submissions.groupby("sheet", sort=False):
        for row in part.itertuples():
            print_line(f"  {translate(sheet_words(row, ledgers()))}")
        _print_findings(checked.findings[about.eq(sheet)])
    remaining = checked.findings[~about.isin(checked.submissions["sheet"])]
    if len(remaining):
        print_line(_("  Elsewhere in the file"))
        _print_findings(remaining)
    print_line(_("  Receipt: {file}").format(file=decode_filename(str(checked.receipt))))


def _print_findings(findings: pd.DataFrame) -> None:
    from schemas.ledgers.finding import compose_messages
    from schemas.ledgers.rules import Severity

    order = [severity.value for severity in Severity]
    worst_first = findings.sort_values(
        "severity", key=lambda severities: severities.map(order.index), kind="stable"
    )
    listed = worst_first.head(MOST_LINES)
    for severity, message in zip(listed["severity"], compose_messages(listed), strict=True):
        print_line(f"    {_(SEVERITY_WORDS[severity])}　{message}")
    if len(findings) > MOST_LINES:
        print_line(_("    … and {count} more, all on the receipt").format(count=len(findings) - MOST_LINES))

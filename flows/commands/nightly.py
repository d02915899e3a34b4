"""The command `nightly`, and what every run of the command line does and prints."""

from __future__ import annotations

import gc
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import httpx

from flows.archive.log import ArchiveLog
from flows.commands.common import (
    EXIT_OK,
    EXIT_OTHER,
    EXIT_REJECTED,
    open_workspace,
)
from flows.commands.mailbox import print_failed_mails
from flows.commands.moved_figures import print_moved_figures
from flows.commands.progress_line import progress_line
from flows.commands.questions import describe_questions
from flows.ingest.discover import scan_inbox
from flows.language import _, ngettext, translate
from flows.orchestration.prefect_api import prefect_api
from flows.outputs.load_reports import LoadReport
from flows.permissions import find_wide_permissions
from flows.pipeline import RunResult, run_pipeline, utc_now
from flows.queries.adjustments import adjustment_effects, name_row_or_file
from flows.render import print_line, print_table
from flows.run_lock import hold_run_lock
from flows.sandbox.pool import start_children
from flows.words import describe_scope, state_word
from flows.workspace import RunScope, Workspace
from warehouse.engine import reading
from warehouse.load.record_load import last_load
from warehouse.ops.loads import received_files

MOST_LINES = 20


@click.command()
@click.pass_obj
def nightly(folder: Path) -> None:
    """Load new files, refresh the figures, write reports; safe to run again at any time."""
    workspace = open_workspace(folder)
    if workspace.home.settings.mailbox:
        from flows.mailbox.take_mails import take_mails_if_any

        with hold_run_lock(workspace):  # prepares the warehouse of a new home: mails ask what it has
            mails = take_mails_if_any(workspace, utc_now())
            if mails:
                print_failed_mails(mails)
            sys.exit(run_command(workspace, RunScope()))
    sys.exit(run_command(workspace, RunScope()))


def run_command(workspace: Workspace, scope: RunScope) -> int:
    """Run nightly or rerun from the command line; return the exit code."""
    with hold_run_lock(workspace):
        return _run_locked(workspace, scope)


def _run_locked(workspace: Workspace, scope: RunScope) -> int:
    if workspace.was_upgraded:
        print_line(_("The database was first upgraded to this version."))
    for problem in find_wide_permissions(workspace.home):
        print_sentence(problem)
    scan = scan_inbox(workspace, scope)
    print_first(_("Ignored in the inbox:"), scan.ignored)
    last_id = last_load_id(workspace)
    (result,) = (
        [_run_without_prefect(workspace, scope)] if scan.is_empty else select_runs(workspace, [scope])
    )
    print_left_files(result)
    _print_idle_adjustments(workspace)
    load_id = last_load_id(workspace)
    if load_id == last_id:
        print_line(
            _describe_nothing_new(workspace, scope, scan.known)
            if scan.is_empty
            else _("Nothing was loaded. Nothing was changed.")
        )
        return EXIT_OTHER if result.has_fault else EXIT_OK
    report = result.report_on(workspace, load_id, every_region=not scope.is_all)
    print_report(workspace, report)
    if result.has_fault:
        return EXIT_OTHER
    return EXIT_REJECTED if report.has_rejected else EXIT_OK


def _describe_nothing_new(workspace: Workspace, scope: RunScope, known: int) -> str:
    """Say how many files were taken before: of a rerun, those in which its report or reports came."""
    if scope.is_all:
        return ngettext(
            "Nothing new: the {count} file there was taken before. Nothing was changed.",
            "Nothing new: the {count} files there were taken before. Nothing was changed.",
            known,
        ).format(count=known)
    report = (str(scope.unit_code), str(scope.ledger), str(scope.period))
    with reading(workspace.engine) as connection:
        received = received_files(connection, workspace.tables, {report})
    files = received.get((report[0], report[2]), {})
    matching = sum(scope.ledger is None or scope.ledger in ledgers for ledgers in files.values())
    if not matching:
        return _("Nothing new: no file of {scope} has come yet. Nothing was changed.").format(
            scope=describe_scope(workspace, scope)
        )
    return ngettext(
        "Nothing new of {scope}: what lies there was taken before ({count} file so far). Nothing was changed.",
        "Nothing new of {scope}: what lies there was taken before ({count} files so far). Nothing was changed.",
        matching,
    ).format(scope=describe_scope(workspace, scope), count=matching)


def _print_idle_adjustments(workspace: Workspace) -> None:
    """Print the entries of adjustments.toml without effect: nobody else would notice a misspelt one."""
    today = datetime.now(workspace.home.timezone).date()
    lines = []
    for effect in adjustment_effects(workspace, today):
        entry = effect.adjustment
        name = name_row_or_file(workspace, entry)
        ended = _(" (its end, {until}, is over)").format(until=entry.until) if entry.until < today else ""
        lines += [_("{entry}: {problem}").format(
            entry=f"[[{entry.kind}]] {entry.unit} {entry.period} {entry.ledger} {name}{ended}",
            problem=translate(effect.text))] * effect.is_idle  # fmt: skip
    print_first(_("Entries of adjustments.toml without effect:"), lines)


def print_left_files(result: RunResult) -> None:
    """Print the files that a run left in the inbox, and why."""
    print_first(_("Still being written or gone; the next run takes them:"), result.growing)
    print_first(_("Could not be read; once the cause is gone, the next run takes them:"), result.unreadable)
    print_first(
        _("Not read because of an internal error; the next run tries them again:"),
        result.failed,
        has_tracebacks=True,
    )
    print_first(
        _(
            "Receipts incomplete because of an internal error; once it is fixed, delete their "
            "load's folder in `reports`, and the next run writes them again:"
        ),
        list(result.faulty_receipts),
    )
    print_first(_("Not written, because something else stands in their place:"), list(result.output_faults))
    if result.may_be_unmounted:
        print_line(
            _(
                "The inbox is empty, though files lay there before. If it is a share, see whether "
                "it is mounted."
            ),
            is_error=True,
        )
    for fault in filter(None, (result.status_fault, result.anchor_fault, result.log_fault)):
        print_sentence(fault, ending=_("."))


def last_load_id(workspace: Workspace) -> int:
    with reading(workspace.engine) as connection:
        return last_load(connection, workspace.tables)[0]


def select_runs(workspace: Workspace, scopes: Sequence[RunScope]) -> Iterator[RunResult]:
    """Run each scope through Prefect while it answers, otherwise without it: monitoring must not stop the
    pipeline.

    Every step can be run again, so a run that lost Prefect halfway is repeated.
    """
    start_children()  # they import while Prefect's server starts
    seconds, pending = workspace.home.settings.prefect_timeout_seconds, list(scopes)
    try:
        with prefect_api(workspace.home.folder, timeout_seconds=seconds) as is_up:
            if is_up:
                from flows.orchestration.prefect_flows import run_flow

                while pending:
                    with progress_line():
                        result = run_flow(pending[0])
                    yield result
                    pending.pop(0)
                return
    except httpx.HTTPError as error:
        print_line(_("Prefect was lost: {error}").format(error=error), is_error=True)
    print_line(_("Prefect does not answer; running without it."), is_error=True)
    yield from (_run_without_prefect(workspace, scope) for scope in pending)


def _run_without_prefect(workspace: Workspace, scope: RunScope) -> RunResult:
    gc.freeze()  # as under Prefect: what was imported stays
    with progress_line():
        return run_pipeline(workspace, scope, utc_now())


def print_report(workspace: Workspace, report: LoadReport) -> None:
    """Print a load: what came from whom, what was rejected or quarantined and why, which figures moved."""
    print_line(translate(report.headline()))
    columns = {"unit_code": _("unit"), "unit_name": "", "files": _("files")} | {
        state: state_word(state) for state in report.states()
    }
    columns |= {"rows": _("rows"), "held_back": _("quarantined")}
    print_table(_("Submissions by unit"), report.by_unit(), columns, right=list(columns)[2:])
    names = report.file_names()
    for title, reports in (
        (_("Rejected:"), report.rejections()),
        (_("Awaiting confirmation:"), report.awaiting()),
        (_("Replaced by another one of this load:"), report.replaced()),
    ):
        print_first(title, [_name_report(workspace, each, names) for each in reports])
    current_rows = [held_row for held_row in report.held_rows() if held_row["is_current"]]
    print_first(
        _("Quarantined rows:"),
        [
            _("{file}, {ledger}: {count}").format(
                file=row["source_file"],
                ledger=workspace.ledgers[row["ledger"]].title,
                count=row["held_back"],
            )
            for row in current_rows
        ],
    )
    print_moved_figures(report)
    print_first(
        _("Open questions, in the report's open_questions.csv:"),
        describe_questions(workspace, report.questions, names),
    )
    if workspace.home.settings.receipts != "none":
        print_line(
            _("Receipts for the counties lie in {receipts}").format(receipts=workspace.home.receipts)
        )
    print_line(_("Findings and figures of this load lie in {folder}").format(folder=report.folder))
    print_line(
        _("The archive's log ends with {digest}").format(
            digest=ArchiveLog(workspace.home.archive).last_digest()
        )
    )


def _name_report(workspace: Workspace, report: Mapping[str, Any], file_names: Collection[str]) -> str:
    """Name a report, with the file in which it is, and what is wrong with it."""
    sentence = workspace.masked_sources.sentence(str(report["message"]), file_names)
    return _("{file}: {problem}").format(file=report["source_file"], problem=sentence)


def print_sentence(text: str, ending: str = "") -> None:
    """Print a warning that began as a part of a sentence."""
    sentence = translate(text)
    print_line(f"{sentence[0].upper()}{sentence[1:]}{ending}", is_error=True)


def print_first(title: str, lines: Sequence[str], *, has_tracebacks: bool = False) -> None:
    """Print a title and the first lines under it, and how many more there are; nothing without lines.

    A line end in a file's name begins no line; those of tracebacks are set off from what names a file.
    """
    if lines:
        print_line(title)
        for line in map(translate, lines[:MOST_LINES]):
            first, *further = (line.splitlines() or [line]) if has_tracebacks else [line]
            print_line(f"  {first}")
            for part in further:
                print_line(f"  | {part}")
        if len(lines) > MOST_LINES:
            print_line(_("  … and {count} more, all in the report").format(count=len(lines) - MOST_LINES))

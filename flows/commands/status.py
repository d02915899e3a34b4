"""The command `status`: who has reported what, whom to remind, and the effect of adjustments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from flows.commands.common import (
    format_options,
    open_readable_workspace,
    period_option,
    print_for_programs,
    write_out,
)
from flows.language import _, ngettext, translate
from flows.queries.adjustments import adjustment_effects, name_row_or_file
from flows.refresh.status import Status, last_month_to_chase, last_year, report_status
from flows.render import as_csv, print_line, print_table
from flows.words import (
    KIND_WORDS,
    describe_day,
    describe_months,
    describe_period,
    describe_signs,
    state_word,
)
from flows.workspace import Workspace
from schemas.periods import Period
from schemas.reporting.working_days import CalendarUnknownError
from transforms.report.status import STATUS_COLUMNS
from transforms.report.status_report import DOUBTED, SIGNS
from warehouse.engine import reading

#: lines of whom to remind that a person reads on a terminal
MOST_REMINDERS = 100
REMINDER_COLUMNS = ["unit", "what", "months", "ledgers", "due_on", "reports", "reason"]


@click.command()
@period_option(
    "--period",
    help="A year 2023, a quarter 2023-Q2 or a month 2023-06; without it the last year with reports.",
)
@click.option("--full", "is_full", is_flag=True, help="A line for every ledger, those in order too.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.csv",
              help="Write the whole list of whom to remind into this file.")  # fmt: skip
@format_options
@click.pass_obj
def status(
    folder: Path, period: Period | None, is_full: bool, out: Path | None, as_json_text: bool, as_csv_text: bool
) -> None:  # fmt: skip
    """Which unit has reported what: on time, late, missing, zero, partial, rejected; and whom to remind."""
    workspace = open_readable_workspace(folder)
    today = datetime.now(workspace.home.timezone).date()
    is_of_period = period is not None
    period = period or last_year(workspace, today)
    until = None if is_of_period else last_month_to_chase(workspace, period, today)
    try:
        with reading(workspace.engine) as connection:
            report = report_status(
                workspace, workspace.as_of_moment(connection), period.months(), today, until
            )
    except CalendarUnknownError as error:
        raise click.ClickException(translate(error)) from error
    if out:
        rows = report.reminders(workspace, shows_files=True)
        write_out(out, as_csv(rows, REMINDER_COLUMNS).encode())
    if not print_for_programs(report.rows(), [*STATUS_COLUMNS, "awaiting"], as_json_text, as_csv_text):
        _print_matrix(workspace, report, period, is_full=is_full)
        _print_reminders(report.reminders(workspace, shows_files=True), _chased_months(report, period))
        _print_adjustments(workspace, period, today)


def _print_matrix(workspace: Workspace, report: Status, period: Period, *, is_full: bool) -> None:
    columns = {"unit": _("unit"), "ledger": _("ledger")} | {month: month[5:] for month in report.months}
    lines = [
        {
            name: describe_signs(cell) if name in report.months else translate(cell)
            for name, cell in row.items()
        }
        for row in report.matrix(workspace, is_full=is_full)
    ]
    print_table(f"{workspace.regions.top.name} {describe_period(str(period))}", lines, columns)
    legend = "  ".join(f"{describe_signs(sign)} {state_word(state)}" for state, sign in SIGNS.items())
    doubtful = _("doubtful, see below")
    print_line(f"{legend}  {DOUBTED} {doubtful}")
    if not is_full:
        print_line(
            _(
                "A number says of how many ledgers; ledgers of which nothing needs an eye are left "
                "out (--full shows them)."
            )
        )


def _chased_months(report: Status, period: Period) -> str:
    """Name the months that the list of whom to remind is about: the period's, and later ones of which
    nothing came.
    """
    last = max(report.silent, default="")
    return (
        describe_months(f"{report.months[0]} to {last}")
        if last > report.months[-1]
        else describe_period(str(period))
    )


def _print_reminders(lines: Sequence[Mapping[str, Any]], months: str) -> None:
    """Print what to ask of which unit, as one list, as far as it can be read; --out has all of it."""
    if not lines:
        print_line()
        print_line(_("Nothing to remind of for {months}.").format(months=months))
        return
    print_line()
    reports = sum(line["reports"] for line in lines)
    print_line(
        ngettext(
            "To remind for {months} ({count} report):", "To remind for {months} ({count} reports):", reports
        ).format(months=months, count=reports)
    )
    for line in lines[:MOST_REMINDERS]:
        print_line(f"  {_describe_reminder(line)}")
    if len(lines) > MOST_REMINDERS:
        print_line(
            _("  … and {count} more lines; --out FILE.csv has all, --period one month's").format(
                count=len(lines) - MOST_REMINDERS
            )
        )


def _describe_reminder(line: Mapping[str, Any]) -> str:
    due = _(" (due {day})").format(day=describe_day(line["due_on"])) if line["due_on"] else ""
    reason = _(": {reason}").format(reason=translate(line["reason"])) if line["reason"] else ""
    return _("{unit} {months}, {state}: {ledgers}{due}{reason}").format(
        unit=translate(line["unit"]), months=describe_months(line["months"]), state=state_word(line["what"]),
        ledgers=translate(line["ledgers"]), due=due, reason=reason,
    )  # fmt: skip


def _print_adjustments(workspace: Workspace, period: Period, today: date) -> None:
    """Print the bureau's adjustments for these months and their effect."""
    rows = []
    for effect in adjustment_effects(workspace, today, period.months()):
        adjustment = effect.adjustment
        row = name_row_or_file(workspace, adjustment)
        rows.append(
            {
                **adjustment.model_dump(),
                "name": workspace.regions.name_of(adjustment.unit),
                "row": row,
                "period": describe_period(adjustment.period),
                "what": adjustment.rule or adjustment.field or adjustment.mode,
                "kind": _(KIND_WORDS[adjustment.kind]),
                "ledger": workspace.ledgers[adjustment.ledger].title,
                "effect": translate(effect.text),
            }
        )
    if rows:
        columns = {
            "kind": "", "name": _("unit"), "period": _("month"), "ledger": _("ledger"), "row": _("row or file"),
            "what": _("rule, field or mode"), "approved_by": _("approved by"), "until": _("until"),
            "effect": _("effect"),
        }  # fmt: skip
        print_table(_("Adjustments"), rows, columns)

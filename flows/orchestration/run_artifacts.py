"""What a run shows of itself on Prefect's page: what it did, who has reported, and whom to remind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flows.language import _, translate
from flows.orchestration.artifacts import show_lists, show_table, show_text
from flows.outputs.load_reports import LoadReport
from flows.pipeline import RunResult, utc_now
from flows.refresh.status import last_month_to_chase, last_year, report_status
from flows.words import describe_months, describe_signs, state_word
from flows.workspace import Workspace
from transforms.report.status_report import DOUBTED, SIGNS
from warehouse.engine import reading

#: lines of a list on the page; the load's report has all
MOST_LINES = 50
#: lines of whom to remind on the page; `huizong status --out` has all
MOST_REMINDERS = 200


def show_run(workspace: Workspace, report: LoadReport, left_files: str) -> None:
    """Show what a load did: counts, refused files with the reason, figures that moved; then by unit."""
    lists = {
        _("Result"): [translate(report.headline()), *filter(None, [left_files])],
        _("Rejected"): _name_files(workspace, report.rejections()),
        _("Awaiting confirmation"): _name_files(workspace, report.awaiting()),
        _("Replaced by another one of this load"): _name_files(workspace, report.replaced()),
        _("Figures moved"): [
            _("{figure}  {region} {period}: {before} → {after}").format(
                figure=moved["title"],
                region=moved["region_name"],
                period=moved["period"],
                before=moved["before"],
                after=moved["after"],
            )
            for moved in report.moved
        ],
    }
    show_lists("this-run", {title: _first(lines) for title, lines in lists.items() if lines}, _("This run"))
    columns = {"unit_name": _("unit"), "files": _("files"), **{state: state_word(state) for state in report.states()},
               "rows": _("rows"), "held_back": _("quarantined")}  # fmt: skip
    show_table("night", _with_headings(report.by_unit(), columns), _("Submissions by unit"))


def _name_files(workspace: Workspace, reports: Iterable[Mapping[str, Any]]) -> list[str]:
    """Name files as the page may: names of persons in them, and in what is said of them, are hidden."""
    return [
        _("{file}: {problem}").format(
            file=workspace.masked_sources.path(report["source_file"]),
            problem=workspace.masked_sources.sentence(str(report["message"])),
        )
        for report in reports
    ]


def _first(lines: Sequence[str]) -> list[str]:
    omitted = len(lines) - MOST_LINES
    more = [_("… and {count} more").format(count=omitted)] if omitted > 0 else []
    return [*lines[:MOST_LINES], *more]


def show_status(workspace: Workspace, result: RunResult) -> None:
    """Show who has reported what, with a legend, and whom to remind, as of this run."""
    if result.status_fault:
        show_text("status", translate(result.status_fault), _("No status tonight"))
        return
    today = workspace.to_local_time(utc_now()).date()
    period = last_year(workspace, today)
    with reading(workspace.engine) as connection:
        as_of = workspace.as_of_moment(connection)
        until = last_month_to_chase(workspace, period, today)
        status = report_status(workspace, as_of, period.months(), today, until)
    columns = {"unit": _("unit"), "ledger": _("ledger"), **{month: month[5:] for month in status.months}}
    rows = [
        {name: describe_signs(cell) if name in status.months else cell for name, cell in row.items()}
        for row in status.matrix(workspace, is_full=False)
    ]
    legend = "  ".join(f"{describe_signs(sign)} {state_word(state)}" for state, sign in SIGNS.items())
    doubtful = _("doubtful, see below")
    title = _("Who has reported {period}").format(period=period)
    show_table("status", _with_headings(rows, columns), f"{title}  {legend}  {DOUBTED} {doubtful}")
    _show_reminders(status.reminders(workspace), str(period))


def _show_reminders(lines: Sequence[Mapping[str, Any]], period: str) -> None:
    columns = {"unit": _("unit"), "what": _("state"), "months": _("month"), "ledgers": _("ledger"),
               "due_on": _("due"), "reports": _("reports"), "reason": _("reason")}  # fmt: skip
    rows = [
        {**line, "what": state_word(line["what"]), "months": describe_months(line["months"]),
         "due_on": str(line["due_on"] or "")}
        for line in lines[:MOST_REMINDERS]
    ]  # fmt: skip
    text = _("Whom to remind for {period}").format(period=period)
    if (omitted := len(lines) - MOST_REMINDERS) > 0:
        text += _("; {count} more lines: huizong status").format(count=omitted)
    show_table("to-remind", _with_headings(rows, columns), text)


def _with_headings(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows with headings in the chosen language in place of their keys."""
    return [
        {
            heading: translate(row[name]) if isinstance(row[name], str) else row[name]
            for name, heading in columns.items()
        }
        for row in rows
    ]

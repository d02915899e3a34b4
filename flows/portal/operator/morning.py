"""The operator's morning on one page; each part leads to its detail."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from starlette.responses import Response

from flows.language import say_in_chinese
from flows.portal.operator.deadlines import count_pressing
from flows.portal.operator.due_days import next_due_days, rates_by_unit
from flows.portal.operator.moved import chosen_since, load_before, moved_figures
from flows.portal.operator.questions import open_questions, question_groups
from flows.portal.operator.submissions import describe_submission, records
from flows.portal.operator.words import KINDS, OUTCOMES, REMINDER_WORDS, name_subject
from flows.portal.operator.years import count_other_years, due_words, working_year, years_to_show
from flows.portal.reader.figures import offered_years
from flows.portal.visit import Visit, months_words
from flows.refresh.status import Status, last_month_to_chase, report_status
from schemas.deadlines import DUE_SOON_DAYS
from schemas.periods import Period
from schemas.reporting.working_days import CalendarUnknownError
from schemas.states import REJECTED
from transforms.receipt.words import UNKNOWN, month_words
from transforms.report.preview_words import period_words
from warehouse.engine import Connection, reading
from warehouse.ops.findings import settling_reasons
from warehouse.ops.loads import load_instants
from warehouse.ops.runs import latest_runs
from warehouse.ops.submissions import awaiting_submissions, submissions_after

#: lines of a part on the page; the part's own page has all
MOST_SHOWN, MOST_RUNS = 8, 5
MOST_LISTED, MOST_RUNS_LISTED = 500, 100
REMINDER_TITLES = {
    "unit": "单位", "months": "月份", "what": "事由", "ledgers": "台账", "due_on": "期限", "reports": "份数", "reason": "原因",
}  # fmt: skip
RATE_TITLES = {
    "unit_code": "单位代码", "unit_name": "单位", "due": "应报", "on_time": "按时", "on_time_share": "按时率", "came": "已报",
    "first_pass": "一次通过", "first_pass_share": "一次通过率",
}  # fmt: skip


def show_morning(visit: Visit) -> Response:
    """Show all that an operator looks at first, a few lines of each part."""
    year, since = working_year(visit), chosen_since(visit)
    status, fault = status_of_year(visit, year)
    reminders = reminders_of(visit, status)
    rejected, awaiting = _to_settle(visit)
    questions = question_groups(visit, open_questions(visit, year))
    return visit.page(
        "operator/morning.html",
        runs=runs(visit, MOST_RUNS),
        since=since,
        year=str(year),
        years=offered_years(visit),
        fault=fault,
        rejected=rejected,
        awaiting=awaiting,
        reminders=reminders,
        report_count=sum(line["reports"] for line in reminders),
        words=REMINDER_WORDS,
        chased=_chased_words(year, status),
        other_years=count_other_years(visit, year),
        moved=_moved_by_year(visit, year, since),
        questions=questions,
        question_count=_count_questions(questions),
        pressing=count_pressing(visit),
        soon_days=DUE_SOON_DAYS,
        due_days=next_due_days(visit),
        rates=rates_by_unit(visit, year) if status else [],
        most=MOST_SHOWN,
    )


def _moved_by_year(visit: Visit, year: Period, since: date) -> dict[str, list[dict[str, Any]]]:
    """Return the city's figures that moved since a day, of each year that the page covers."""
    with reading(visit.workspace.engine) as connection:
        first = load_before(visit, connection, since)
    return {str(each): moved_figures(visit, each, since) for each in years_to_show(visit, year, first)}


def _count_questions(groups: list[dict[str, Any]]) -> str:
    """Count the questions in words: places in reports and matters that are overdue, each with its measure."""
    counts = Counter[str]()
    for group in groups:
        counts[group["measure"]] += group["count"]
    return (
        "、".join(f"{counts[measure]} {measure}" for measure in ("处", "件") if counts[measure]) or "0 处"
    )


def runs(visit: Visit, most: int) -> list[dict[str, Any]]:
    """Return the last runs in words."""
    with reading(visit.workspace.engine) as connection:
        latest = latest_runs(connection, visit.workspace.tables, most)
    return [
        {
            "kind": KINDS.get(run.kind, run.kind),
            "subject": name_subject(visit.workspace, run.subject) or "全部",
            "started_at": visit.local(run.started_at),
            "ended_at": visit.local(run.ended_at) if run.ended_at else None,
            "outcome": OUTCOMES[run.outcome],
            "load_id": run.load_id,
        }
        for run in latest
    ]


def _to_settle(visit: Visit) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what was refused since the chosen day, and what awaits confirmation, each with the reason."""
    workspace = visit.workspace
    with reading(workspace.engine) as connection:
        first = load_before(visit, connection, chosen_since(visit))
        rejected = submissions_after(connection, workspace.tables, first, [REJECTED])
        awaiting = awaiting_submissions(connection, workspace.tables)
        loads = load_instants(connection, workspace.tables)
        return (
            _with_reasons(visit, connection, records(rejected.head(MOST_LISTED)), loads),
            _with_reasons(visit, connection, records(awaiting.head(MOST_LISTED)), loads),
        )


def _with_reasons(
    visit: Visit, connection: Connection, rows: list[dict[str, Any]], loads: dict[int, Any]
) -> list[dict[str, Any]]:
    months = sorted({row["period"] for row in rows if row["period"]})
    reasons = settling_reasons(visit.workspace.as_of_moment(connection), months) if rows else {}
    return [
        describe_submission(visit, row, loads) | {"reason": reasons.get(row["submission_id"], "")}
        for row in rows
    ]


def show_runs(visit: Visit) -> Response:
    """List the last runs."""
    settings = visit.workspace.home.settings
    page_of_runs = f"http://{settings.serve_host}:{settings.serve_port}/runs" if settings.serve_port else ""
    return visit.page("operator/runs.html", runs=runs(visit, MOST_RUNS_LISTED), page_of_runs=page_of_runs)


def show_settling(visit: Visit) -> Response:
    """List what was refused since a day, and what awaits confirmation."""
    rejected, awaiting = _to_settle(visit)
    return visit.page(
        "operator/settling.html",
        since=chosen_since(visit),
        rejected=rejected,
        awaiting=awaiting,
        unknown=UNKNOWN,
    )


def show_chase(visit: Visit) -> Response:
    """List whom to ask for what in a year, all of it."""
    year = working_year(visit)
    status, fault = status_of_year(visit, year)
    reminders = reminders_of(visit, status)
    return visit.page(
        "operator/chase.html", year=str(year), years=offered_years(visit), reminders=reminders, fault=fault,
        words=REMINDER_WORDS, chased=_chased_words(year, status), other_years=count_other_years(visit, year),
        report_count=sum(line["reports"] for line in reminders),
    )  # fmt: skip


def _chased_words(year: Period, status: Status | None) -> str:
    """Say of which months the list is: the year, and the later ones for which nobody has reported yet."""
    last = max(status.silent, default="") if status else ""
    months = year.months()
    return (
        f"{month_words(months[0])}至{month_words(last)}" if last > months[-1] else period_words(str(year))
    )


def reminders_of(visit: Visit, status: Status | None) -> list[dict[str, Any]]:
    """Return whom to ask for what, with the code of the unit and the reasons as its submissions have them."""
    regions = visit.workspace.regions
    codes = {regions.name_of(code): code for code in regions.unit_codes()}
    lines = status.reminders(visit.workspace, is_whole=True) if status else []
    return [
        line | {"unit_code": codes.get(line["unit"], ""), "due": due_words(line["due_on"], line["months"])}
        for line in lines
    ]


def download_chase(visit: Visit) -> Response:
    """Download whom to ask for what in a year; the table is passed on, so that reasons quote no cells."""
    year = working_year(visit)
    status, fault = status_of_year(visit, year)
    if status is None:
        return visit.refuse(409, fault)
    rows = [
        line
        | {
            "what": REMINDER_WORDS.get(line["what"], line["what"]),
            "months": months_words(line["months"]),
            "due_on": due_words(line["due_on"], line["months"]),
        }
        for line in status.reminders(visit.workspace, shows_files=True)
    ]
    return visit.download_table(rows, REMINDER_TITLES, f"催报-{year}")


def download_rates(visit: Visit) -> Response:
    """Download how many reports of each unit came in time and passed at once."""
    year = working_year(visit)
    try:
        rows = rates_by_unit(visit, year)
    except CalendarUnknownError as error:
        return visit.refuse(409, say_in_chinese(error))
    return visit.download_table(rows, RATE_TITLES, f"报送质量-{year}")


def status_of_year(visit: Visit, year: Period) -> tuple[Status | None, str]:
    """Return the status of a year, or the sentence that says why it cannot be computed."""
    workspace = visit.workspace
    try:
        with reading(workspace.engine) as connection:
            as_of = workspace.as_of_moment(connection)
            until = last_month_to_chase(workspace, year, visit.today)
            return report_status(workspace, as_of, year.months(), visit.today, until), ""
    except CalendarUnknownError as error:
        return None, say_in_chinese(error)

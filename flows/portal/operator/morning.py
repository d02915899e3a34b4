"""The operator's morning: how the last runs ended, whom to chase, and who has reported what."""

from __future__ import annotations

from starlette.responses import Response

from flows.portal.reader.figures import chosen_year, offered_years
from flows.portal.visit import Visit
from flows.refresh.status import Status, report_status
from schemas.periods import Period
from schemas.reporting.working_days import CalendarUnknownError
from schemas.states import REPORT_WORDS, SUBMISSION_WORDS
from transforms.report.status_report import DOUBTED, SIGNS
from warehouse.engine import reading
from warehouse.ops.runs import latest_runs

MOST_RUNS, MOST_REMINDERS = 10, 60
OUTCOMES = {
    "nothing_new": ("没有新文件", "good"), "loaded": ("已入库", "good"),
    "loaded_with_rejections": ("已入库，有退回的", "fair"), "failed": ("没有完成", "bad"),
    "interrupted": ("中断", "bad"), None: ("正在进行", ""),
}  # fmt: skip
#: what `status` reminds of: states of a report or of a submission, and doubts
REMINDER_WORDS = {state: word.title for state, word in (SUBMISSION_WORDS | REPORT_WORDS).items()} | {
    "doubtful": "有疑问"
}
KINDS = {"nightly": "每夜入库", "rerun": "补报重算", "backfill": "重新核验"}


def show_morning(visit: Visit) -> Response:
    """Show the last runs and whom to remind of what."""
    workspace, year = visit.workspace, chosen_year(visit)
    with reading(workspace.engine) as connection:
        runs = latest_runs(connection, workspace.tables, MOST_RUNS)
    status, fault = _status(visit, year)
    reminders = status.reminders(workspace) if status else []
    return visit.page(
        "morning.html",
        runs=[
            {
                "kind": KINDS.get(run.kind, run.kind),
                "subject": run.subject,
                "started_at": visit.local(run.started_at),
                "outcome": OUTCOMES[run.outcome],
                "load_id": run.load_id,
            }
            for run in runs
        ],
        year=str(year),
        years=offered_years(visit),
        reminders=reminders[:MOST_REMINDERS],
        reminders_left_out=max(0, len(reminders) - MOST_REMINDERS),
        report_count=sum(line["reports"] for line in reminders),
        words=REMINDER_WORDS,
        fault=fault,
    )


def show_reports(visit: Visit) -> Response:
    """Show the matrix of units, ledgers and months."""
    year = chosen_year(visit)
    status, fault = _status(visit, year)
    is_full = visit.query("full") == "1"
    return visit.page(
        "reports.html",
        year=str(year),
        years=offered_years(visit),
        months=year.months(),
        lines=status.matrix(visit.workspace, is_full=is_full) if status else [],
        is_full=is_full,
        legend=[(sign, REPORT_WORDS[state].title) for state, sign in SIGNS.items()],
        doubted=DOUBTED,
        fault=fault,
    )


def _status(visit: Visit, year: Period) -> tuple[Status | None, str]:
    """Return the status of a year, or the sentence that says why it cannot be computed."""
    workspace = visit.workspace
    try:
        with reading(workspace.engine) as connection:
            as_of = workspace.as_of_moment(connection)
            return report_status(workspace, as_of, year.months(), visit.today), ""
    except CalendarUnknownError as error:
        return None, str(error)

"""Work that an operator orders: a rerun, an export, each shown before it is ordered; every order's job."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.responses import Response

from flows.portal.job_child import EXPORTS
from flows.portal.jobs import EXPORT, PUBLISH, RERUN
from flows.portal.operator.corrections import describe_decision
from flows.portal.operator.submissions import describe_submission, records
from flows.portal.reader.figures import offered_years
from flows.portal.visit import Visit
from flows.queries.months import offered_months
from transforms.report.preview_words import period_words
from warehouse.engine import reading, writing
from warehouse.ops.loads import load_instants, submissions_of_load
from warehouse.portal.jobs import DONE, FAILED, RUNNING, WAITING, Job, add_job, find_job, read_jobs

MOST_JOBS, MOST_SUBMISSIONS = 50, 100
#: characters of a token that orders once
TOKEN_LENGTH = 32
JOB_WORDS = {RERUN: "重新入库", PUBLISH: "公布", EXPORT: "导出"}
NO_OUTCOME = {"sentence": "", "load_id": None, "growing": 0, "unreadable": 0, "failed": 0}
#: what was done before a rerun is offered
CANCELLED = "cancelled"
STATE_WORDS = {
    WAITING: ("正在等待另一次运行结束", ""), RUNNING: ("正在做", ""), DONE: ("已做完", "good"), FAILED: ("没有做成", "bad"),
}  # fmt: skip


def show_rerun_form(visit: Visit) -> Response:
    """Ask which unit and month to load again; once they are chosen, ask whether to do it."""
    workspace, months = visit.workspace, offered_months(visit.workspace, visit.today)
    unit, period, ledger = visit.query("unit"), visit.query("period"), visit.query("ledger")
    is_chosen = unit in workspace.regions.unit_codes() and period in months
    return visit.page(
        "operator/rerun.html",
        unit=unit,
        unit_name=workspace.regions.name_of(unit) if is_chosen else "",
        period=period,
        ledger=ledger if ledger in workspace.ledgers else "",
        ledger_title=workspace.ledgers[ledger].title if ledger in workspace.ledgers else "",
        units=[(code, workspace.regions.name_of(code)) for code in workspace.regions.unit_codes()],
        months=months,
        ledgers=list(workspace.ledgers.values()),
        is_chosen=is_chosen,
        decided=_decided_words(visit, visit.query("decided")),
        token=new_token(),
    )


def _decided_words(visit: Visit, decided: str) -> str:
    """Say what was decided before the rerun is offered: the decision of this id, or its cancelling."""
    if decided == CANCELLED:
        return "决定已经取消。"
    for item in visit.workspace.adjustments:
        if item.adjustment_id == decided:
            return f"已经写入更正表：{describe_decision(visit, item)}。"
    return "决定已经写入。" if decided else ""


def order_rerun(visit: Visit) -> Response:
    """Order that what a unit sent for a month be loaded."""
    workspace = visit.workspace
    unit, period, ledger = visit.field("unit"), visit.field("period"), visit.field("ledger")
    if unit not in workspace.regions.unit_codes() or period not in offered_months(workspace, visit.today):
        return visit.refuse(422, "请选单位和月份。")
    if ledger and ledger not in workspace.ledgers:
        return visit.refuse(422, "没有这种台账。")
    unit = workspace.regions.report_unit(unit, period)
    subject = {"unit": unit, "period": period, "ledger": ledger or None}
    return order(visit, RERUN, subject, f"{unit} {period} {ledger}".rstrip())


def show_export_form(visit: Visit) -> Response:
    """Ask whether to export all views."""
    return visit.page("operator/export.html", token=new_token())


def order_export(visit: Visit) -> Response:
    """Order that all views be written as files."""
    return order(visit, EXPORT, {}, "")


def new_token() -> str:
    """Make what lets a form order once, however often it is sent."""
    return secrets.token_hex(TOKEN_LENGTH // 2)


def order(visit: Visit, kind: str, subject: dict[str, Any], words: str) -> Response:
    """Record an order and begin it; a form that was sent before leads to what it ordered."""
    token, reason = visit.field("token"), visit.field("reason").strip()
    if len(token) != TOKEN_LENGTH:
        return visit.refuse(422, "这一页不完整。请重新打开再试。")
    with writing(visit.portal.store) as connection:
        number, is_new = add_job(connection, token, kind, subject, visit.visitor.name, reason, visit.now)
    if is_new:
        visit.portal.record(visit.visitor, visit.address, kind, words, job=number, reason=reason, **subject)
        visit.portal.jobs.add(number)
    return visit.redirect(f"/jobs/{number}")


def list_jobs(visit: Visit) -> Response:
    """List what was ordered last, with what became of it."""
    with reading(visit.portal.store) as connection:
        jobs = read_jobs(connection, MOST_JOBS)
    return visit.page("operator/jobs.html", jobs=[_describe(visit, job) for job in jobs])


def show_job(visit: Visit) -> Response:
    """Show a job; while it has not ended, a page that looks again every two seconds."""
    job = _job(visit)
    if job is None:
        return visit.refuse(404, "没有这件事。")
    load_id = (job.outcome or {}).get("load_id")
    submissions = _submissions(visit, int(load_id)) if job.kind == RERUN and load_id else []
    return visit.page(
        "operator/job.html",
        job=_describe(visit, job),
        submissions=submissions[:MOST_SUBMISSIONS],
        submissions_left_out=max(0, len(submissions) - MOST_SUBMISSIONS),
    )


def download_export(visit: Visit) -> Response:
    """Download the files that a job exported."""
    job = _job(visit)
    file = visit.portal.folder / EXPORTS / f"{job.job_id}.zip" if job else None
    if job is None or file is None or not file.is_file():
        return visit.refuse(404, "没有这份导出，或者已经被后来的代替。")
    visit.portal.record(visit.visitor, visit.address, "download", file.name, job=job.job_id)
    return visit.download(file.read_bytes(), f"导出-{visit.today}.zip", "application/zip")


def _job(visit: Visit) -> Job | None:
    with reading(visit.portal.store) as connection:
        return find_job(connection, visit.request.path_params["job_id"])


def _submissions(visit: Visit, load_id: int) -> list[dict[str, Any]]:
    with reading(visit.workspace.engine) as connection:
        submissions = submissions_of_load(connection, visit.workspace.tables, load_id)
        loads = load_instants(connection, visit.workspace.tables)
    return [describe_submission(visit, row, loads) for row in records(submissions)]


def _describe(visit: Visit, job: Job) -> dict[str, Any]:
    """Return a job in words."""
    word, look = STATE_WORDS[job.state]
    return {
        **vars(job),
        "is_open": job.is_open,
        "title": f"{JOB_WORDS[job.kind]} {_subject_words(visit, job)}".rstrip(),
        "word": word,
        "look": look,
        "ordered_at": visit.local(job.ordered_at),
        "ended_at": visit.local(job.ended_at) if job.ended_at else None,
        "year": _year_of(visit, job),
        "since": f"{visit.local(job.ordered_at):%Y-%m-%d}",
        "outcome": NO_OUTCOME | (job.outcome or {}),
    }


def _year_of(visit: Visit, job: Job) -> str:
    """Return the year that a job is about; empty for one that is not offered."""
    year = str(job.subject.get("period", ""))[:4]
    return year if year in offered_years(visit) else ""


def _subject_words(visit: Visit, job: Job) -> str:
    regions, ledgers, subject = visit.workspace.regions, visit.workspace.ledgers, job.subject
    if job.kind == RERUN:
        unit = regions.name_of(subject["unit"]) if subject["unit"] in regions.regions else subject["unit"]
        ledger = subject.get("ledger")
        return f"{unit} {period_words(subject['period'])} {ledgers[ledger].title if ledger in ledgers else ''}".rstrip()
    return period_words(subject["period"]) if "period" in subject else ""

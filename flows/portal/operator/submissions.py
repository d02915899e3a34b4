"""A report and its submissions: verdicts, findings, the archived file and the receipt to download."""

from __future__ import annotations

from typing import Any

import pandas as pd
from starlette.responses import Response

from flows.archive.store import DamagedFileError, archive_path, read_checked
from flows.language import say_in_chinese
from flows.outputs.receipt_files import find_receipt
from flows.portal.operator.words import DECISION_WORDS, LOOKS, REPORT_LOOKS
from flows.portal.visit import Visit
from flows.queries.adjustments import adjustment_effects, name_row_or_file
from flows.refresh.status import report_states_of_months
from schemas.ledgers.finding import compose_messages
from schemas.ledgers.rules import Severity
from schemas.periods import Period, is_period
from schemas.reporting.working_days import CalendarUnknownError
from schemas.states import AWAITING, CURRENT_STATES, REPORT_WORDS, SUBMISSION_WORDS
from transforms.receipt.words import TONES
from warehouse.engine import reading
from warehouse.ops.findings import settling_reasons
from warehouse.ops.loads import load_instants
from warehouse.ops.submissions import (
    find_submission,
    findings_of_submission,
    submissions_of_report,
)

MOST_FINDINGS = 500


def show_report(visit: Visit) -> Response:
    """Show one report (unit, ledger, month): its state, and every submission that came for it."""
    workspace, names = visit.workspace, visit.request.path_params
    period, unit, ledger = names["period"], names["unit"], names["ledger"]
    is_month = is_period(period) and Period.parse(period).is_month
    if not is_month or unit not in workspace.regions.unit_codes() or ledger not in workspace.ledgers:
        return visit.refuse(404, "没有这份报送。")
    with reading(workspace.engine) as connection:
        submissions = submissions_of_report(connection, workspace.tables, unit, ledger, period)
        loads = load_instants(connection, workspace.tables)
    entries = [
        {
            "decision_id": effect.adjustment.adjustment_id,
            "kind": effect.adjustment.kind,
            "what": name_row_or_file(workspace, effect.adjustment),
            "decided": effect.adjustment.decided,
            "effect": say_in_chinese(effect.text),
        }
        for effect in adjustment_effects(workspace, visit.today, [period])
        if effect.adjustment.report == (unit, ledger, period)
    ]
    return visit.page(
        "operator/report.html",
        period=period,
        unit=unit,
        unit_name=workspace.regions.name_of(unit),
        ledger=workspace.ledgers[ledger],
        report=_state(visit, period, unit, ledger),
        submissions=[describe_submission(visit, row, loads) for row in records(submissions)],
        decisions=entries,
        decision_words=DECISION_WORDS,
    )


def _state(visit: Visit, period: str, unit: str, ledger: str) -> dict[str, Any] | None:
    """Return the state of a report and its due day; None where it is not owed and nothing came."""
    workspace = visit.workspace
    try:
        with reading(workspace.engine) as connection:
            as_of = workspace.as_of_moment(connection)
            states = report_states_of_months(workspace, as_of, [period], visit.today, [unit])
    except CalendarUnknownError:
        return None
    for row in states[states["ledger"] == ledger].itertuples():
        word = REPORT_WORDS[row.state]
        return {
            "word": word.title, "meaning": word.meaning, "look": REPORT_LOOKS[row.state], "due_on": row.due_on,
            "days_late": row.days_late,
        }  # fmt: skip
    return None


def show_submission(visit: Visit) -> Response:
    """Show one submission: what became of it, and what was found in it, cell by cell."""
    row = chosen_submission(visit)
    if row is None:
        return visit.refuse(404, "没有这份报送。")
    workspace = visit.workspace
    with reading(workspace.engine) as connection:
        findings = findings_of_submission(connection, workspace.tables, row["submission_id"])
        loads = load_instants(connection, workspace.tables)
    reason = settling_reason(visit, row)
    shown = findings.head(MOST_FINDINGS).assign(message=compose_messages)
    return visit.page(
        "operator/submission.html",
        submission=describe_submission(visit, row, loads),
        reason=reason,
        findings=[
            finding | {"word": TONES[Severity(finding["severity"])].word} for finding in records(shown)
        ],
        findings_left_out=max(0, len(findings) - MOST_FINDINGS),
    )


def settling_reason(visit: Visit, row: dict[str, Any]) -> str:
    """Say why a submission was refused, waits or was withdrawn; empty where it was taken."""
    with reading(visit.workspace.engine) as connection:
        as_of = visit.workspace.as_of_moment(connection)
        reasons = settling_reasons(as_of, [row["period"]] if row["period"] else [])
    return reasons.get(row["submission_id"], "")


def describe_submission(visit: Visit, row: dict[str, Any], loads: dict[int, Any]) -> dict[str, Any]:
    """Return a submission as pages show it: with names, words, and whether there is a receipt."""
    workspace = visit.workspace
    word = SUBMISSION_WORDS[row["state"]]
    is_replaced = row["superseded_load"] is not None
    unit, ledger = row["unit_code"], row["ledger"]
    has_report = bool(unit and ledger and row["period"]) and unit in workspace.regions.unit_codes()
    return {
        **row,
        "unit_name": workspace.regions.name_of(unit) if unit in workspace.regions.regions else "看不出单位",
        "ledger_title": workspace.ledgers[ledger].title
        if ledger in workspace.ledgers
        else "看不出是哪种台账",
        "has_report": has_report and ledger in workspace.ledgers,
        "file_name": row["source_file"].rsplit("/", 1)[-1],
        "received_at": visit.local(row["received_at"]),
        "loaded_at": visit.local(loads[row["load_id"]]),
        "word": word.title,
        "meaning": word.meaning,
        "look": "" if is_replaced else LOOKS[row["state"]],
        "is_current": row["state"] in CURRENT_STATES and not is_replaced,
        "awaits": row["state"] == AWAITING and not is_replaced,
        "has_receipt": _receipt(visit, row) is not None,
    }


def download_file(visit: Visit) -> Response:
    """Download the archived file of a submission, as it came."""
    row = chosen_submission(visit)
    if row is None:
        return visit.refuse(404, "没有这份报送。")
    try:
        data = read_checked(archive_path(visit.workspace.home.archive, row["sha256"]))
    except DamagedFileError:
        return visit.refuse(410, "归档里的这个文件缺失或已损坏。请运行 huizong verify 查看，从备份恢复。")
    visit.portal.record(
        visit.visitor, visit.address, "download", row["source_file"], submission=row["submission_id"]
    )
    return visit.download(data, row["source_file"].rsplit("/", 1)[-1])


def download_receipt(visit: Visit) -> Response:
    """Download the receipt of a submission's file."""
    row = chosen_submission(visit)
    file = _receipt(visit, row) if row else None
    if file is None:
        return visit.refuse(404, "没有这份回执。")
    path = file.relative_to(visit.workspace.home.receipts).as_posix()
    visit.portal.record(visit.visitor, visit.address, "download", path)
    return visit.download(file.read_bytes(), file.name)


def chosen_submission(visit: Visit) -> dict[str, Any] | None:
    """Return the submission that the page's address names; None where there is none."""
    number = visit.request.path_params["submission_id"]
    with reading(visit.workspace.engine) as connection:
        return find_submission(connection, visit.workspace.tables, number)


def _receipt(visit: Visit, row: dict[str, Any]) -> Any:
    name = row["source_file"].rsplit("/", 1)[-1]
    folder = visit.workspace.home.receipts
    return find_receipt(folder, row["period"], row["unit_code"], name, row["load_id"], row["sha256"])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame, with None for what is missing."""
    listed: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return listed

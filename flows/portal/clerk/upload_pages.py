"""The pages of uploads: what the check knows, what would move, what became of them, and their downloads."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from flows.ingest.into_inbox import ChangedFileError, read_unchanged
from flows.portal.checks import receipt_folder, upload_file
from flows.portal.clerk.leads import has_useful_marks, leads_of
from flows.portal.clerk.outcomes import Outcomes
from flows.portal.clerk.previews import preview_of
from flows.portal.clerk.rivals import rivals_of
from flows.portal.clerk.sending import fit_uploads, latest_of_names
from flows.portal.clerk.uploads import GREATEST_NUMBER, can_be_sent, upload_named, upload_of_request
from flows.portal.loads import AT_ONCE, FAILED, RUNNING, WAITING
from flows.portal.visit import Visit
from flows.queries.months import offered_months
from schemas.states import REJECTED
from transforms.receipt.check_words import NO_LEDGER
from warehouse.engine import reading
from warehouse.portal.uploads import CHECKED, SENT, TAKEN_BACK, Upload, read_uploads
from warehouse.portal.uploads import FAILED as FAILED_CHECK

#: uploads listed on a page
MOST_LISTED = 100
_LATER = "没有报送，后来又上传了一份"
_DAMAGED = "存在这里的文件与您上传的不一样了（可能断过电，或磁盘出错），不能下载。请用您自己电脑里的那一份；要报的，再上传一次。"
_KEPT_NO_LONGER = "这份文件过了保存的天数，已经删掉。报送过的，入库时存了档；回执在“我的月份”里。"
LOAD_WORDS = {
    WAITING: "排队等入库：前面的一次入完，就轮到这一份。",
    RUNNING: "正在入库。别处正在入库的，等它结束就开始。这一页会自己更新。",
    FAILED: "刚才没有入成库，文件还在，今晚会再入。",
}


def list_uploads(visit: Visit) -> Response:
    """List the clerk's uploads, newest first, with what became of them."""
    text = visit.query("before")
    before = int(text) if text.isdecimal() and len(text) < 10 else GREATEST_NUMBER
    with reading(visit.portal.store) as connection:
        known = read_uploads(connection, visit.visitor.unit_codes, MOST_LISTED + 1, before)
    listed = known[:MOST_LISTED]
    outcomes = Outcomes(visit, listed)
    return visit.page(
        "clerk/uploads.html",
        uploads=listed,
        states={upload.upload_id: outcomes.words(upload) for upload in listed} | _superseded(listed),
        fit=fit_uploads(listed) if before == GREATEST_NUMBER else [],
        is_waiting=any(upload.verdict is None for upload in listed),
        before=listed[-1].upload_id if len(known) > MOST_LISTED else None,
    )


def _superseded(uploads: list[Upload]) -> dict[int, str]:
    """Say of uploads that were not sent that a later one of their name came, by their numbers."""
    latest = {upload.upload_id for upload in latest_of_names(uploads)}
    unsent = (upload for upload in uploads if upload.state == CHECKED)
    return {upload.upload_id: _LATER for upload in unsent if upload.upload_id not in latest}


def show_upload(visit: Visit) -> Response:
    """Show what the check of an upload found; while it runs, a page that looks again each second."""
    upload = upload_of_request(visit)
    if upload is None:
        return visit.refuse(404, "没有这份文件。")
    if upload.verdict is None:
        return visit.page("clerk/checking.html", upload=upload)
    severity = visit.query("severity")
    findings = upload.verdict.get("findings", [])
    shown = [finding for finding in findings if severity in ("", finding["severity"])]
    outcomes = Outcomes(visit, [upload])
    preview = preview_of(visit, upload) if can_be_sent(upload) else None
    load = _load_state(visit, upload, outcomes)
    return visit.page(
        "clerk/upload.html", upload=upload, findings=shown, severity=severity, fault="",
        severities=_severities(upload.verdict), state=outcomes.words(upload), outcomes=outcomes.of(upload),
        headline=outcomes.headline(upload),
        has_file=upload_file(visit.portal.folder, upload.upload_id, upload.file_name).exists(),
        can_be_sent=can_be_sent(upload), can_be_taken_back=upload.state == SENT and outcomes.is_waiting(upload),
        can_be_removed=upload.state in (CHECKED, FAILED_CHECK, TAKEN_BACK), preview=preview,
        leads=leads_of(visit, upload) if upload.state in (CHECKED, TAKEN_BACK) else [],
        offered_month=_offered_month(visit, upload),
        has_marks=has_useful_marks(upload), is_no_ledger=upload.sentence == NO_LEDGER,
        is_at_once=visit.workspace.home.settings.portal_loads == AT_ONCE, load=LOAD_WORDS.get(load),
        rivals=rivals_of(visit, [upload]).get(upload.upload_id, []) if can_be_sent(upload) else [],
        taken_back=_taken_back(visit), night_at=visit.workspace.home.settings.night_at,
        is_waiting=load in (WAITING, RUNNING) or (preview is not None and preview.outcome is None),
    )  # fmt: skip


def _offered_month(visit: Visit, upload: Upload) -> str:
    """Return the month of an upload if it may be reported: the pages in the head of the page open at it."""
    return upload.period if upload.period in offered_months(visit.workspace, visit.today) else ""


def _taken_back(visit: Visit) -> Upload | None:
    """Return the upload that was taken back so that this one may be sent; it is named in the address."""
    upload = upload_named(visit, visit.query("taken_back"))
    return upload if upload is not None and upload.state == TAKEN_BACK else None


def _load_state(visit: Visit, upload: Upload, outcomes: Outcomes) -> str:
    """Return whether the portal loads a sent upload now; empty if it does not, or has."""
    if upload.state != SENT or outcomes.is_loaded(upload):
        return ""
    return visit.portal.loads.state_of(upload.unit_code, upload.period) or ""


def download_receipt(visit: Visit) -> Response:
    """Download the clerk's own workbook with the cells marked."""
    upload = upload_of_request(visit)
    if upload is None or not upload.verdict or not upload.verdict.get("receipt"):
        return visit.refuse(404, "没有这份回执。")
    name = upload.verdict["receipt"]
    file = receipt_folder(visit.portal.folder, upload.upload_id) / name
    if not file.exists():
        return visit.refuse(404, _KEPT_NO_LONGER)
    data = file.read_bytes()
    return visit.download(data, name)


def download_file(visit: Visit) -> Response:
    """Download an upload as it was received."""
    upload = upload_of_request(visit)
    if upload is None:
        return visit.refuse(404, "没有这份文件。")
    file = upload_file(visit.portal.folder, upload.upload_id, upload.file_name)
    if not file.exists():
        return visit.refuse(404, _KEPT_NO_LONGER)
    try:
        data = read_unchanged(file, upload.sha256)
    except (ChangedFileError, OSError):
        return visit.refuse(409, _DAMAGED, f"/uploads/{upload.upload_id}", "回到这份文件")
    return visit.download(data, upload.file_name)


def _severities(verdict: dict[str, Any]) -> list[tuple[str, str, str]]:
    """List the severities that occur, with their words and how many places they have, the worst first.

    What is said of whole sheets, and of no place, is counted by sheets.

    Of several findings of a cell the worst says where it is counted. Checks of older versions counted none.
    """
    findings, places = verdict.get("findings", []), verdict.get("places", {})
    words = {finding["severity"]: finding["word"] for finding in findings}
    order = [name for name in ("fatal", "error", "warning", "notice") if name in words]
    refused = sum(sheet["state"] == REJECTED for sheet in verdict.get("sheets", []))
    counted = {name: f" {places[name]} 处" for name in order if places.get(name)}
    if refused:
        counted.setdefault("fatal", f" {refused} 张")
    return [(name, words[name], counted.get(name, "")) for name in order]

"""Files that a clerk gives the portal: received, sent to the inbox, taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256 as new_sha256
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.responses import Response

from flows.atomic import replace_atomic
from flows.ingest.into_inbox import (
    ChangedFileError,
    LoadedAlreadyError,
    NotLoadedYetError,
    inbox_path,
    send_to_inbox,
    stored_name,
    take_out_of_inbox,
)
from flows.portal.checks import upload_file
from flows.portal.loads import AT_ONCE
from flows.portal.numbers import parse_number
from flows.portal.visit import Visit
from flows.queries.months import offered_months
from flows.run_lock import RunLockedError
from schemas.sources import is_temporary
from transforms.foreign_text import make_visible
from transforms.receipt.names import name_without_verdict
from warehouse.engine import Connection, reading, writing
from warehouse.portal.audit import add_audit_entry
from warehouse.portal.inbox_moves import SEND, TAKE_BACK, InboxMove, begin_move, end_move
from warehouse.portal.uploads import (
    CHECKED,
    SENT,
    TAKEN_BACK,
    Upload,
    add_upload,
    find_sent,
    find_upload,
    mark_removed,
    mark_sent,
    mark_taken_back,
    sent_paths,
)

#: databases hold no greater numbers
GREATEST_NUMBER = 2**31
_TEMPORARY = (
    "“{name}”是程序打开文件时留下的临时文件的名字，入库时会跳过。请关闭 Excel，改选原来的文件；"
    "确是报表的，请改个名字再上传。"
)
_CHANGED = "存在这里的文件与您上传的不一样了，没有报送，正在重新检查。"


def receive_files(visit: Visit) -> Response:
    """Store the files of the form and begin to check them; then show one, or the list."""
    files = visit.files("files")
    unit, period = visit.field("unit"), visit.field("period")
    if unit not in visit.visitor.unit_codes:
        return visit.refuse(403, "您不能替这个单位报送。")
    if period not in offered_months(visit.workspace, visit.today):
        return visit.refuse(422, "请选一个报送月份。")
    if not files:
        return visit.refuse(422, "没有收到文件。请先选择要报送的文件，再点“上传并检查”。")
    if passing := [
        file.filename for file in files if is_temporary(stored_name(_decode_name(file.filename or "")))
    ]:
        return visit.refuse(422, _TEMPORARY.format(name=make_visible(passing[0] or "")))
    numbers = [_store(visit, file, unit, period) for file in files]
    return visit.redirect(f"/uploads/{numbers[0]}" if len(numbers) == 1 else "/uploads")


def _store(visit: Visit, file: UploadFile, unit_code: str, period: str) -> int:
    """Store an uploaded file under a number of its own, and have it checked; return the number."""
    name = name_without_verdict(_decode_name(file.filename or ""))
    content = file.file
    sha256, size = _hash(content)
    with writing(visit.portal.store) as connection:
        number = add_upload(
            connection,
            visit.visitor.account_id,
            unit_code,
            period,
            name,
            sha256,
            size,
            visit.address,
            visit.now,
        )
        content.seek(0)
        stored = upload_file(visit.portal.folder, number, name)
        # on disk before the record that names it
        with replace_atomic(stored, is_durable=True) as temporary, temporary.open("wb") as target:
            shutil.copyfileobj(content, target)
    upload = _find(visit, number)
    assert upload is not None
    visit.portal.checks.add(upload)
    return number


def _hash(content: BinaryIO) -> tuple[str, int]:
    """Return hash and size of a file, read in blocks."""
    digest, size = new_sha256(), 0
    while block := content.read(2**20):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def _decode_name(name: str) -> str:
    """Return a file's name as its user knows it: old browsers send it in GBK, which arrives as Latin-1."""
    try:
        return name.encode("latin-1").decode("gb18030")
    except UnicodeError:
        return name


def send(visit: Visit) -> Response:
    """Send a checked upload: put it into the inbox, where the next run finds it."""
    upload = upload_of_request(visit)
    if upload is None:
        return visit.refuse(404, "没有这份文件。")
    if not can_be_sent(upload):
        return visit.refuse(409, "这份文件现在不能报送：它还没有检查完，或者整份都会退回，或者已经报送。")
    try:
        send_upload(visit, upload)
    except NotLoadedYetError as error:
        return _refuse_waiting(visit, error)
    except ChangedFileError as error:
        return visit.refuse(409, str(error), f"/uploads/{upload.upload_id}", "看检查的结果")
    return visit.redirect(f"/uploads/{upload.upload_id}")


def send_upload(visit: Visit, upload: Upload) -> None:
    """Put an upload into the inbox. Raises NotLoadedYetError where another of its name waits there;
    ChangedFileError where the file is not what was checked, which is then checked again.
    """
    file = upload_file(visit.portal.folder, upload.upload_id, upload.file_name)
    path = inbox_path(upload.unit_code, upload.period, file)
    with visit.portal.inbox_lock, _moving(visit, upload, SEND, path):
        with reading(visit.portal.store) as connection:
            paths = sent_paths(connection, upload.unit_code)
        try:
            send_to_inbox(visit.workspace, file, upload.sha256, upload.unit_code, upload.period, paths)
        except ChangedFileError as error:
            visit.portal.checks.add_again(upload)
            raise ChangedFileError(_CHANGED) from error
        # with its entry in the audit log: a killed portal leaves neither without the other
        with writing(visit.portal.store) as connection:
            is_sent = mark_sent(connection, upload.upload_id, path, visit.now)
            end_move(connection, upload.upload_id)
            if is_sent:
                _audit(visit, connection, SEND, path, sha256=upload.sha256, verdict=upload.sentence)
    if not is_sent:
        return
    if visit.workspace.home.settings.portal_loads == AT_ONCE:
        visit.portal.loads.add(upload.unit_code, upload.period)


@contextmanager
def _moving(visit: Visit, upload: Upload, action: str, path: str) -> Iterator[None]:
    """Record that an upload is about to go into the inbox or out of it; the caller records its end.

    What a kill interrupts is finished at the next start (`flows.portal.clerk.unfinished`).
    """
    move = InboxMove(upload.upload_id, action, visit.visitor.name, visit.address, path)
    with writing(visit.portal.store) as connection:
        begin_move(connection, move, visit.now)
    try:
        yield
    except Exception:
        with writing(visit.portal.store) as connection:
            end_move(connection, upload.upload_id)
        raise


def _audit(visit: Visit, connection: Connection, action: str, subject: str, **detail: object) -> None:
    add_audit_entry(connection, visit.visitor, visit.address, action, subject, visit.now, **detail)


def _refuse_waiting(visit: Visit, error: NotLoadedYetError) -> Response:
    """Refuse a file because another waits, with a link to the page on which that one is taken back."""
    with reading(visit.portal.store) as connection:
        waiting = find_sent(connection, error.path, visit.visitor.unit_codes)
    link = f"/uploads/{waiting.upload_id}" if waiting else ""
    return visit.refuse(
        409, str(error), link, f"看已经报送的“{waiting.file_name}”，可以收回" if waiting else ""
    )


def take_back(visit: Visit) -> Response:
    """Take a sent upload out of the inbox, if no run has loaded it."""
    with visit.portal.inbox_lock:  # pressed twice at once, it is taken back once
        upload = upload_of_request(visit)
        if upload is None:
            return visit.refuse(404, "没有这份文件。")
        if upload.state != SENT or upload.inbox_path is None:
            return visit.refuse(409, "这份文件没有报送，不用收回。")
        try:
            with _moving(visit, upload, TAKE_BACK, upload.inbox_path):
                take_out_of_inbox(visit.workspace, upload.inbox_path, upload.sha256)
                with writing(visit.portal.store) as connection:
                    is_out = mark_taken_back(connection, upload.upload_id, visit.now)
                    end_move(connection, upload.upload_id)
                    if is_out:
                        _audit(visit, connection, TAKE_BACK, upload.inbox_path, sha256=upload.sha256)
        except LoadedAlreadyError as error:
            return visit.refuse(409, str(error))
        except RunLockedError:
            return visit.refuse(409, "正在入库，现在不能收回。请过几分钟再试。")
    if waiting := upload_named(visit, visit.field("then")):  # the one that is to be sent instead
        return visit.redirect(f"/uploads/{waiting.upload_id}?taken_back={upload.upload_id}")
    return visit.redirect(f"/uploads/{upload.upload_id}")


def remove(visit: Visit) -> Response:
    """Take an upload that was not sent off the list; its file stays until it is too old."""
    upload = upload_of_request(visit)
    if upload is None:
        return visit.refuse(404, "没有这份文件。")
    with writing(visit.portal.store) as connection:
        is_removed = mark_removed(connection, upload.upload_id)
    if not is_removed:
        return visit.refuse(409, "正在检查的和已经报送的，不能从列表里移除；报送错了的，可以收回。")
    visit.portal.record(visit.visitor, visit.address, "remove", upload.file_name, sha256=upload.sha256)
    return visit.redirect("/uploads")


def upload_of_request(visit: Visit) -> Upload | None:
    """Return the upload that the address names, if it is of the clerk's units."""
    number = int(visit.request.path_params["upload_id"])
    return _find(visit, number) if number < GREATEST_NUMBER else None


def upload_named(visit: Visit, text: str) -> Upload | None:
    """Return the upload of the clerk's units that has the number in a text."""
    number = parse_number(text)
    return None if number is None else _find(visit, number)


def _find(visit: Visit, upload_id: int) -> Upload | None:
    with reading(visit.portal.store) as connection:
        return find_upload(connection, upload_id, visit.visitor.unit_codes)


def can_be_sent(upload: Upload) -> bool:
    """Whether an upload may be put into the inbox: it was checked, and not all of it would be refused."""
    is_checked = upload.state in (CHECKED, TAKEN_BACK)
    return is_checked and bool(upload.verdict and upload.verdict.get("can_be_sent"))

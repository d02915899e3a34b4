"""Check uploaded files beside the pages, in the sandbox that the pipeline uses too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.atomic import Unsynced
from flows.ingest.into_inbox import ChangedFileError, read_unchanged, stored_name
from flows.logs import get_logger
from flows.pipeline import utc_now
from flows.portal_store import RECEIPTS, UPLOADS
from flows.precheck import CheckResult, check_files
from flows.reported_before import Comparison
from flows.workspace import Workspace
from schemas.ledgers.finding import compose_messages
from schemas.ledgers.rules import Severity
from schemas.states import REJECTED
from transforms.read.layout.identity import FOLDER
from transforms.receipt.check_words import count_to_mend, placed_findings, sheet_words, verdict_words
from transforms.receipt.places import places_by_severity
from transforms.receipt.words import TONES
from warehouse.engine import Engine, reading, writing
from warehouse.portal.uploads import Upload, begin_check_again, end_check, unfinished_checks

#: where unit and month were said that the file does not say: the night finds them in the path
ORIGIN = FOLDER
AT_ONCE = 2
#: findings stored for the page; the marked workbook has all
MOST_FINDINGS = 1000
_FAILED = "这个文件没有检查成。请再试一次；再不成的，请与市局联系。"

logger = get_logger(__name__)


def upload_file(folder: Path, upload_id: int, file_name: str) -> Path:
    """Return where an uploaded file lies in the portal's folder."""
    return folder / UPLOADS / str(upload_id) / stored_name(file_name)


def receipt_folder(folder: Path, upload_id: int) -> Path:
    """Return the folder of the workbook that marks what was found in an upload."""
    return folder / RECEIPTS / str(upload_id)


class Checks:
    """The checks that run beside the pages: some at a time, the others wait."""

    def __init__(self, folder: Path, store: Engine, workspace: Callable[[], Workspace]) -> None:
        self._folder, self._store, self._workspace = folder, store, workspace
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="check")

    def start(self) -> None:
        """Check what an earlier portal left when it was stopped."""
        with reading(self._store) as connection:
            waiting = unfinished_checks(connection)
        for upload in waiting:
            self.add(upload)

    def add(self, upload: Upload) -> None:
        """Check an upload as soon as one of the threads is free."""
        self._pool.submit(self._check, upload)

    def add_again(self, upload: Upload) -> None:
        """Check an upload again whose file is not what was checked."""
        with writing(self._store) as connection:
            is_open = begin_check_again(connection, upload.upload_id)
        if is_open:
            self.add(upload)

    def run(self, task: Callable[[], None]) -> None:
        """Do something else beside the pages; an error is logged."""
        self._pool.submit(_run_logged, task)

    def stop(self, *, waits: bool = False) -> None:
        """Finish the checks that run, with `waits` also those that wait; the next start does the others."""
        self._pool.shutdown(cancel_futures=not waits)

    def _check(self, upload: Upload) -> None:
        try:
            verdict, has_failed = check_upload(self._workspace(), self._folder, upload), False
        except ChangedFileError as error:
            logger.error("the file of upload %d is not what was received", upload.upload_id)
            verdict, has_failed = {"sentence": str(error)}, True
        except Exception:
            logger.exception("the check of upload %d failed", upload.upload_id)
            verdict, has_failed = {"sentence": _FAILED}, True
        with writing(self._store) as connection:
            end_check(connection, upload.upload_id, verdict, has_failed=has_failed)


def _run_logged(task: Callable[[], None]) -> None:
    try:
        task()
    except Exception:
        logger.exception("a task beside the pages failed")


def check_upload(workspace: Workspace, folder: Path, upload: Upload) -> dict[str, Any]:
    """Check a file as a pipeline run would, beside what was reported before; return what its page shows.

    What the verdict claims is on disk. Raises ChangedFileError if the file is not what was received; OSError.
    """
    now = datetime.now(workspace.home.timezone)
    file = upload_file(folder, upload.upload_id, upload.file_name)
    read_unchanged(file, upload.sha256)
    receipts = receipt_folder(folder, upload.upload_id)
    compare = Comparison(workspace, utc_now())
    [result] = check_files(
        workspace.home, workspace.regions, [file], receipts, upload.unit_code, upload.period, now, ORIGIN, compare
    )  # fmt: skip
    unsynced = Unsynced(folder)
    unsynced.add(result.receipt)
    unsynced.sync()
    return describe_result(workspace, result) | {"is_compared": compare.is_made}


def describe_result(workspace: Workspace, result: CheckResult) -> dict[str, Any]:
    """Return the result of a check as it is stored: a sentence, its sheets and its findings."""
    must, should = count_to_mend(result.findings)
    sheets = [
        {
            "state": sheet.state,
            "ledger": sheet.ledger,
            "unit_code": sheet.unit_code,
            "period": sheet.period,
            "named_months": list(sheet.named_months),
            "title": workspace.ledgers[sheet.ledger].title if sheet.ledger else "",
            "words": sheet_words(sheet, workspace.ledgers),
        }
        for sheet in result.submissions.itertuples()
    ]
    listed = result.findings.head(MOST_FINDINGS)
    columns = ["severity", "sheet", "cell", "column", "value", "expected", "problem", "remedy"]
    texts = listed[columns].astype(object)
    records = texts.where(texts.notna(), "").assign(message=compose_messages(listed)).to_dict("records")
    findings = [{**record, "word": TONES[Severity(record["severity"])].word} for record in records]
    return {
        "sentence": verdict_words(result.findings, result.submissions),
        "places": {
            severity.value: count
            for severity, count in places_by_severity(placed_findings(result.findings)).items()
        },
        "must": must,
        "should": should,
        "sheets": sheets,
        "findings": findings,
        "findings_left_out": max(0, len(result.findings) - MOST_FINDINGS),
        "receipt": result.receipt.name,
        "can_be_sent": any(sheet["state"] != REJECTED for sheet in sheets),
    }

"""Say which of a unit's figures an upload would move, before it is sent."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.responses import Response

from flows.ingest.into_inbox import ChangedFileError, read_unchanged
from flows.logs import get_logger
from flows.portal.checks import upload_file
from flows.portal.clerk.uploads import can_be_sent, upload_of_request
from flows.portal.portal import Portal
from flows.portal.visit import Visit
from flows.preview import Preview, preview_files
from flows.rehearsal import FileToLoad
from flows.run_lock import RunLockedError
from flows.workspace import RunScope
from transforms.report.preview_words import period_words, shortest_first
from warehouse.engine import reading, writing
from warehouse.portal.previews import (
    StoredPreview,
    answer_preview,
    ask_preview,
    find_preview,
    unanswered_previews,
)
from warehouse.portal.uploads import Upload, find_uploads

#: figures stored for the page
MOST_FIGURES = 200
_BUSY = "正在入库，现在算不了。请过几分钟再试。"
_FAILED = "没有算成。请再试一次；再不成的，请与市局联系。"

logger = get_logger(__name__)


def ask(visit: Visit) -> Response:
    """Have a preview computed beside the pages; the upload's page shows it."""
    upload = upload_of_request(visit)
    if upload is None:
        return visit.refuse(404, "没有这份文件。")
    if not can_be_sent(upload):
        return visit.refuse(409, "这份文件现在不能报送，不用算它会怎样改变数字。")
    with writing(visit.portal.store) as connection:
        is_new = ask_preview(connection, upload.upload_id, visit.now)
    if is_new:
        visit.portal.checks.run(partial(_answer, visit.portal, upload))
    # no fragment: a page that is asked for with one does not refresh itself
    return visit.redirect(f"/uploads/{upload.upload_id}")


def preview_of(visit: Visit, upload: Upload) -> StoredPreview | None:
    """Return what was asked and answered about an upload."""
    with reading(visit.portal.store) as connection:
        return find_preview(connection, upload.upload_id)


def answer_waiting(portal: Portal) -> None:
    """Answer what an earlier portal left when it was stopped."""
    with reading(portal.store) as connection:
        waiting = find_uploads(connection, unanswered_previews(connection))
    for upload in waiting:
        portal.checks.run(partial(_answer, portal, upload))


def _answer(portal: Portal, upload: Upload) -> None:
    """Compute a preview and store it, or the sentence that says why there is none."""
    workspace = portal.workspace()
    file = upload_file(portal.folder, upload.upload_id, upload.file_name)
    path = f"{upload.period}/{upload.unit_code}/{file.name}"
    scope = RunScope(upload.unit_code, upload.period)
    try:
        read_unchanged(file, upload.sha256)
        outcome = _describe(
            preview_files(workspace, [FileToLoad(path, file)], scope, portal.clock()), upload.unit_code
        )
    except ChangedFileError as error:
        portal.checks.add_again(upload)
        outcome = {"fault": str(error)}
    except RunLockedError:
        outcome = {"fault": _BUSY}
    except Exception:
        logger.exception("the preview of upload %d failed", upload.upload_id)
        outcome = {"fault": _FAILED}
    with writing(portal.store) as connection:
        answer_preview(connection, upload.upload_id, outcome)


def _describe(preview: Preview, unit_code: str) -> dict[str, Any]:
    """Return the figures of the clerk's own unit: those of others are not for it to see."""
    own = [figure for figure in preview.moved if figure["region_code"] == unit_code]
    moved = shortest_first([figure for figure in own if not _is_new_zero(figure)])
    zeros = dict.fromkeys(figure["title"] for figure in own if _is_new_zero(figure))
    return {
        "fault": "",
        "figures": [
            {
                "period": period_words(figure["period"]),
                "title": figure["title"],
                "before": figure["display_before"],
                "after": figure["display_after"],
            }
            for figure in moved[:MOST_FIGURES]
        ],
        "left_out": max(0, len(moved) - MOST_FIGURES),
        "zeros": list(zeros),
        "awaiting": list(preview.awaiting),
    }


def _is_new_zero(figure: dict[str, Any]) -> bool:
    """Whether a figure has moved by the report alone: there was none, now it is zero."""
    return figure["before"] is None and figure["after"] == 0

"""Send several uploads at once: those that were checked without an error and are the latest of their name."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from flows.ingest.into_inbox import ChangedFileError, NotLoadedYetError
from flows.portal.clerk.rivals import rivals_of
from flows.portal.clerk.uploads import GREATEST_NUMBER, send_upload
from flows.portal.loads import AT_ONCE
from flows.portal.visit import Visit
from schemas.states import AWAITING
from transforms.receipt.names import source_stem
from warehouse.engine import reading
from warehouse.portal.uploads import CHECKED, Upload, read_uploads

#: uploads that are looked through, and sent with one press: a form may not have more fields
MOST_READ, MOST_SENT = 200, 40


def fit_uploads(uploads: Sequence[Upload]) -> list[Upload]:
    """Return the uploads that can be sent as they are, of these, the newest first.

    Of those of one name, also as marked workbooks, only the last one is considered.
    """
    return [upload for upload in latest_of_names(uploads) if _is_fit(upload)]


def latest_of_names(uploads: Sequence[Upload]) -> list[Upload]:
    """Return the last upload of each name, unit and month, of uploads from the newest on."""
    latest = dict[tuple[str, str, str], Upload]()
    for upload in uploads:
        latest.setdefault((upload.unit_code, upload.period, source_stem(upload.file_name)), upload)
    return list(latest.values())


def _is_fit(upload: Upload) -> bool:
    verdict = upload.verdict or {}
    return upload.state == CHECKED and bool(verdict.get("can_be_sent")) and not verdict.get("must")


def awaits(upload: Upload) -> bool:
    """Whether a report of an upload would await confirmation."""
    return any(sheet["state"] == AWAITING for sheet in (upload.verdict or {}).get("sheets", []))


def confirm(visit: Visit) -> Response:
    """Name the uploads that are fit to be sent, each with its verdict, and ask."""
    fit = _read_fit(visit)[:MOST_SENT]
    if not fit:
        return visit.redirect("/uploads")
    rivals = rivals_of(visit, fit)
    return visit.page(
        "clerk/sending.html",
        uploads=fit,
        to_choose=[number for number, sent in rivals.items() if any(other.has_to_choose for other in sent)],
        awaiting=[upload.upload_id for upload in fit if awaits(upload)],
        rivals=rivals,
        names={code: visit.workspace.regions.name_of(code) for code in visit.visitor.unit_codes},
        is_at_once=visit.workspace.home.settings.portal_loads == AT_ONCE,
        refused=[],
        sent=[],
    )


def send_several(visit: Visit) -> Response:
    """Send the chosen uploads; what cannot be sent stays, and the page says why."""
    chosen = {text for text in visit.form.getlist("upload") if isinstance(text, str)}
    uploads = [upload for upload in _read_fit(visit) if str(upload.upload_id) in chosen]
    sent, refused = list[Upload](), list[tuple[Upload, str]]()
    for upload in uploads:
        try:
            send_upload(visit, upload)
            sent.append(upload)
        except (ChangedFileError, NotLoadedYetError) as error:
            refused.append((upload, str(error)))
    if not refused:
        return visit.redirect("/uploads")
    return visit.page("clerk/sending.html", status=409, uploads=[], refused=refused, sent=sent)


def _read_fit(visit: Visit) -> list[Upload]:
    with reading(visit.portal.store) as connection:
        return fit_uploads(read_uploads(connection, visit.visitor.unit_codes, MOST_READ, GREATEST_NUMBER))

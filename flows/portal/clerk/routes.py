"""The pages of clerks."""

from __future__ import annotations

from flows.portal.clerk import blank_forms, my_month, previews, sending, upload_pages, uploads
from flows.portal.route import CLERKS, PortalRoute

ROUTES = (
    PortalRoute("GET", "/month", CLERKS, my_month.show_month),
    PortalRoute("GET", "/month/template", CLERKS, blank_forms.download_month),
    PortalRoute("GET", "/templates", CLERKS, blank_forms.show_templates),
    PortalRoute("GET", "/templates/{ledger}", CLERKS, blank_forms.download_template),
    PortalRoute("GET", "/receipts/{period}/{unit}/{name}", CLERKS, my_month.download_receipt),
    PortalRoute("POST", "/uploads", CLERKS, uploads.receive_files, takes_files=True),
    PortalRoute("GET", "/uploads", CLERKS, upload_pages.list_uploads),
    PortalRoute("GET", "/uploads/sending", CLERKS, sending.confirm),
    PortalRoute("POST", "/uploads/sending", CLERKS, sending.send_several),
    PortalRoute("GET", "/uploads/{upload_id:int}", CLERKS, upload_pages.show_upload),
    PortalRoute("GET", "/uploads/{upload_id:int}/receipt", CLERKS, upload_pages.download_receipt),
    PortalRoute("GET", "/uploads/{upload_id:int}/file", CLERKS, upload_pages.download_file),
    PortalRoute("POST", "/uploads/{upload_id:int}/preview", CLERKS, previews.ask),
    PortalRoute("POST", "/uploads/{upload_id:int}/send", CLERKS, uploads.send),
    PortalRoute("POST", "/uploads/{upload_id:int}/take-back", CLERKS, uploads.take_back),
    PortalRoute("POST", "/uploads/{upload_id:int}/remove", CLERKS, uploads.remove),
)

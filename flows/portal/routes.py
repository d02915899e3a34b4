"""Every page of the portal, and who may open it: what is not here does not exist."""

from __future__ import annotations

from flows.portal import blank_forms, my_month, sign_in, uploads
from flows.portal.operator import routes as of_operators
from flows.portal.reader import routes as of_readers
from flows.portal.route import CLERKS, EVERYBODY, PortalRoute

ROUTES = (
    PortalRoute("GET", "/", frozenset(), sign_in.show_first_page),
    PortalRoute("POST", "/sign-in", frozenset(), sign_in.sign_in),
    PortalRoute("POST", "/sign-out", EVERYBODY, sign_in.sign_out, is_for_first_password=True),
    PortalRoute("GET", "/password", EVERYBODY, sign_in.show_password_form, is_for_first_password=True),
    PortalRoute("POST", "/password", EVERYBODY, sign_in.change_password, is_for_first_password=True),
    PortalRoute("GET", "/month", CLERKS, my_month.show_month),
    PortalRoute("GET", "/month/template", CLERKS, blank_forms.download_month),
    PortalRoute("GET", "/templates", CLERKS, blank_forms.show_templates),
    PortalRoute("GET", "/templates/{ledger}", CLERKS, blank_forms.download_template),
    PortalRoute("GET", "/receipts/{period}/{name}", CLERKS, my_month.download_receipt),
    PortalRoute("POST", "/uploads", CLERKS, uploads.receive_files),
    PortalRoute("GET", "/uploads", CLERKS, uploads.list_uploads),
    PortalRoute("GET", "/uploads/{upload_id:int}", CLERKS, uploads.show_upload),
    PortalRoute("GET", "/uploads/{upload_id:int}/receipt", CLERKS, uploads.download_receipt),
    PortalRoute("GET", "/uploads/{upload_id:int}/file", CLERKS, uploads.download_file),
    PortalRoute("POST", "/uploads/{upload_id:int}/send", CLERKS, uploads.send),
    PortalRoute("POST", "/uploads/{upload_id:int}/take-back", CLERKS, uploads.take_back),
    *of_operators.ROUTES,
    *of_readers.ROUTES,
)

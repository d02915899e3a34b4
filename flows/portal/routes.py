"""Every page of the portal, and who may open it: what is not here does not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from flows.portal import figures, morning, my_month, sign_in, uploads
from flows.portal.visit import CLERK, OPERATOR, READER, Visit

EVERYBODY = frozenset({CLERK, OPERATOR, READER})
CLERKS, OPERATORS = frozenset({CLERK}), frozenset({OPERATOR})
READERS = frozenset({READER, OPERATOR})


@dataclass(frozen=True)
class PortalRoute:
    """A page: how it is asked for, who may (no roles: anybody, signed in or not), and what answers.

    `is_for_first_password`: also for those who have yet to choose a password of their own.
    """

    method: str
    path: str
    roles: frozenset[str]
    page: Callable[[Visit], Response]
    is_for_first_password: bool = False


ROUTES = (
    PortalRoute("GET", "/", frozenset(), sign_in.show_first_page),
    PortalRoute("POST", "/sign-in", frozenset(), sign_in.sign_in),
    PortalRoute("POST", "/sign-out", EVERYBODY, sign_in.sign_out, is_for_first_password=True),
    PortalRoute("GET", "/password", EVERYBODY, sign_in.show_password_form, is_for_first_password=True),
    PortalRoute("POST", "/password", EVERYBODY, sign_in.change_password, is_for_first_password=True),
    PortalRoute("GET", "/month", CLERKS, my_month.show_month),
    PortalRoute("GET", "/templates", CLERKS, my_month.show_templates),
    PortalRoute("GET", "/templates/{ledger}", CLERKS, my_month.download_template),
    PortalRoute("GET", "/receipts/{period}/{name}", CLERKS, my_month.download_receipt),
    PortalRoute("POST", "/uploads", CLERKS, uploads.receive_files),
    PortalRoute("GET", "/uploads", CLERKS, uploads.list_uploads),
    PortalRoute("GET", "/uploads/{upload_id:int}", CLERKS, uploads.show_upload),
    PortalRoute("GET", "/uploads/{upload_id:int}/receipt", CLERKS, uploads.download_receipt),
    PortalRoute("GET", "/uploads/{upload_id:int}/file", CLERKS, uploads.download_file),
    PortalRoute("POST", "/uploads/{upload_id:int}/send", CLERKS, uploads.send),
    PortalRoute("POST", "/uploads/{upload_id:int}/take-back", CLERKS, uploads.take_back),
    PortalRoute("GET", "/morning", OPERATORS, morning.show_morning),
    PortalRoute("GET", "/reports", OPERATORS, morning.show_reports),
    PortalRoute("GET", "/figures", READERS, figures.show_figures),
    PortalRoute("GET", "/figures.csv", READERS, figures.download_figures),
    PortalRoute("GET", "/figures/{indicator_id}.csv", READERS, figures.download_figure),
    PortalRoute("GET", "/figures/{indicator_id}", READERS, figures.show_figure),
)

"""Every page of the portal, and who may open it: what is not here does not exist."""

from __future__ import annotations

from flows.portal import sign_in
from flows.portal.clerk import routes as of_clerks
from flows.portal.operator import routes as of_operators
from flows.portal.reader import routes as of_readers
from flows.portal.route import EVERYBODY, PortalRoute

ROUTES = (
    PortalRoute("GET", "/", frozenset(), sign_in.show_first_page),
    PortalRoute("POST", "/sign-in", frozenset(), sign_in.sign_in),
    PortalRoute("POST", "/sign-out", EVERYBODY, sign_in.sign_out, is_for_first_password=True),
    PortalRoute("GET", "/password", EVERYBODY, sign_in.show_password_form, is_for_first_password=True),
    PortalRoute("POST", "/password", EVERYBODY, sign_in.change_password, is_for_first_password=True),
    *of_clerks.ROUTES,
    *of_operators.ROUTES,
    *of_readers.ROUTES,
)

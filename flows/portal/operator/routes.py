"""The pages of operators."""

from __future__ import annotations

from flows.portal.operator import morning
from flows.portal.route import OPERATORS, PortalRoute

ROUTES = (
    PortalRoute("GET", "/morning", OPERATORS, morning.show_morning),
    PortalRoute("GET", "/reports", OPERATORS, morning.show_reports),
)

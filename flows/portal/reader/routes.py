"""The pages of those who read figures."""

from __future__ import annotations

from flows.portal.reader import figures
from flows.portal.route import READERS, PortalRoute

ROUTES = (
    PortalRoute("GET", "/figures", READERS, figures.show_figures),
    PortalRoute("GET", "/figures.csv", READERS, figures.download_figures),
    PortalRoute("GET", "/figures/{indicator_id}.csv", READERS, figures.download_figure),
    PortalRoute("GET", "/figures/{indicator_id}", READERS, figures.show_figure),
)

"""The pages of those who read figures."""

from __future__ import annotations

from flows.portal.reader import coverage, figures, penalties, report
from flows.portal.route import READERS, PortalRoute

ROUTES = (
    PortalRoute("GET", "/figures", READERS, figures.show_figures),
    PortalRoute("GET", "/figures.csv", READERS, figures.download_figures),
    PortalRoute("GET", "/report", READERS, report.show_reports),
    PortalRoute("GET", "/report/{ending}", READERS, report.download_report),
    PortalRoute("GET", "/coverage", READERS, coverage.show_coverage),
    PortalRoute("GET", "/coverage.csv", READERS, coverage.download_coverage),
    PortalRoute("GET", "/penalties", READERS, penalties.show_penalties),
    PortalRoute("GET", "/penalties.csv", READERS, penalties.download_penalties),
    PortalRoute("GET", "/figures/{indicator_id}.csv", READERS, figures.download_figure),
    PortalRoute("GET", "/figures/{indicator_id}", READERS, figures.show_figure),
)

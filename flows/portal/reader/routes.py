"""The pages of those who read figures."""

from __future__ import annotations

from flows.portal.reader import coverage, figures, penalties, report
from flows.portal.route import READERS_AND_OPERATORS, PortalRoute

ROUTES = (
    PortalRoute("GET", "/figures", READERS_AND_OPERATORS, figures.show_figures),
    PortalRoute("GET", "/figures.csv", READERS_AND_OPERATORS, figures.download_figures),
    PortalRoute("GET", "/report", READERS_AND_OPERATORS, report.show_reports),
    PortalRoute("GET", "/report/{ending}", READERS_AND_OPERATORS, report.download_report),
    PortalRoute("GET", "/coverage", READERS_AND_OPERATORS, coverage.show_coverage),
    PortalRoute("GET", "/coverage.csv", READERS_AND_OPERATORS, coverage.download_coverage),
    PortalRoute("GET", "/penalties", READERS_AND_OPERATORS, penalties.show_penalties),
    PortalRoute("GET", "/penalties.csv", READERS_AND_OPERATORS, penalties.download_penalties),
    PortalRoute("GET", "/figures/{indicator_id}.csv", READERS_AND_OPERATORS, figures.download_figure),
    PortalRoute("GET", "/figures/{indicator_id}", READERS_AND_OPERATORS, figures.show_figure),
)

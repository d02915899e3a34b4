"""The pages of operators."""

from __future__ import annotations

from flows.portal.operator import evidence, matrix, morning, moved, questions, submissions
from flows.portal.route import OPERATORS, PortalRoute

ROUTES = (
    PortalRoute("GET", "/morning", OPERATORS, morning.show_morning),
    PortalRoute("GET", "/runs", OPERATORS, morning.show_runs),
    PortalRoute("GET", "/settling", OPERATORS, morning.show_settling),
    PortalRoute("GET", "/chase", OPERATORS, morning.show_chase),
    PortalRoute("GET", "/chase.csv", OPERATORS, morning.download_chase),
    PortalRoute("GET", "/rates.csv", OPERATORS, morning.download_rates),
    PortalRoute("GET", "/moved", OPERATORS, moved.show_moved),
    PortalRoute("GET", "/moved.csv", OPERATORS, moved.download_moved),
    PortalRoute("GET", "/questions", OPERATORS, questions.show_questions),
    PortalRoute("GET", "/questions.csv", OPERATORS, questions.download_questions),
    PortalRoute("GET", "/reports", OPERATORS, matrix.show_reports),
    PortalRoute("GET", "/reports/{period}/{unit}/{ledger}", OPERATORS, submissions.show_report),
    PortalRoute("GET", "/submissions/{submission_id:int}", OPERATORS, submissions.show_submission),
    PortalRoute("GET", "/submissions/{submission_id:int}/file", OPERATORS, submissions.download_file),
    PortalRoute("GET", "/submissions/{submission_id:int}/receipt", OPERATORS, submissions.download_receipt),
    PortalRoute("GET", "/figures/{indicator_id}/rows", OPERATORS, evidence.show_rows),
    PortalRoute("GET", "/figures/{indicator_id}/rows.xlsx", OPERATORS, evidence.download_rows),
    PortalRoute("GET", "/figures/{indicator_id}/history", OPERATORS, evidence.show_history),
)

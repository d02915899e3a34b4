"""The pages of operators."""

from __future__ import annotations

from flows.portal.operator import (
    audit,
    decisions,
    evidence,
    matrix,
    morning,
    moved,
    orders,
    questions,
    submissions,
)
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
    PortalRoute("GET", "/submissions/{submission_id:int}/rows/{row:int}", OPERATORS, decisions.show_row),
    PortalRoute("GET", "/decisions", OPERATORS, decisions.list_decisions),
    PortalRoute("GET", "/decisions/new", OPERATORS, decisions.show_decision_form),
    PortalRoute("POST", "/decisions", OPERATORS, decisions.decide),
    PortalRoute("GET", "/rerun", OPERATORS, orders.show_rerun_form),
    PortalRoute("POST", "/rerun", OPERATORS, orders.order_rerun),
    PortalRoute("GET", "/publish", OPERATORS, orders.show_publish_form),
    PortalRoute("POST", "/publish", OPERATORS, orders.order_publication),
    PortalRoute("GET", "/export", OPERATORS, orders.show_export_form),
    PortalRoute("POST", "/export", OPERATORS, orders.order_export),
    PortalRoute("GET", "/jobs", OPERATORS, orders.list_jobs),
    PortalRoute("GET", "/jobs/{job_id:int}", OPERATORS, orders.show_job),
    PortalRoute("GET", "/jobs/{job_id:int}/export", OPERATORS, orders.download_export),
    PortalRoute("GET", "/audit", OPERATORS, audit.show_audit_log),
    PortalRoute("GET", "/audit.csv", OPERATORS, audit.download_audit_log),
)

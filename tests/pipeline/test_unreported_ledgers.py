"""A rate while a ledger that its zero rests on has not been reported: no figure, not 0 %."""

from __future__ import annotations

from flows.workspace import Workspace
from tests.support.counties import ledger_bytes, put
from tests.support.nightly_runs import RIVER, STAR, displayed_figure, inbox, night

CASE = "某环立(星)〔2023〕1号"
BY_ADVISERS, COLLECTED = "legal_adviser_review_rate", "fine_collection_rate"


def send(workspace: Workspace, unit: str, ledger: str, *rows: dict[str, object]) -> None:
    put(inbox(workspace), f"2023-06/{unit}/{ledger}.xlsx", ledger_bytes(ledger, *rows))


def test_what_is_looked_up_in_a_ledger_that_nobody_reported_is_no_zero(workspace: Workspace) -> None:
    send(workspace, STAR, "penalties", {"case_no": CASE})
    night(workspace)
    assert displayed_figure(workspace, BY_ADVISERS, "2023-06") == "—"
    send(workspace, RIVER, "legal_reviews", {"case_no": CASE, "reviewer_kind": "法制机构"})
    night(workspace)
    assert (
        displayed_figure(workspace, BY_ADVISERS, "2023-06") == "—"
    )  # the unit of the case has not reported
    send(workspace, STAR, "legal_reviews")
    night(workspace)
    assert displayed_figure(workspace, BY_ADVISERS, "2023-06") == "0%"


def test_what_is_found_there_counts_whoever_reported_it(workspace: Workspace) -> None:
    send(workspace, STAR, "penalties", {"case_no": CASE})
    send(workspace, RIVER, "legal_reviews", {"case_no": CASE, "reviewer_kind": "法律顾问"})
    night(workspace)
    assert displayed_figure(workspace, BY_ADVISERS, "2023-06") == "100%"

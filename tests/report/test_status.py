"""The state of each report."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from schemas.reporting.obligations import Obligation, Obligations
from transforms.report.status import STATES, STATUS_COLUMNS, report_states

JUNE, DUE = "2023-06", date(2023, 7, 7)


def submission_row(
    state: str,
    received_on: date,
    *,
    is_current: bool = True,
    ledger: str | None = "cases",
    **other_values: Any,
) -> dict[str, Any]:
    return {
        "submission_id": 1, "unit_code": "990181", "ledger": ledger, "period": JUNE, "state": state, "rows": 3, "held_back": 0,
        "sha256": f"{state} {received_on}", "received_on": received_on,
        "received_at": f"{received_on}T10:00:00+08:00", "is_current": is_current, **other_values,
    }  # fmt: skip


def states(
    *submissions: dict[str, Any], today: date = date(2023, 8, 1), ledgers: tuple[str, ...] = ("cases",),
    month: str = JUNE, **rule: Any,
) -> pd.DataFrame:  # fmt: skip
    columns = list(submission_row("accepted", DUE))
    return report_states(
        pd.DataFrame(submissions, columns=columns),
        units={"990181": "临江市"},
        ledgers=ledgers,
        months=[month],
        obligations=Obligations([Obligation.model_validate(rule)] if rule else []),
        today=today,
    )


def state(*submissions: dict[str, Any], **options: Any) -> dict[str, Any]:
    (row,) = states(*submissions, **options).to_dict("records")
    return {str(name): value for name, value in row.items()}


EARLY, LATE, LATER = date(2023, 7, 5), date(2023, 7, 11), date(2023, 7, 12)

CASES = {
    "not_due": ([], {"today": DUE}, None),
    "missing": ([], {"today": date(2023, 7, 8)}, None),
    "on_time": ([submission_row("accepted", DUE)], {}, 0),
    "late": ([submission_row("accepted", LATE)], {}, 2),
    "zero": ([submission_row("zero", EARLY, rows=0)], {}, 0),
    "partial": ([submission_row("partial", EARLY, held_back=1)], {}, 0),
    "rejected": ([submission_row("rejected", LATE, is_current=False)], {}, 2),
    "replaced": (
        [submission_row("accepted", EARLY, is_current=False), submission_row("accepted", LATE)],
        {},
        0,
    ),
}


def test_every_state_has_a_case() -> None:
    assert set(CASES) == set(STATES)


@pytest.mark.parametrize("expected", CASES)
def test_state(expected: str) -> None:
    submissions, options, days_late = CASES[expected]
    row = state(*submissions, **options)
    assert list(row) == STATUS_COLUMNS
    assert (row["state"], row["due_on"], row["unit_name"]) == (expected, DUE, "临江市")
    if days_late is None:
        assert pd.isna(row["days_late"])
        assert pd.isna(row["submission_id"])
    else:
        assert row["days_late"] == days_late


def test_a_late_zero_is_a_zero_with_its_days() -> None:
    row = state(submission_row("zero", LATE, rows=0))
    assert (row["state"], row["days_late"]) == ("zero", 2)


def test_the_current_report_is_shown_when_a_later_one_is_rejected() -> None:
    row = state(
        submission_row("accepted", EARLY, submission_id=1),
        submission_row("rejected", LATE, submission_id=2, is_current=False),
    )
    assert (row["state"], row["submission_id"], row["days_late"]) == ("on_time", 1, 0)


def test_a_rejected_first_try_does_not_make_a_report_on_time() -> None:
    row = state(
        submission_row("rejected", EARLY, is_current=False),
        submission_row("accepted", LATE, submission_id=2),
    )
    assert (row["state"], row["submission_id"], row["days_late"]) == ("late", 2, 2)


def test_a_replaced_report_shows_the_current_one() -> None:
    row = state(
        submission_row("partial", EARLY, is_current=False),
        submission_row("accepted", LATE, submission_id=2, rows=5),
    )
    assert (row["state"], row["submission_id"], row["rows"], row["days_late"]) == (
        "replaced",
        2,
        5,
        0,
    )


def test_a_file_revalidated_after_other_decisions_replaces_nothing() -> None:
    row = state(
        submission_row("partial", EARLY, is_current=False, sha256="a"),
        submission_row("accepted", EARLY, submission_id=2, sha256="a"),
    )
    assert (row["state"], row["submission_id"]) == ("on_time", 2)


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_a_rejected_file_of_unknown_ledger_says_nothing_about_any(unknown: Any) -> None:
    rows = states(
        submission_row("rejected", EARLY, is_current=False, ledger=unknown), ledgers=("cases", "payments")
    )
    assert rows["state"].tolist() == ["missing", "missing"]


def test_another_unit_or_month_does_not_count() -> None:
    assert state(submission_row("accepted", EARLY, unit_code="990102"))["state"] == "missing"
    assert state(submission_row("accepted", EARLY, period="2023-05"))["state"] == "missing"


def test_there_is_a_row_for_every_unit_ledger_and_month() -> None:
    rows = report_states(
        pd.DataFrame([submission_row("accepted", EARLY)]),
        units={"990181": "临江市", "990121": "长岭县"},
        ledgers=["cases", "payments"],
        months=["2023-05", JUNE],
        obligations=Obligations(),
        today=date(2023, 8, 1),
    )
    assert len(rows) == 8
    assert rows["state"].value_counts().to_dict() == {"missing": 7, "on_time": 1}


def test_a_report_that_is_not_owed_is_listed_only_if_it_arrived() -> None:
    assert states(every="quarter", month="2023-05").empty
    row = state(submission_row("accepted", LATE, period="2023-05"), every="never", month="2023-05")
    assert (row["state"], row["due_on"], row["days_late"]) == ("on_time", None, 0)
    assert states(submission_row("rejected", EARLY, is_current=False, ledger=None), every="never").empty
    assert state(every="quarter")["state"] == "missing"


def test_a_month_that_is_not_over_is_not_due_even_in_a_year_without_calendar() -> None:
    last_day = date(2026, 12, 31)
    row = state(month="2026-12", today=last_day)
    assert (row["state"], row["due_on"]) == ("not_due", None)
    early = state(submission_row("accepted", last_day, period="2026-12"), month="2026-12", today=last_day)
    assert (early["state"], early["due_on"], early["days_late"]) == ("on_time", None, 0)


def test_a_report_that_the_successor_has_is_neither_owed_nor_rejected() -> None:
    handed_over = submission_row("accepted", EARLY, is_current=False)
    assert states(handed_over, every="never").empty
    resent = submission_row("rejected", LATE, submission_id=2, is_current=False)
    assert states(handed_over, resent, every="never").empty
    (rejected,) = states(resent, every="never").to_dict("records")
    assert rejected["state"] == "rejected"

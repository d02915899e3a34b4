"""In which of its states each report stands."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from schemas.reporting.obligations import Obligation, Obligations
from transforms.report.status import STATES, STATUS_COLUMNS, report_states

JUNE, DUE = "2023-06", date(2023, 7, 7)


def came(
    state: str, received_on: date, *, is_standing: bool = True, ledger: str | None = "cases", **others: Any
) -> dict[str, Any]:
    return {
        "submission_id": 1, "unit_code": "990181", "ledger": ledger, "period": JUNE, "state": state, "rows": 3, "held_back": 0,
        "sha256": f"{state} {received_on}", "received_on": received_on,
        "received_at": f"{received_on}T10:00:00+08:00", "is_standing": is_standing, **others,
    }  # fmt: skip


def states(
    *submissions: dict[str, Any], today: date = date(2023, 8, 1), ledgers: tuple[str, ...] = ("cases",),
    month: str = JUNE, **rule: Any,
) -> pd.DataFrame:  # fmt: skip
    columns = list(came("accepted", DUE))
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
    "on_time": ([came("accepted", DUE)], {}, 0),
    "late": ([came("accepted", LATE)], {}, 2),
    "zero": ([came("zero", EARLY, rows=0)], {}, 0),
    "partial": ([came("partial", EARLY, held_back=1)], {}, 0),
    "rejected": ([came("rejected", LATE, is_standing=False)], {}, 2),
    "replaced": ([came("accepted", EARLY, is_standing=False), came("accepted", LATE)], {}, 0),
}


def test_every_state_has_a_case() -> None:
    assert set(CASES) == set(STATES)


@pytest.mark.parametrize("expected", CASES)
def test_state(expected: str) -> None:
    submissions, options, days_late = CASES[expected]
    found = state(*submissions, **options)
    assert list(found) == STATUS_COLUMNS
    assert (found["state"], found["due_on"], found["unit_name"]) == (expected, DUE, "临江市")
    if days_late is None:
        assert pd.isna(found["days_late"])
        assert pd.isna(found["submission_id"])
    else:
        assert found["days_late"] == days_late


def test_a_late_zero_is_a_zero_that_tells_its_days() -> None:
    found = state(came("zero", LATE, rows=0))
    assert (found["state"], found["days_late"]) == ("zero", 2)


def test_what_stands_is_shown_when_a_later_one_is_refused() -> None:
    found = state(
        came("accepted", EARLY, submission_id=1), came("rejected", LATE, submission_id=2, is_standing=False)
    )
    assert (found["state"], found["submission_id"], found["days_late"]) == ("on_time", 1, 0)


def test_a_refused_first_try_does_not_make_a_report_on_time() -> None:
    found = state(came("rejected", EARLY, is_standing=False), came("accepted", LATE, submission_id=2))
    assert (found["state"], found["submission_id"], found["days_late"]) == ("late", 2, 2)


def test_a_replaced_report_shows_the_one_that_stands() -> None:
    found = state(
        came("partial", EARLY, is_standing=False), came("accepted", LATE, submission_id=2, rows=5)
    )
    assert (found["state"], found["submission_id"], found["rows"], found["days_late"]) == (
        "replaced",
        2,
        5,
        0,
    )


def test_a_file_judged_again_by_other_decisions_replaces_nothing() -> None:
    found = state(
        came("partial", EARLY, is_standing=False, sha256="a"),
        came("accepted", EARLY, submission_id=2, sha256="a"),
    )
    assert (found["state"], found["submission_id"]) == ("on_time", 2)


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_a_refused_file_of_no_known_ledger_counts_against_all(unknown: Any) -> None:
    found = states(
        came("rejected", EARLY, is_standing=False, ledger=unknown), ledgers=("cases", "payments")
    )
    assert found[["ledger", "state"]].to_numpy().tolist() == [
        ["cases", "rejected"],
        ["payments", "rejected"],
    ]


def test_of_refused_ones_the_last_is_shown_whatever_its_ledger() -> None:
    first = came("rejected", EARLY, is_standing=False, ledger=None, submission_id=1)
    found = state(first, came("rejected", LATER, is_standing=False, submission_id=2))
    assert found["submission_id"] == 2


def test_another_unit_or_month_does_not_count() -> None:
    assert state(came("accepted", EARLY, unit_code="990102"))["state"] == "missing"
    assert state(came("accepted", EARLY, period="2023-05"))["state"] == "missing"


def test_there_is_a_row_for_every_unit_ledger_and_month() -> None:
    found = report_states(
        pd.DataFrame([came("accepted", EARLY)]),
        units={"990181": "临江市", "990121": "长岭县"},
        ledgers=["cases", "payments"],
        months=["2023-05", JUNE],
        obligations=Obligations(),
        today=date(2023, 8, 1),
    )
    assert len(found) == 8
    assert found["state"].value_counts().to_dict() == {"missing": 7, "on_time": 1}


def test_a_report_not_owed_is_told_only_where_it_came() -> None:
    assert states(every="quarter", month="2023-05").empty
    found = state(came("accepted", LATE, period="2023-05"), every="never", month="2023-05")
    assert (found["state"], found["due_on"], found["days_late"]) == ("on_time", None, 0)
    assert states(came("rejected", EARLY, is_standing=False, ledger=None), every="never").empty
    assert state(every="quarter")["state"] == "missing"


def test_a_month_that_is_not_over_is_not_due_whatever_the_calendar_knows() -> None:
    last_day = date(2026, 12, 31)
    found = state(month="2026-12", today=last_day)
    assert (found["state"], found["due_on"]) == ("not_due", None)
    early = state(came("accepted", last_day, period="2026-12"), month="2026-12", today=last_day)
    assert (early["state"], early["due_on"], early["days_late"]) == ("on_time", None, 0)

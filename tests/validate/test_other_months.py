"""Reports whose rows all lie in one other month than that of their folder."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import GOOD_ROWS
from tests.support.validation import list_findings, validate_rows

RULE = ("submission.rows_of_other_month", None)
NUMBERS = {
    "cases": "case_no",
    "penalties": "decision_no",
    "payments": "receipt_no",
    "transfers": "document_no",
}


def findings_of(ledger: str, *rows: dict[str, Any]) -> list[tuple[str, Any]]:
    numbered = [
        {NUMBERS[ledger]: GOOD_ROWS[ledger][NUMBERS[ledger]].replace("1", str(number + 2)), **row}
        for number, row in enumerate(rows)
    ]
    return list_findings(validate_rows(ledger, *numbered))


@pytest.mark.parametrize(
    ("ledger", "date"),
    [
        ("cases", "filed_on"),
        ("penalties", "decided_on"),
        ("payments", "paid_on"),
        ("transfers", "transferred_on"),
    ],
)
def test_a_report_dated_in_the_month_before_is_doubted_once(ledger: str, date: str) -> None:
    assert findings_of(ledger, {date: "2023-05-10"}, {date: "2023-05-22"}) == [RULE]


def test_a_report_of_a_later_month_says_so_beside_its_errors() -> None:
    assert RULE in findings_of("cases", {"filed_on": "2023-07-03"}, {"filed_on": "2023-07-04"})


@pytest.mark.parametrize(
    "rows",
    [
        [{"filed_on": "2023-05-10"}],
        [{"filed_on": "2023-05-10"}, {"filed_on": "2023-06-03"}],
        [{"filed_on": "2023-05-10"}, {"filed_on": "2023-04-28"}],
        [{"filed_on": "2023-05-10", "closed_on": "2023-06-20"}, {"filed_on": "2023-05-11"}],
    ],
)
def test_late_rows_and_later_steps_are_no_doubt(rows: list[dict[str, Any]]) -> None:
    assert findings_of("cases", *rows) == []


def test_a_roster_lists_what_is_old() -> None:
    rows = [
        {"officer_no": f"R{n}", "certificate_no": f"Z-{n}", "certified_on": "2020-01-01"} for n in (1, 2)
    ]
    assert list_findings(validate_rows("officers", *rows)) == []


def test_the_sentence_names_both_months() -> None:
    dates = [{"case_no": f"某环立〔2023〕{n}号", "filed_on": "2023-05-10"} for n in (1, 2)]
    (doubt,) = validate_rows("cases", *dates).findings.to_dict("records")
    assert "按2023年6月收下，而 2 行的“立案日期”都在2023年5月" in compose_message({**doubt, "row": None})

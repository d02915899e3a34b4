"""Two equal payments without a number may be two; with a number they are one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.validation import list_findings, validate_rows


@pytest.mark.parametrize(
    ("ledger", "row", "rule_id"),
    [
        ("payments", {"receipt_no": None, "instalment": None}, "row.repeated_amount"),
        ("payments", {"receipt_no": "P-1"}, "row.repeated"),
        ("cases", {}, "row.repeated"),
        ("inspections", {"task_no": None}, "row.repeated"),
    ],
)
def test_equal_rows_count_once_and_payments_without_number_are_asked_about(
    ledger: str, row: dict[str, Any], rule_id: str
) -> None:
    result = validate_rows(ledger, row, row)
    assert (rule_id, 3) in list_findings(result)
    assert len(result.rows[ledger]) == 1

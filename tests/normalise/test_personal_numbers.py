"""Telephone and identity numbers in columns of numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from schemas.ledgers.finding import MASKED
from tests.support.validation import list_findings, validate_rows
from transforms.normalise import find_personal_numbers


@pytest.mark.parametrize(
    "text",
    ["13907381234", "139 0738 1234", "139-0738-1234", "+86 13907381234", "13907381234.0", "432501193305120",
     "432501211933590097", "43250121193359009x", "4.32501E+17", "4.32501e+14", "4E+17"],
)  # fmt: skip
def test_a_number_that_can_name_a_person_is_found(text: str) -> None:
    assert find_personal_numbers(pd.Series([text], dtype="str")).tolist() == [True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "35000",
        "10907381234",
        "1390738123",
        "139073812345",
        "13907381234.50",
        "4.3E+5",
        "12万元",
        "3人",
    ],
)
def test_counts_and_amounts_are_not(text: str) -> None:
    assert find_personal_numbers(pd.Series([text], dtype="str")).tolist() == [False]
    assert find_personal_numbers(pd.Series([None], dtype="str")).tolist() == [False]


@pytest.mark.parametrize(
    ("ledger", "field"),
    [("transfers", "persons_detained"), ("penalties", "fine_fen"), ("file_reviews", "score")],
)
@pytest.mark.parametrize("number", ["432501211933590097", "13907381234"])
def test_it_is_an_error_that_never_quotes_the_cell(ledger: str, field: str, number: str) -> None:
    result = validate_rows(ledger, {field: number})
    assert (f"{ledger}.{field}.personal_number", 2) in list_findings(result)
    assert set(result.findings.query("rule_id.str.endswith('personal_number')")["value"]) == {MASKED}
    assert number not in result.findings.to_csv()
    assert result.rows[ledger].empty


@pytest.mark.parametrize("number", ["1001", "100000000000"])
def test_no_count_is_beyond_all_experience(number: str) -> None:
    result = validate_rows("transfers", {"persons_detained": number})
    assert ("transfers.persons_detained.out_of_range", 2) in list_findings(result)

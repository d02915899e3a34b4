"""Columns that name the reporting unit."""

from __future__ import annotations

import pytest

from tests.support.counties import rows_of
from tests.support.validation import list_findings, submit, validate_all, validate_rows

OTHER = "cases.handling_unit.other_unit"


@pytest.mark.parametrize(
    "unit", ["长岭县", "长岭县执法大队", "某市生态环境局长岭分局", "某市本级", "长岭县、星河区"]
)
def test_another_unit_is_asked_about_at_its_cell(unit: str) -> None:
    result = validate_rows("cases", {}, {"case_no": "某环立〔2023〕77号", "handling_unit": unit})
    assert list_findings(result) == [(OTHER, 3)]
    assert result.findings["cell"].tolist() != [None]
    assert len(result.rows["cases"]) == 2


@pytest.mark.parametrize(
    "unit",
    ["临江市", "临江分局", "执法一大队", "某市生态环境局", "某市生态环境局临江分局", "长岭县、临江市", "市局执法支队", ""],
)  # fmt: skip
def test_the_unit_itself_its_parts_and_its_authority_are_not(unit: str) -> None:
    assert list_findings(validate_rows("cases", {"handling_unit": unit})) == []


def test_the_bureau_lists_cases_of_its_counties() -> None:
    submission = submit(
        "cases", *rows_of("cases", {"handling_unit": "长岭县"}), path="2023-06/某市本级/a.xlsx"
    )
    assert list_findings(validate_all([submission])) == []


def test_the_authority_that_decided_is_asked_about_too() -> None:
    result = validate_rows("penalties", {"authority": "某市生态环境局长岭分局"})
    assert ("penalties.authority.other_unit", 2) in list_findings(result)

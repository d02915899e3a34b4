"""Columns that name the reporting unit."""

from __future__ import annotations

import pytest

from tests.support.counties import rows_of
from tests.support.validation import list_findings, submit, validate_all, validate_rows

OTHER = "cases.handling_unit.other_unit"
MISPLACED = ("submission.all_rows_of_other_unit", None)


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


class TestAReportOfWhichAllRowsAreAnotherUnits:
    OF_STAR = tuple(
        {"case_no": f"某环立〔2023〕{number}号", "handling_unit": "星河区"} for number in (1, 2, 3)
    )
    MARKED = tuple({"case_no": f"某环立（星）〔2023〕{number}号"} for number in (1, 2, 3))

    @pytest.mark.parametrize("rows", [OF_STAR, MARKED, (*OF_STAR[:2], MARKED[2])])
    def test_gets_one_doubt_about_its_folder(self, rows: tuple[dict[str, str], ...]) -> None:
        result = validate_rows("cases", *rows)
        assert list_findings(result) == [MISPLACED]
        (problem,), (remedy,) = result.findings["problem"], result.findings["remedy"]
        assert "都是星河区的，像是报错了单位；目前都计在临江市名下" in problem
        assert "由那个单位报送" in remedy
        assert "改正这一格" not in remedy
        assert len(result.rows["cases"]) == len(rows)

    @pytest.mark.parametrize(
        "own",
        [{"case_no": "某环立〔2023〕9号"}, {"case_no": "某环立(江)〔2023〕9号"}, {"case_no": "9", "handling_unit": "临江市"}],
    )  # fmt: skip
    def test_is_not_one_with_a_row_that_may_be_its_own(self, own: dict[str, str]) -> None:
        assert MISPLACED not in list_findings(validate_rows("cases", *self.OF_STAR, own))

    def test_is_not_one_whose_rows_name_both(self) -> None:
        rows = [{**row, "case_no": row["case_no"].replace("某环立", "某环立(江)")} for row in self.OF_STAR]
        assert MISPLACED not in list_findings(validate_rows("cases", *rows))

    def test_is_not_one_whose_rows_are_of_several_units(self) -> None:
        other = {"case_no": "某环立〔2023〕9号", "handling_unit": "长岭县"}
        assert MISPLACED not in list_findings(validate_rows("cases", *self.OF_STAR, other))

    def test_is_not_one_of_few_rows_or_a_report_of_the_bureau(self) -> None:
        assert MISPLACED not in list_findings(validate_rows("cases", *self.OF_STAR[:2]))
        submission = submit("cases", *rows_of("cases", *self.OF_STAR), path="2023-06/某市本级/a.xlsx")
        assert list_findings(validate_all([submission])) == []

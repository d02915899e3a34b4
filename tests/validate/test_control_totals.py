"""Total rows as checksums: which rows each adds up, when it differs, and what the finding says."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.catalogue import ledgers
from tests.support.counties import rows_of, sheet_cells, workbook_bytes
from tests.support.validation import PATH, list_findings, read_one, validate_all
from transforms.read import FIRST_ROW, LAST_ROW, SOURCE_ROW
from transforms.validate.pipeline import ValidationResult

DIFFERS = "row.total_differs"
AMOUNT = 2  # the index of amount_fen (元) among the columns of payments, C


def payment_cells(*amounts: Any) -> list[list[Any]]:
    """Return the header and a row for each amount; a tuple (label, amount) makes a total row."""
    header = sheet_cells("payments", rows_of("payments", {}))[0]
    cells = [header]
    for index, amount in enumerate(amounts):
        if isinstance(amount, tuple):
            row: list[Any] = [amount[0], *[None] * (len(header) - 1)]
            row[AMOUNT] = amount[1]
        else:
            row = sheet_cells(
                "payments", rows_of("payments", {"amount_fen": amount, "receipt_no": f"P-{index}"})
            )[1]
        cells.append(row)
    return cells


def validate_sheet(cells: list[list[Any]], ledger: str = "罚款缴纳台账") -> ValidationResult:
    return validate_all([read_one(workbook_bytes({ledger: cells}), PATH)])


class TestControlTotals:
    def test_are_stored_beside_the_rows(self) -> None:
        submission = read_one(
            workbook_bytes(
                {"罚款缴纳台账": payment_cells(3000, ("小计", 3000), 2000, ("合计", 5000), ("累计", 9))}
            )
        )
        assert submission.controls is not None
        assert submission.controls[[SOURCE_ROW, "amount_fen"]].to_numpy().tolist() == [
            [3, "3000"],
            [5, "5000"],
            [6, "9"],
        ]
        spans = submission.controls[[FIRST_ROW, LAST_ROW]].astype(object).fillna(0)
        assert spans.to_numpy().tolist() == [[2, 2], [2, 4], [0, 0]]
        assert submission.rows[SOURCE_ROW].tolist() == [2, 4]

    def test_do_not_exist_without_a_total_row(self) -> None:
        assert read_one(workbook_bytes({"罚款缴纳台账": payment_cells(3000)})).controls is None


class TestNoFinding:
    @pytest.mark.parametrize(
        "amounts",
        [
            [3000, 2000, ("合计", 5000)],
            [3000, 2000, ("合　计", "5,000.00")],
            [3000, 2000, ("总计", "5000元")],
            [3000, 2000, ("合计", "0.5万元")],
            [3000, ("小计", 3000), 2000, 1000, ("小计", 3000), ("合计", 6000)],
            [3000, ("本页合计", 3000), 2000, ("本页合计", 2000), ("合计", 5000)],
            [3000, ("合计", 3000), 2000, ("合计", 5000)],
            [("合计", 5000), 3000, 2000],
            [("小计", 3000), 3000, ("小计", 2000), 2000, ("总计", 5000)],
            [3000, ("合计", None), 2000],
            [3000, ("合计", "见附件")],
            [3000, ("合计", "/")],
            [3000, ("累计", 99000)],
            [3000, ("本年累计", 99000)],
            [3000, ("全年合计", 99000)],
            [("合计", 5000)],
            ["待定", 2000, ("合计", 5000)],
            [None, 2000, ("合计", 2000)],
        ],
        ids=str,
    )
    def test_on_a_total_that_agrees_or_cannot_be_compared(self, amounts: list[Any]) -> None:
        assert DIFFERS not in validate_sheet(payment_cells(*amounts)).findings["rule_id"].tolist()

    @pytest.mark.parametrize(
        ("total_text", "has_finding"), [("7.06", False), ("7.0555", False), ("7.05", True), ("7.1", True)]
    )
    def test_a_total_in_wan_may_be_rounded(self, total_text: str, has_finding: bool) -> None:
        fines = [{"fine_fen": 3.5, "decision_no": "某环罚(星)〔2023〕1号"}]
        fines += [
            {"fine_fen": 3.5555, "decision_no": "某环罚(星)〔2023〕2号", "penalty_text": "罚款35555元"}
        ]
        cells = sheet_cells("penalties", rows_of("penalties", *fines))
        total = ["合计", *[None] * (len(cells[0]) - 1)]
        total[cells[0].index("罚款金额(万元)")] = total_text
        assert (
            DIFFERS in validate_sheet([*cells, total], "行政处罚决定台账").findings["rule_id"].tolist()
        ) == has_finding

    def test_a_number_of_rows_may_stand_for_a_sum(self) -> None:
        cells = sheet_cells("inspections", rows_of("inspections", {}, {"task_no": "R-2"}))
        total = ["合计", *[None] * (len(cells[0]) - 1)]
        for number, has_finding in ((4, False), (2, False), (3, True)):
            total[cells[0].index("执法人数")] = number
            findings = validate_sheet([*cells, total], "行政检查台账").findings["rule_id"].tolist()
            assert (DIFFERS in findings) == has_finding

    def test_a_column_with_a_default_is_not_added_up(self) -> None:
        cells = sheet_cells("legal_reviews", rows_of("legal_reviews", {"case_no": "A1"}, {"case_no": "A2"}))
        title = ledgers()["legal_reviews"].title
        assert validate_sheet([*cells, ["合计", None, None]], title).findings.empty


class TestFinding:
    @pytest.mark.parametrize(
        ("amounts", "rows"),
        [
            ([3000, 2000, ("合计", 5001)], [4]),
            ([3000, 2000, ("合 计：", 50)], [4]),
            ([3000, ("小计", 3001), 2000, ("小计", 2000), ("合计", 5000)], [3]),
            ([3000, ("小计", 3000), 2000, 1000, ("小计", 3001), ("合计", 6001)], [6, 7]),
            ([None, ("合计", 5000)], [3]),
            ([3000, 2000, ("合计", 0)], [4]),
        ],
        ids=str,
    )
    def test_is_on_the_cell_of_the_total(self, amounts: list[Any], rows: list[int]) -> None:
        findings = validate_sheet(payment_cells(*amounts)).findings
        assert findings.loc[findings["rule_id"].eq(DIFFERS), "row"].tolist() == rows

    def test_says_the_total_and_the_sum_of_the_rows(self) -> None:
        finding = (
            validate_sheet(payment_cells(3000, "2000.5", ("合计", 5001)))
            .findings.drop(columns="at_stake_fen")
            .loc[0]
            .to_dict()
        )
        assert finding == {
            "submission": 0, "rule_id": DIFFERS, "severity": "warning", "file": PATH, "sheet": "罚款缴纳台账", "row": 4,
            "column": "缴款金额(元)", "cell": "C4", "value": "5001", "expected": "5000.5",
            "problem": "合计数与各行不符：第 2 至 3 行相加是 5000.5",
            "remedy": "请核对各行的数字和合计数，改正错的一处",
        }  # fmt: skip

    def test_states_the_sum_of_its_own_rows_not_of_those_above(self) -> None:
        cells = payment_cells(3000, ("小计", 3000), 2000, ("小计", 2001))
        finding = validate_sheet(cells).findings.loc[0]
        assert (finding["row"], finding["expected"]) == (5, "2000")

    def test_leaves_the_rows_accepted(self) -> None:
        result = validate_sheet(payment_cells(3000, 2000, ("合计", 5001)))
        assert result.submissions.loc[0].tolist() == [2, 0, "accepted"]

    def test_has_the_unit_of_the_total(self) -> None:
        finding = validate_sheet(payment_cells(3000, 2000, ("合计", "0.6万元"))).findings.loc[0]
        assert (finding["value"], finding["expected"]) == ("0.6万元", "0.5万元")

    def test_compares_each_submission_with_its_own_rows(self) -> None:
        amounts_by_unit = {
            "临江市": [3000, ("合计", 3000)],
            "长岭县": [100, 200, ("合计", 301)],
            "星河区": [("合计", 100), 100],
        }
        files = [
            read_one(workbook_bytes({"罚款缴纳台账": payment_cells(*amounts)}), f"2023-06/{unit}/a.xlsx")
            for unit, amounts in amounts_by_unit.items()
        ]
        assert list_findings(validate_all(files)) == [(DIFFERS, 4)]

    def test_a_row_that_may_be_shifted_is_not_added_up(self) -> None:
        data = "行政处罚决定书文号,缴款日期,缴款金额(元),缴款类别\n某环罚(星)〔2023〕1号,2023-06-20,3000,罚款,多\n合计,,5000,\n"
        findings = validate_all([read_one(data.encode(), "2023-06/临江市/罚款缴纳台账.csv")]).findings
        assert DIFFERS not in findings["rule_id"].tolist()


class TestWhatTheClerkSees:
    def test_rows_with_errors_count(self) -> None:
        cells = payment_cells(3000, 2000, ("汇总", 5000))
        cells[1][1] = "2023-13-40"
        assert [rule for rule, _ in list_findings(validate_sheet(cells))] == [
            "payments.paid_on.no_such_day"
        ]

    def test_subtotals_of_groups_are_not_added_again(self) -> None:
        cells = payment_cells(3000, ("某某公司 汇总", 3000), 2000, ("某某厂 汇总", 2000), ("总计", 5000))
        assert list_findings(validate_sheet(cells)) == []

    def test_wrong_subtotal_is_reported_with_its_own_sum(self) -> None:
        cells = payment_cells(3000, ("某某公司 汇总", 4000), 2000, ("总计", 5000))
        result = validate_sheet(cells)
        assert list_findings(result) == [(DIFFERS, 3)]
        assert result.findings.loc[0, "expected"] == "3000"

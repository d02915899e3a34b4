"""Several tables on one sheet, headers printed again on every page, and tables side by side."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import csv_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.sheets import SOMEWHERE, TITLE, case_cells, read_cells, rejection, rule_ids_of
from tests.support.validation import PATH, read, read_one, validate_all
from transforms.read import SOURCE_ROW, Submission

CASES = case_cells({}, {"case_no": "某环立(星)〔2023〕2号"})
HEADER, FIRST, SECOND = CASES
PAYMENTS = sheet_cells("payments", rows_of("payments", {}))
UNIT = ["填报单位：临江市"]
BOTH = ["某环立(星)〔2023〕1号", "某环立(星)〔2023〕2号"]


def tables(cells: list[list[Any]], path: str = PATH, tab: str = "Sheet1") -> list[Submission]:
    file_read = read(workbook_bytes({tab: cells}), path)
    assert file_read.findings == []
    return file_read.submissions


def places(submissions: list[Submission]) -> list[Any]:
    return [
        (submission.ledger, submission.unit_code, submission.period, submission.rows[SOURCE_ROW].tolist())
        for submission in submissions
    ]


class TestBelowEachOther:
    @pytest.mark.parametrize(
        "between", [[], [[]], [[], []], [["合计"]], [["填报人：张三"]], [["合计"], ["注：完"], []]], ids=str
    )
    def test_two_ledgers(self, between: list[list[Any]]) -> None:
        start = 3 + len(between) + 2
        submissions = tables([*CASES, *between, ["2023年6月罚款缴纳台账"], *PAYMENTS])
        assert places(submissions) == [
            ("cases", "990181", "2023-06", [2, 3]),
            ("payments", "990181", "2023-06", [start + 1]),
        ]
        assert [submission.header_row for submission in submissions] == [1, start]
        assert validate_all(submissions).findings.empty

    @pytest.mark.parametrize("between", [[[]], [["合计"]], [["无"], []]], ids=str)
    def test_without_a_title(self, between: list[list[Any]]) -> None:
        submissions = tables([*CASES, *between, *PAYMENTS])
        assert [submission.ledger for submission in submissions] == ["cases", "payments"]

    def test_a_cell_has_its_position_on_the_sheet(self) -> None:
        wrong = sheet_cells("payments", rows_of("payments", {"paid_on": "待定"}))
        good = sheet_cells("payments", rows_of("payments", {"receipt_no": "P-2"}))[1]
        findings = validate_all(tables([*CASES, [], ["罚款缴纳台账"], *wrong, good])).findings
        assert findings[["submission", "rule_id", "row", "cell"]].to_numpy().tolist() == [
            [1, "payments.paid_on.not_a_date", 7, "B7"]
        ]

    @pytest.mark.parametrize(
        "labels",
        [
            ["填报单位：临江市", "填报期间：2023年5月"],
            ["填报单位", None, "临江市", "填报期间", None, "2023年5月"],
        ],
    )
    def test_the_same_ledger_of_another_month(self, labels: list[Any]) -> None:
        submissions = tables([["2023年6月立案台账"], UNIT, *CASES, [], labels, HEADER, FIRST], SOMEWHERE)
        assert places(submissions) == [
            ("cases", "990181", "2023-06", [4, 5]),
            ("cases", "990181", "2023-05", [9]),
        ]

    def test_the_head_of_the_sheet_names_unit_and_month_for_a_table_without_them(self) -> None:
        submissions = tables(
            [["临江市2023年6月执法台账"], *CASES, [], ["罚款缴纳台账"], *PAYMENTS], SOMEWHERE
        )
        assert [(submission.unit_code, submission.period) for submission in submissions] == [
            ("990181", "2023-06")
        ] * 2

    def test_the_title_of_a_table_wins_over_the_head_of_the_sheet(self) -> None:
        submissions = tables(
            [["临江市2023年6月立案台账"], *CASES, [], ["长岭县2023年5月立案台账"], *CASES], SOMEWHERE
        )
        assert [(submission.unit_code, submission.period) for submission in submissions] == [
            ("990181", "2023-06"),
            ("990121", "2023-05"),
        ]

    def test_a_table_whose_title_contradicts_the_folder_is_rejected_alone(self) -> None:
        first, second = tables([*CASES, [], ["2023年5月罚款缴纳台账"], *PAYMENTS])
        assert (first.is_rejected, rule_ids_of(second)) == (False, ["submission.period_conflict"])

    def test_a_table_that_lacks_a_required_column_is_rejected_and_not_read_as_rows_of_the_table_above(
        self,
    ) -> None:
        first, second = tables([*CASES, [], ["罚款缴纳台账"], *(row[:2] + row[3:] for row in PAYMENTS)])
        assert (len(first.rows), rule_ids_of(second)) == (2, ["sheet.missing_columns"])

    def test_a_zero_report_above_another_table(self) -> None:
        submissions = tables([["立案台账"], HEADER, ["罚款缴纳台账"], *PAYMENTS])
        assert [(submission.ledger, len(submission.rows)) for submission in submissions] == [
            ("cases", 0),
            ("payments", 1),
        ]
        submissions = tables([HEADER, *PAYMENTS])
        assert [(submission.ledger, len(submission.rows)) for submission in submissions] == [
            ("cases", 0),
            ("payments", 1),
        ]

    def test_a_column_of_the_table_above_does_not_reach_into_the_next(self) -> None:
        """An empty 立案台账, and right below it a narrower ledger that also has its last column."""
        measures = sheet_cells("measures", rows_of("measures", {"amount_fen": 5}))
        wide = [*HEADER, "经办小记", "统一社会信用代码"]
        assert len(measures[0]) < len(wide)
        submissions = tables([wide, *measures])
        assert [(submission.ledger, len(submission.rows)) for submission in submissions] == [
            ("cases", 0),
            ("measures", 1),
        ]
        assert "party_uscc" not in submissions[1].columns

    def test_the_same_month_twice_in_other_columns_is_rejected(self) -> None:
        turned = [row[::-1] for row in CASES]
        submission = read_one(workbook_bytes({TITLE: [*CASES, [], ["立案台账"], *turned]}))
        finding = rejection(submission)
        assert finding["rule_id"] == "submission.several_sheets"
        assert "“立案台账”第 1 行、“立案台账”第 6 行" in compose_message(finding)

    def test_a_foot_with_the_unit_belongs_to_the_table_above(self) -> None:
        submissions = tables([["2023年6月"], *CASES, UNIT, [], ["长岭县"], *PAYMENTS], SOMEWHERE)
        assert [submission.unit_code for submission in submissions] == ["990181", "990121"]


class TestPages:
    @pytest.mark.parametrize("between", [[], [[]], [["小计"]], [["小计"], []]], ids=str)
    def test_a_header_printed_again_is_no_row(self, between: list[list[Any]]) -> None:
        (submission,) = tables([HEADER, FIRST, *between, HEADER, SECOND])
        assert submission.rows["case_no"].tolist() == BOTH
        assert submission.rows[SOURCE_ROW].tolist() == [2, 4 + len(between)]
        assert submission.findings == ()

    @pytest.mark.parametrize("blanks", [[], [[]]], ids=str)
    def test_the_titles_above_a_repeated_header_are_no_rows(self, blanks: list[list[Any]]) -> None:
        page = [["临江市2023年6月立案台账"], [*UNIT, "填报期间：2023年6月"], HEADER]
        (submission,) = tables([*page, FIRST, *blanks, *page, SECOND], SOMEWHERE)
        assert submission.rows["case_no"].tolist() == BOTH

    def test_a_header_repeated_with_other_blanks_in_its_words(self) -> None:
        (submission,) = tables([HEADER, FIRST, [f" {text[0]} {text[1:]}" for text in HEADER], SECOND])
        assert submission.rows["case_no"].tolist() == BOTH

    def test_a_header_repeated_with_the_mark_of_a_required_column(self) -> None:
        marked = [f"*{text}" for text in HEADER]
        (submission,) = tables([marked, FIRST, marked, SECOND])
        assert submission.rows["case_no"].tolist() == BOTH

    def test_a_repeated_header_of_two_rows(self) -> None:
        top = ["行政处罚决定书文号", "缴款情况", None, None, None]
        below = [None, "缴款日期", "缴款金额(元)", "缴款类别", "票据号"]
        row = PAYMENTS[1]
        (submission,) = tables([top, below, row, top, below, [*row[:4], "P-2"]])
        assert (submission.ledger, submission.rows[SOURCE_ROW].tolist()) == ("payments", [3, 6])

    def test_in_a_csv(self) -> None:
        submission = read_one(csv_bytes([HEADER, FIRST, HEADER, SECOND]), "2023-06/临江市/立案台账.csv")
        assert submission.rows[SOURCE_ROW].tolist() == [2, 4]

    def test_numbers_below_a_header_count_its_columns(self) -> None:
        (submission,) = tables([HEADER, [1, 2, 3, 4, 5], FIRST])
        assert submission.rows[SOURCE_ROW].tolist() == [3]

    def test_a_row_below_a_blank_one_is_a_row(self) -> None:
        rows = [
            {"case_no": f"某环立(星)〔2023〕{index}号", "cause": "罚款", "party_name": "当事人"}
            for index in range(4)
        ]
        header, *written = case_cells(*rows)
        (submission,) = tables([header, *(line for row in written for line in (row, []))])
        assert submission.rows[SOURCE_ROW].tolist() == [2, 4, 6, 8]


class TestSideBySide:
    @pytest.mark.parametrize("right", [CASES, PAYMENTS], ids=["the same ledger", "another ledger"])
    def test_is_rejected(self, right: list[list[Any]]) -> None:
        cells = [[*left, None, *right_row] for left, right_row in zip(CASES, right, strict=False)]
        finding = rejection(read_cells(cells))
        assert finding["rule_id"] == "sheet.side_by_side"
        assert compose_message(finding).startswith("工作表“立案台账”：左右并排放了几张表：“立案台账”、“")
        assert compose_message(finding).endswith("请把各表分到不同的工作表后重报。")

    def test_an_empty_column_within_a_table_is_none(self) -> None:
        submission = read_cells([[*row[:2], None, *row[2:]] for row in CASES])
        assert (submission.findings, len(submission.rows)) == ((), 2)

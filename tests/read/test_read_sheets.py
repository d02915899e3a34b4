"""A file with several sheets: which are read, and how they affect each other."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from unittest import mock

import openpyxl

from schemas.ledgers.finding import compose_message
from tests.support.counties import rows_of, sheet_cells, workbook_bytes
from tests.support.sheets import case_cells, rejection
from tests.support.validation import read, read_one
from transforms.read.containers.detect import Grid, OpenedFile, UnusableFileError


class TestSheets:
    def workbook(self, **sheets: list[list[Any]]) -> bytes:
        return workbook_bytes(sheets)

    def test_several_ledgers_of_one_file(self) -> None:
        data = self.workbook(
            立案=case_cells({}), 罚款缴纳台账=sheet_cells("payments", rows_of("payments", {}))
        )
        assert [submission.ledger for submission in read(data).submissions] == ["cases", "payments"]

    def test_one_rejected_sheet_leaves_the_others(self) -> None:
        submissions = read(
            self.workbook(立案=case_cells({}), 罚款缴纳台账=[["缴款日期", "缴款类别"]])
        ).submissions
        assert [submission.is_rejected for submission in submissions] == [False, True]

    def test_two_sheets_of_one_ledger_reject_each_other(self) -> None:
        data = self.workbook(
            立案台账=case_cells({}), 立案台账2=case_cells({"case_no": "某环立(星)〔2023〕2号"})
        )
        submission = read_one(data)
        finding = rejection(submission)
        assert (finding["rule_id"], submission.ledger) == ("submission.several_sheets", "cases")
        assert "“立案台账”、“立案台账2”" in compose_message(finding)

    def test_the_same_ledger_of_two_months_is_fine(self) -> None:
        data = self.workbook(
            立案台账5=case_cells({}, above=[["2023年5月"]]), 立案台账6=case_cells({}, above=[["2023年6月"]])
        )
        assert [submission.period for submission in read(data, "临江市.xlsx").submissions] == [
            "2023-05",
            "2023-06",
        ]

    def test_what_rejects_every_sheet_is_reported_once(self) -> None:
        data = self.workbook(
            **{
                "立案台账": case_cells({}),
                "罚款缴纳台账：旧": sheet_cells("payments", rows_of("payments", {})),
            }
        )
        submission = read_one(data, "2023-06/a.xlsx")
        assert compose_message(rejection(submission)).startswith("文件“a.xlsx”：看不出是哪个单位报的。")
        assert (submission.sheet, submission.ledger) == ("", None)

    def test_hidden_and_empty_sheets_are_skipped_with_a_notice(self) -> None:
        workbook = openpyxl.load_workbook(
            io.BytesIO(self.workbook(立案=case_cells({}), Sheet2=[], 字典=[["审级", "一审"]]))
        )
        workbook["字典"].sheet_state = "hidden"
        written = io.BytesIO()
        workbook.save(written)
        file_read = read(written.getvalue())
        assert [submission.ledger for submission in file_read.submissions] == ["cases"]
        assert [(finding["rule_id"], finding["sheet"]) for finding in file_read.findings] == [
            ("sheet.empty", "Sheet2"),
            ("sheet.hidden", "字典"),
        ]

    def test_a_sheet_that_is_no_ledger_has_a_notice(self) -> None:
        file_read = read(self.workbook(立案=case_cells({}), 通讯录=[["姓名", "电话"], ["甲", "1"]]))
        assert [finding["rule_id"] for finding in file_read.findings] == ["sheet.not_a_ledger"]

    def test_only_empty_sheets(self) -> None:
        assert (
            rejection(read_one(self.workbook(Sheet1=[], Sheet2=[[None, " "]])))["rule_id"]
            == "file.no_data_sheet"
        )

    def test_a_sheet_that_could_not_be_opened_is_rejected_alone(self) -> None:
        @dataclass(frozen=True)
        class Broken(Grid):
            refused: UnusableFileError | None = None

        broken = Broken("坏表", [], refused=UnusableFileError("file.unreadable", detail="坏"))
        for grids, is_rejected in (
            ([broken, Grid("立案", case_cells({}))], [True, False]),
            ([broken], [True]),
        ):
            with mock.patch("transforms.read.layout.read_file.open_file", return_value=OpenedFile(grids)):
                file_read = read(b"")
            assert [submission.is_rejected for submission in file_read.submissions] == is_rejected
            assert file_read.findings == []
        assert compose_message(rejection(file_read.submissions[0])).startswith("工作表“坏表”：文件打不开")

"""The receipt of an xlsx: the county's own workbook, marked; after
corrections in it, it can be sent again.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from schemas.ledgers.finding import MASKED
from schemas.ledgers.rules import Severity
from tests.support.counties import csv_bytes, ledger_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.receipts import (
    BAD_ROWS,
    CORRECTED_ROWS,
    RECEIPT_SHEET,
    TITLE,
    bad_cells,
    column_of,
    list_file_findings,
    open_receipt,
    page_of,
    read_parts,
    receipt_of,
    save_workbook,
    subject_of,
)
from tests.support.validation import PATH
from transforms.receipt.make import make_receipt
from transforms.receipt.marks import MOST_COLOURED, SUMMED_UP_FROM
from transforms.receipt.words import AUTHOR, TONES


@pytest.fixture(scope="module")
def bad() -> bytes:
    return workbook_bytes({TITLE: bad_cells()})


@pytest.fixture(scope="module")
def receipt(bad: bytes) -> bytes:
    return receipt_of(bad)


class TestMarks:
    def test_a_wrong_cell_is_coloured_and_says_its_value_what_is_expected_and_the_remedy(
        self, receipt: bytes
    ) -> None:
        cell = open_receipt(receipt)[TITLE][f"{column_of('decided_on')}2"]
        assert cell.value == "2023-6-31"
        assert cell.fill.fgColor.rgb.endswith(TONES[Severity.ERROR].fill)
        assert cell.comment.author == AUTHOR
        for phrase in (
            "【错误】处罚决定日期",
            "填的是：2023-6-31",
            "问题：日历上没有这一天",
            "应为：日期",
            "改法：请核对月份",
        ):
            assert phrase in cell.comment.text

    def test_a_warning_looks_different_from_an_error_without_colour(self, receipt: bytes) -> None:
        cell = open_receipt(receipt)[TITLE][f"{column_of('fine_fen')}3"]
        assert cell.fill.fill_type == "lightUp"
        assert cell.comment.text.startswith("【提醒】")

    def test_a_finding_on_a_row_marks_its_first_cell(self, receipt: bytes) -> None:
        sheet = open_receipt(receipt)[TITLE]
        assert "【错误】第 5 行" in sheet["A5"].comment.text
        assert "【错误】第 6 行" in sheet["A6"].comment.text

    def test_a_cell_without_a_finding_is_unchanged(self, receipt: bytes) -> None:
        sheet = open_receipt(receipt)[TITLE]
        assert sheet["A2"].comment is None
        assert sheet["A2"].fill.fill_type is None

    def test_the_tab_has_the_colour_of_the_worst_finding_and_the_receipt_page_is_first(
        self, receipt: bytes
    ) -> None:
        workbook = open_receipt(receipt)
        assert workbook.sheetnames == [RECEIPT_SHEET, TITLE]
        assert workbook.active.title == RECEIPT_SHEET
        assert workbook[TITLE].sheet_properties.tabColor.rgb.endswith(TONES[Severity.ERROR].tab)

    def test_a_finding_on_a_sheet_is_in_its_first_cell(self) -> None:
        cells = [row[1:] for row in sheet_cells("cases", rows_of("cases", {}))]
        sheet = open_receipt(receipt_of(workbook_bytes({"立案台账": cells, TITLE: bad_cells()})))[
            "立案台账"
        ]
        assert "缺少必填的栏目" in sheet["A1"].comment.text

    def test_several_findings_of_a_cell_are_in_one_comment(self, bad: bytes) -> None:
        subject = subject_of(bad)
        again = [
            finding._replace(rule_id="penalties.x.y", severity=Severity.NOTICE, problem="另一个问题")
            for finding in subject.findings
        ]
        subject_with_both = replace(subject, findings=[*subject.findings, *again])
        text = open_receipt(make_receipt(bad, subject_with_both))[TITLE][
            f"{column_of('fine_fen')}2"
        ].comment.text
        assert text.index("【错误】") < text.index("【提示】")

    def test_a_sheet_with_comments_has_their_drawing(self, receipt: bytes) -> None:
        """Excel shows no comment without a drawing, but openpyxl reads it anyway."""
        receipts = [receipt_of(csv_bytes(bad_cells()), "2023-06/临江市/处罚.csv"), receipt]
        for parts in map(read_parts, receipts):
            commented = [
                name
                for name in parts
                if "/comments" in parts.get(name.replace("worksheets/", "worksheets/_rels/") + ".rels", "")
            ]
            assert commented
            assert all("<legacyDrawing " in parts[name] for name in commented)

    def test_a_comment_is_large_enough_for_its_text(self, receipt: bytes) -> None:
        vml = next(text for name, text in read_parts(receipt).items() if name.endswith(".vml"))
        assert "width:247.5pt" in vml

    def test_in_merged_cells_the_first_is_marked(self) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(workbook_bytes({TITLE: bad_cells()})))
        workbook[TITLE].merge_cells("A5:A6")
        data = save_workbook(workbook)
        subject = subject_of(workbook_bytes({TITLE: bad_cells()}))
        sheet = open_receipt(make_receipt(data, subject))[TITLE]
        assert "第 5 行" in sheet["A5"].comment.text
        assert "第 5、6 行" in sheet["A5"].comment.text

    def test_a_private_value_is_in_no_comment_and_unchanged_in_its_cell(self) -> None:
        cells = sheet_cells("penalties", rows_of("penalties", {"id_no": "#REF!"}))
        private = open_receipt(receipt_of(workbook_bytes({TITLE: cells})))[TITLE]
        text = private[f"{column_of('id_no')}2"].comment.text
        assert MASKED in text
        assert "#REF!" not in text
        assert private[f"{column_of('id_no')}2"].value == "#REF!"


class TestFormatting:
    def test_the_countys_formatting_stays(self, bad: bytes) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(bad))
        sheet = workbook[TITLE]
        sheet["A1"].font = Font("宋体", 20, bold=True)
        sheet["B2"].fill = PatternFill("solid", fgColor="00FF00")
        sheet.column_dimensions["B"].width = 33
        sheet.merge_cells("A9:C9")
        sheet.freeze_panes = "B2"
        workbook.create_sheet("底稿").sheet_state = "hidden"
        receipt_book = open_receipt(receipt_of(save_workbook(workbook)))
        assert receipt_book[TITLE]["A1"].font.sz == 20
        assert receipt_book[TITLE]["B2"].fill.fgColor.rgb == "0000FF00"
        assert receipt_book[TITLE].column_dimensions["B"].width == 33
        assert [str(cell_range) for cell_range in receipt_book[TITLE].merged_cells.ranges] == ["A9:C9"]
        assert receipt_book[TITLE].freeze_panes == "B2"
        assert receipt_book["底稿"].sheet_state == "hidden"

    def test_a_number_in_a_date_cell_stays_the_number(self) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(workbook_bytes({TITLE: bad_cells()})))
        sheet = workbook[TITLE]
        sheet["B2"], sheet["B3"] = 20230506, date(2023, 5, 6)
        sheet["B2"].number_format = "yyyy-mm-dd"
        part = read_parts(receipt_of(save_workbook(workbook)))["xl/worksheets/sheet2.xml"]
        assert "<v>20230506</v>" in part
        assert "<v>45052</v>" in part

    def test_a_drop_down_stays(self) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(workbook_bytes({TITLE: bad_cells()})))
        options = DataValidation("list", formula1='"甲,乙"', sqref="B2:B9")
        computed = DataValidation("list", formula1="INDIRECT(A1)", sqref="C2:C9")
        custom = DataValidation("custom", formula1='WEBSERVICE("http://x")', sqref="D2:D9")
        workbook[TITLE].data_validations.dataValidation = [options, computed, custom]
        drop_downs = open_receipt(receipt_of(save_workbook(workbook)))[
            TITLE
        ].data_validations.dataValidation
        assert [drop_down.formula1 for drop_down in drop_downs] == ['"甲,乙"']


class TestSentAgain:
    def test_a_receipt_as_it_is_has_the_same_findings(self, bad: bytes, receipt: bytes) -> None:
        assert list_file_findings(receipt) == list_file_findings(bad)

    def test_the_receipt_of_a_receipt_has_the_same_marks(self, receipt: bytes) -> None:
        again = open_receipt(receipt_of(receipt))
        assert again.sheetnames == [RECEIPT_SHEET, TITLE]
        text = again[TITLE][f"{column_of('fine_fen')}2"].comment.text
        assert text.count("【错误】") == 1

    def test_a_receipt_that_another_program_saved_is_recognised(self, receipt: bytes) -> None:
        workbook = open_receipt(receipt)
        striped = TONES[Severity.WARNING]
        for cell in (cell for row in workbook[TITLE].iter_rows() for cell in row if cell.comment):
            cell.comment = Comment(f"{cell.comment.text}\n\n【原表批注】\n县里的话", "")
            if cell.fill.fill_type == "lightUp":
                (mixed,) = striped.fills() - {striped.fill}
                cell.fill = PatternFill("solid", fgColor=f"FF{mixed}")
        data = save_workbook(workbook)
        again = open_receipt(make_receipt(data, replace(subject_of(data), findings=[])))[TITLE]
        assert {cell.comment.text for row in again.iter_rows() for cell in row if cell.comment} == {
            "【原表批注】\n县里的话"
        }
        assert not [cell.coordinate for row in again.iter_rows() for cell in row if cell.fill.fill_type]

    def test_a_corrected_receipt_has_no_findings_and_its_receipt_no_marks(self, receipt: bytes) -> None:
        workbook = open_receipt(receipt)
        for row_number, row in enumerate(
            sheet_cells("penalties", [{**row, "id_no": None} for row in CORRECTED_ROWS])[1:], 2
        ):
            for column, value in enumerate(row, 1):
                workbook[TITLE].cell(row_number, column).value = value
        corrected = save_workbook(workbook)
        assert list_file_findings(corrected) == []
        clean = open_receipt(receipt_of(corrected))[TITLE]
        assert clean.sheet_properties.tabColor is None
        assert not [
            cell.coordinate
            for row in clean.iter_rows()
            for cell in row
            if cell.comment or cell.fill.fill_type
        ]

    def test_a_formula_without_its_result_is_reported_again(self) -> None:
        data = workbook_bytes({TITLE: sheet_cells("penalties", rows_of("penalties", {"remark": "=A9"}))})
        assert "penalties.remark.no_result" in [rule for rule, *_ in list_file_findings(data)]
        assert list_file_findings(receipt_of(data)) == list_file_findings(data)


class TestOtherUnits:
    def test_a_withheld_sheet_is_nowhere_in_the_receipt(self) -> None:
        cells_of_other_unit = sheet_cells(
            "cases", rows_of("cases", {"party_name": "别县秘密", "cause": None})
        )
        data = workbook_bytes({TITLE: bad_cells(), "立案台账": cells_of_other_unit})
        receipt = receipt_of(data, withheld_sheets=("立案台账",))
        assert open_receipt(receipt).sheetnames == [RECEIPT_SHEET, TITLE]
        assert not [
            name for name, text in read_parts(receipt).items() if "别县秘密" in text or "立案台账" in text
        ]


def test_many_findings_are_coloured_but_only_the_first_of_each_rule_commented() -> None:
    data = ledger_bytes(
        "penalties", *({"decision_no": f"某环罚(江)〔2023〕{n}号", "party_type": "x"} for n in range(1, 61))
    )
    subject = subject_of(data)
    copies = SUMMED_UP_FROM // len(subject.findings) + 1
    many = replace(subject, findings=[*subject.findings] * copies)
    receipt = make_receipt(data, many)
    sheet = open_receipt(receipt)[TITLE]
    assert sum(cell.comment is not None for row in sheet.iter_rows() for cell in row) <= 41
    assert sheet["C61"].fill.fill_type == "solid"
    assert f"共 {len(many.findings):,} 处" in page_of(receipt)
    assert MOST_COLOURED > SUMMED_UP_FROM


def test_the_receipt_names_the_file_as_the_county_did(bad: bytes) -> None:
    assert subject_of(bad).file_name == PATH.rsplit("/", 1)[-1]
    assert len(BAD_ROWS) == len(CORRECTED_ROWS)

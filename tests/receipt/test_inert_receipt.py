"""Nothing in a receipt runs, whatever ran in the county's workbook,
and no county text looks like a finding.
"""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from tests.support.counties import rows_of, sheet_cells, workbook_bytes
from tests.support.receipts import (
    RECEIPT_SHEET,
    TITLE,
    bad_cells,
    column_of,
    find_active_content,
    open_receipt,
    page_of,
    read_parts,
    receipt_of,
    save_workbook,
    subject_of,
)
from transforms.receipt.make import make_receipt


@pytest.fixture
def bad() -> bytes:
    return workbook_bytes({TITLE: bad_cells()})


def test_nothing_runs_in_the_receipt_of_a_plain_file(bad: bytes) -> None:
    assert find_active_content(receipt_of(bad)) == []


def test_nothing_runs_in_the_receipt_of_a_file_with_macros_links_and_formulas() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(workbook_bytes({TITLE: bad_cells()})))
    sheet = workbook[TITLE]
    sheet["Z1"] = "=1+1"
    sheet["Z2"] = "点这里"
    sheet["Z2"].hyperlink = "http://example.invalid/"
    sheet["Z3"] = "=cmd|'/c calc'!A1"
    sheet["Z3"].data_type = "s"
    sheet.conditional_formatting.add("A1:A9", FormulaRule(["A1>1"]))
    sheet.data_validations.append(DataValidation("custom", formula1="A1>1", sqref="A1"))
    workbook.defined_names["坏"] = DefinedName("坏", attr_text="[1]Sheet1!$A$1")
    sheet.add_table(Table(displayName="T", ref="A1:B3"))
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=3))
    sheet.add_chart(chart, "D20")
    workbook.create_chartsheet("图").add_chart(BarChart())
    receipt = receipt_of(save_workbook(workbook))
    assert find_active_content(receipt) == []
    marked_sheet = open_receipt(receipt)[TITLE]
    assert marked_sheet["Z1"].value == "#公式没有结果"
    assert (marked_sheet["Z3"].value, marked_sheet["Z3"].data_type, marked_sheet["Z3"].quotePrefix) == (
        "=cmd|'/c calc'!A1",
        "s",
        True,
    )
    assert open_receipt(receipt).sheetnames == [RECEIPT_SHEET, TITLE]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_a_text_stays_text_even_when_its_cell_is_edited(text: str) -> None:
    cells = sheet_cells("penalties", rows_of("penalties", {"remark": "x"}))
    workbook = openpyxl.load_workbook(io.BytesIO(workbook_bytes({TITLE: cells})))
    cell = next(edited for edited in workbook[TITLE][2] if edited.value == "x")
    cell.value, cell.data_type = text, "s"
    receipt_cell = open_receipt(receipt_of(save_workbook(workbook)))[TITLE][cell.coordinate]
    assert (receipt_cell.value, receipt_cell.data_type, receipt_cell.quotePrefix) == (text, "s", True)


def test_a_file_name_or_note_that_looks_like_a_formula_is_text(bad: bytes) -> None:
    subject = replace(subject_of(bad), file_name="=1+1.xlsx", notes=("=2+2",), ruleset="@x")
    receipt = make_receipt(bad, subject)
    assert find_active_content(receipt) == []
    assert "=1+1.xlsx" in page_of(receipt)


def test_a_countys_comment_cannot_look_like_a_finding(bad: bytes) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(bad))
    workbook[TITLE]["B2"].comment = Comment("已经审核通过", "市局")
    workbook[TITLE][f"{column_of('fine_fen')}2"].comment = Comment("老批注", "某人")
    sheet = open_receipt(receipt_of(save_workbook(workbook)))[TITLE]
    assert sheet["B2"].comment.text.startswith("【原表批注】")
    assert sheet["B2"].comment.author == "原表"
    marked = sheet[f"{column_of('fine_fen')}2"].comment.text
    assert marked.index("【错误】") < marked.index("【原表批注】")


def test_the_receipt_has_neither_author_nor_hour(bad: bytes) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(bad))
    workbook.properties.creator = "张三丰"
    data = save_workbook(workbook)
    receipt = receipt_of(data)
    assert not [name for name, text in read_parts(receipt).items() if "张三丰" in text]
    assert receipt == receipt_of(data)

"""How a form says whether its sheet is the whole report or an addition."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from schemas.catalogue import ledgers
from schemas.reporting.replacement import DELIVERY_CHOICES, Delivery
from tests.support.counties import csv_bytes, sheet_cells
from tests.support.sheets import LABELS, case_cells, read_cells, rule_ids_of
from tests.support.validation import CITY, read_one
from transforms.read.layout.identity import find_delivery
from transforms.template import blank_workbook

REPLACE, ADD = Delivery.REPLACE, Delivery.ADD


@pytest.mark.parametrize(
    ("text", "delivery"),
    [
        (DELIVERY_CHOICES[0], REPLACE),
        (DELIVERY_CHOICES[1], ADD),
        ("补充", ADD),
        ("追加", ADD),
        ("全量", REPLACE),
        ("□ 全部（代替以前报送的） ☑ 补充（与以前报送的合并）", ADD),
        ("☑ 全部（代替以前报送的） □ 补充（与以前报送的合并）", REPLACE),
        ("√全部 补充", REPLACE),
        ("全部（ ） 补充（√）", ADD),
        ("全部□ 补充☑", ADD),
        ("全部： 补充：是", ADD),
        ("X 补充", ADD),
        ("□ 全部 □ 补充", None),
        ("☑ 全部 ☑ 补充", None),
        ("全部 补充", None),
        ("", None),
        ("本月的表", None),
    ],
)
def test_a_choice(text: str, delivery: Delivery | None) -> None:
    assert find_delivery(text) is delivery


@pytest.mark.parametrize(
    ("above", "delivery"),
    [
        ([LABELS], None),
        ([LABELS, ["本次报送：全部"]], REPLACE),
        ([LABELS, ["本次报送：", "补充（与以前报送的合并）"]], ADD),
        ([LABELS, ["报送方式：", "□全部", "☑补充"]], ADD),
        ([LABELS, ["报 送 方 式 ：补充"]], ADD),
        ([["填报单位：临江市  填报期间：2023-06  本次报送：补充"]], ADD),
        ([LABELS, ["本次报送：", None, None]], None),
        ([LABELS, ["本次报送补充材料共三件"]], None),
        ([["本次报送单位：临江市", "填报期间：2023-06"]], None),
    ],
)
def test_it_is_read_above_the_header(above: list[list[Any]], delivery: Delivery | None) -> None:
    submission = read_cells(case_cells({}, above=above), "2023-06/临江市/a.xlsx")
    assert (rule_ids_of(submission), submission.delivery) == ([], delivery)


@pytest.mark.parametrize(
    ("above", "written"),
    [
        (["本次报送：更正"], "更正"),
        (["本次报送：", "修改后重报"], "修改后重报"),
        (["报送方式：增加几行"], "增加几行"),
        (["本次报送：全部 补充"], "全部 补充"),
        (["本次报送：全部", "报送方式：补充"], "全部”和“补充"),
    ],
)
def test_what_cannot_be_read_there_is_asked_about(above: list[Any], written: str) -> None:
    submission = read_cells(case_cells({}, above=[LABELS, above]), "2023-06/临江市/a.xlsx")
    (doubt,) = submission.findings
    assert (doubt["rule_id"], doubt["severity"]) == ("submission.delivery_unread", "warning")
    assert f"写的是“{written}”，看不出是全部还是补充" in doubt["problem"]
    assert submission.delivery is None


@pytest.mark.parametrize(
    "above", [["报送方式：电子邮件"], ["本次报送：", "6月台账"], ["本次报送：", "□ 全部", "□ 补充"]]
)
def test_what_says_nothing_of_earlier_reports_is_not(above: list[Any]) -> None:
    submission = read_cells(case_cells({}, above=[LABELS, above]), "2023-06/临江市/a.xlsx")
    assert (rule_ids_of(submission), submission.delivery) == ([], None)


def test_it_is_read_in_a_csv() -> None:
    cells = sheet_cells("cases", [{"case_no": "1"}], above=[["本次报送：补充"]])
    assert read_one(csv_bytes(cells), "2023-06/临江市/立案.csv").delivery is ADD


@pytest.mark.parametrize("choice", range(2))
def test_it_is_chosen_in_the_template(choice: int) -> None:
    template = blank_workbook("cases", ledgers(), [unit.name for unit in CITY.units])
    book = load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    (cell,) = (cell for row in sheet.iter_rows(max_row=6) for cell in row if cell.value == "本次报送：")
    (rule,) = (
        rule
        for rule in sheet.data_validations.dataValidation
        if cell.offset(column=1).coordinate in rule.sqref
    )
    assert all(text in rule.formula1 for text in DELIVERY_CHOICES)
    cell.offset(column=1).value = DELIVERY_CHOICES[choice]
    filled = io.BytesIO()
    book.save(filled)
    submission = read_one(filled.getvalue(), "2023-06/临江市/立案.xlsx")
    assert submission.delivery is (REPLACE, ADD)[choice]
    assert read_one(template, "2023-06/临江市/立案.xlsx").delivery is None

"""Formats of cells that show another amount than the cell holds."""

from __future__ import annotations

import io

import openpyxl
import pytest
import xlwt

from tests.support.counties import rows_of, sheet_cells
from tests.support.validation import read_one
from transforms.normalise.number_formats import may_show_another_amount, shows_another_amount


@pytest.mark.parametrize(
    ("code", "unit", "is_other"),
    [
        ('0\\.0,"万元"', "万元", True),
        ('0!.0,"万"', "万元", True),
        ("0!.0000,", "万元", True),
        ('0\\.0,"万元"', "元", False),
        ('0.00"万元"', "万元", False),
        ('0.00"万元"', "元", True),
        ("0.00万", "元", True),
        ('#,##0"元"', "万元", True),
        ('#,##0"元"', "元", False),
        ("0.00%", "万元", True),
        ("#,##0.00", "元", False),
        ("General", "万元", False),
        ("_ * #,##0.00_ ;_ * -#,##0.00_ ", "万元", False),
        ("[$¥-804]#,##0.00", "万元", False),
    ],
)
def test_shows_another_amount(code: str, unit: str, is_other: bool) -> None:
    assert (may_show_another_amount(code) and shows_another_amount(code, unit)) == is_other


def book_with_format(code: str, ending: str) -> bytes:
    cells = sheet_cells("penalties", rows_of("penalties", {"fine_fen": 3.5}, {"fine_fen": 4}))
    column = cells[0].index("罚款金额(万元)")
    written = io.BytesIO()
    if ending == "xlsx":
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        for row in cells:
            page.append(row)
        page.cell(2, column + 1).number_format = code
        book.save(written)
        return written.getvalue()
    old = xlwt.Workbook()
    sheet = old.add_sheet("Sheet1")
    for number, row in enumerate(cells):
        for position, cell in enumerate(row):
            style = xlwt.easyxf(num_format_str=code if (number, position) == (1, column) else "General")
            if cell is not None:
                sheet.write(number, position, cell, style)
    old.save(written)
    return written.getvalue()


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
@pytest.mark.parametrize(("code", "is_told"), [("0.0%", True), ('0\\.0,"万元"', True), ("#,##0.00", False)])
def test_the_column_has_one_warning(ending: str, code: str, is_told: bool) -> None:
    submission = read_one(book_with_format(code, ending))
    warnings = [finding for finding in submission.findings if finding["rule_id"] == "sheet.scaled_format"]
    assert [finding["row"] for finding in warnings] == [1] * is_told
    assert all("第 2 行" in finding["problem"] and "3.5" in finding["problem"] for finding in warnings)

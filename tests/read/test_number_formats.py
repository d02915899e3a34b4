"""Formats of cells that show another amount than the cell holds."""

from __future__ import annotations

import io
from html import escape
from xml.sax.saxutils import quoteattr

import openpyxl
import pytest
import xlwt

from tests.support.counties import rows_of, sheet_cells
from tests.support.validation import read_one, validate_all
from transforms.normalise.number_formats import may_show_another_amount, shows_another_amount


@pytest.mark.parametrize(
    ("code", "unit", "is_other"),
    [
        ('0\\.0,"万元"', "万元", True),
        ('0!.0,"万"', "万元", True),
        ("0!.0000,", "万元", True),
        ("0!.0000", "万元", True),
        ('0\\.0000"万元"', "万元", True),
        ("0!.0000", "元", False),
        ("0百", "元", True),
        ('0!.0,"万"', "元", False),
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


def escaped(code: str) -> str:
    """Write a format as Excel does in a page: signs escaped, quotes by their number."""
    return "".join(
        sign if sign.isalnum() or sign == "%" else f"\\{ord(sign):04x}" if sign == '"' else f"\\{sign}"
        for sign in code
    )


def page_with_format(code: str, style: str) -> bytes:
    """Make a web page in which the first fine has the format: by a class, in the cell, or with `x:num`."""
    cells = sheet_cells("penalties", rows_of("penalties", {"fine_fen": 3.5}, {"fine_fen": 4}))
    column = cells[0].index("罚款金额(万元)")
    rows = [
        [f"<td>{escape(str(cell))}</td>" if cell is not None else "<td></td>" for cell in row]
        for row in cells
    ]
    rule = f'mso-number-format:"{escaped(code)}";'
    marks = {"class": "class=xl24", "cell": f"style='color:red;{rule}'", "stored": "class=xl24 x:num='3.5'"}
    rows[1][column] = f"<td {marks[style]}>{'0.0万' if style == 'stored' else 3.5}</td>"
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    head = f"<style>.xl23{{color:red}} td.xl24, .xl25 {{ {rule} }}</style>"
    return (
        f"<html><head><meta charset=utf-8>{head}</head><body><table>{body}</table></body></html>".encode()
    )


def xml_with_format(code: str, style: str) -> bytes:
    """Make an Excel 2003 workbook: the first fine has the format, by its own style or its column's."""
    cells = sheet_cells("penalties", rows_of("penalties", {"fine_fen": 3.5}, {"fine_fen": 4}))
    column = cells[0].index("罚款金额(万元)")

    def cell_xml(number: int, position: int, cell: object) -> str:
        kind = "Number" if isinstance(cell, float | int) else "String"
        mark = ' ss:StyleID="s2"' if (number, position) == (1, column) and style == "cell" else ""
        return (
            f'<Cell{mark}><Data ss:Type="{kind}">{escape("" if cell is None else str(cell))}</Data></Cell>'
        )

    rows = "".join(
        "<Row>" + "".join(cell_xml(number, position, cell) for position, cell in enumerate(row)) + "</Row>"
        for number, row in enumerate(cells[:2])
    )
    columns = f'<Column ss:Index="{column + 1}" ss:StyleID="s2"/>' if style == "column" else ""
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="Default"/>'
        f'<Style ss:ID="s1"><NumberFormat ss:Format={quoteattr(code)}/></Style><Style ss:ID="s2" ss:Parent="s1"/></Styles>'
        f'<Worksheet ss:Name="Sheet1"><Table>{columns}{rows}</Table></Worksheet></Workbook>'
    ).encode()


FORMATS = pytest.mark.parametrize(
    ("code", "is_told"),
    [("0.0%", True), ('0\\.0,"万元"', True), ("0!.0000,", True), ("#,##0.00", False), ("@", False)],
)


def check_warnings(data: bytes, is_told: bool) -> None:
    submission = read_one(data)
    warnings = [finding for finding in submission.findings if finding["rule_id"] == "sheet.scaled_format"]
    assert [finding["row"] for finding in warnings] == [1] * is_told
    assert all("第 2 行" in finding["problem"] and "3.5" in finding["problem"] for finding in warnings)


@FORMATS
@pytest.mark.parametrize("style", ["class", "cell", "stored"])
def test_the_column_of_a_web_page_has_one_warning(style: str, code: str, is_told: bool) -> None:
    check_warnings(page_with_format(code, style), is_told)


@FORMATS
@pytest.mark.parametrize("style", ["cell", "column"])
def test_the_column_of_an_excel_2003_workbook_has_one_warning(style: str, code: str, is_told: bool) -> None:
    check_warnings(xml_with_format(code, style), is_told)


def test_a_named_percentage_of_excel_2003_is_one() -> None:
    check_warnings(xml_with_format("Percent", "cell"), True)


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
@FORMATS
def test_the_column_has_one_warning(ending: str, code: str, is_told: bool) -> None:
    check_warnings(book_with_format(code, ending), is_told)


@pytest.mark.parametrize(
    ("held", "shown", "fine"),
    [
        ("35000.5", "35,001", 3_500_050), ("123456.78", "1.23E+05", 12_345_678), ("35000", "35,000.00", 3_500_000),
        ("", "35000", 3_500_000),
    ],
)  # fmt: skip
def test_a_page_of_excel_has_the_number_beside_what_it_shows(held: str, shown: str, fine: int) -> None:
    cells = sheet_cells("payments", rows_of("payments", {}))
    amount, day = cells[0].index("缴款金额(元)"), cells[0].index("缴款日期")
    marks = {amount: f'<td x:num="{held}">{shown}</td>', day: '<td x:num="45097">2023/6/20</td>'}
    body = "".join(f"<td>{escape(str(cell or ''))}</td>" for cell in cells[0]) + "</tr><tr>"
    body += "".join(marks.get(column, f"<td>{cell or ''}</td>") for column, cell in enumerate(cells[1]))
    page = f"<html><meta charset=utf-8><table><tr>{body}</tr></table></html>".encode()
    (row,) = validate_all([read_one(page)]).rows["payments"].to_dict("records")
    assert (row["amount_fen"], str(row["paid_on"])[:10]) == (fine, "2023-06-20")

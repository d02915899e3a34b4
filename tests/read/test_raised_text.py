"""The mark of a footnote is no digit of the amount before it, in any container."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from tests.support.opendocument import fods_bytes, table_xml
from tests.support.validation import PATH, list_findings, read_one, validate_all

HEADERS = ["行政处罚决定书文号", "缴款日期", "缴款类别", "票据号", "缴款金额(元)"]
ROW = ["某环罚〔2023〕5号", "2023-06-05", "罚款", "P-1"]


def xlsx(plain: str, mark: str) -> bytes:
    book = Workbook()
    book.active.append(HEADERS)
    book.active.append(ROW)
    font = InlineFont(vertAlign="superscript" if mark else None)
    book.active["E2"] = CellRichText(TextBlock(InlineFont(), plain), TextBlock(font, mark or "00"))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(plain: str, mark: str) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for number, row in enumerate([HEADERS, ROW]):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    font = xlwt.easyfont("escapement superscript" if mark else "bold on")
    sheet.write_rich_text(1, 4, [plain, (mark or "00", font)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def markup(cell: str) -> Callable[[str, str], bytes]:
    def write(plain: str, mark: str) -> bytes:
        head = "".join(f"<th>{header}</th>" for header in HEADERS)
        row = "".join(f"<td>{value}</td>" for value in ROW)
        amount = cell.format(plain=plain, mark=mark) if mark else f"{plain}<b>00</b>"
        return (
            f"<html><meta charset='utf-8'><table><tr>{head}</tr><tr>{row}<td>{amount}</td></tr></table></html>"
        ).encode()

    return write


def spreadsheetml(plain: str, mark: str) -> bytes:
    def cells(row: list[str]) -> str:
        return "".join(f'<Cell><Data ss:Type="String">{value}</Data></Cell>' for value in row)

    amount = f"{plain}<Sup>{mark}</Sup>" if mark else f"{plain}<B>00</B>"
    data = (
        f'<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">{amount}</ss:Data></Cell>'
    )
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="表"><Table>'
        f"<Row>{cells(HEADERS)}</Row><Row>{cells(ROW)}{data}</Row></Table></Worksheet></Workbook>"
    ).encode()


def ods(plain: str, mark: str) -> bytes:
    position = 'style:text-position="super 58%"' if mark else ""
    style = f'<style:style style:name="T1" style:family="text"><style:text-properties {position}/></style:style>'
    amount = (
        f'<table:table-cell office:value-type="string"><text:p>{plain}'
        f'<text:span text:style-name="T1">{mark or "00"}</text:span></text:p></table:table-cell>'
    )
    return fods_bytes(table_xml("表", [HEADERS, [*ROW, amount]]), style)


CONTAINERS: dict[str, Any] = {
    "xlsx": xlsx,
    "xls": xls,
    "sup": markup("{plain}<sup>{mark}</sup>"),
    "sub": markup("{plain}<sub><b>{mark}</b></sub>"),
    "style": markup('{plain}<span style="vertical-align: super">{mark}</span>'),
    "ods": ods,
    "spreadsheetml": spreadsheetml,
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_mark_is_no_digit(container: str) -> None:
    result = validate_all([read_one(CONTAINERS[container]("35000", "1"), PATH)])
    assert ("payments.amount_fen.not_an_amount", 2) in list_findings(result)


@pytest.mark.parametrize("container", CONTAINERS)
def test_other_formats_are_read_through(container: str) -> None:
    result = validate_all([read_one(CONTAINERS[container]("350", ""), PATH)])
    assert result.rows["payments"]["amount_fen"].tolist() == [3_500_000]


def test_an_amount_that_is_raised_as_a_whole_is_read() -> None:
    result = validate_all([read_one(markup("<sup>{plain}{mark}</sup>")("3500", "0"), PATH)])
    assert result.rows["payments"]["amount_fen"].tolist() == [3_500_000]


@pytest.mark.parametrize("mark", ["<b>1</b>2", "1<i>2</i>", "<b><i>1</i>2</b>"])
def test_all_of_a_raised_part_is_raised_whatever_stands_in_it(mark: str) -> None:
    submission = read_one(markup("{plain}<sup>{mark}</sup>元")("35000", mark), PATH)
    assert submission.rows["amount_fen"].tolist() == ["35000¹²元"]

"""Receipts of files that are no xlsx, or an unusual one: redrawn with the same cells."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import xlwt

from schemas.ledgers.rules import Severity
from tests.support.counties import csv_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.made_files import compound_file
from tests.support.receipts import (
    BAD_ROWS,
    RECEIPT_SHEET,
    TITLE,
    bad_cells,
    find_active_content,
    list_file_findings,
    open_receipt,
    page_of,
    read_parts,
    receipt_of,
    subject_of,
)
from transforms.read.containers.detect import Grid, open_file
from transforms.receipt.make import make_receipt
from transforms.receipt.words import AUTHOR, TONES
from transforms.receipt.workbook import county_book, render, zip_parts
from transforms.receipt.workbook.county_book import open_county_book
from transforms.receipt.workbook.redraw import redraw_workbook

CSV_PLACE = "2023-06/临江市/处罚.csv"


def xls_bytes(cells: list[list[Any]]) -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet(TITLE)
    for index, row in enumerate(cells):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(index, column, value)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


@pytest.fixture(scope="module")
def csv_data() -> bytes:
    rows = [{**row, "party_uscc": "000000000000000012"} for row in BAD_ROWS]
    return csv_bytes(sheet_cells("penalties", rows), "gb18030")


def values_of(receipt: bytes, sheet: str) -> list[list[str]]:
    rows = open_receipt(receipt)[sheet].iter_rows(values_only=True)
    return [["" if value is None else str(value) for value in row] for row in rows]


class TestCsv:
    def test_every_cell_has_its_text(self, csv_data: bytes) -> None:
        rows = [{**row, "party_uscc": "000000000000000012"} for row in BAD_ROWS]
        cells = [
            ["" if value is None else str(value) for value in row] for row in sheet_cells("penalties", rows)
        ]
        assert values_of(receipt_of(csv_data, CSV_PLACE), TITLE) == cells

    def test_wrong_cells_are_marked(self, csv_data: bytes) -> None:
        sheet = open_receipt(receipt_of(csv_data, CSV_PLACE))[TITLE]
        marked = {cell.coordinate: cell for row in sheet.iter_rows() for cell in row if cell.comment}
        findings = subject_of(csv_data, CSV_PLACE).findings
        assert {finding.cell for finding in findings} - {""} <= marked.keys()
        fills = {cell.fill.fgColor.rgb[2:] for name, cell in marked.items() if name != "A1"}
        assert fills == {TONES[Severity.ERROR].fill, TONES[Severity.WARNING].fill}
        assert {cell.comment.author for cell in marked.values()} == {AUTHOR}

    def test_the_header_is_recognisable(self, csv_data: bytes) -> None:
        sheet = open_receipt(receipt_of(csv_data, CSV_PLACE))[TITLE]
        assert sheet["A1"].font.bold
        assert not sheet["A2"].font.bold
        assert sheet.freeze_panes == "A2"

    def test_nothing_in_it_runs(self) -> None:
        cells = sheet_cells(
            "penalties", rows_of("penalties", {"remark": "=1+1"}, {"remark": "http://example.invalid/"})
        )
        receipt = receipt_of(csv_bytes(cells), CSV_PLACE)
        assert find_active_content(receipt) == []
        cell = next(cell for cell in open_receipt(receipt)[TITLE][2] if cell.value == "=1+1")
        assert (cell.data_type, cell.quotePrefix) == ("s", True)

    def test_sent_again_it_has_the_same_findings(self, csv_data: bytes) -> None:
        assert list_file_findings(receipt_of(csv_data, CSV_PLACE)) == list_file_findings(
            csv_data, CSV_PLACE
        )

    def test_a_file_of_an_unknown_ledger_has_a_receipt_too(self) -> None:
        receipt = receipt_of(csv_bytes([["甲", "乙"], ["1", "2"]]), "2023-06/临江市/x.csv")
        assert open_receipt(receipt).sheetnames == [RECEIPT_SHEET, "台账"]
        assert "找不到表头" in open_receipt(receipt)["台账"]["A1"].comment.text

    def test_equal_files_give_equal_receipts(self, csv_data: bytes) -> None:
        assert receipt_of(csv_data, CSV_PLACE) == receipt_of(csv_data, CSV_PLACE)


class TestOldWorkbooks:
    def test_the_receipt_of_an_xls_is_an_xlsx_and_can_be_sent_again(self) -> None:
        data = xls_bytes(bad_cells())
        receipt = receipt_of(data, "2023-06/临江市/报表.xls")
        assert open_receipt(receipt).sheetnames == [RECEIPT_SHEET, TITLE]
        assert "重新绘制" in page_of(receipt)
        assert list_file_findings(receipt) == list_file_findings(data, "2023-06/临江市/报表.xls")


class TestGrids:
    def redraw(self, *grids: Grid) -> Any:
        return open_receipt(redraw_workbook(list(grids), "台账", [], {}))

    def test_values_of_every_kind(self) -> None:
        row = ["001", 1.5, 3, True, date(2023, 5, 6), datetime(2023, 5, 6, 7, 8), time(1, 2), timedelta(hours=30),
               123456789012.0, float("inf"), date(1899, 1, 1), None, "坏\x01字"]  # fmt: skip
        sheet = self.redraw(Grid("甲", [row]))["甲"]
        assert [cell.value for cell in sheet[1]] == [
            "001", 1.5, 3, True, datetime(2023, 5, 6), datetime(2023, 5, 6, 7, 8), time(1, 2), timedelta(hours=30),
            123456789012, "INF", "1899-01-01", None, "坏_x0001_字",
        ]  # fmt: skip
        assert sheet["I1"].number_format == "0"

    def test_merges_widths_and_hidden_rows_stay(self) -> None:
        grid = Grid("甲", [["标题", ""], ["a", "b"], ["c", "d"]], hidden_rows=frozenset({1}), merged=((0, 0, 0, 1),),
                    column_widths={1: 31.0})  # fmt: skip
        book = self.redraw(grid, Grid("乙", [["x"]], is_visible=False))
        assert [str(cell_range) for cell_range in book["甲"].merged_cells.ranges] == ["A1:B1"]
        assert book["甲"].row_dimensions[2].hidden
        assert round(book["甲"].column_dimensions["B"].width) == 32
        assert book["乙"].sheet_state == "hidden"

    @pytest.mark.parametrize(
        "text", ["<r><t>x</t></r>", "a & b < c", "_x0041_", " 两边有空格 ", "一行\n又一行"]
    )
    def test_a_text_that_looks_like_a_number_stays_a_text(self, text: str) -> None:
        data = redraw_workbook([Grid("甲", [[text]])], "台账", [], {})
        assert open_file(data).grids[1].rows == [[text]]

    def test_rows_are_as_high_as_their_texts_need(self) -> None:
        narrow = Grid(
            "甲",
            [["表头", "数"], ["某" * 30, 12345678901.5], ["一\n二\n三", ""], ["短", ""]],
            column_widths={0: 20.0, 1: 5.0},
        )
        heights = self.redraw(narrow)["甲"].row_dimensions
        assert [heights[row].height for row in (1, 2, 3, 4)] == [None, 60, 45, None]

    def test_serial_numbers_count_from_the_same_day(self) -> None:
        data = redraw_workbook([Grid("甲", [[45000.0]], is_1904=True)], "台账", [], {})
        assert 'date1904="1"' in read_parts(data)["xl/workbook.xml"]

    def test_names_that_excel_rejects_are_changed(self) -> None:
        names = ["a/b", "A/B", "回执", "x" * 40, ""]
        book = self.redraw(*(Grid(name, [["1"]]) for name in names))
        assert book.sheetnames == [RECEIPT_SHEET, "a_b", "A_B(2)", "回执(2)", "x" * 31, "台账"]


class TestOddWorkbooks:
    def test_a_large_workbook_is_redrawn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(county_book, "LARGEST_UNPACKED", 1_000)
        data = workbook_bytes({TITLE: bad_cells()})
        receipt = receipt_of(data)
        assert "原文件较大" in page_of(receipt)
        assert list_file_findings(receipt) == list_file_findings(data)
        assert find_active_content(receipt) == []

    def test_written_row_by_row_it_is_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        grid = Grid("甲", [["标题", ""], ["a", "b"]], merged=((0, 0, 0, 1),))
        monkeypatch.setattr(zip_parts, "PIECES_AT_ONCE", 1)
        sheet = open_receipt(redraw_workbook([grid], "台账", [], {}))["甲"]
        assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["标题", None], ["a", "b"]]

    def test_a_huge_merge_takes_no_time(self) -> None:
        endless = replace_in_part(
            workbook_bytes({TITLE: bad_cells()}),
            "</sheetData>",
            '</sheetData><mergeCells><mergeCell ref="A20:XFD900000"/></mergeCells>',
        )
        receipt = receipt_of(endless)
        assert opened_names(receipt) == [RECEIPT_SHEET, TITLE]
        assert "A20:XFD900000" in read_parts(receipt)["xl/worksheets/sheet2.xml"]

    def test_a_workbook_of_an_unusual_form_is_redrawn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(render, "open_county_book", lambda *_: None)
        data = workbook_bytes({TITLE: bad_cells()})
        receipt = receipt_of(data)
        assert list_file_findings(receipt) == list_file_findings(data)

    def test_a_strict_workbook_is_redrawn(self) -> None:
        data = workbook_bytes({TITLE: bad_cells()})
        for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            spoken, strict = (
                "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                "http://purl.oclc.org/ooxml/spreadsheetml/main",
            )
            data = replace_in_part(data, spoken, strict, part)
        assert open_county_book(data, {TITLE}) is None
        assert opened_names(receipt_of(data)) == [RECEIPT_SHEET, TITLE]

    def test_a_broken_style_sheet_is_no_failure(self) -> None:
        data = replace_in_part(
            workbook_bytes({TITLE: bad_cells()}), "<cellXfs", "<cellXfs odd=", part="xl/styles.xml"
        )
        receipt = receipt_of(data)
        assert opened_names(receipt) == [RECEIPT_SHEET, TITLE]
        assert "重新绘制" in page_of(receipt)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04broken", "文件打不开"),
        (compound_file("EncryptedPackage"), "文件加了密码"),
        ('甲,"乙\n'.encode(), "引号或分隔符有误"),
    ],
)
def test_a_file_that_cannot_be_opened_has_a_receipt_with_the_reason(data: bytes, sentence: str) -> None:
    receipt = receipt_of(data)
    assert open_receipt(receipt).sheetnames == [RECEIPT_SHEET]
    assert sentence in page_of(receipt)
    assert "没有附上表格" in page_of(receipt)


def test_a_file_without_findings_that_cannot_be_opened_has_a_receipt_too() -> None:
    subject = subject_of(workbook_bytes({TITLE: bad_cells()}))
    receipt = make_receipt(b"PK\x03\x04broken", replace(subject, findings=[]))
    assert open_receipt(receipt).sheetnames == [RECEIPT_SHEET]


def replace_in_part(data: bytes, old: str, new: str, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old.encode(), new.encode()) if name == part else content)
    return written.getvalue()


def opened_names(receipt: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(receipt)) as archive:
        text = archive.read("xl/workbook.xml").decode()
    import re

    return re.findall(r'<sheet name="([^"]+)"', text)

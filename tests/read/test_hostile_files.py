"""Bytes that are no ledger, or were made to harm their reader: each is rejected with a sentence, alone."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from schemas.ledgers.rules import SUBMISSION_RULES
from tests.support.counties import ledger_bytes, rows_of, sheet_cells
from tests.support.grids import opens_or_explains
from tests.support.made_files import (
    SPREADSHEET,
    compound_file,
    rows_xml,
    xls_bytes,
    xlsx_bytes,
    xlsx_parts,
    zip_bytes,
)
from tests.support.validation import read_one
from transforms.read.containers import detect, xlsx
from transforms.read.containers import xlsx_package as package
from transforms.read.containers.detect import UnusableFileError, open_file

TITLE = "立案台账"
CELLS = sheet_cells(
    "cases", rows_of("cases", {}, {"case_no": "某环立(星)〔2023〕2号", "closed_on": "2023-06-28"})
)
ONE_CELL = rows_xml('<c r="A1"><v>1</v></c>')


def read_rejection(data: bytes) -> tuple[str, dict[str, Any]]:
    """Return the rule with which the whole file is rejected, and the placeholders that it names."""
    with pytest.raises(UnusableFileError) as error:
        open_file(data)
    return error.value.rule_id, error.value.placeholders


def read_sheet_rejection(data: bytes) -> tuple[str, str]:
    """Return rule and detail with which the first sheet is rejected; the second sheet must be read."""
    first, second = open_file(data).grids
    assert (first.rows, second.refused, second.rows) == ([], None, [[1.0]])
    assert first.refused is not None
    return first.refused.rule_id, first.refused.placeholders["detail"]


@pytest.mark.parametrize(
    ("data", "rule_id"),
    [
        (b"", "file.empty"),
        (b" \r\n\t", "file.empty"),
        (b"\xef\xbb\xbf", "file.empty"),
        (b"\xff\xfe", "file.empty"),
        (bytes(100), "file.empty"),
        (compound_file("EncryptedPackage"), "file.encrypted"),
        (compound_file("WordDocument"), "file.unknown_format"),
        (compound_file("PowerPoint Document"), "file.unknown_format"),
        (compound_file("__properties_version1.0"), "file.unknown_format"),
        (compound_file("Anything"), "file.unreadable"),
        (ledger_bytes("cases", {})[:-200], "file.unreadable"),
        (ledger_bytes("cases", {})[:60], "file.unreadable"),
        (xls_bytes({TITLE: CELLS})[:600], "file.unreadable"),
        (b"PK\x03\x04", "file.unreadable"),
        (b"PK\x05\x06" + bytes(18), "file.unknown_format"),
        (zip_bytes({"word/document.xml": "<x/>"}), "file.unknown_format"),
        (zip_bytes({"xl/workbook.bin": "x"}), "file.unknown_format"),
        (zip_bytes({"content.xml": "<x/>"}), "file.unknown_format"),
        (zip_bytes({"台账.csv": "x"}), "sheet.no_header"),
        (zip_bytes({"xl/workbook.xml": "<x/>"}), "file.unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.unreadable"),
        ("<html><table><tr><td>案号".encode(), "sheet.no_header"),
        ("<html><p>案号</p>".encode(), "file.unknown_format"),
        (b"<!-- nothing -->", "file.unknown_format"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE HTML>", "file.unknown_format"),
        (b"MIME-Version: 1.0\nContent-Type: text/html\n\n<p>no table</p>", "file.unknown_format"),
        (b'<?xml version="1.0"?><Workbook/>', "file.unknown_format"),
        (SPREADSHEET.format("").encode()[:-9], "file.unreadable"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "file.unknown_format"),
        (b"Rar!\x1a\x07\x00", "file.unknown_format"),
        (b"\xff\xfe\x00\xd8", "file.unknown_format"),
        (b"%PDF-1.7\n\xff\xff\xff", "file.unknown_format"),
        ('案号,当事人\n"甲"乙,1\n'.encode(), "file.broken_csv"),
        ('案号,当事人\n"甲,1\n'.encode(), "file.broken_csv"),
        (b'"' + b"a" * 40_000 + b'"', "file.broken_csv"),
        ("案号,当事人\nA,甲\nB,\0\0\0".encode(), "file.nul_bytes"),
        ("只有一句话".encode(), "sheet.no_header"),
    ],
    ids=lambda value: (
        value if isinstance(value, str) else ""
    ),  # bytes of a workbook hold the time when it was made
)
def test_an_unreadable_file_is_rejected_with_the_reason(data: bytes, rule_id: str) -> None:
    submission = read_one(data)
    assert submission.is_rejected
    (finding,) = submission.findings
    assert (finding["rule_id"], finding["severity"]) == (rule_id, "fatal")
    assert compose_message(finding).startswith("文件“报表.xlsx”")
    assert compose_message(finding).count("请") >= 1


def test_an_encrypted_xls() -> None:
    data = xls_bytes({TITLE: CELLS})
    first_record = data.index(b"\x09\x08\x10\x00")
    assert read_rejection(data[: first_record + 20] + b"\x2f\x00" + data[first_record + 22 :]) == (
        "file.encrypted",
        {},
    )


class TestZip:
    @pytest.mark.parametrize(
        "doctype", ['<!DOCTYPE x [<!ENTITY a "b">]>', '<!doctype x SYSTEM "http://example.com/x.dtd">']
    )
    @pytest.mark.parametrize(
        "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "docProps/core.xml", "_rels/.rels"]
    )
    def test_a_document_type(self, part: str, doctype: str) -> None:
        assert read_rejection(xlsx_bytes(ONE_CELL, extra={part: f"{doctype}<x/>"})) == ("file.doctype", {})
        wide = b"\xff\xfe" + f"{doctype}<x/>".encode("utf-16-le")
        assert read_rejection(xlsx_bytes(ONE_CELL, extra={part: wide})) == ("file.doctype", {})

    def test_a_document_type_behind_a_long_comment(self) -> None:
        part = f"<!--{' ' * 9000}--><!DOCTYPE x [<!ENTITY a 'b'>]><worksheet/>"
        assert read_sheet_rejection(
            xlsx_bytes(ONE_CELL, ONE_CELL, extra={"xl/worksheets/sheet1.xml": part})
        ) == (
            "sheet.unreadable",
            "夹带外部定义（DOCTYPE）",
        )

    def test_a_part_that_inflates_too_much(self) -> None:
        rule_id, placeholders = read_rejection(
            xlsx_bytes(ONE_CELL, extra={"xl/styles.xml": b" " * 2_000_000})
        )
        assert rule_id == "file.inflated"
        assert placeholders["detail"].startswith("xl/styles.xml 解开后大了 1")
        assert (
            open_file(xlsx_bytes(ONE_CELL, extra={"xl/media/image1.bmp": bytes(2_000_000)})).notices == ()
        )

    def test_parts_that_are_too_large_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(package, "LARGEST_PART", 5_000)
        assert (
            read_rejection(xlsx_bytes(ONE_CELL, extra={"xl/styles.xml": b"<" * 6_000}))[0]
            == "file.too_large"
        )
        monkeypatch.setattr(package, "LARGEST_TOTAL", 5_000)
        assert (
            read_rejection(
                xlsx_bytes(ONE_CELL, extra={f"xl/{letter}.xml": b"<" * 4_000 for letter in "ab"})
            )[0]
            == "file.too_large"
        )

    def test_a_large_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(detect, "LARGEST_FILE", 2**20)
        assert read_rejection(b"1" * 3 * 2**20) == ("file.too_large", {"detail": "3 MB"})

    def test_many_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(package, "MOST_PARTS", 20)
        assert (
            read_rejection(xlsx_bytes(ONE_CELL, extra={f"x{index}": "" for index in range(20)}))[0]
            == "file.too_large"
        )

    def test_one_name_twice(self) -> None:
        data = xlsx_bytes(ONE_CELL, extra={"XL/Worksheets/Sheet1.xml": "<worksheet/>"})
        assert read_rejection(data) == ("file.duplicate_part", {"detail": "xl/worksheets/sheet1.xml"})

    def test_parts_with_a_password(self) -> None:
        data = bytearray(xlsx_bytes(ONE_CELL))
        data[data.index(b"PK\x01\x02") + 8] |= 1
        assert read_rejection(bytes(data)) == ("file.encrypted", {})

    def test_a_size_that_lies(self) -> None:
        data = bytearray(xlsx_bytes(ONE_CELL, texts=["甲"]))
        entry = data.index(b"xl/sharedStrings.xml", data.index(b"PK\x01\x02")) - 46
        data[entry + 24 : entry + 28] = struct.pack("<I", 20)
        assert read_rejection(bytes(data))[0] == "file.unreadable"

    @pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml"])
    def test_parts_in_utf_16(self, part: str) -> None:
        assert (
            read_rejection(xlsx_bytes(ONE_CELL, extra={part: b"\xff\xfe" + "<x/>".encode("utf-16-le")}))[0]
            == "file.unreadable"
        )

    def test_parts_that_are_missing(self) -> None:
        parts = xlsx_parts(ONE_CELL, ONE_CELL)
        del parts["xl/worksheets/sheet1.xml"]
        assert read_sheet_rejection(zip_bytes(parts)) == (
            "sheet.unreadable",
            "缺少 xl/worksheets/sheet1.xml",
        )
        del parts["xl/_rels/workbook.xml.rels"]
        assert read_rejection(zip_bytes(parts)) == ("file.unreadable", {"detail": "缺少工作表目录"})


class TestXlsxSheets:
    @pytest.mark.parametrize(
        ("sheet", "rule_id", "detail"),
        [
            (
                rows_xml('<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>'),
                "sheet.duplicate_cells",
                "单元格 A1 ",
            ),
            (
                rows_xml('<c r="A1"><v>1</v></c>', '<c r="A1"><v>2</v></c>'),
                "sheet.duplicate_cells",
                "单元格 A1 ",
            ),
            (
                rows_xml('<c r="A1"><v>1</v></c><c r="a01"><v>2</v></c>'),
                "sheet.duplicate_cells",
                "单元格 A1 ",
            ),
            (
                rows_xml('<c r="B1"><v>1</v></c><c r="A1"/><c><v>1</v></c>'),
                "sheet.duplicate_cells",
                "单元格 B1 ",
            ),
            (rows_xml('<c r="AB1" s="1"/><c r="AB1"/>'), "sheet.duplicate_cells", "单元格 AB1 "),
            (
                '<sheetData><row r="7"><c r="A7"/></row><row r="7"/></sheetData>',
                "sheet.duplicate_cells",
                "第 7 行",
            ),
            (
                rows_xml('<c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c>'),
                "sheet.far_cell",
                "XFD1048576",
            ),
            (rows_xml('<c r="XFD300"><v>1</v></c>'), "sheet.far_cell", "XFD300"),
            (
                rows_xml('<c r="F1"><v>1</v></c><c r="A1048576" t="e"><v>#N/A</v></c>'),
                "sheet.far_cell",
                "A1048576",
            ),
            (rows_xml('<c r="A4294967295"><v>1</v></c>'), "sheet.far_cell", "A4294967295"),
            (rows_xml('<c r="XFE1"><v>1</v></c>'), "sheet.far_cell", "XFE1"),
            (
                '<sheetData><row r="4294967295"><c><v>1</v></c></row></sheetData>',
                "sheet.far_cell",
                "A4294967295",
            ),
            ('<sheetData><row r="4294967295"/></sheetData>', "sheet.far_cell", "A4294967295"),
            (rows_xml('<c r="A0"><v>1</v></c>'), "sheet.unreadable", "没有“A0”这样的单元格"),
            ("<!-- ", "sheet.unreadable", "XML 不完整"),
        ],
    )
    def test_cells_with_wrong_addresses(self, sheet: str, rule_id: str, detail: str) -> None:
        assert read_sheet_rejection(xlsx_bytes(sheet, ONE_CELL)) == (rule_id, detail)

    def test_a_cell_hidden_from_the_check_by_cdata(self) -> None:
        cells = '<c r="A1" t="inlineStr"><is><t><![CDATA[<!--]]></t></is></c><c r="XFD1048576"><v>1</v></c><!-- -->'
        assert read_sheet_rejection(xlsx_bytes(rows_xml(cells), ONE_CELL)) == (
            "sheet.far_cell",
            "XFD1048576",
        )

    def test_text_repeated_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(xlsx, "MOST_TEXT", 200_000)
        cells = rows_xml(*(f'<c r="A{row}" t="s"><v>0</v></c>' for row in range(1, 100)))
        assert (
            read_sheet_rejection(xlsx_bytes(cells, ONE_CELL, texts=["甲" * 3000]))[0] == "sheet.unreadable"
        )

    def test_a_long_text_beside_many_cells_is_fine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(xlsx, "MOST_TEXT", 200_000)
        cells = rows_xml(*(f'<c r="A{row}" t="s"><v>{int(row > 1)}</v></c>' for row in range(1, 100)))
        (grid,) = open_file(xlsx_bytes(cells, texts=["甲" * 3000, "乙"])).grids
        assert [row[0] for row in grid.rows] == ["甲" * 3000, *["乙"] * 98]


class TestXls:
    def test_one_damaged_sheet_leaves_the_others(self) -> None:
        data = xls_bytes({"甲": [["案号", 1]], "乙": [[1.0]]})
        text_cell = data.index(struct.pack("<HHHH", 0x00FD, 10, 0, 0))
        broken = data[: text_cell + 10] + struct.pack("<I", 99_999) + data[text_cell + 14 :]
        assert read_sheet_rejection(broken)[0] == "sheet.unreadable"

    def test_a_damaged_directory_is_ignored_with_a_notice(self) -> None:
        """The store of short streams claims the sectors of the workbook, as some export programs write it."""
        data = bytearray(xls_bytes({TITLE: [["案号"]]}))
        (directory,) = struct.unpack_from("<I", data, 48)
        struct.pack_into("<II", data, 512 * (directory + 1) + 116, 0, 4096)
        opened = open_file(bytes(data))
        assert opened.notices == (("file.damaged", "", {}),)
        assert opened.grids[0].rows == [["案号"]]


class TestMarkup:
    @pytest.mark.parametrize(
        "page",
        [
            '<!DOCTYPE html [<!ENTITY a "b">]><table><tr><td>&a;</td></tr></table>',
            '<html><!ENTITY a "b"><table><tr><td>&a;</td></tr></table>',
            '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><Workbook '
            'xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        ],
    )
    def test_a_document_type_that_defines(self, page: str) -> None:
        assert read_rejection(page.encode()) == ("file.doctype", {})

    def test_a_document_type_in_an_archive(self) -> None:
        page = "MIME-Version: 1.0\nContent-Type: text/html\n\n<!DOCTYPE html [<!ENTITY a 'b'>]><table><tr><td>&a;"
        assert read_rejection(page.encode()) == ("file.doctype", {})

    @pytest.mark.parametrize(
        "rows",
        [
            "<tr><td colspan=16384>甲</td><td>乙</td></tr>",
            "<tr><td colspan=16000 rowspan=60000>甲</td></tr>" + "<tr></tr>" * 300,
            "<tr><td colspan=16000>甲</td></tr>" * 300,
        ],
    )
    def test_spans_without_end(self, rows: str) -> None:
        assert read_rejection(f"<table>{rows}</table>".encode())[0] == "file.too_large"

    def test_nonsense_spans_are_one(self) -> None:
        page = "<table><tr><td colspan=x rowspan=-1>甲</td><td colspan=0 rowspan=99999999999>乙</td><td>丙</td></tr></table>"
        assert open_file(page.encode()).grids[0].rows == [["甲", "乙", "丙"]]

    @pytest.mark.parametrize(
        "page", ["<table><tr><td>" * 20_000, "<div>" * 100_000 + "<table><tr><td>甲", "<p>" * 300_000]
    )
    def test_depth_without_end(self, page: str) -> None:
        assert opens_or_explains(page.encode())

    def test_many_tables(self) -> None:
        """Each grid begins below all tables before it: their blank rows must not add up without bound."""
        assert read_rejection(b"<table><tr><td>a</td></tr></table>" * 1_500)[0] == "file.too_large"

    @pytest.mark.parametrize(
        ("row", "rule_id"),
        [
            (
                '<Row ss:Index="1048576"><Cell ss:Index="16384"><Data ss:Type="Number">1</Data></Cell></Row>',
                "sheet.far_cell",
            ),
            ('<Row ss:Index="9999999"/>', "sheet.far_cell"),
            ('<Row><Cell ss:Index="99999"/></Row>', "sheet.far_cell"),
            ('<Row><Cell/><Cell ss:Index="1"/></Row>', "sheet.duplicate_cells"),
            ('<Row ss:Index="2"/><Row ss:Index="2"/>', "sheet.duplicate_cells"),
        ],
    )
    def test_indexes_without_end(self, row: str, rule_id: str) -> None:
        cell = '<Cell><Data ss:Type="Number">1</Data></Cell>'
        second_sheet = f'<Worksheet ss:Name="乙"><Table><Row>{cell}</Row></Table></Worksheet>'
        data = SPREADSHEET.format(f'<Worksheet ss:Name="甲"><Table>{row}</Table></Worksheet>{second_sheet}')
        assert read_sheet_rejection(data.encode())[0] == rule_id


class TestText:
    def test_an_open_quote_names_the_row_where_it_opens(self) -> None:
        assert read_rejection('案号,当事人\nA,甲\nB,"乙\nC,丙\nD,丁\n'.encode()) == (
            "file.broken_csv",
            {"row": 3},
        )

    def test_zeros_name_the_row(self) -> None:
        assert read_rejection("案号,当事人\nA,甲\nB,\0\0\0".encode()) == ("file.nul_bytes", {"row": 3})

    def test_more_cells_than_fit_into_memory(self) -> None:
        assert read_rejection(b"," * 8_000_001)[0] == "file.too_large"


REFUSALS = [rule for rule in SUBMISSION_RULES.values() if rule.rule_id.startswith(("file.", "sheet."))]


@pytest.mark.parametrize("rule", REFUSALS, ids=lambda rule: rule.rule_id)
def test_every_rejection_says_how_to_correct_the_file(rule: Any) -> None:
    assert rule.remedy or rule.severity == "notice"

"""Containers that are text: HTML, the XML of Excel 2003, and delimited text."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from tests.support.grids import filled_cells, open_single_grid
from transforms.read.containers.detect import open_file
from transforms.read.containers.grid import NO_RESULT

TABLE = "<table><tr><td>案号</td><td>金额</td></tr><tr><td>A-1</td><td>1,234.50</td></tr></table>"
TABLE_CELLS = {"A1": "案号", "B1": "金额", "A2": "A-1", "B2": "1,234.50"}


class TestHtml:
    @pytest.mark.parametrize(
        "data",
        [
            TABLE.encode(),
            b"\xef\xbb\xbf\r\n" + TABLE.encode(),
            TABLE.encode("gbk"),
            f'<html><head><meta charset="gb2312"></head>{TABLE}'.encode("gb18030"),
            f'<html><meta http-equiv=Content-Type content="text/html; charset=gb2312">{TABLE}'.encode(
                "gbk"
            ),
            f'<meta charset="utf-8">{TABLE}'.encode("gbk"),
            f'<meta charset="rot13">{TABLE}'.encode(),
            b"\xff\xfe" + f"<html>{TABLE}".encode("utf-16-le"),
            b"\xfe\xff" + f"<html>{TABLE}".encode("utf-16-be"),
            f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/x.dtd"><html>{TABLE}'.encode(),
            f'<?xml version="1.0" encoding="GBK"?><html xmlns="http://www.w3.org/1999/xhtml">{TABLE}</html>'.encode(
                "gbk"
            ),
            f"<html><head><title>表</title><style>td {{}}</style></head><script>1</script>{TABLE}".encode(),
        ],
        ids=range(12),
    )
    def test_charsets_and_beginnings(self, data: bytes) -> None:
        assert filled_cells(data) == TABLE_CELLS

    def test_spans(self) -> None:
        page = (
            "<table><tr><td rowspan=2>甲</td><td colspan=2>乙</td></tr><tr><td>丙</td><td rowspan=9>丁</td></tr>"
            "<tr style='display:none'><td>戊</td><td>己</td><td>庚</td></tr></table>"
        )
        data = page.encode()
        assert filled_cells(data) == {
            "A1": "甲",
            "B1": "乙",
            "B2": "丙",
            "C2": "丁",
            "A3": "戊",
            "B3": "己",
            "D3": "庚",
        }
        assert open_single_grid(data).merged == ((0, 0, 1, 0), (0, 1, 0, 2), (1, 2, 2, 2))
        assert open_single_grid(data).hidden_rows == {2}

    def test_text_of_a_cell(self) -> None:
        page = "<table><tr><td> 超标\n  排放<br>屡教&nbsp;不改 <b>严重</b><p>第二段</p></td><th>&lt;表头&gt;</th></tr></table>"
        assert filled_cells(page.encode()) == {"A1": "超标 排放\n屡教 不改 严重\n第二段", "B1": "<表头>"}

    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            ("<font>罚款<b>3</b></font>5000元", "罚款35000元"),
            ("<span>1<span>2<b>3</b>4</span>5</span>6", "123456"),
            ("<div>35</div>000", "35\n000"),
            ("甲<br>乙<p>丙<i>丁</i>戊</p>己", "甲\n乙\n丙丁戊\n己"),
        ],
    )
    def test_the_text_of_a_cell_stands_in_its_order(self, cell: str, text: str) -> None:
        assert filled_cells(f"<table><tr><td>{cell}</td></tr></table>".encode()) == {"A1": text}

    def test_texts_and_tables_lie_below_each_other(self) -> None:
        page = f"<body><h1>2023年6月</h1><p>填报单位：<b>临江市</b></p>{TABLE}注：无<table><tr><td>乙</td></tr></table></body>"
        first, second = open_file(page.encode()).grids
        assert [first.name, second.name] == ["表1", "表2"]
        assert first.rows == [["2023年6月"], ["填报单位：临江市"], ["案号", "金额"], ["A-1", "1,234.50"]]
        assert second.rows == [[], [], [], [], ["注：无"], ["乙"]]

    def test_a_table_for_layout_only(self) -> None:
        assert filled_cells(f"<table><tr><td>标题</td></tr><tr><td>{TABLE}</td></tr></table>".encode()) == {
            "A1": "标题", "A2": "案号", "B2": "金额", "A3": "A-1", "B3": "1,234.50",
        }  # fmt: skip

    def test_a_web_archive(self) -> None:
        page = (
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=X\r\n\r\n--X\r\nContent-Type: text/html; "
            b'charset="gb2312"\r\n\r\n' + TABLE.encode("gbk") + b"\r\n--X--\r\n"
        )
        assert filled_cells(page) == TABLE_CELLS


def spreadsheet(table: str, *, workbook: str = "", options: str = "", other_sheets: str = "") -> bytes:
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:x="urn:schemas-microsoft-com:office:excel">{workbook}<Worksheet ss:Name="台账"><Table>{table}</Table>'
        f"{options}</Worksheet>{other_sheets}</Workbook>"
    ).encode()


def xml_cell(kind: str, value: str, attributes: str = "") -> str:
    return f'<Cell {attributes}><Data ss:Type="{kind}">{value}</Data></Cell>'


class TestSpreadsheetXml:
    def test_typed_cells(self) -> None:
        cells = [
            xml_cell("String", "甲&amp;<B>乙</B>"), xml_cell("Number", "3.5"), xml_cell("Number", "三"),
            xml_cell("DateTime", "2023-05-06T00:00:00.000"), xml_cell("DateTime", "1899-12-31T06:00:00.000"),
            xml_cell("Boolean", "1"), xml_cell("Error", "#REF!"), '<Cell ss:Formula="=RC[-1]"/>', "<Cell/>",
        ]  # fmt: skip
        assert filled_cells(spreadsheet(f"<Row>{''.join(cells)}</Row>")) == {
            "A1": "甲&乙", "B1": 3.5, "C1": "三", "D1": datetime(2023, 5, 6), "E1": time(6), "F1": True, "G1": "#REF!",
            "H1": NO_RESULT,
        }  # fmt: skip

    def test_cells_have_the_positions_of_their_indexes(self) -> None:
        table = (
            "<Row>"
            + xml_cell("String", "甲", 'ss:MergeAcross="1" ss:MergeDown="1"')
            + xml_cell("String", "乙")
            + "</Row>"
            '<Row ss:Span="1"/><Row>'
            + xml_cell("String", "丙", 'ss:Index="3"')
            + xml_cell("String", "丁")
            + "</Row>"
            '<Row ss:Index="9" ss:Hidden="1">' + xml_cell("String", "戊") + "</Row>"
        )
        data = spreadsheet(
            '<Column ss:Width="105" ss:Span="1"/><Column ss:Index="4" ss:Width="21"/>' + table
        )
        assert filled_cells(data) == {"A1": "甲", "C1": "乙", "C4": "丙", "D4": "丁", "A9": "戊"}
        assert (open_single_grid(data).merged, open_single_grid(data).hidden_rows) == (((0, 0, 1, 1),), {8})
        assert open_single_grid(data).column_widths == {0: 20.0, 1: 20.0, 3: 4.0}

    def test_workbook_and_sheets(self) -> None:
        data = spreadsheet(
            "<Row>" + xml_cell("Number", "45052") + "</Row>",
            workbook="<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook>",
            other_sheets='<Worksheet ss:Name="字典"><Table/><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible>'
            "</x:WorksheetOptions></Worksheet>",
        )
        first, second = open_file(data).grids
        assert (first.name, first.is_1904, first.is_visible, first.rows) == (
            "台账",
            True,
            True,
            [[45052.0]],
        )
        assert (second.name, second.is_visible) == ("字典", False)

    def test_in_utf_16_and_gbk(self) -> None:
        data = spreadsheet("<Row>" + xml_cell("String", "案号") + "</Row>")
        assert filled_cells(b"\xff\xfe" + data.decode().encode("utf-16-le")) == {"A1": "案号"}
        assert filled_cells(data.decode().replace('"1.0"', '"1.0" encoding="gbk"', 1).encode("gbk")) == {
            "A1": "案号"
        }


class TestDelimited:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
    @pytest.mark.parametrize("delimiter", [",", "\t", ";"])
    def test_encodings_line_ends_and_delimiters(self, encoding: str, end: str, delimiter: str) -> None:
        rows = [["案号", "当事人", "金额"], ["A-1", "㐂𠮷", '"1,234"'], ["A-2", '"甲;乙\t丙"', '"2,500"']]
        data = end.join(delimiter.join(row) for row in rows).encode(encoding)
        assert open_single_grid(data).rows == [
            ["案号", "当事人", "金额"],
            ["A-1", "㐂𠮷", "1,234"],
            ["A-2", "甲;乙\t丙", "2,500"],
        ]

    @pytest.mark.parametrize("delimiter", ["\t", ";"])
    def test_amounts_do_not_part_a_row(self, delimiter: str) -> None:
        rows = [["案号", "金额", "余额"], *([f"A-{index}", "1,234,567", "8,910,111"] for index in range(9))]
        assert open_single_grid("\n".join(delimiter.join(row) for row in rows).encode()).rows == rows

    def test_rows_are_counted_as_records(self) -> None:
        data = b'a,"1\n2\r\n3"\n\nb,4\n'
        assert open_single_grid(data).rows == [["a", "1\n2\r\n3"], [], ["b", "4"]]

    def test_hints_to_excel_are_no_cells(self) -> None:
        assert open_single_grid('sep=;\n案号;金额\n="0043";1,5\n'.encode()).rows == [
            ["案号", "金额"],
            ["0043", "1,5"],
        ]

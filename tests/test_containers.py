"""From bytes to grids, container by container: each cell where a person sees it, and what was passed over is told."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from counties import csv_bytes, rows_of, sheet_cells, workbook_bytes
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import judge_all, read_one
from made_files import MAIN, biff2_bytes, rows_xml, xls_bytes, xlsx_bytes

from transforms.read.containers import Grid, open_file
from transforms.read.grid import NO_RESULT, cell_name

TITLE = "立案台账"


def case_cells(*changes: dict[str, Any], headers: Mapping[str, str] = {}) -> list[list[Any]]:
    return sheet_cells("cases", rows_of("cases", *(changes or ({},))), headers=headers)


def only(data: bytes) -> Grid:
    (grid,) = open_file(data).grids
    assert grid.refused is None
    return grid


def filled(data: bytes) -> dict[str, Any]:
    """The cells that hold something, by name."""
    rows = enumerate(only(data).rows)
    return {cell_name(row, column): cell for row, cells in rows for column, cell in enumerate(cells) if cell != ""}


def told(data: bytes) -> list[tuple[str, str]]:
    return [(rule_id, sheet) for rule_id, sheet, _ in open_file(data).told]


CELLS = case_cells({}, {"case_no": "某环立(星)〔2023〕2号", "closed_on": "2023-06-28"})


class TestAnyContainer:
    @pytest.mark.parametrize(
        ("ending", "data"),
        [
            ("xlsx", workbook_bytes({TITLE: CELLS})),
            ("xls", workbook_bytes({TITLE: CELLS})),
            ("csv", workbook_bytes({TITLE: CELLS})),
            ("xls", xls_bytes({TITLE: CELLS})),
            ("et", xls_bytes({TITLE: CELLS})),
            ("xlsx", xls_bytes({TITLE: CELLS})),
            *(("csv", csv_bytes(CELLS, encoding)) for encoding in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16")),
            ("csv", b"\xfe\xff" + csv_bytes(CELLS, "utf-16-be")),
            ("txt", csv_bytes(CELLS, "gbk").replace(b",", b"\t")),
            ("xls", csv_bytes(CELLS).replace(b"\r\n", b"\n")),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_is_read_by_what_it_is(self, ending: str, data: bytes) -> None:
        submission = read_one(data, f"2023-06/临江市/{TITLE}.{ending}")
        assert submission.findings == ()
        assert submission.rows["case_no"].tolist() == ["某环立(星)〔2023〕1号", "某环立(星)〔2023〕2号"]
        assert submission.rows["closed_on"].tolist()[1] == "2023-06-28"
        assert submission.rows["source_row"].tolist() == [2, 3]

    @pytest.mark.parametrize("make", [workbook_bytes, xls_bytes])
    def test_typed_cells(self, make: Any) -> None:
        day = date(2023, 6, 20)
        cells = sheet_cells("payments", rows_of("payments", {"paid_on": day, "amount_fen": 35000.5, "instalment": 2}))
        judged = judge_all([read_one(make({"罚款缴纳台账": cells}))])
        row = judged.rows["payments"].iloc[0]
        assert (str(row["paid_on"].date()), row["amount_fen"], row["instalment"]) == ("2023-06-20", 3_500_050, 2)

    def test_an_error_or_a_formula_without_result_is_not_read_as_empty(self) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(workbook_bytes({"A&B 立案台账": CELLS})))
        sheet = workbook.active
        assert sheet is not None
        sheet["F2"], sheet["F3"], sheet["C3"] = "#REF!", "=D3+1", "#N/A"
        written = io.BytesIO()
        workbook.save(written)
        judged = judge_all([read_one(written.getvalue())])
        assert judged.findings[["rule_id", "cell", "value"]].to_numpy().tolist()[:3] == [
            ["cases.closed_on.not_a_date", "F2", "#REF!"],
            ["cases.closed_on.not_a_date", "F3", "#公式没有结果"],
            ["cases.party_type.allowed", "C3", "#N/A"],
        ]

    def test_a_broken_csv_names_its_line(self) -> None:
        (found,) = read_one('案号,当事人\n甲,1\n"乙"乙,1\n'.encode()).findings
        assert found["row"] == 3
        assert found["message"].startswith("文件“报表.xlsx”第 3 行：引号或分隔符有误")

    def test_line_breaks_and_commas_within_quotes(self) -> None:
        submission = read_one(csv_bytes(case_cells({"cause": "超标排放，\n屡教不改, 严重"})))
        assert submission.rows["cause"].tolist() == ["超标排放，\n屡教不改, 严重"]


class TestXlsx:
    def test_errors_and_formulas_without_result_stand_in_their_cells(self) -> None:
        cells = (
            '<c r="A1" t="e"><v>#REF!</v></c><c r="B1" s="0" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C1"><f>A2</f></c>'
            '<c r="D1"><f>A2</f><v/></c><c r="E1"><f>A2</f><v></v></c><c r="F1"><f t="shared" si="0"/></c>'
            '<c r="G1" t="str"><f>A2</f><v></v></c><c r="H1"><f>A2</f><v>3</v></c><c r="I1"><v>4</v></c>'
        )
        assert filled(xlsx_bytes(rows_xml(cells))) == {
            "A1": "#REF!", "B1": "#DIV/0!", "C1": NO_RESULT, "D1": NO_RESULT, "E1": NO_RESULT, "F1": NO_RESULT,
            "H1": 3.0, "I1": 4.0,
        }  # fmt: skip

    def test_errors_beyond_what_else_is_filled(self) -> None:
        assert filled(xlsx_bytes(rows_xml("", "", '<c r="D3" t="e"><v>#N/A</v></c>'))) == {"D3": "#N/A"}

    @pytest.mark.parametrize(
        ("cells", "found"),
        [
            ('<c r="B1"><v>2</v></c><c r="A1"><v>1</v></c>', {"A1": 1.0, "B1": 2.0}),
            ('<c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c>', {"A1": 1.0, "D1": 2.0, "E1": 3.0}),
            ('<c s="0" r="B1"><v>1</v></c>', {"B1": 1.0}),
            ("<c r='B1' t='e'><v>#N/A</v></c>", {"B1": "#N/A"}),
            ('<c r="b1"><v>1</v></c>', {"B1": 1.0}),
            ('<!-- <c r="A1"><v>1</v></c> --><c r="A1"><v>2</v></c>', {"A1": 2.0}),
            ('<c r="A1" t="inlineStr"><is><t><![CDATA[<c r="A1">]]></t></is></c>', {"A1": '<c r="A1">'}),
            ('<c r="A1"><v>1</v></c><c r="XFD1" s="0"/>', {"A1": 1.0}),
        ],
    )
    def test_ways_to_write_a_cell(self, cells: str, found: dict[str, Any]) -> None:
        assert filled(xlsx_bytes(rows_xml(cells))) == found

    def test_rows_without_numbers_follow_one_another(self) -> None:
        rows = '<row><c><v>1</v></c></row><row r="4"><c><v>4</v></c></row><row hidden="1"><c t="e"><v>#N/A</v></c></row>'
        data = xlsx_bytes(f"<sheetData>{rows}</sheetData>")
        assert filled(data) == {"A1": 1.0, "A4": 4.0, "A5": "#N/A"}
        assert only(data).hidden_rows == {4}

    def test_rows_in_any_order(self) -> None:
        rows = '<row r="3"><c r="A3"><v>3</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'
        assert filled(xlsx_bytes(f"<sheetData>{rows}</sheetData>")) == {"A1": 1.0, "A3": 3.0}

    def test_tags_with_a_prefix(self) -> None:
        sheet = (
            f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="e"><x:v>#REF!</x:v></x:c><x:c r="B1">'
            '<x:v>2</x:v></x:c></x:row><x:row r="2" hidden="1"/></x:sheetData></x:worksheet>'
        )
        data = xlsx_bytes("", extra={"xl/worksheets/sheet1.xml": sheet})
        assert (filled(data), only(data).hidden_rows) == ({"A1": "#REF!", "B1": 2.0}, {1})

    def test_merged_ranges_widths_and_hidden_rows(self) -> None:
        written = io.BytesIO()
        workbook = xlsxwriter.Workbook(written)
        sheet = workbook.add_worksheet("台账")
        sheet.merge_range("A1:C2", "标题")
        sheet.write("D4", 1)
        sheet.set_column("B:C", 20)
        sheet.set_row(2, None, None, {"hidden": True})
        workbook.close()
        grid = only(written.getvalue())
        assert (grid.merged, grid.hidden_rows) == (((0, 0, 1, 2),), {2})
        assert {at: round(width) for at, width in grid.column_widths.items()} == {1: 21, 2: 21}

    @pytest.mark.parametrize("is_1904", [False, True])
    def test_serials_of_1904(self, is_1904: bool) -> None:
        written = io.BytesIO()
        workbook = xlsxwriter.Workbook(written, {"date_1904": is_1904})
        workbook.add_worksheet().write_datetime(0, 0, datetime(2023, 5, 6), workbook.add_format({"num_format": "yyyy-m-d"}))
        workbook.close()
        grid = only(written.getvalue())
        assert (grid.is_1904, grid.rows) == (is_1904, [[date(2023, 5, 6)]])

    @pytest.mark.parametrize(
        ("part", "rule_id"),
        [
            ("xl/vbaProject.bin", "file.macros"),
            ("xl/externalLinks/externalLink1.xml", "file.external_links"),
            ("xl/embeddings/oleObject1.bin", "file.embedded_objects"),
            ("xl/connections.xml", "file.data_connections"),
            ("xl/queryTables/queryTable1.xml", "file.data_connections"),
            ("../../etc/passwd", "file.unsafe_parts"),
            ("/xl/sheet.xml", "file.unsafe_parts"),
            ("C:\\sheet.xml", "file.unsafe_parts"),
        ],
    )
    def test_what_is_ignored_is_told(self, part: str, rule_id: str) -> None:
        data = xlsx_bytes(rows_xml('<c r="A1"><v>1</v></c>'), extra={part: "<x/>"})
        assert (filled(data), told(data)) == ({"A1": 1.0}, [(rule_id, "")])

    def test_a_chart_is_told(self) -> None:
        written = io.BytesIO()
        workbook = xlsxwriter.Workbook(written)
        workbook.add_worksheet("台账").write("A1", 1)
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=台账!$A$1:$A$1"})
        workbook.add_chartsheet("图").set_chart(chart)
        workbook.close()
        assert (filled(written.getvalue()), told(written.getvalue())) == ({"A1": 1.0}, [("sheet.not_cells", "图")])

    def test_a_text_too_long_for_a_cell_is_cut(self) -> None:
        data = xlsx_bytes(rows_xml('<c r="A1"><v>1</v></c>', '<c r="B2" t="s"><v>0</v></c>'), texts=["甲" * 40_000])
        (one,) = open_file(data).told
        assert one == ("sheet.text_cut", "甲", {"detail": "B2"})
        assert filled(data) == {"A1": 1.0, "B2": "甲" * 32_767}
        inline = xlsx_bytes(rows_xml(f'<c r="A1" t="inlineStr"><is><t>{"乙" * 33_000}</t></is></c>'))
        assert (len(filled(inline)["A1"]), told(inline)) == (32_767, [("sheet.text_cut", "甲")])


class TestXls:
    def test_typed_cells(self) -> None:
        workbook = xlwt.Workbook()
        sheet = workbook.add_sheet("台账")
        for row, (value, shown_as) in enumerate(
            [(1, "yyyy-m-d"), (60, "yyyy-m-d"), (45052.5, "yyyy-m-d"), (0.25, "h:mm"), (1.5, "[h]:mm"), (20230506, "yyyy-m-d"),
             (-1, "yyyy-m-d"), (3.5, "General")]
        ):  # fmt: skip
            sheet.write(row, 1, value, xlwt.easyxf(num_format_str=shown_as))
        for row, code in enumerate([0, 7, 15, 23, 29, 36, 42]):
            sheet.row(row).set_cell_error(2, code)
        sheet.write(0, 3, True)
        written = io.BytesIO()
        workbook.save(written)
        columns = list(zip(*[[*row, "", ""][:4] for row in only(written.getvalue()).rows], strict=True))
        assert list(columns[1]) == [
            datetime(1900, 1, 1), datetime(1900, 2, 28), datetime(2023, 5, 6, 12), time(6), timedelta(days=1.5), 20230506.0,
            -1.0, 3.5,
        ]  # fmt: skip
        assert list(columns[2][:7]) == ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"]
        assert columns[3][0] is True

    def test_the_sheet_around_the_cells(self) -> None:
        workbook = xlwt.Workbook()
        workbook.dates_1904 = True
        sheet = workbook.add_sheet("台账")
        sheet.write_merge(0, 1, 0, 2, "标题")
        sheet.write(3, 3, 1, xlwt.easyxf(num_format_str="yyyy-m-d"))
        sheet.col(1).width = 20 * 256
        sheet.row(2).hidden = True
        workbook.add_sheet("字典").visibility = 1
        written = io.BytesIO()
        workbook.save(written)
        grid, hidden = open_file(written.getvalue()).grids
        assert (grid.is_1904, grid.merged, grid.hidden_rows) == (True, ((0, 0, 1, 2),), {2})
        assert (grid.column_widths[1], grid.rows[3][3]) == (20.0, datetime(1904, 1, 2))
        assert (grid.is_visible, hidden.is_visible) == (True, False)

    def test_a_sheet_of_excel_2_without_code_page_is_chinese(self) -> None:
        assert filled(biff2_bytes("案号".encode("gbk"), b"A-1")) == {"A1": "案号", "A2": "A-1"}

    @pytest.mark.parametrize(("entry", "rule_id"), [("_VBA_PROJECT", "file.macros"), ("MBD0001", "file.embedded_objects")])
    def test_what_is_ignored_is_told(self, entry: str, rule_id: str) -> None:
        data = xls_bytes({TITLE: [["案号"]]})
        data += bytes(-len(data) % 128) + entry.encode("utf-16-le") + bytes(128)
        assert (filled(data), told(data)) == ({"A1": "案号"}, [(rule_id, "")])

    def test_what_is_printed_of_odd_files_is_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        data = xls_bytes({TITLE: [["案号"]]})
        open_file(data + b"\0" * 100)
        assert capsys.readouterr() == ("", "")


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
            f'<html><meta http-equiv=Content-Type content="text/html; charset=gb2312">{TABLE}'.encode("gbk"),
            f'<meta charset="utf-8">{TABLE}'.encode("gbk"),
            f'<meta charset="rot13">{TABLE}'.encode(),
            b"\xff\xfe" + f"<html>{TABLE}".encode("utf-16-le"),
            b"\xfe\xff" + f"<html>{TABLE}".encode("utf-16-be"),
            f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/x.dtd"><html>{TABLE}'.encode(),
            f'<?xml version="1.0" encoding="GBK"?><html xmlns="http://www.w3.org/1999/xhtml">{TABLE}</html>'.encode("gbk"),
            f"<html><head><title>表</title><style>td {{}}</style></head><script>1</script>{TABLE}".encode(),
        ],
        ids=range(12),
    )
    def test_charsets_and_beginnings(self, data: bytes) -> None:
        assert filled(data) == TABLE_CELLS

    def test_spans(self) -> None:
        page = (
            "<table><tr><td rowspan=2>甲</td><td colspan=2>乙</td></tr><tr><td>丙</td><td rowspan=9>丁</td></tr>"
            "<tr style='display:none'><td>戊</td><td>己</td><td>庚</td></tr></table>"
        )
        data = page.encode()
        assert filled(data) == {"A1": "甲", "B1": "乙", "B2": "丙", "C2": "丁", "A3": "戊", "B3": "己", "D3": "庚"}
        assert only(data).merged == ((0, 0, 1, 0), (0, 1, 0, 2), (1, 2, 2, 2))
        assert only(data).hidden_rows == {2}

    def test_text_of_a_cell(self) -> None:
        page = "<table><tr><td> 超标\n  排放<br>屡教&nbsp;不改 <b>严重</b><p>第二段</p></td><th>&lt;表头&gt;</th></tr></table>"
        assert filled(page.encode()) == {"A1": "超标 排放\n屡教 不改 严重\n第二段", "B1": "<表头>"}

    def test_texts_and_tables_lie_below_each_other(self) -> None:
        page = f"<body><h1>2023年6月</h1><p>填报单位：<b>临江市</b></p>{TABLE}注：无<table><tr><td>乙</td></tr></table></body>"
        first, second = open_file(page.encode()).grids
        assert [first.name, second.name] == ["表1", "表2"]
        assert first.rows == [["2023年6月"], ["填报单位：临江市"], ["案号", "金额"], ["A-1", "1,234.50"]]
        assert second.rows == [[], [], [], [], ["注：无"], ["乙"]]

    def test_a_table_for_layout_only(self) -> None:
        assert filled(f"<table><tr><td>标题</td></tr><tr><td>{TABLE}</td></tr></table>".encode()) == {
            "A1": "标题", "A2": "案号", "B2": "金额", "A3": "A-1", "B3": "1,234.50",
        }  # fmt: skip

    def test_a_web_archive(self) -> None:
        page = (
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=X\r\n\r\n--X\r\nContent-Type: text/html; "
            b'charset="gb2312"\r\n\r\n' + TABLE.encode("gbk") + b"\r\n--X--\r\n"
        )
        assert filled(page) == TABLE_CELLS


def spreadsheet(table: str, *, workbook: str = "", options: str = "", more: str = "") -> bytes:
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:x="urn:schemas-microsoft-com:office:excel">{workbook}<Worksheet ss:Name="台账"><Table>{table}</Table>'
        f"{options}</Worksheet>{more}</Workbook>"
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
        assert filled(spreadsheet(f"<Row>{''.join(cells)}</Row>")) == {
            "A1": "甲&乙", "B1": 3.5, "C1": "三", "D1": datetime(2023, 5, 6), "E1": time(6), "F1": True, "G1": "#REF!",
            "H1": NO_RESULT,
        }  # fmt: skip

    def test_cells_lie_where_the_indexes_say(self) -> None:
        table = (
            "<Row>" + xml_cell("String", "甲", 'ss:MergeAcross="1" ss:MergeDown="1"') + xml_cell("String", "乙") + "</Row>"
            '<Row ss:Span="1"/><Row>' + xml_cell("String", "丙", 'ss:Index="3"') + xml_cell("String", "丁") + "</Row>"
            '<Row ss:Index="9" ss:Hidden="1">' + xml_cell("String", "戊") + "</Row>"
        )
        data = spreadsheet('<Column ss:Width="105" ss:Span="1"/><Column ss:Index="4" ss:Width="21"/>' + table)
        assert filled(data) == {"A1": "甲", "C1": "乙", "C4": "丙", "D4": "丁", "A9": "戊"}
        assert (only(data).merged, only(data).hidden_rows) == (((0, 0, 1, 1),), {8})
        assert only(data).column_widths == {0: 20.0, 1: 20.0, 3: 4.0}

    def test_workbook_and_sheets(self) -> None:
        data = spreadsheet(
            "<Row>" + xml_cell("Number", "45052") + "</Row>",
            workbook="<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook>",
            more='<Worksheet ss:Name="字典"><Table/><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible>'
            "</x:WorksheetOptions></Worksheet>",
        )
        first, second = open_file(data).grids
        assert (first.name, first.is_1904, first.is_visible, first.rows) == ("台账", True, True, [[45052.0]])
        assert (second.name, second.is_visible) == ("字典", False)

    def test_in_utf_16_and_gbk(self) -> None:
        data = spreadsheet("<Row>" + xml_cell("String", "案号") + "</Row>")
        assert filled(b"\xff\xfe" + data.decode().encode("utf-16-le")) == {"A1": "案号"}
        assert filled(data.decode().replace('"1.0"', '"1.0" encoding="gbk"', 1).encode("gbk")) == {"A1": "案号"}


class TestDelimited:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
    @pytest.mark.parametrize("delimiter", [",", "\t", ";"])
    def test_encodings_line_ends_and_delimiters(self, encoding: str, end: str, delimiter: str) -> None:
        rows = [["案号", "当事人", "金额"], ["A-1", "㐂𠮷", '"1,234"'], ["A-2", '"甲;乙\t丙"', '"2,500"']]
        data = end.join(delimiter.join(row) for row in rows).encode(encoding)
        assert only(data).rows == [["案号", "当事人", "金额"], ["A-1", "㐂𠮷", "1,234"], ["A-2", "甲;乙\t丙", "2,500"]]

    @pytest.mark.parametrize("delimiter", ["\t", ";"])
    def test_amounts_do_not_part_a_row(self, delimiter: str) -> None:
        rows = [["案号", "金额", "余额"], *([f"A-{at}", "1,234,567", "8,910,111"] for at in range(9))]
        assert only("\n".join(delimiter.join(row) for row in rows).encode()).rows == rows

    def test_rows_are_counted_as_records(self) -> None:
        data = b'a,"1\n2\r\n3"\n\nb,4\n'
        assert only(data).rows == [["a", "1\n2\r\n3"], [], ["b", "4"]]

    def test_hints_to_excel_are_no_cells(self) -> None:
        assert only('sep=;\n案号;金额\n="0043";1,5\n'.encode()).rows == [["案号", "金额"], ["0043", "1,5"]]


TEXT = st.builds("{}{}".format, st.sampled_from("甲乙丙丁"), st.text(alphabet="戊己庚辛厂店〔〕()·AZ09", max_size=12))
DAYS = st.dates(date(2023, 1, 1), date(2023, 6, 30))
STYLES = {
    "xlsx": lambda cells: workbook_bytes({TITLE: cells}),
    "xls": lambda cells: xls_bytes({TITLE: cells}),
    "gbk": lambda cells: csv_bytes(cells, "gb18030"),
    "utf-16": lambda cells: csv_bytes(cells, "utf-16"),
}


@given(
    st.lists(st.tuples(TEXT, TEXT, DAYS, st.none() | TEXT), min_size=1, max_size=4, unique_by=lambda row: row[0]),
    st.sampled_from(list(STYLES)),
    st.permutations(range(6)),
    st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", None]),
)
@settings(deadline=None, max_examples=40)
def test_rows_come_back_as_they_were_written(rows: list[Any], style: str, order: list[int], written: str | None) -> None:
    sent = [
        {
            "case_no": f"某环立〔2023〕{at}号", "party_name": party, "party_type": "自然人",
            "filed_on": day.strftime(written) if written else day, "cause": cause, "stage": stage,
        }
        for at, (cause, party, day, stage) in enumerate(rows)
    ]  # fmt: skip
    cells = [[row[at] for at in order] for row in sheet_cells("cases", sent)]
    judged = judge_all([read_one(STYLES[style](cells), f"2023-06/临江市/{TITLE}.xls")])
    assert judged.findings.empty
    back = judged.rows["cases"]
    assert [str(day.date()) for day in back["filed_on"]] == [str(day) for _, _, day, _ in rows]
    assert back["cause"].tolist() == [cause for cause, *_ in rows]
    assert back["party_name"].tolist() == [party for _, party, _, _ in rows]
    assert back["stage"].fillna("").tolist() == [stage or "" for *_, stage in rows]

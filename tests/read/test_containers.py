"""From bytes to grids, container by container: each cell where a
person sees it; a notice of what is ignored.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.ledgers.finding import compose_message
from tests.support.counties import csv_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.grids import filled_cells, list_findings, open_single_grid
from tests.support.histories import EXAMPLES_TIMES
from tests.support.made_files import MAIN, biff2_bytes, rows_xml, xls_bytes, xlsx_bytes
from tests.support.validation import CITY, INDEX, PATH, read_one, validate_all
from transforms.read.bulk.read_in_bulk import read_in_bulk
from transforms.read.containers.detect import open_file
from transforms.read.containers.grid import NO_RESULT

TITLE = "立案台账"


def case_cells(*changes: dict[str, Any], headers: Mapping[str, str] = {}) -> list[list[Any]]:
    return sheet_cells("cases", rows_of("cases", *(changes or ({},))), headers=headers)


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
            *(
                ("csv", csv_bytes(CELLS, encoding))
                for encoding in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16")
            ),
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

    @pytest.mark.parametrize(
        "text", ["甲_x0000_乙", "甲_x&#48;000_乙", "甲_x00<!-- -->00_乙", "甲_x00<? ?>00_乙"]
    )
    def test_nul_is_taken_out_of_cells_and_names(self, text: str) -> None:
        cells = '<c r="A1" t="s"><v>0</v></c>', f'<c r="A2" t="inlineStr"><is><t>{text}</t></is></c>'
        xls = xls_bytes({"甲QQ": [["甲\0乙"], ["甲乙\0"]]}).replace(
            "QQ".encode("utf-16-le"), "Q\0".encode("utf-16-le")
        )
        for data, name in ((xlsx_bytes(rows_xml(*cells), texts=[text]), "甲"), (xls, "甲Q")):
            grid = open_single_grid(data)
            assert (grid.name, grid.rows) == (name, [["甲乙"], ["甲乙"]])
        for cell, texts in ((cells[0], [text]), (cells[1].replace("A2", "A1"), ["丙"])):
            assert filled_cells(xlsx_bytes(rows_xml(cell), texts=texts)) == {"A1": "甲乙"}

    @pytest.mark.parametrize("make", [workbook_bytes, xls_bytes])
    def test_typed_cells(self, make: Any) -> None:
        day = date(2023, 6, 20)
        cells = sheet_cells(
            "payments", rows_of("payments", {"paid_on": day, "amount_fen": 35000.5, "instalment": 2})
        )
        result = validate_all([read_one(make({"罚款缴纳台账": cells}))])
        row = result.rows["payments"].iloc[0]
        assert (str(row["paid_on"].date()), row["amount_fen"], row["instalment"]) == (
            "2023-06-20",
            3_500_050,
            2,
        )

    def test_an_error_or_a_formula_without_result_is_not_read_as_empty(self) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(workbook_bytes({"A&B 立案台账": CELLS})))
        sheet = workbook.active
        assert sheet is not None
        sheet["F2"], sheet["F3"], sheet["C3"] = "#REF!", "=D3+1", "#N/A"
        written = io.BytesIO()
        workbook.save(written)
        result = validate_all([read_one(written.getvalue())])
        assert result.findings[["rule_id", "cell", "value"]].to_numpy().tolist()[:3] == [
            ["cases.closed_on.not_a_date", "F2", "#REF!"],
            ["cases.closed_on.no_result", "F3", ""],
            ["cases.party_type.allowed", "C3", "#N/A"],
        ]

    def test_a_broken_csv_names_its_line(self) -> None:
        (finding,) = read_one('案号,当事人\n甲,1\n"乙"乙,1\n'.encode()).findings
        assert finding["row"] == 3
        assert compose_message(finding).startswith("文件“报表.xlsx”第 3 行：引号或分隔符有误")

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("sign", [",", "\t", ";"])
    @pytest.mark.parametrize("column", range(5))
    @pytest.mark.parametrize("last", [3, 4])
    def test_a_stray_quote_that_meets_another_rows_below_is_no_cell(
        self, end: str, sign: str, column: int, last: int
    ) -> None:
        rows = [["文号", "缴款日期", "金额", "类别", "备注"]] + [
            [f"某环罚〔2023〕{row}号", "2023-06-05", "20000", "罚款", "补缴"] for row in range(1, 6)
        ]
        rows[2][column] = '"' + rows[2][column]
        rows[last][column] += '"'
        data = end.join(sign.join(row) for row in rows).encode()
        for (submission,) in ([read_one(data)], read_in_bulk([(PATH, data)], CITY, INDEX)[0].submissions):
            (finding,) = submission.findings
            assert (finding["rule_id"], finding["row"], submission.is_rejected) == (
                "file.broken_csv",
                3,
                True,
            )

    @pytest.mark.parametrize(
        "remark", ["分两期：\n第一期已缴", "分两期,\n\n第一期,已缴\n第二期", "一、超标\n二、未验先投\n\n"]
    )
    def test_a_remark_of_several_lines_is_a_cell(self, remark: str) -> None:
        submission = read_one(csv_bytes(case_cells({"cause": remark}, {"case_no": "某环立〔2023〕9号"})))
        assert submission.rows["cause"].tolist()[0] == remark.strip()
        assert len(submission.rows) == 2

    def test_line_breaks_and_commas_within_quotes(self) -> None:
        submission = read_one(csv_bytes(case_cells({"cause": "超标排放，\n屡教不改, 严重"})))
        assert submission.rows["cause"].tolist() == ["超标排放，\n屡教不改, 严重"]


class TestXlsx:
    def test_errors_and_formulas_without_result_are_read_as_cells(self) -> None:
        cells = (
            '<c r="A1" t="e"><v>#REF!</v></c><c r="B1" s="0" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C1"><f>A2</f></c>'
            '<c r="D1"><f>A2</f><v/></c><c r="E1"><f>A2</f><v></v></c><c r="F1"><f t="shared" si="0"/></c>'
            '<c r="G1" t="str"><f>A2</f><v></v></c><c r="H1"><f>A2</f><v>3</v></c><c r="I1"><v>4</v></c>'
        )
        assert filled_cells(xlsx_bytes(rows_xml(cells))) == {
            "A1": "#REF!", "B1": "#DIV/0!", "C1": NO_RESULT, "D1": NO_RESULT, "E1": NO_RESULT, "F1": NO_RESULT,
            "H1": 3.0, "I1": 4.0,
        }  # fmt: skip

    @pytest.mark.parametrize(("is_uncalculated", "read"), [(True, NO_RESULT), (False, 0.0)])
    def test_formulas_of_zero_in_a_workbook_that_was_not_calculated(
        self, is_uncalculated: bool, read: Any
    ) -> None:
        data = io.BytesIO()
        with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            sheet.write_formula("A1", "=1+1", None, 0)
            sheet.write_formula("B1", "=1+1", None, 2)
            sheet.write("C1", 0)
        copy = io.BytesIO()
        with zipfile.ZipFile(data) as package, zipfile.ZipFile(copy, "w") as changed:
            for name in package.namelist():
                part = package.read(name)
                changed.writestr(
                    name, part if is_uncalculated else part.replace(b"fullCalcOnLoad", b"refMode")
                )
        assert filled_cells(copy.getvalue()) == {"A1": read, "B1": 2.0, "C1": 0.0}

    def test_errors_beyond_the_filled_cells(self) -> None:
        assert filled_cells(xlsx_bytes(rows_xml("", "", '<c r="D3" t="e"><v>#N/A</v></c>'))) == {
            "D3": "#N/A"
        }

    @pytest.mark.parametrize(
        ("cells", "expected"),
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
    def test_ways_to_write_a_cell(self, cells: str, expected: dict[str, Any]) -> None:
        assert filled_cells(xlsx_bytes(rows_xml(cells))) == expected

    def test_rows_without_numbers_follow_one_another(self) -> None:
        rows = '<row><c><v>1</v></c></row><row r="4"><c><v>4</v></c></row><row hidden="1"><c t="e"><v>#N/A</v></c></row>'
        data = xlsx_bytes(f"<sheetData>{rows}</sheetData>")
        assert filled_cells(data) == {"A1": 1.0, "A4": 4.0, "A5": "#N/A"}
        assert open_single_grid(data).hidden_rows == {4}

    def test_rows_in_any_order(self) -> None:
        rows = '<row r="3"><c r="A3"><v>3</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'
        assert filled_cells(xlsx_bytes(f"<sheetData>{rows}</sheetData>")) == {"A1": 1.0, "A3": 3.0}

    def test_tags_with_a_prefix(self) -> None:
        sheet = (
            f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="e"><x:v>#REF!</x:v></x:c><x:c r="B1">'
            '<x:v>2</x:v></x:c></x:row><x:row r="2" hidden="1"/></x:sheetData></x:worksheet>'
        )
        data = xlsx_bytes("", extra={"xl/worksheets/sheet1.xml": sheet})
        assert (filled_cells(data), open_single_grid(data).hidden_rows) == ({"A1": "#REF!", "B1": 2.0}, {1})

    def test_merged_ranges_widths_and_hidden_rows(self) -> None:
        written = io.BytesIO()
        workbook = xlsxwriter.Workbook(written)
        sheet = workbook.add_worksheet("台账")
        sheet.merge_range("A1:C2", "标题")
        sheet.write("D4", 1)
        sheet.set_column("B:C", 20)
        sheet.set_row(2, None, None, {"hidden": True})
        workbook.close()
        grid = open_single_grid(written.getvalue())
        assert (grid.merged, grid.hidden_rows) == (((0, 0, 1, 2),), {2})
        assert {column: round(width) for column, width in grid.column_widths.items()} == {1: 21, 2: 21}

    @pytest.mark.parametrize("is_1904", [False, True])
    def test_serials_of_1904(self, is_1904: bool) -> None:
        written = io.BytesIO()
        workbook = xlsxwriter.Workbook(written, {"date_1904": is_1904})
        workbook.add_worksheet().write_datetime(
            0, 0, datetime(2023, 5, 6), workbook.add_format({"num_format": "yyyy-m-d"})
        )
        workbook.close()
        grid = open_single_grid(written.getvalue())
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
    def test_ignored_content_has_a_notice(self, part: str, rule_id: str) -> None:
        data = xlsx_bytes(rows_xml('<c r="A1"><v>1</v></c>'), extra={part: "<x/>"})
        assert (filled_cells(data), list_findings(data)) == ({"A1": 1.0}, [(rule_id, "")])

    def test_a_chart_has_a_notice(self) -> None:
        written = io.BytesIO()
        workbook = xlsxwriter.Workbook(written)
        workbook.add_worksheet("台账").write("A1", 1)
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=台账!$A$1:$A$1"})
        workbook.add_chartsheet("图").set_chart(chart)
        workbook.close()
        assert (filled_cells(written.getvalue()), list_findings(written.getvalue())) == (
            {"A1": 1.0},
            [("sheet.not_cells", "图")],
        )

    def test_a_text_too_long_for_a_cell_is_cut(self) -> None:
        data = xlsx_bytes(
            rows_xml('<c r="A1"><v>1</v></c>', '<c r="B2" t="s"><v>0</v></c>'), texts=["甲" * 40_000]
        )
        (notice,) = open_file(data).notices
        assert notice == ("sheet.text_cut", "甲", {"detail": "B2"})
        assert filled_cells(data) == {"A1": 1.0, "B2": "甲" * 32_767}
        inline = xlsx_bytes(rows_xml(f'<c r="A1" t="inlineStr"><is><t>{"乙" * 33_000}</t></is></c>'))
        assert (len(filled_cells(inline)["A1"]), list_findings(inline)) == (
            32_767,
            [("sheet.text_cut", "甲")],
        )


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
        columns = list(
            zip(*[[*row, "", ""][:4] for row in open_single_grid(written.getvalue()).rows], strict=True)
        )
        assert list(columns[1]) == [
            datetime(1900, 1, 1), datetime(1900, 2, 28), datetime(2023, 5, 6, 12), time(6), timedelta(days=1.5), 20230506.0,
            -1.0, 3.5,
        ]  # fmt: skip
        assert list(columns[2][:7]) == ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"]
        assert columns[3][0] is True

    def test_formulas_that_a_program_did_not_calculate(self) -> None:
        workbook = xlwt.Workbook()
        for name in ("台账", "附表"):
            sheet = workbook.add_sheet(name)
            sheet.write(0, 0, xlwt.Formula("1+1"))
            sheet.write(0, 1, 0)
        written = io.BytesIO()
        workbook.save(written)
        for grid in open_file(written.getvalue()).grids:
            assert grid.rows == [[NO_RESULT, 0.0]]
        by_excel = written.getvalue() + "\5SummaryInformation\0".encode("utf-16-le").ljust(512, b"\0")
        assert [grid.rows for grid in open_file(by_excel).grids] == [[["", 0.0]]] * 2

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
        assert filled_cells(biff2_bytes("案号".encode("gbk"), b"A-1")) == {"A1": "案号", "A2": "A-1"}

    @pytest.mark.parametrize(
        ("entry", "rule_id"), [("_VBA_PROJECT", "file.macros"), ("MBD0001", "file.embedded_objects")]
    )
    def test_ignored_content_has_a_notice(self, entry: str, rule_id: str) -> None:
        data = xls_bytes({TITLE: [["案号"]]})
        data += bytes(-len(data) % 128) + entry.encode("utf-16-le") + bytes(128)
        assert (filled_cells(data), list_findings(data)) == ({"A1": "案号"}, [(rule_id, "")])

    def test_warnings_of_the_library_are_not_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        data = xls_bytes({TITLE: [["案号"]]})
        open_file(data + b"\0" * 100)
        assert capsys.readouterr() == ("", "")


TEXT = st.builds(
    "{}{}".format, st.sampled_from("甲乙丙丁"), st.text(alphabet="戊己庚辛厂店〔〕()·AZ09", max_size=12)
)
DAYS = st.dates(date(2023, 6, 1), date(2023, 6, 30))
STYLES = {
    "xlsx": lambda cells: workbook_bytes({TITLE: cells}),
    "xls": lambda cells: xls_bytes({TITLE: cells}),
    "gbk": lambda cells: csv_bytes(cells, "gb18030"),
    "utf-16": lambda cells: csv_bytes(cells, "utf-16"),
}


@given(
    st.lists(
        st.tuples(TEXT, TEXT, DAYS, st.none() | TEXT), min_size=1, max_size=4, unique_by=lambda row: row[0]
    ),
    st.sampled_from(list(STYLES)),
    st.permutations(range(6)),
    st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", None]),
)
@settings(deadline=None, max_examples=12 * EXAMPLES_TIMES)
def test_rows_come_back_as_they_were_written(
    rows: list[Any], style: str, order: list[int], written: str | None
) -> None:
    written_rows = [
        {
            "case_no": f"某环立〔2023〕{index}号", "party_name": party, "party_type": "自然人",
            "filed_on": day.strftime(written) if written else day, "cause": cause, "stage": stage,
        }
        for index, (cause, party, day, stage) in enumerate(rows)
    ]  # fmt: skip
    cells = [[row[column] for column in order] for row in sheet_cells("cases", written_rows)]
    result = validate_all([read_one(STYLES[style](cells), f"2023-06/临江市/{TITLE}.xls")])
    assert result.findings.empty
    back = result.rows["cases"]
    assert [str(day.date()) for day in back["filed_on"]] == [str(day) for _, _, day, _ in rows]
    assert back["cause"].tolist() == [cause for cause, *_ in rows]
    assert back["party_name"].tolist() == [party for _, party, _, _ in rows]
    assert back["stage"].fillna("").tolist() == [stage or "" for *_, stage in rows]

"""Rows that are no records, and rows that a person would ask about, in every container."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from tests.support.counties import csv_bytes, rows_of, sheet_cells
from tests.support.sheets import case_cells, read_cells, rule_ids_of
from tests.support.validation import CITY, INDEX, PATH, list_findings, read_one, validate_all
from transforms.read import Submission
from transforms.read.read_files import read_files

PAYMENTS = sheet_cells(
    "payments", rows_of("payments", *({"receipt_no": f"P-{n}", "amount_fen": n * 1000} for n in (1, 2, 3)))
)
PENALTIES = sheet_cells(
    "penalties",
    rows_of(
        "penalties",
        *(
            {"decision_no": f"某环罚〔2023〕{n}号", "is_publishable": "否" if n == 1 else None}
            for n in (1, 2, 3)
        ),
    ),
)


def column_of(cells: list[list[Any]], header: str) -> int:
    return next(index for index, text in enumerate(cells[0]) if header in str(text))


def merged_xlsx(cells: list[list[Any]], column: int, first: int, last: int) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in cells:
        sheet.append(row)
    sheet.merge_cells(start_row=first, end_row=last, start_column=column + 1, end_column=column + 1)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def merged_html(cells: list[list[Any]], column: int, first: int, last: int) -> bytes:
    def cell(row: int, index: int, value: Any) -> str:
        if index == column and first < row <= last:
            return ""
        span = f' rowspan="{last - first + 1}"' if (row, index) == (first, column) else ""
        return f"<td{span}>{'' if value is None else value}</td>"

    rows = (
        "<tr>" + "".join(cell(number, index, value) for index, value in enumerate(row)) + "</tr>"
        for number, row in enumerate(cells, 1)
    )
    return f"<html><meta charset='utf-8'><table>{''.join(rows)}</table></html>".encode()


def merged_spreadsheetml(cells: list[list[Any]], column: int, first: int, last: int) -> bytes:
    def cell(row: int, index: int, value: Any) -> str:
        if index == column and first < row <= last:
            return ""
        down = f' ss:MergeDown="{last - first}"' if (row, index) == (first, column) else ""
        text = "" if value is None else value
        return f'<Cell ss:Index="{index + 1}"{down}><Data ss:Type="String">{text}</Data></Cell>'

    rows = (
        "<Row>" + "".join(cell(number, index, value) for index, value in enumerate(row)) + "</Row>"
        for number, row in enumerate(cells, 1)
    )
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="表"><Table>'
        f"{''.join(rows)}</Table></Worksheet></Workbook>"
    ).encode()


Merged = Callable[[list[list[Any]], int, int, int], bytes]
merged_in_any = pytest.mark.parametrize("merged", [merged_xlsx, merged_html, merged_spreadsheetml])


def list_reported(submission: Submission) -> list[tuple[str, int | None, str | None]]:
    return [(finding["rule_id"], finding["row"], finding["cell"]) for finding in submission.findings]


class TestMerged:
    @merged_in_any
    def test_value_is_not_that_of_the_rows_below_nor_the_default(self, merged: Merged) -> None:
        column = column_of(PENALTIES, "是否应公开")
        submission = read_one(merged(PENALTIES, column, 2, 3), PATH)
        assert [(rule, row) for rule, row, _ in list_reported(submission)] == [("row.merged", 3)]
        assert "L2:L3" in submission.findings[0]["problem"] or column != 11
        result = validate_all([submission])
        assert result.rows["penalties"]["source_row"].tolist() == [2, 4]
        assert list_findings(result) == [("row.merged", 3)]

    @merged_in_any
    def test_amount_is_in_doubt_in_its_first_row_too(self, merged: Merged) -> None:
        submission = read_one(merged(PAYMENTS, column_of(PAYMENTS, "缴款金额"), 2, 3), PATH)
        assert [(rule, row) for rule, row, _ in list_reported(submission)] == [
            ("row.merged", 2),
            ("row.merged", 3),
        ]
        assert validate_all([submission]).rows["payments"]["source_row"].tolist() == [4]

    def test_several_columns_give_one_finding_a_row(self) -> None:
        book = Workbook()
        for row in PENALTIES:
            book.active.append(row)
        for column in "BCD":
            book.active.merge_cells(f"{column}2:{column}4")
        buffer = io.BytesIO()
        book.save(buffer)
        result = validate_all([read_one(buffer.getvalue(), PATH)])
        assert list_findings(result) == [("row.merged", 3), ("row.merged", 4)]

    def test_remark_over_several_rows_is_nothing(self) -> None:
        cells = [[*PENALTIES[0], "备注"], [*PENALTIES[1], "同一企业"], *PENALTIES[2:]]
        assert rule_ids_of(read_one(merged_xlsx(cells, len(cells[0]) - 1, 2, 4), PATH)) == []

    def test_record_of_two_rows_is_one(self) -> None:
        cells = [PAYMENTS[0], PAYMENTS[1], []]
        data = merged_xlsx(cells, column_of(PAYMENTS, "缴款金额"), 2, 3)
        assert rule_ids_of(read_one(data, PATH)) == []

    @pytest.mark.parametrize("copies", [1, 200])
    def test_bulk_reading_agrees(self, copies: int) -> None:
        cells = [PAYMENTS[0], *PAYMENTS[1:] * copies]
        files = [(PATH, merged_xlsx(cells, 0, 3, 4)), (PATH, merged_xlsx(cells, 0, 1, 1))]
        together, apart = (read_files(files, CITY, INDEX, in_bulk=in_bulk) for in_bulk in (True, False))
        assert [file.submissions[0].findings for file in together] == [
            file.submissions[0].findings for file in apart
        ]
        assert rule_ids_of(together[0].submissions[0]) == ["row.merged"]


class TestNoRecords:
    @pytest.mark.parametrize(
        "row",
        [
            ["汇总"],
            ["某某公司 汇总", None, 3],
            [None, "甲 小计", "3"],
            ["Total", None, 6],
            ["总和", 3],
            ["平均值", 2],
        ],
    )
    def test_total_of_any_name(self, row: list[Any]) -> None:
        submission = read_cells([*case_cells({}), row])
        assert submission.rows["source_row"].tolist() == [2]
        assert rule_ids_of(submission) == []

    @pytest.mark.parametrize("name", ["汇总食品有限公司", "某某公司汇总部", "Totally 公司"])
    def test_names_like_totals_are_data(self, name: str) -> None:
        assert read_cells(case_cells({"party_name": name})).rows["source_row"].tolist() == [2]

    @pytest.mark.parametrize("note", ["1、以上数据已核对", "以下空白", "（2）退款另列"])
    def test_note_below_the_table_is_nothing(self, note: str) -> None:
        assert rule_ids_of(read_cells([*case_cells({}), [note]])) == []

    def test_sum_without_a_word_is_compared(self) -> None:
        column = column_of(PAYMENTS, "缴款金额")
        for figure, rules in ((6000, []), (7000, [("row.total_differs", 5)])):
            total: list[Any] = [None] * len(PAYMENTS[0])
            total[column] = figure
            result = validate_all([read_one(csv_bytes([*PAYMENTS, total]), PATH)])
            assert list_findings(result) == rules
            assert len(result.rows["payments"]) == 3

    @pytest.mark.parametrize(
        "heading", [["一、罚款案件"], ["（二）其他"], ["二", "其他案件"], ["第一部分：简易"]]
    )
    def test_heading_between_rows_is_one_notice(self, heading: list[Any]) -> None:
        first, *rows = case_cells({}, {"case_no": "某环立(星)〔2023〕2号"})
        submission = read_cells([first, heading, rows[0], heading, rows[1]])
        assert submission.rows["source_row"].tolist() == [3, 5]
        assert rule_ids_of(submission) == ["sheet.section_rows"]

    def test_prefilled_rows_are_one_notice(self) -> None:
        cells = [["序号", *PENALTIES[0]], *([n, *row] for n, row in enumerate(PENALTIES[1:], 1))]
        organ = column_of(cells, "处罚机关")
        empty: list[Any] = [None] * len(cells[0])
        cells += [[4 + n, *empty[1:organ], cells[1][organ], *empty[organ + 1 :]] for n in range(9)]
        submission = read_one(csv_bytes(cells), PATH)
        assert rule_ids_of(submission) == ["sheet.prefilled_rows"]
        assert submission.rows["source_row"].tolist() == [2, 3, 4]
        between = read_one(csv_bytes([*cells[:2], cells[-1], *cells[2:4]]), PATH)
        assert rule_ids_of(between) == ["sheet.hollow_rows"]

    def test_single_cell_is_one_error(self) -> None:
        first, *rows = case_cells({}, {"case_no": "某环立(星)〔2023〕2号"})
        result = validate_all([read_cells([first, rows[0], ["其他案件"], rows[1]])])
        assert list_findings(result) == [("row.single_cell", 3)]
        assert len(result.rows["cases"]) == 2


class TestExample:
    @staticmethod
    def cells(**changes: Any) -> list[list[Any]]:
        first, row, other = case_cells({}, {"case_no": "某环立(星)〔2023〕2号"})
        form = INDEX.ledgers["cases"]
        row[column_of([first], "案号")] = changes.get("case_no", form.examples["case_no"])
        return [["序号", *first], ["示例", *row], [1, *other]]

    def test_of_the_template_is_left_out(self) -> None:
        submission = read_cells(self.cells())
        assert submission.rows["source_row"].tolist() == [3]
        assert rule_ids_of(submission) == []

    def test_mark_alone_is_nothing(self) -> None:
        first, row = case_cells({})
        assert rule_ids_of(read_cells([first, ["示例"], row])) == []

    def test_written_over_is_held(self) -> None:
        result = validate_all([read_cells(self.cells(case_no="某环立(星)〔2023〕9号"))])
        assert list_findings(result) == [("row.example_overwritten", 2)]
        assert result.rows["cases"]["source_row"].tolist() == [3]


class TestVoid:
    @pytest.mark.parametrize(
        "remark", ["作废", "此条已作废", "与第2行重复", "误录", "该案撤销", "（多报）"]
    )
    def test_remark_is_asked_about(self, remark: str) -> None:
        first, row = case_cells({})
        result = validate_all([read_cells([[*first, "备注"], [*row, remark]])])
        assert ("row.void", 2) in list_findings(result)
        assert len(result.rows["cases"]) == 1

    @pytest.mark.parametrize(
        "remark",
        [
            "无重复",
            "首次，无重复违法行为",
            "未撤销",
            "重复信访",
            "已结案",
            "不重复",
            "已撤案",
            "销案",
            "线索核查发现",
            "原某环罚〔2023〕5号撤销，重新作出",
        ],
    )
    def test_remark_that_says_otherwise(self, remark: str) -> None:
        first, row = case_cells({})
        submission = read_cells([[*first, "备注"], [*row, remark]])
        assert rule_ids_of(submission) == ["sheet.unknown_column"]

    @pytest.mark.parametrize(
        "remark",
        [
            "不予立案",
            "已取消",
            "上月已报",
            "应删除",
            "已移交市局",
            "待定",
            "此件不算",
            "合并至2号案",
            "不计入",
        ],
    )
    def test_other_words_for_it(self, remark: str) -> None:
        first, row = case_cells({})
        assert "row.void" in rule_ids_of(read_cells([[*first, "备注"], [*row, remark]]))

    @pytest.mark.parametrize(
        ("header", "text", "is_void"),
        [
            ("是否立案", "否", True), ("状态", "无效", True), ("缴款状态", "未缴", True), ("是否立案", "是", False),
            ("是否公开", "否", False), ("状态", "正常", False),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("in_bulk", [False, True])
    def test_a_column_of_a_status(self, header: str, text: str, is_void: bool, in_bulk: bool) -> None:
        first, row = case_cells({})
        data = csv_bytes([[*first, header], [*row, text]])
        [file_read] = read_files([(PATH, data)], CITY, INDEX, in_bulk=in_bulk)
        [submission] = file_read.submissions
        assert ("row.void" in rule_ids_of(submission)) == is_void

    @pytest.mark.parametrize(
        "stage",
        [
            "不予立案",
            "未立案",
            "拟立案",
            "移送其他部门，不立案",
            "线索核查",
            "线索核查中",
            "待审批",
            "立案前核查阶段",
        ],
    )
    @pytest.mark.parametrize("in_bulk", [False, True])
    def test_a_stage_before_a_case_was_filed(self, stage: str, in_bulk: bool) -> None:
        data = csv_bytes(case_cells({"stage": stage}))
        [file_read] = read_files([(PATH, data)], CITY, INDEX, in_bulk=in_bulk)
        assert rule_ids_of(file_read.submissions[0]) == ["row.void"]

    @pytest.mark.parametrize("stage", ["调查取证", "已撤案", "审批后调查", "移送公安"])
    def test_a_stage_of_a_filed_case(self, stage: str) -> None:
        assert rule_ids_of(read_cells(case_cells({"stage": stage}))) == []

    @pytest.mark.parametrize("cause", ["重复录入，见1101", "测试"])
    def test_a_cause_that_is_none(self, cause: str) -> None:
        assert rule_ids_of(read_cells(case_cells({"cause": cause}))) == ["row.void"]
        assert rule_ids_of(read_cells(case_cells({"cause": "测试机构出具虚假报告"}))) == []

    def test_a_note_below_about_a_row(self) -> None:
        first, row = case_cells({})
        note = ["注：序号1一笔系去年结转，不计入本月"]
        assert rule_ids_of(read_cells([first, row, note])) == ["sheet.void_note"]
        assert rule_ids_of(read_cells([first, row, ["注：已撤销的案件不计入本表"]])) == []

    @pytest.mark.parametrize("heading", ["以下为作废记录", "二、不予立案", "拟立案"])
    def test_a_heading_over_rows_that_should_not_count(self, heading: str) -> None:
        first, row, other = case_cells({}, {"case_no": "某环立〔2023〕9号"})
        submission = read_cells([first, row, [heading], other])
        assert "sheet.void_section" in rule_ids_of(submission)
        assert "sheet.void_section" not in rule_ids_of(read_cells([first, row, ["二、大气案件"], other]))

    def test_in_brackets_in_any_text(self) -> None:
        submission = read_cells(case_cells({"party_name": "某某公司（作废）"}))
        assert rule_ids_of(submission) == ["row.void"]
        assert rule_ids_of(read_cells(case_cells({"party_name": "重复利用公司"}))) == []


def struck_xlsx(cells: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in cells:
        book.active.append(row)
    for cell in book.active[3]:
        cell.font = Font(strike=True)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def partly_struck_xlsx(cells: list[list[Any]]) -> bytes:
    """Return a workbook with `~~Z-1~~ P-2` in a cell of row 3."""
    book = Workbook()
    for row in cells:
        book.active.append(row)
    number = CellRichText(TextBlock(InlineFont(strike=True), "Z-1"), " P-2")
    book.active.cell(3, column_of(cells, "票据号") + 1).value = number
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def struck_xls(cells: list[list[Any]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    struck = xlwt.easyxf("font: struck_out on")
    for number, row in enumerate(cells):
        for column, value in enumerate(row):
            sheet.write(number, column, value, *([struck] if number == 2 else []))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def partly_struck_xls(cells: list[list[Any]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    struck, plain = xlwt.easyfont("struck_out on"), xlwt.easyfont("")
    for number, row in enumerate(cells):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.get_sheet(0)._cell_overwrite_ok = True
    sheet.write_rich_text(2, column_of(cells, "票据号"), (("Z-1", struck), (" P-2", plain)))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def partly_struck_html(cells: list[list[Any]]) -> bytes:
    column = column_of(cells, "缴款金额(元)")
    rows = (
        "<tr>"
        + "".join(
            f"<td>{f'<del>15000</del>{value}' if (number, position) == (3, column) else value}</td>"
            for position, value in enumerate(row)
        )
        + "</tr>"
        for number, row in enumerate(cells, 1)
    )
    return f"<html><meta charset='utf-8'><table>{''.join(rows)}</table></html>".encode()


def struck_html(cells: list[list[Any]]) -> bytes:
    rows = (
        "<tr>"
        + "".join(f"<td>{f'<s>{value}</s>' if number == 3 else value}</td>" for value in row)
        + "</tr>"
        for number, row in enumerate(cells, 1)
    )
    return f"<html><meta charset='utf-8'><table>{''.join(rows)}</table></html>".encode()


def struck_spreadsheetml(cells: list[list[Any]]) -> bytes:
    rows = (
        "<Row>"
        + "".join(
            f'<Cell{STYLE if number == 3 else ""}><Data ss:Type="String">{value}</Data></Cell>'
            for value in row
        )
        + "</Row>"
        for number, row in enumerate(cells, 1)
    )
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="s9">'
        '<Font ss:StrikeThrough="1"/></Style></Styles><Worksheet ss:Name="表"><Table>'
        f"{''.join(rows)}</Table></Worksheet></Workbook>"
    ).encode()


STYLE = ' ss:StyleID="s9"'


@pytest.mark.parametrize("struck", [struck_xlsx, struck_xls, struck_html, struck_spreadsheetml])
def test_struck_row_is_asked_about_in_any_container(struck: Callable[[list[list[Any]]], bytes]) -> None:
    result = validate_all([read_one(struck(PAYMENTS), PATH)])
    assert list_findings(result) == [("row.struck", 3)]
    assert len(result.rows["payments"]) == len(PAYMENTS) - 1


@pytest.mark.parametrize("struck", [partly_struck_xlsx, partly_struck_xls, partly_struck_html])
def test_a_cell_of_which_a_part_is_struck_through_is_held(
    struck: Callable[[list[list[Any]]], bytes],
) -> None:
    result = validate_all([read_one(struck(PAYMENTS), PATH)])
    assert list_findings(result) == [("row.partly_struck", 3)]
    assert len(result.rows["payments"]) == len(PAYMENTS) - 2

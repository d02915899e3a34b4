"""The rows below a header: data, totals, foot notes, nothing; and the unit of their money."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from unittest import mock

import pytest

from schemas.ledgers.finding import compose_message, compose_messages
from tests.support.counties import csv_bytes, rows_of, sheet_cells
from tests.support.sheets import case_cells, read_cells
from tests.support.validation import read_one, validate_all
from transforms.read.containers.detect import Grid, OpenedFile, cell_text


class TestRows:
    @pytest.mark.parametrize(
        "foot",
        [
            ["合计"],
            ["合 计", None, None, None, "3"],
            [None, "小计："],
            ["总计（万元）"],
            ["本页合计"],
            [None, "临江市", "合计", None, 3],
            [6, "合计", None, "3件", "35,000.00元"],
            ["一季度合计", 3],
            ["合计（3件）", None, None, None, "填报人：张三"],
            ["累计金额"],
            ["注：本表由临江市报送"],
            ["填报人：张三", None, "审核人：李四"],
            ["填表日期: 2023年7月3日"],
            ["联系电话：0000-1"],
            [None],
            ["  "],
        ],
    )
    def test_total_and_foot_rows_are_no_data(self, foot: list[Any]) -> None:
        assert read_cells([*case_cells({}), foot]).rows["source_row"].tolist() == [2]

    def test_rows_below_a_total_still_count(self) -> None:
        first, *rows = case_cells({}, {"case_no": "某环立(星)〔2023〕2号"})
        assert read_cells([first, rows[0], ["小计"], [], rows[1]]).rows["source_row"].tolist() == [2, 5]

    @pytest.mark.parametrize(
        "foot",
        [
            ["注：以上为城区"],
            ["填报人：张三"],
            ["说明：", "以下为补报"],
            ["审核人：李四", None, "2023-07-01"],
        ],
    )
    def test_rows_below_a_foot_note_still_count(self, foot: list[Any]) -> None:
        first, *rows = case_cells({}, {"case_no": "某环立(星)〔2023〕2号"})
        assert read_cells([first, rows[0], foot, rows[1]]).rows["source_row"].tolist() == [2, 4]

    @pytest.mark.parametrize(
        "name", ["合计建材有限公司", "合计（星）建材厂", "小计：甲厂", "注册会计师事务所", "无锡某公司"]
    )
    def test_a_name_that_begins_like_a_total_is_data(self, name: str) -> None:
        cells = case_cells({}, headers={})
        swapped = [[row[1], row[0], *row[2:]] for row in cells]
        swapped[1][0] = name
        assert read_cells(swapped).rows["party_name"].tolist() == [name]

    @pytest.mark.parametrize(
        "row", [None, ["无"], ["本月无"], ["零报告"], ["1", "无", "/"], ["—", "—"], ["1"]]
    )
    def test_zero_reports(self, row: list[Any] | None) -> None:
        submission = read_cells([case_cells({})[0], *([row] if row else [])])
        assert not submission.is_rejected
        assert validate_all([submission]).submissions.loc[0].tolist() == [0, 0, "zero"]

    def test_too_many_cells_in_a_csv_row_are_a_finding(self) -> None:
        submission = read_one(csv_bytes([*case_cells({}), [*case_cells({})[1], "多", "", "余"]]))
        assert [(finding["rule_id"], finding["row"]) for finding in submission.findings] == [
            ("row.ragged", 3)
        ]
        assert "多出 2 格内容" in compose_message(submission.findings[0])

    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            (None, ""),
            ("  甲 ", "甲"),
            (3.0, "3"),
            (3.5, "3.5"),
            (0.1 + 0.2, "0.3"),
            (1e-7, "0.0000001"),
            (3.5e-5, "0.000035"),
            (-0.0, "0"),
            (123456789012345, "123456789012345"),
            (430000199001011234.0, "4.30000199001011E+17"),
            (True, "是"),
            (False, "否"),
            (date(2023, 5, 6), "2023-05-06"),
            (datetime(2023, 5, 6), "2023-05-06"),
            (datetime(2023, 5, 6, 8, 30), "2023-05-06 08:30:00"),
            (1e-30, "0." + "0" * 29 + "1"),
        ],
    )
    def test_cell_text(self, cell: Any, text: str) -> None:
        assert cell_text(cell) == text


class TestMoneyUnit:
    @pytest.mark.parametrize(
        ("header", "above", "fen"),
        [
            ("罚款金额(万元)", [], 3_500_000),
            ("罚款金额(元)", [], 350),
            ("罚款金额", ["单位：万元"], 3_500_000),
            ("罚款金额", ["单位", "元"], 350),
            ("罚款金额", ["金额单位：元"], 350),
            ("罚款金额", ["（单位：万元）"], 3_500_000),
            ("罚款金额", ["填报单位：临江市    填报期间：2023年6月    单位：万元"], 3_500_000),
            ("罚款金额(万元)", ["单位：万元"], 3_500_000),
            ("罚款金额", ["单位：千元"], 350_000),
            ("罚款金额", ["金额单位", "十万元"], 35_000_000),
            ("罚款金额", ["（万元）"], 3_500_000),
            ("罚款金额", ["行政处罚决定台账（百元）"], 35_000),
            ("罚款金额", ["Unit: RMB 10,000"], 3_500_000),
            ("罚款金额（万）", [], 3_500_000),
            ("罚款金额/千元", [], 350_000),
            ("罚款金额(万元) Fine Amount, 10k Yuan（必填）", [], 3_500_000),
        ],
    )
    def test_comes_from_the_header_or_from_above(self, header: str, above: list[str], fen: int) -> None:
        rows = rows_of("penalties", {"penalty_text": "见决定书"})
        cells = sheet_cells("penalties", rows, above=[above], headers={"fine_fen": header})
        submission = read_cells(cells, tab="行政处罚决定台账")
        assert validate_all([submission]).rows["penalties"]["fine_fen"].tolist() == [fen]

    @pytest.mark.parametrize("above", [[], ["单位：临江市"], ["货币单位：人民币"]])
    def test_without_a_unit_the_row_is_quarantined(self, above: list[str]) -> None:
        cells = sheet_cells(
            "penalties", rows_of("penalties", {}), above=[above], headers={"fine_fen": "罚款金额"}
        )
        result = validate_all([read_cells(cells, tab="行政处罚决定台账")])
        assert result.findings["rule_id"].tolist()[0] == "penalties.fine_fen.no_unit"
        assert "请在表头写明单位" in compose_messages(result.findings)[0]

    @pytest.mark.parametrize(
        ("header", "above", "rule", "words"),
        [
            (
                "罚款金额",
                ["单位：元", "金额单位：万元"],
                "conflict",
                ["“单位”是“元”", "“金额单位”是“万元”"],
            ),
            ("罚款金额(元)", ["单位：万元"], "conflict", ["“单位”是“万元”", "表头“罚款金额(元)”是“元”"]),
            ("罚款金额(元)(万元)", [], "conflict", ["“元”", "“万元”"]),
            ("罚款金额", ["单位：美元"], "unknown", ["“单位”写的金额单位是“美元”"]),
            ("罚款金额(五万元)", [], "unknown", ["五万元"]),
            ("罚款金额", ["金额单位：见说明"], "unknown", ["见说明"]),
        ],
    )
    def test_units_that_differ_or_cannot_be_read_are_refused(
        self, header: str, above: list[str], rule: str, words: list[str]
    ) -> None:
        cells = sheet_cells(
            "penalties", rows_of("penalties", {}), above=[above], headers={"fine_fen": header}
        )
        submission = read_cells(cells, tab="行政处罚决定台账")
        assert [finding["rule_id"] for finding in submission.findings] == [f"submission.money_unit_{rule}"]
        assert all(word in submission.findings[0]["problem"] for word in words)

    def test_a_row_of_units_below_the_header_is_held_against_it(self) -> None:
        cells = sheet_cells("penalties", rows_of("penalties", {}), headers={"fine_fen": "罚款金额"})
        column = cells[0].index("罚款金额")
        units = [None] * len(cells[0])
        for unit, fen in (("(千元)", [350_000]), ("万元", [3_500_000])):
            units[column] = unit
            submission = read_cells([cells[0], units, *cells[1:]], tab="行政处罚决定台账")
            rows = validate_all([submission]).rows["penalties"]
            assert rows["fine_fen"].tolist() == fen


class TestCellsOutsideTheTable:
    def test_a_column_without_a_header_has_one_notice(self) -> None:
        header, *rows = case_cells(
            {}, {"case_no": "某环立(星)〔2023〕2号"}, {"case_no": "某环立(星)〔2023〕3号"}
        )
        submission = read_cells(
            [[None, *header], [None, *rows[0]], [None, *rows[1], "甲", "乙"], [None, *rows[2], None, "丙"]]
        )
        findings = [
            (finding["rule_id"], finding["severity"], compose_message(finding))
            for finding in submission.findings
        ]
        assert findings == [
            ("sheet.column_without_header", "notice",
             f"工作表“立案台账”：{letter} 列没有表头，从第 3 行起填有内容，没有读取。如需报送，请在表头行补上栏名后重报。")
            for letter in "GH"
        ]  # fmt: skip

    @pytest.mark.parametrize("extra", [["", " "], []])
    def test_empty_columns_and_cells_of_the_foot_have_no_notice(self, extra: list[Any]) -> None:
        header, row = case_cells({})
        assert (
            read_cells(
                [header, [*row, *extra], ["合计", *[None] * 6, "3"], ["注：见附件", *[None] * 7, "x"]]
            ).findings
            == ()
        )

    def test_in_a_csv_within_the_headers_width(self) -> None:
        header, row = case_cells({})
        submission = read_one(csv_bytes([[*header, ""], [*row, "甲"]]), "2023-06/临江市/立案台账.csv")
        assert [finding["rule_id"] for finding in submission.findings] == ["sheet.column_without_header"]

    def test_hidden_rows_are_read_with_a_notice(self) -> None:
        rows = case_cells(*({"case_no": f"某环立(星)〔2023〕{index}号"} for index in range(6)))
        grid = Grid("立案台账", rows, hidden_rows=frozenset({0, 2, 4, 5, 9}))
        with mock.patch("transforms.read.layout.read_file.open_file", return_value=OpenedFile([grid])):
            submission = read_one(b"")
        assert submission.rows["source_row"].tolist() == [2, 3, 4, 5, 6, 7]
        (finding,) = submission.findings
        assert (finding["rule_id"], finding["severity"]) == ("sheet.hidden_rows", "notice")
        assert compose_message(finding).startswith(
            "工作表“立案台账”：第 3、5–6 行被隐藏，已照常读取并计入。"
        )


class TestDaysFrom1904:
    def filed_on(self, cell: Any, is_1904: bool) -> Any:
        grid = Grid("立案台账", case_cells({"filed_on": cell}), is_1904=is_1904)
        with mock.patch("transforms.read.layout.read_file.open_file", return_value=OpenedFile([grid])):
            return read_one(b"").rows["filed_on"].tolist()[0]

    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            (45080 - 1462, "45080"),
            (45080.5 - 1462, "45080.5"),
            (date(2023, 6, 3), "2023-06-03"),
            (datetime(2023, 6, 3), "2023-06-03"),
            ("2023-06-03", "2023-06-03"),
            (20230603, "20230603"),
            (True, "是"),
        ],
    )
    def test_a_bare_serial_is_moved_and_nothing_else(self, cell: Any, text: str) -> None:
        assert self.filed_on(cell, is_1904=True) == text

    def test_other_workbooks_count_as_they_do(self) -> None:
        assert self.filed_on(45080, is_1904=False) == "45080"

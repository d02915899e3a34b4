"""The rows below a header: data, totals, foot notes, nothing; and in which unit their money is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from counties import csv_bytes, rows_of, sheet_cells
from judging import judge_all, read_one
from reading import case_cells, read_cells

from transforms.read.containers import cell_text


class TestRows:
    @pytest.mark.parametrize(
        "foot",
        [
            ["合计"],
            ["合 计", None, None, None, "3"],
            [None, "小计："],
            ["总计（万元）"],
            ["本页合计"],
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

    @pytest.mark.parametrize("name", ["合计建材有限公司", "注册会计师事务所", "无锡某公司"])
    def test_a_name_that_begins_like_a_total_is_data(self, name: str) -> None:
        cells = case_cells({}, headers={})
        swapped = [[row[1], row[0], *row[2:]] for row in cells]
        swapped[1][0] = name
        assert read_cells(swapped).rows["party_name"].tolist() == [name]

    @pytest.mark.parametrize("row", [None, ["无"], ["本月无"], ["零报告"], ["1", "无", "/"], ["—", "—"], ["1"]])
    def test_zero_reports(self, row: list[Any] | None) -> None:
        submission = read_cells([case_cells({})[0], *([row] if row else [])])
        assert not submission.is_rejected
        assert judge_all([submission]).submissions.loc[0].tolist() == [0, 0, "zero"]

    def test_too_many_cells_in_a_csv_row_are_told(self) -> None:
        submission = read_one(csv_bytes([*case_cells({}), [*case_cells({})[1], "多", "", "余"]]))
        assert [(one["rule_id"], one["row"]) for one in submission.findings] == [("row.ragged", 3)]
        assert "多出 2 格内容" in submission.findings[0]["message"]

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
            ("罚款金额(元)", ["单位：万元"], 350),
        ],
    )
    def test_from_the_header_then_from_above(self, header: str, above: list[str], fen: int) -> None:
        rows = rows_of("penalties", {"penalty_text": "见决定书"})
        cells = sheet_cells("penalties", rows, above=[above], headers={"fine_fen": header})
        submission = read_cells(cells, tab="行政处罚决定台账")
        assert judge_all([submission]).rows["penalties"]["fine_fen"].tolist() == [fen]

    @pytest.mark.parametrize("above", [[], ["单位：临江市"], ["单位：元", "金额单位：万元"]])
    def test_without_one_the_row_is_held(self, above: list[str]) -> None:
        cells = sheet_cells("penalties", rows_of("penalties", {}), above=[above], headers={"fine_fen": "罚款金额"})
        judged = judge_all([read_cells(cells, tab="行政处罚决定台账")])
        assert judged.findings["rule_id"].tolist()[0] == "penalties.fine_fen.no_unit"
        assert "请在表头写明单位" in judged.findings["message"][0]

"""The yearly statistics as a workbook, as JSON and on the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from flows.commands.statistics import side_by_side
from flows.commands.statistics import statistics as command
from flows.queries.statistics import build_statistics_workbook, statistics_as_json
from flows.render import as_json
from flows.workspace import Workspace
from schemas.statistics import FILE
from tests.warehouse.test_statistics import MONTHS, RIVER, STAR, ingest_all, penalty, send, tables


class TestTheWorkbook:
    @pytest.fixture
    def book(self, workspace: Workspace, tmp_path: Path) -> openpyxl.Workbook:
        send(workspace, STAR, "penalties", penalty(1, "罚款", fine_fen=3.5), penalty(2))
        for month in MONTHS:
            send(workspace, RIVER, "rewards", *[{}] * (month == "2023-06"), month=month)
        ingest_all(workspace)
        file = tmp_path / "tables.xlsx"
        file.write_bytes(build_statistics_workbook(tables(workspace)))
        assert [path.name for path in tmp_path.iterdir() if "tables" in path.name] == ["tables.xlsx"]
        return openpyxl.load_workbook(file)

    def test_is_laid_out_as_the_form(self, book: openpyxl.Workbook) -> None:
        assert book.sheetnames == [
            "表一 行政处罚",
            "表二 行政许可",
            "表三 行政强制",
            "表四 其他行政执法行为",
        ]
        page = book.worksheets[0]
        assert page["A1"].value == "某市2023年度行政处罚实施情况统计表"
        assert [page.cell(2, column).value for column in (1, 6, 11)] == [
            "填报单位：某市",
            "统计年度：2023年",
            "单位：宗、万元",
        ]
        merged = {str(cell_range) for cell_range in page.merged_cells.ranges}
        assert {"A1:O1", "A2:E2", "F2:J2", "K2:O2", "A3:A4", "B3:N3", "O3:O4"} <= merged
        heads = [page[cell].value for cell in ("A3", "B3", "O3")]
        assert heads == ["单位名称", "行政处罚实施数量（宗）", "罚没金额（万元）"]
        assert [page.cell(4, column).value for column in (2, 4, 13, 14)] == [
            "警告",
            "罚款",
            "其他行政处罚",
            "合计（宗）",
        ]
        assert [page.cell(row, 1).value for row in range(5, 11)] == [
            "某市本级",
            "星河区",
            "长岭县",
            "临江市",
            "合计",
            "说明：",
        ]
        assert {"B3:E3", "F3:K3", "L3:L4"} <= {
            str(cell_range) for cell_range in book.worksheets[2].merged_cells.ranges
        }

    def test_holds_numbers_as_numbers(self, book: openpyxl.Workbook) -> None:
        page = book.worksheets[0]
        assert [page.cell(6, column).value for column in (2, 4, 5, 14, 15)] == [1, 1, 0, 2, 3.5]
        assert [page.cell(9, column).value for column in (2, 4, 14, 15)] == [1, 1, 2, 3.5]
        assert (page["B6"].number_format, page["O6"].number_format) == ('0"*"', '0.00####"*"')
        assert page["B7"].value == "未报"
        acts = book.worksheets[3]
        assert (acts["C8"].value, acts["C8"].number_format, acts["D8"].value) == (1, "0", "—")


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def _in_this_workspace(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("flows.commands.statistics.open_workspace", lambda _folder: workspace)

    def call(self, workspace: Workspace, *arguments: str) -> Any:
        return CliRunner().invoke(command, arguments, obj=workspace.home.folder)

    def test_prints_the_tables_and_writes_the_workbook(self, workspace: Workspace, tmp_path: Path) -> None:
        send(workspace, STAR, "penalties", penalty(1, "罚款", fine_fen=3.5))
        ingest_all(workspace)
        file = tmp_path / "年报.xlsx"
        result = self.call(workspace, "--year", "2023", "--out", str(file))
        assert (result.exit_code, file.exists()) == (0, True), result.output
        assert "某市2023年度行政处罚实施情况统计表" in result.stdout
        assert "3.5*" in result.stdout
        assert "未报情况（行政处罚决定台账）" in result.stdout

    def test_truncates_no_number_and_no_name(self) -> None:
        names = {str(number): f"第{number}经济技术开发区" for number in range(20)}
        printed = side_by_side(names, [{"column": "罚没金额"} | dict.fromkeys(names, "3446.527850*")])
        assert [len(table) for table in printed] == [5, 5, 5, 5]
        assert {code: name for table in printed for code, name in table.items()} == names

    def test_gives_json(self, workspace: Workspace) -> None:
        send(workspace, STAR, "penalties", penalty(1, "罚款", fine_fen=3.5))
        ingest_all(workspace)
        printed = json.loads(self.call(workspace, "--year", "2023", "--region", STAR, "--json").stdout)
        assert printed == json.loads(as_json(statistics_as_json(tables(workspace, STAR))))
        assert list(printed) == ["year", "region_code", "region_name", "as_of", "tables"]
        cells = printed["tables"][0]["rows"][0]["cells"]
        assert cells["罚没金额（万元）"] == {"value": 3.5, "state": "incomplete"}
        assert printed["tables"][2]["rows"][0]["cells"]["代履行"] == {
            "value": None,
            "state": "not_collected",
        }

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--region", "1"], "no region 1; there are 某市（990100）"),
            (["--out", "a.csv"], "'a.csv' must end in .xlsx"),
        ],
    )
    def test_wrong_usage_is_explained(
        self, workspace: Workspace, arguments: Sequence[str], message: str
    ) -> None:
        result = self.call(workspace, "--year", "2023", *arguments)
        assert result.exit_code == 2
        assert message in result.stderr

    def test_rejects_wrong_tables_of_the_home(self, workspace: Workspace) -> None:
        (workspace.home.folder / FILE).write_text("x = 1", encoding="utf-8")
        result = self.call(workspace, "--year", "2023")
        assert result.exit_code == 2
        assert FILE in result.stderr

    def test_reports_a_path_where_it_cannot_write(self, workspace: Workspace, tmp_path: Path) -> None:
        result = self.call(workspace, "--year", "2023", "--out", str(tmp_path / "nowhere" / "a.xlsx"))
        assert result.exit_code == 1
        assert "cannot be written" in result.stderr

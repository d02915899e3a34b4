"""From a file's grids to submissions: headers, labels, identity, odd rows, several sheets."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from counties import GOOD_ROWS, csv_bytes, rows_of, sheet_cells, workbook_bytes
from hypothesis import given
from hypothesis import strategies as st
from judging import PLACE, judge_all, read, read_one

from schemas.catalogue import ledgers
from transforms.read import Submission
from transforms.read.containers import cell_text
from transforms.read.header import column_letter, fold_header, split_money_unit
from transforms.read.identity import find_period

TITLE = "立案台账"
SOMEWHERE = "报表.xlsx"  # a path that names neither unit nor period nor ledger
LABELS = ["填报单位：临江市", "填报期间：2023年6月"]


def case_cells(*changes: dict[str, Any], above: Any = (), headers: Mapping[str, str] = {}) -> list[list[Any]]:
    return sheet_cells("cases", rows_of("cases", *(changes or ({},))), above=above, headers=headers)


def read_cells(cells: list[list[Any]], path: str = PLACE, tab: str = TITLE) -> Submission:
    return read_one(workbook_bytes({tab: cells}), path)


def rules(submission: Submission) -> list[str]:
    return [one["rule_id"] for one in submission.findings]


def refusal(submission: Submission) -> dict[str, Any]:
    """The one finding of a submission that was refused."""
    assert submission.is_rejected
    (found,) = submission.findings
    assert found["severity"] == "fatal"
    return found


class TestHeader:
    def test_below_title_rows(self) -> None:
        above = [["临江市2023年6月立案台账"], [], ["（盖章）"]]
        submission = read_cells(case_cells({}, above=above), SOMEWHERE)
        assert (submission.unit_code, submission.period, submission.ledger) == ("990181", "2023-06", "cases")
        assert submission.rows["source_row"].tolist() == [5]

    @pytest.mark.parametrize(("ledger", "definition"), ledgers().items())
    def test_every_alias_is_understood(self, ledger: str, definition: Any) -> None:
        """Sheet by sheet another spelling of each header, all read into the same fields."""
        full = GOOD_ROWS[ledger] | {field.name: None for field in definition.fields if field.name not in GOOD_ROWS[ledger]}
        for turn in range(max(len(field.headers) for field in definition.fields)):
            headers = {field.name: field.headers[min(turn, len(field.headers) - 1)] for field in definition.fields}
            submission = read_cells(sheet_cells(ledger, [full], headers=headers), tab=definition.title)
            assert submission.findings == ()
            assert {name: column.header for name, column in submission.columns.items()} == headers

    @pytest.mark.parametrize(
        "header",
        ["立案 日期", "立\n案日期", "立案日期\r\n", " 立案日期　", "*立案日期", "立案日期：", "立案日期*", "立 案 日 期"],
    )
    def test_broken_headers(self, header: str) -> None:
        submission = read_cells(case_cells({}, headers={"filed_on": header}))
        assert submission.rows["filed_on"].tolist() == ["2023-06-03"]
        assert "\n" not in submission.columns["filed_on"].header

    @pytest.mark.parametrize("header", ["行政相对人代码_1（统一社会信用代码）", "行政相对人代码＿１〔统一社会信用代码〕"])
    def test_brackets_and_width_do_not_matter(self, header: str) -> None:
        assert "party_uscc" in read_cells(case_cells({"party_uscc": "x"}, headers={"party_uscc": header})).columns

    def test_two_rows_join_top_down(self) -> None:
        top = ["序号", "行政处罚决定书文号", "缴款情况", None, None, None]
        below = [None, None, "缴款日期", "缴款金额", "缴款类别", "票据号"]
        unit = [None, None, None, "(元)", None, None]
        row = [1, "某环罚(星)〔2023〕1号", "2023-06-20", 35000, "罚款", "P-1"]
        submission = read_cells([["2023年6月罚款缴纳台账"], top, below, row], tab="Sheet1")
        assert (submission.findings, submission.rows["source_row"].tolist()) == ((), [4])
        assert submission.rows[["receipt_no", "amount_fen"]].to_numpy().tolist() == [["P-1", "35000"]]
        submission = read_cells([[*top[:2], *below[2:]], unit, row], tab="罚款缴纳台账")
        assert submission.columns["amount_fen"].money_unit == "元"
        assert submission.rows["source_row"].tolist() == [3]

    def test_columns_in_any_order(self) -> None:
        cells = [row[::-1] for row in case_cells({})]
        submission = read_cells(cells)
        assert submission.rows["case_no"].tolist() == [GOOD_ROWS["cases"]["case_no"]]
        assert submission.columns["case_no"].letter == "E"

    def test_extra_columns_are_told_and_ignored(self) -> None:
        cells = [["序号", *row, "经办\n备注"] if at == 0 else [1, *row, "已归档"] for at, row in enumerate(case_cells({}))]
        submission = read_cells(cells)
        (found,) = submission.findings
        assert (found["rule_id"], found["severity"]) == ("sheet.unknown_column", "notice")
        assert found["message"] == "工作表“立案台账”：“G 列 经办备注”不是本台账的栏目，没有读取。"

    def test_missing_required_columns_are_named(self) -> None:
        cells = [row[:3] for row in case_cells({})]
        found = refusal(read_cells(cells))
        assert found["rule_id"] == "sheet.missing_columns"
        assert found["message"] == "工作表“立案台账”：缺少必填的栏目：立案日期、案由。请补上这些栏目后重报。"

    def test_a_missing_optional_column_is_empty(self) -> None:
        assert read_cells(case_cells({})).rows["closed_on"].isna().all()

    def test_one_column_twice(self) -> None:
        cells = [[*row, "立案时间" if at == 0 else "2023-06-04"] for at, row in enumerate(case_cells({}))]
        found = refusal(read_cells(cells))
        assert found["rule_id"] == "sheet.duplicate_column"
        assert "“立案时间”这一栏出现了两次" in found["message"]

    @pytest.mark.parametrize("cells", [[["甲", "乙"], ["1", "2"]], [["案号"], ["某环立〔2023〕1号"]]])
    def test_no_header(self, cells: list[list[Any]]) -> None:
        assert refusal(read_cells(cells))["rule_id"] == "sheet.no_header"

    @pytest.mark.parametrize(
        ("header", "base", "unit"),
        [
            ("罚款金额(万元)", "罚款金额", "万元"),
            ("罚款金额（元）", "罚款金额", "元"),
            ("罚款金额[万元]", "罚款金额", "万元"),
            ("罚款金额(单位：元)", "罚款金额", "元"),
            ("罚款金额万元", "罚款金额", "万元"),
            ("罚 款 金 额\n（万元）", "罚款金额", "万元"),
            ("罚款金额", "罚款金额", None),
        ],
    )
    def test_split_money_unit(self, header: str, base: str, unit: str | None) -> None:
        assert split_money_unit(header) == (base, unit)

    @pytest.mark.parametrize(
        ("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
    )
    def test_column_letter(self, index: int, letter: str) -> None:
        assert column_letter(index) == letter

    @given(st.text(alphabet="案号 \n（(〔】)*：:aＡ１万元"))
    def test_folding_is_stable(self, header: str) -> None:
        assert fold_header(fold_header(header)) == fold_header(header)


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


class TestIdentity:
    @pytest.mark.parametrize(
        ("path", "above"),
        [
            ("2023-06/990181/a.xlsx", []),
            ("2023-06/临江市/a.xlsx", []),
            ("2023年6月/临江/a.xlsx", []),
            ("临江市/202306/a.xlsx", []),
            ("2023-06/临江市/补报/a.xlsx", []),
            ("临江市2023年6月.xlsx", []),
            ("990181-202306.xlsx", []),
            ("2023.6 临江.xlsx", []),
            (SOMEWHERE, [LABELS]),
            (SOMEWHERE, [["填报单位", "临江市", "填报期间", "2023-06"]]),
            (SOMEWHERE, [["填报单位：", None, "临江市"], ["填报期间：", None, date(2023, 6, 1)]]),
            (SOMEWHERE, [["填 报 单 位 ：某市生态环境局临江分局  填报月份：2023年6月"]]),
            (SOMEWHERE, [["某市生态环境局临江分局2023年6月份立案台账"]]),
            ("2023-06/a.xlsx", [["填报单位：临江市"], ["填表日期：2023年7月3日"]]),
            ("临江市/a.xlsx", [["填报期间：２０２３年６月"]]),
            ("2023-06/临江市/临江市2023年6月.xlsx", [LABELS, ["临江市2023年6月立案台账"]]),
        ],
    )
    def test_unit_and_period(self, path: str, above: list[list[Any]]) -> None:
        submission = read_cells(case_cells({}, above=above), path)
        assert (rules(submission), submission.unit_code, submission.period) == ([], "990181", "2023-06")

    @pytest.mark.parametrize("value", ["某市生态环境局", "某市", "市本级", "9901X0"])
    def test_the_bureau_reports_as_a_unit_of_its_own(self, value: str) -> None:
        submission = read_cells(case_cells({}, above=[[f"填报单位：{value}"]]), "2023-06/a.xlsx")
        assert submission.unit_code == "9901X0"

    @pytest.mark.parametrize(
        ("path", "above", "places"),
        [
            ("2023-06/长岭县/临江市.xlsx", [], ["文件夹是“长岭县”", "文件名是“临江市”"]),
            ("2023-06/长岭县/a.xlsx", [LABELS], ["文件夹是“长岭县”", "“填报单位”是“临江市”"]),
            ("2023-06/长岭县/a.xlsx", [["临江市立案台账"]], ["文件夹是“长岭县”", "表头上方是“临江市”"]),
            ("长岭县2023年6月.xlsx", [LABELS], ["文件名是“长岭县”", "“填报单位”是“临江市”"]),
            ("长岭县2023年6月.xlsx", [["临江市立案台账"]], ["文件名是“长岭县”", "表头上方是“临江市”"]),
            (SOMEWHERE, [["长岭县立案台账"], LABELS], ["表头上方是“长岭县”", "“填报单位”是“临江市”"]),
        ],
    )
    def test_units_in_conflict(self, path: str, above: list[list[Any]], places: list[str]) -> None:
        found = refusal(read_cells(case_cells({}, above=above), path))
        assert found["rule_id"] == "submission.unit_conflict"
        assert f"报送单位前后不一致：{'，'.join(places)}。应为同一个单位。" in found["message"]

    @pytest.mark.parametrize(
        ("path", "above", "places"),
        [
            ("2023-05/临江市/2023年6月.xlsx", [], ["文件夹是“2023-05”", "文件名是“2023-06”"]),
            ("2023-05/临江市/a.xlsx", [LABELS], ["文件夹是“2023-05”", "“填报期间”是“2023-06”"]),
            ("2023-05/临江市/a.xlsx", [["2023年6月立案台账"]], ["文件夹是“2023-05”", "表头上方是“2023-06”"]),
            ("临江市2023年5月.xlsx", [LABELS], ["文件名是“2023-05”", "“填报期间”是“2023-06”"]),
            ("临江市2023年5月.xlsx", [["2023年6月立案台账"]], ["文件名是“2023-05”", "表头上方是“2023-06”"]),
            (SOMEWHERE, [["2023年5月立案台账"], LABELS], ["表头上方是“2023-05”", "“填报期间”是“2023-06”"]),
        ],
    )
    def test_periods_in_conflict(self, path: str, above: list[list[Any]], places: list[str]) -> None:
        found = refusal(read_cells(case_cells({}, above=above), path))
        assert found["rule_id"] == "submission.period_conflict"
        assert f"填报期间前后不一致：{'，'.join(places)}。应为同一个月。" in found["message"]

    @pytest.mark.parametrize(
        ("path", "above", "rule_id"),
        [
            ("2023-06/a.xlsx", [], "submission.unit_missing"),
            ("临江市/a.xlsx", [], "submission.period_missing"),
            ("临江市/a.xlsx", [["填报期间：2023年1月至6月"]], "submission.period_missing"),
            ("临江市/a.xlsx", [["填报期间：2023年"]], "submission.period_missing"),
            ("2023-06/上海市/a.xlsx", [], "submission.unit_unknown"),
            ("2023-06/a.xlsx", [["填报单位：上海市浦东新区"]], "submission.unit_unknown"),
        ],
    )
    def test_who_or_when_is_not_known(self, path: str, above: list[list[Any]], rule_id: str) -> None:
        assert refusal(read_cells(case_cells({}, above=above), path))["rule_id"] == rule_id

    def test_an_unknown_unit_is_told_the_valid_ones(self) -> None:
        message = refusal(read_cells(case_cells({}), "2023-06/上海市/a.xlsx"))["message"]
        assert "“上海市”不在报送单位名录内" in message
        assert "星河区（990102）、长岭县（990121）、临江市（990181）" in message

    def test_a_refused_submission_keeps_what_was_found(self) -> None:
        submission = read_cells([row[:3] for row in case_cells({})])
        assert (submission.unit_code, submission.period) == ("990181", "2023-06")

    @pytest.mark.parametrize(
        ("text", "period"),
        [
            ("2023年6月", "2023-06"),
            ("2023年06月份", "2023-06"),
            ("2023 年 6 月", "2023-06"),
            ("２０２３年１２月", "2023-12"),
            ("2023-06", "2023-06"),
            ("2023.6", "2023-06"),
            ("2023/12", "2023-12"),
            ("2023_06", "2023-06"),
            ("202306", "2023-06"),
            ("关于2023年6月立案", "2023-06"),
            ("2023年6月-立案台账", "2023-06"),
            ("2023年6月5日", None),
            ("2023年12月5日", None),
            ("2023-06-05", None),
            ("2023-12-15", None),
            ("20230605", None),
            ("2023.6.5", None),
            ("2023年", None),
            ("6月", None),
            ("2023年1月至6月", None),
            ("2023年1-6月", None),
            ("2023年1月—2023年6月", None),
            ("2023年13月", None),
            ("1202306", None),
            ("", None),
        ],
    )
    def test_find_period(self, text: str, period: str | None) -> None:
        assert find_period(text) == period


class TestLedger:
    @pytest.mark.parametrize("tab", ["立案台账", "立案", "2023年立案台账", "立 案 台 账"])
    def test_by_its_tab(self, tab: str) -> None:
        assert read_cells(case_cells({}), tab=tab).ledger == "cases"

    def test_by_its_title(self) -> None:
        assert read_cells(case_cells({}, above=[["2023年6月立案台账"]]), tab="Sheet1").ledger == "cases"

    def test_by_the_files_name(self) -> None:
        assert read_cells(case_cells({}), "2023-06/临江市/立案台账.xlsx", tab="Sheet1").ledger == "cases"

    @pytest.mark.parametrize(("ledger", "row"), GOOD_ROWS.items())
    def test_by_its_header(self, ledger: str, row: dict[str, Any]) -> None:
        assert read_cells(sheet_cells(ledger, [row]), tab="Sheet1").ledger == ledger

    @pytest.mark.parametrize(
        ("path", "tab", "above", "said"),
        [
            (PLACE, "罚款缴纳台账", [], "工作表名是“罚款缴纳台账”，表头却是“立案台账”"),
            (PLACE, "Sheet1", [["罚款缴纳台账"]], "表头上方是“罚款缴纳台账”，表头却是“立案台账”"),
            (PLACE, "立案", [["罚款缴纳台账"]], "工作表名是“立案台账”，表头上方是“罚款缴纳台账”"),
            ("2023-06/临江市/罚款缴纳台账.xlsx", "立案", [], "工作表名是“立案台账”，文件名是“罚款缴纳台账”"),
        ],
    )
    def test_in_conflict(self, path: str, tab: str, above: list[list[str]], said: str) -> None:
        found = refusal(read_cells(case_cells({}, above=above), path, tab))
        assert found["rule_id"] == "submission.ledger_conflict"
        assert f"：{said}。应为同一种台账。" in found["message"]

    def test_not_known(self) -> None:
        found = refusal(read_cells([["案号", "审级"], ["A", "一审"]], tab="Sheet1"))
        assert found["rule_id"] == "submission.ledger_unknown"
        assert "庭审出庭台账、行政诉讼台账" in found["message"]

    def test_the_nearest_is_told_what_it_lacks(self) -> None:
        found = refusal(read_cells([row[:-1] for row in case_cells({})], tab="Sheet1"))
        assert found["message"] == "工作表“Sheet1”：缺少必填的栏目：案由。请补上这些栏目后重报。"


class TestSheets:
    def workbook(self, **sheets: list[list[Any]]) -> bytes:
        return workbook_bytes(sheets)

    def test_several_ledgers_of_one_file(self) -> None:
        data = self.workbook(立案=case_cells({}), 罚款缴纳台账=sheet_cells("payments", rows_of("payments", {})))
        assert [one.ledger for one in read(data).submissions] == ["cases", "payments"]

    def test_one_refused_sheet_leaves_the_others(self) -> None:
        found = read(self.workbook(立案=case_cells({}), 罚款缴纳台账=[["缴款日期", "缴款类别"]])).submissions
        assert [one.is_rejected for one in found] == [False, True]

    def test_two_sheets_of_one_ledger_refuse_each_other(self) -> None:
        data = self.workbook(立案台账=case_cells({}), 立案台账2=case_cells({"case_no": "某环立(星)〔2023〕2号"}))
        submission = read_one(data)
        found = refusal(submission)
        assert (found["rule_id"], submission.ledger) == ("submission.several_sheets", "cases")
        assert "“立案台账”、“立案台账2”" in found["message"]

    def test_the_same_ledger_of_two_months_is_fine(self) -> None:
        data = self.workbook(立案台账5=case_cells({}, above=[["2023年5月"]]), 立案台账6=case_cells({}, above=[["2023年6月"]]))
        assert [one.period for one in read(data, "临江市.xlsx").submissions] == ["2023-05", "2023-06"]

    def test_what_refuses_every_sheet_is_told_once(self) -> None:
        data = self.workbook(
            **{"立案台账": case_cells({}), "罚款缴纳台账：旧": sheet_cells("payments", rows_of("payments", {}))}
        )
        submission = read_one(data, "2023-06/a.xlsx")
        assert refusal(submission)["message"].startswith("文件“a.xlsx”：看不出是哪个单位报的。")
        assert (submission.sheet, submission.ledger) == ("", None)

    def test_hidden_and_empty_sheets_are_told_and_skipped(self) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(self.workbook(立案=case_cells({}), Sheet2=[], 字典=[["审级", "一审"]])))
        workbook["字典"].sheet_state = "hidden"
        written = io.BytesIO()
        workbook.save(written)
        found = read(written.getvalue())
        assert [one.ledger for one in found.submissions] == ["cases"]
        assert [(one["rule_id"], one["sheet"]) for one in found.findings] == [
            ("sheet.empty", "Sheet2"),
            ("sheet.hidden", "字典"),
        ]

    def test_a_sheet_that_is_no_ledger_is_told(self) -> None:
        found = read(self.workbook(立案=case_cells({}), 通讯录=[["姓名", "电话"], ["甲", "1"]]))
        assert [one["rule_id"] for one in found.findings] == ["sheet.not_a_ledger"]

    def test_nothing_but_empty_sheets(self) -> None:
        assert refusal(read_one(self.workbook(Sheet1=[], Sheet2=[[None, " "]])))["rule_id"] == "file.no_data_sheet"

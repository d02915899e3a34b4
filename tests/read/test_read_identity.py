"""Which unit and month a sheet belongs to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import csv_bytes, workbook_bytes
from tests.support.sheets import LABELS, SOMEWHERE, TITLE, case_cells, read_cells, rejection, rule_ids_of
from tests.support.validation import CITY, INDEX, read_one
from transforms.read import Submission, rejected_file
from transforms.read.layout.identity import IdentityHint, find_period
from transforms.read.layout.read_file import read_file


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
        assert (rule_ids_of(submission), submission.unit_code, submission.period) == (
            [],
            "990181",
            "2023-06",
        )

    @pytest.mark.parametrize("value", ["某市生态环境局", "某市", "市本级", "9901X0"])
    def test_the_bureau_reports_as_a_unit_of_its_own(self, value: str) -> None:
        submission = read_cells(case_cells({}, above=[[f"填报单位：{value}"]]), "2023-06/a.xlsx")
        assert submission.unit_code == "9901X0"

    @pytest.mark.parametrize(
        ("path", "above", "places"),
        [
            ("2023-06/长岭县/临江市.xlsx", [], ["报送时选的是“长岭县”", "文件名是“临江市”"]),
            ("2023-06/长岭县/a.xlsx", [LABELS], ["报送时选的是“长岭县”", "“填报单位”是“临江市”"]),
            ("2023-06/长岭县/a.xlsx", [["临江市立案台账"]], ["报送时选的是“长岭县”", "表头上方是“临江市”"]),
            ("长岭县2023年6月.xlsx", [LABELS], ["文件名是“长岭县”", "“填报单位”是“临江市”"]),
            ("长岭县2023年6月.xlsx", [["临江市立案台账"]], ["文件名是“长岭县”", "表头上方是“临江市”"]),
            (SOMEWHERE, [["长岭县立案台账"], LABELS], ["表头上方是“长岭县”", "“填报单位”是“临江市”"]),
        ],
    )
    def test_units_in_conflict(self, path: str, above: list[list[Any]], places: list[str]) -> None:
        finding = rejection(read_cells(case_cells({}, above=above), path))
        assert finding["rule_id"] == "submission.unit_conflict"
        assert f"报送单位前后不一致：{'，'.join(places)}。应为同一个单位。" in compose_message(finding)

    @pytest.mark.parametrize(
        ("path", "above", "places"),
        [
            ("2023-05/临江市/2023年6月.xlsx", [], ["报送时选的是“2023年5月”", "文件名是“2023年6月”"]),
            ("2023-05/临江市/a.xlsx", [LABELS], ["报送时选的是“2023年5月”", "“填报期间”是“2023年6月”"]),
            (
                "2023-05/临江市/a.xlsx",
                [["2023年6月立案台账"]],
                ["报送时选的是“2023年5月”", "表头上方是“2023年6月”"],
            ),
            ("临江市2023年5月.xlsx", [LABELS], ["文件名是“2023年5月”", "“填报期间”是“2023年6月”"]),
            (
                "临江市2023年5月.xlsx",
                [["2023年6月立案台账"]],
                ["文件名是“2023年5月”", "表头上方是“2023年6月”"],
            ),
            (
                SOMEWHERE,
                [["2023年5月立案台账"], LABELS],
                ["表头上方是“2023年5月”", "“填报期间”是“2023年6月”"],
            ),
        ],
    )
    def test_periods_in_conflict(self, path: str, above: list[list[Any]], places: list[str]) -> None:
        finding = rejection(read_cells(case_cells({}, above=above), path))
        assert finding["rule_id"] == "submission.period_conflict"
        assert f"填报期间前后不一致：{'，'.join(places)}。应为同一个月。" in compose_message(finding)

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
    def test_unknown_unit_or_period(self, path: str, above: list[list[Any]], rule_id: str) -> None:
        assert rejection(read_cells(case_cells({}, above=above), path))["rule_id"] == rule_id

    def test_a_finding_on_an_unknown_unit_lists_the_valid_units(self) -> None:
        message = compose_message(rejection(read_cells(case_cells({}), "2023-06/上海市/a.xlsx")))
        assert "“上海市”（报送时放的文件夹）不在报送单位名录内" in message
        assert "星河区（990102）、长岭县（990121）、临江市（990181）" in message

    def test_a_rejected_submission_has_the_unit_and_period_that_were_read(self) -> None:
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

    @pytest.mark.parametrize(("value", "period"), [(2023.06, "2023-06"), (2023.6, "2023-06"), (202306, "2023-06"),
                                                   (2023.11, "2023-11"), ("2023.1", "2023-01")])  # fmt: skip
    def test_a_number_names_a_month(self, value: Any, period: str) -> None:
        submission = read_cells(case_cells({}, above=[["填报期间", value]]), "临江市/a.xlsx")
        assert (rule_ids_of(submission), submission.period) == ([], period)

    def test_a_number_that_may_be_january_or_october_names_no_month(self) -> None:
        cells = case_cells({}, above=[["填报期间", 2023.1]])
        assert rejection(read_cells(cells, "临江市/a.xlsx"))["rule_id"] == "submission.period_missing"
        assert (
            rejection(read_one(csv_bytes(cells), "临江市/a.csv"))["rule_id"] == "submission.period_missing"
        )
        assert read_cells(cells, "2023-10/临江市/a.xlsx").period == "2023-10"

    @pytest.mark.parametrize(
        "above",
        [
            [["填报单位（盖章）：", None, None, "临江市", None, "填报期间：", None, "2023年6月"]],
            [["填报单位", None, None, "临江市"], ["填报期间", None, None, None, None, "2023年6月"]],
            [["填报单位:临江市（公章）", None, "报告期", None, "２０２３年６月"]],
            [["填报单位：", None, "填报期间：2023年6月"], ["临江市立案台账"]],
            [["填报单位：临江市", "单位负责人：李市民", "填报期间：2023年6月"]],
        ],
    )
    def test_labels_with_blanks_before_their_values(self, above: list[list[Any]]) -> None:
        submission = read_cells(case_cells({}, above=above), SOMEWHERE)
        assert (rule_ids_of(submission), submission.unit_code, submission.period) == (
            [],
            "990181",
            "2023-06",
        )


FOOT = ["填报单位：临江市", None, "填报期间：2023年6月"]


class TestFoot:
    @pytest.mark.parametrize(
        "foot",
        [
            [FOOT],
            [["填报人：张三"], FOOT],
            [[], FOOT],
            [["合计"], ["填报单位", "临江市", "填报期间", "2023年6月"]],
        ],
    )
    def test_names_unit_and_period_when_nothing_else_does(self, foot: list[list[Any]]) -> None:
        submission = read_cells([*case_cells({}), *foot], SOMEWHERE)
        assert (rule_ids_of(submission), submission.unit_code, submission.period) == (
            [],
            "990181",
            "2023-06",
        )
        assert submission.rows["source_row"].tolist() == [2]

    def test_is_a_doubt_when_something_else_names_others(self) -> None:
        submission = read_cells([*case_cells({}), FOOT], "2023-05/长岭县/a.xlsx")
        assert (rule_ids_of(submission), submission.unit_code, submission.period) == (
            ["submission.unit_doubted", "submission.month_doubted"],
            "990121",
            "2023-05",
        )

    def test_a_note_in_it_names_nothing(self) -> None:
        cells = [*case_cells({}), ["注：本表由临江市于2023年7月报送"], ["填表日期：2023年7月3日"]]
        assert rejection(read_cells(cells, "2023-06/a.xlsx"))["rule_id"] == "submission.unit_missing"


class TestHint:
    def read(self, hint: IdentityHint | None, path: str = SOMEWHERE, above: Any = ()) -> Submission:
        data = workbook_bytes({TITLE: case_cells({}, above=above)})
        (submission,) = read_file(path, data, CITY, INDEX, hint=hint).submissions
        return submission

    def test_supplements_the_file(self) -> None:
        submission = self.read(IdentityHint("选项", "990181", "2023-06"))
        assert (rule_ids_of(submission), submission.unit_code, submission.period) == (
            [],
            "990181",
            "2023-06",
        )

    def test_may_conflict_with_the_file(self) -> None:
        finding = rejection(self.read(IdentityHint("选项", "990121"), "2023-06/临江市/a.xlsx"))
        assert finding["rule_id"] == "submission.unit_conflict"
        assert "选项是“长岭县”，报送时选的是“临江市”" in compose_message(finding)
        finding = rejection(
            self.read(IdentityHint("选项", period="2023-05"), "临江市/a.xlsx", [["2023年6月"]])
        )
        assert "选项是“2023年5月”，表头上方是“2023年6月”" in compose_message(finding)


def test_a_rejected_file_is_identified_by_its_path() -> None:
    file_read = rejected_file("2023-06/临江市/a.xlsx", CITY, "file.unreadable", detail="读取中断")
    (submission,) = file_read.submissions
    assert (submission.file, submission.unit_code, submission.period, file_read.findings) == (
        "2023-06/临江市/a.xlsx", "990181", "2023-06", [],
    )  # fmt: skip
    assert compose_message(rejection(submission)).startswith(
        "文件“a.xlsx”：文件打不开，可能已经损坏（读取中断）。"
    )

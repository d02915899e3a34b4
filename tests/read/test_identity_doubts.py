"""What names, titles and sentences say of unit and month, held against what a table is taken for."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.sheets import TITLE, case_cells, read_cells, rejection, rule_ids_of
from tests.support.validation import CITY
from transforms.read.layout.months import read_label, read_months
from transforms.read.layout.row_kinds import is_zero_sentence

JUNE = "2023-06/临江市/a.xlsx"


@pytest.mark.parametrize(
    ("text", "period", "month"),
    [
        ("二〇二三年六月立案台账", "2023-06", None),
        ("二零二三年十一月", "2023-11", None),
        ("5月处罚台账", None, 5),
        ("五月份", None, 5),
        ("2024年1月报送2023年12月立案台账", "2023-12", None),
        ("2024年1月报送12月", "2023-12", None),
        ("5月报4月", None, 4),
        ("6月报表", None, 6),
        ("2023年6月台账（7月报）", "2023-06", None),
        ("自2023年1月起执行", None, None),
        ("（2022年12月版）", None, None),
        ("2023年5月、6月", None, None),
        ("1-6月", None, None),
        ("第三个月", None, None),
    ],
)
def test_read_months(text: str, period: str | None, month: int | None) -> None:
    months = read_months(text)
    assert (months.period, months.month) == (period, month)


@pytest.mark.parametrize(
    ("value", "period", "month"),
    [
        ("2023年6月1日至6月30日", "2023-06", None),
        ("2023-06-01至2023-06-30", "2023-06", None),
        ("6月1日-6月30日", None, 6),
        ("2023年5月26日至2023年6月25日", None, None),
        ("2023年6月", "2023-06", None),
        ("6月份", None, 6),
    ],
)
def test_a_label_may_give_the_days_of_a_month(value: str, period: str | None, month: int | None) -> None:
    months = read_label(value)
    assert (months.period, months.month) == (period, month)


@pytest.mark.parametrize(
    ("path", "above", "tab", "written"),
    [
        ("2023-06/临江市/5月立案台账.xlsx", [], TITLE, "文件名写的是“5月”"),
        ("2023-06/临江市/补报5月.xlsx", [], TITLE, "文件名写的是“5月”"),
        ("2023-06/临江市/1-5月立案.xlsx", [], TITLE, "文件名写的是“1-5月”"),
        ("2023-06/临江市/2022年立案.xlsx", [], TITLE, "文件名写的是“2022年”"),
        (JUNE, [["五月份立案台账"]], TITLE, "表头上方写的是“5月”"),
        (JUNE, [], "5月", "工作表名写的是“5月”"),
        (JUNE, [], "立案2023-05", "工作表名写的是“2023-05”"),
    ],
)
def test_another_month_in_a_name_is_a_doubt(path: str, above: list[Any], tab: str, written: str) -> None:
    submission = read_cells(case_cells({}, above=above), path, tab)
    assert (rule_ids_of(submission), submission.period) == (["submission.month_doubted"], "2023-06")
    assert written in compose_message(submission.findings[0])


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("2023-06/临江市/6月立案.xlsx", []),
        ("2023-06/临江市/7月报6月.xlsx", []),
        ("2023-06/临江市/1-6月立案.xlsx", []),
        ("2023-06/临江市/2023年立案.xlsx", []),
        (JUNE, [["填报时间：2023年7月3日"]]),
        (JUNE, [["2023年7月报送2023年6月立案台账"]]),
        (JUNE, [["立案台账（2022年12月版）"]]),
        (JUNE, [["说明：2023年1月起使用本表"]]),
        ("2023年/临江市/6月/a.xlsx", []),
        ("2023/临江市/6月立案.xlsx", []),
    ],
)
def test_a_month_that_fits_is_none(path: str, above: list[Any]) -> None:
    submission = read_cells(case_cells({}, above=above), path)
    assert (rule_ids_of(submission), submission.period) == ([], "2023-06")


def test_another_month_in_a_label_is_refused() -> None:
    assert rejection(read_cells(case_cells({}, above=[["填报期间：5月"]]), JUNE))["rule_id"] == (
        "submission.period_conflict"
    )


def test_sent_before_its_month_is_a_doubt() -> None:
    submission = read_cells(case_cells({}, above=[["填报时间：2023年5月"]]), JUNE)
    assert rule_ids_of(submission) == ["submission.sent_before"]


@pytest.mark.parametrize(
    ("path", "above", "unit", "rules"),
    [
        (JUNE, [["某市生态环境局立案台账"]], "990181", []),
        ("2023-06/某市生态环境局/临江市/a.xlsx", [], "990181", []),
        ("2023-06/a.xlsx", [["某市生态环境局立案台账"]], "9901X0", []),
        ("2023-06/临江市/临江市转长岭县.xlsx", [], "990181", ["submission.unit_doubted"]),
        ("2023-06/长岭县/临江市转长岭县.xlsx", [], "990121", ["submission.unit_doubted"]),
    ],
)
def test_units_in_names(path: str, above: list[Any], unit: str, rules: list[str]) -> None:
    submission = read_cells(case_cells({}, above=above), path)
    assert (submission.unit_code, rule_ids_of(submission)) == (unit, rules)


@pytest.mark.parametrize(
    ("path", "above"),
    [
        (JUNE, [["填报单位：临江市、长岭县"]]),
        (JUNE, [["填报单位：某市生态环境局"]]),
        ("2023-06/某市本级/a.xlsx", [["临江市立案台账"]]),
    ],
)
def test_units_in_labels_must_agree(path: str, above: list[Any]) -> None:
    assert rejection(read_cells(case_cells({}, above=above), path))["rule_id"] == "submission.unit_conflict"


def test_a_text_may_name_several_units() -> None:
    assert CITY.find_units("长岭县转临江市") == ["990121", "990181"]
    assert CITY.find_units("某市生态环境局临江分局") == ["990181"]
    assert (CITY.find_units("某市生态环境局"), CITY.find_authority("某市生态环境局")) == ([], "9901X0")
    assert (CITY.find_units("某市本级"), CITY.find_authority("某市本级")) == (["9901X0"], None)


@pytest.mark.parametrize(
    "text",
    [
        "6月份未作出行政处罚决定，零报告。",
        "经核实本月无行政处罚案件",
        "截至6月30日，我局未立案",
        "处罚案件0件",
        "本月没有新增案件",
        "6月份无",
    ],
)
def test_a_sentence_may_say_that_there_was_nothing(text: str) -> None:
    assert is_zero_sentence(text)
    submission = read_cells([*case_cells({})[:1], [text]], JUNE)
    assert (rule_ids_of(submission), len(submission.rows)) == ([], 0)


@pytest.mark.parametrize(
    "text",
    [
        "本月无法报送",
        "本月数据未汇总",
        "6月数据未上报",
        "注：如本月无数据请填“无”",
        "无锡某某公司",
        "本月无误",
    ],
)
def test_other_sentences_do_not(text: str) -> None:
    assert not is_zero_sentence(text)


@pytest.mark.parametrize(
    ("sentence", "rules"),
    [
        ("5月份未作出行政处罚决定，零报告。", ["submission.month_doubted"]),
        ("长岭县本月无立案案件", ["submission.unit_doubted"]),
    ],
)
def test_a_sentence_of_another_month_or_unit_is_a_doubt(sentence: str, rules: list[str]) -> None:
    assert rule_ids_of(read_cells([*case_cells({})[:1], [sentence]], JUNE)) == rules


def test_a_sentence_beside_rows_is_a_doubt() -> None:
    submission = read_cells([*case_cells({}), ["本月无立案案件"]], JUNE)
    assert rule_ids_of(submission) == ["submission.zero_with_rows"]
    assert submission.findings[0]["row"] == 3

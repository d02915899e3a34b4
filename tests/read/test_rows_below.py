"""Rows around the records that a person passes over: numbers of columns, and lines below the table."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import csv_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.sheets import TITLE, case_cells, rule_ids_of
from tests.support.validation import CITY, INDEX, PATH, list_findings, read_one, validate_all
from transforms.read.bulk.read_in_bulk import read_in_bulk

CASES = case_cells(*({"case_no": f"某环立〔2023〕{number}号"} for number in range(1, 4)))


def read_both(cells: list[list[Any]]) -> list[Any]:
    data = csv_bytes(cells)
    return [
        read_one(workbook_bytes({TITLE: cells})),
        read_one(data),
        *read_in_bulk([(PATH, data)], CITY, INDEX)[0].submissions,
    ]


@pytest.mark.parametrize(
    "numbers",
    [
        "甲 乙 丙 1 2", "甲 乙 1 2 3", "栏次 1 2 3 4", "A B C D E", "（1） （2） （3） （4） （5）", "1 2 3 4 5=3+4",
    ],
)  # fmt: skip
def test_a_row_that_numbers_the_columns_is_passed_over(numbers: str) -> None:
    for submission in read_both([CASES[0], numbers.split(), *CASES[1:]]):
        assert (rule_ids_of(submission), len(submission.rows)) == ([], 3)


@pytest.mark.parametrize("numbers", ["甲 某厂 丙 1 2", "1 3 4 5 6", "甲 2 3 4 5"])
def test_other_rows_below_the_header_are_read(numbers: str) -> None:
    assert len(read_one(workbook_bytes({TITLE: [CASES[0], numbers.split(), *CASES[1:]]})).rows) == 4


@pytest.mark.parametrize(
    "line",
    [
        ["05月计"], ["6月计", None, None, 3], ["共3笔"], ["以上共计3件"], ["本月共立案3件"], ["总件数", 3], ["合计：3件"],
        ["制表人：张三", None, "审核：李四"], ["审核：", None, "制表：王五"], ["单位负责人", "张三", "填表人", "李四"],
        ["审核人 张三"], ["填表日期 2023年7月3日"], ["填表日期：", "2023-07-03"], ["（公章）"], ["第1页，共1页"],
        ["2023年7月3日"], [None, None, "临江市"],
    ],
)  # fmt: skip
def test_lines_below_the_table_are_no_records(line: list[Any]) -> None:
    for submission in read_both([*CASES, [*line, *[None] * (5 - len(line))]]):
        assert (rule_ids_of(submission), len(submission.rows)) == ([], 3)


def test_the_signature_of_another_unit_is_doubted() -> None:
    (submission, *_) = read_both([*CASES, [], ["长岭县"]])
    assert rule_ids_of(submission) == ["submission.unit_doubted"]


@pytest.mark.parametrize("line", [["共2笔"], ["共4件"], ["总件数", 4], ["本月共立案5件"]])
def test_another_number_of_rows_than_stated_is_doubted(line: list[Any]) -> None:
    (submission, *_) = read_both([*CASES, line])
    (doubt,) = submission.findings
    assert doubt["rule_id"] == "sheet.count_differs"
    assert "上面第 2–4 行共 3 行" in compose_message(doubt)


@pytest.mark.parametrize(
    ("line", "is_right"),
    [
        ("共2笔，合计70000元", True), ("合计人民币柒万元整", True), ("合计7万元", True),
        ("共2笔，合计7000元", False), ("合计：人民币柒仟元整", False),
    ],
)  # fmt: skip
def test_the_amount_in_the_words_of_a_total_is_compared(line: str, is_right: bool) -> None:
    payments = rows_of("payments", *({"receipt_no": f"P-{number}"} for number in range(2)))
    cells = [*sheet_cells("payments", payments), [line]]
    result = validate_all([read_one(workbook_bytes({"罚款缴纳台账": cells}))])
    assert list_findings(result) == ([] if is_right else [("row.total_differs", 4)])


@pytest.mark.parametrize("heading", ["长岭县移送案件", "二、外地移送", "（二）省厅交办", "上级交办案件"])
def test_rows_below_a_heading_of_others_are_doubted(heading: str) -> None:
    for submission in read_both([*CASES[:3], [heading], *CASES[3:]]):
        rules = rule_ids_of(submission)
        assert "sheet.section_of_others" in rules
        assert "row.single_cell" not in rules
        assert len(submission.rows) == 3


@pytest.mark.parametrize("heading", ["二、大气案件", "（一）罚款案件"])
def test_other_headings_are_a_notice(heading: str) -> None:
    for submission in read_both([*CASES[:3], [heading], *CASES[3:]]):
        assert rule_ids_of(submission) == ["sheet.section_rows"]

"""A unit of money among the rows, and words in place of a serial."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.counties import csv_bytes
from tests.support.validation import PATH, list_findings, read, read_one, validate_all

HEADERS = ["序号", "行政处罚决定书文号", "缴款日期", "缴款金额(元)", "缴款类别", "票据号"]


def payment(number: int, amount: Any) -> list[Any]:
    return [number, f"某环罚〔2023〕{number}号", "2023-06-05", amount, "罚款", f"P-{number}"]


@pytest.mark.parametrize(
    ("note", "is_refused"),
    [
        ("以下金额单位：万元", True),
        ("单位:万元", True),
        ("（万元）", True),
        ("以下以万元为单位", True),
        ("以下金额单位：元", False),
    ],
)
def test_a_row_with_another_unit_is_a_conflict(note: str, is_refused: bool) -> None:
    cells = [HEADERS, payment(1, 20000), [note, *[None] * 5], payment(2, 60)]
    result = validate_all(read(csv_bytes(cells), PATH).submissions)
    assert ("submission.money_unit_conflict" in result.findings["rule_id"].tolist()) == is_refused


@pytest.mark.parametrize(("units", "is_refused"), [(("万元", "元"), True), (("元", "元"), False)])
def test_a_column_of_units(units: tuple[str, str], is_refused: bool) -> None:
    header = [*HEADERS[:4], "金额单位", *HEADERS[4:]]
    rows = [
        [*row[:4], unit, *row[4:]]
        for row, unit in zip([payment(1, 60), payment(2, 2000)], units, strict=True)
    ]
    result = validate_all(read(csv_bytes([header, *rows]), PATH).submissions)
    problems = result.findings.set_index("rule_id")["problem"].to_dict()
    assert ("submission.money_unit_conflict" in problems) == is_refused
    if is_refused:
        assert "E2 是“万元”" in problems["submission.money_unit_conflict"]


@pytest.mark.parametrize("words", ["未缴", "大队一", "十二月底"])
def test_words_in_place_of_a_serial_are_quoted(words: str) -> None:
    cells = [HEADERS, payment(1, 20000), [words, *[None] * 5], payment(2, 6000)]
    result = validate_all([read_one(csv_bytes(cells), PATH)])
    (problem,) = result.findings.loc[result.findings["rule_id"].eq("sheet.words_alone"), "problem"]
    assert f"A3 写的是“{words}”" in problem
    assert "sheet.hollow_rows" not in dict(list_findings(result))


@pytest.mark.parametrize("serial", ["二", "(2)", "A-2", "2.1"])
def test_a_serial_alone_is_hollow(serial: str) -> None:
    cells = [HEADERS, payment(1, 20000), [serial, *[None] * 5], payment(3, 6000)]
    assert ("sheet.hollow_rows", None) in list_findings(validate_all([read_one(csv_bytes(cells), PATH)]))


def test_words_by_which_rows_should_not_count_are_asked_about_once() -> None:
    cells = [HEADERS, payment(1, 20000), ["作废", *[None] * 5], payment(2, 6000)]
    result = validate_all([read_one(csv_bytes(cells), PATH)])
    assert result.findings["rule_id"].tolist() == ["sheet.void_section"]
    below = validate_all([read_one(csv_bytes([*cells[:2], cells[3], cells[2]]), PATH)])
    assert "sheet.words_alone" in below.findings["rule_id"].tolist()

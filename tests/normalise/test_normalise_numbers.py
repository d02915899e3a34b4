"""Counts, scores, and answers of yes or no."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import (
    Parsed,
    clean_text,
    find_rounded_numbers,
    parse_booleans,
    parse_integers,
    parse_numbers,
)


def column(*texts: str | None) -> "pd.Series[str]":
    return pd.Series(list(texts), dtype="str")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(
            ("3", 3),
            ("3.0", 3),
            ("3.", 3),
            ("0", 0),
            ("-0", 0),
            ("003", 3),
            ("1,234", 1234),
            ("9" * 18, 10**18 - 1),
        ),
        *(("3人", 3), ("3 件", 3), ("第2次", 2), ("20个工作日", 20)),
    ],
)
def test_reads_integer(text: str, number: int) -> None:
    parsed = parse_integers(column(text))
    assert parsed.values.dtype == "Int64"
    assert parsed.values.tolist() == [number]
    assert parsed.faults.isna().all()


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        *(
            ("not_an_integer", text)
            for text in ["3.5", "三", "一", "3-5", "12,34", "若干", "nan", "1e3", "9" * 19]
        ),
        *(("negative", text) for text in ["-3", "-3人"]),
    ],
)
def test_finds_fault_of_integer(fault: str, text: str) -> None:
    assert_fault(parse_integers(column(text)), fault)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("95.5", 95.5),
        ("95", 95.0),
        ("-1", -1.0),
        ("1,234.5", 1234.5),
        (".5", 0.5),
        ("95.5分", 95.5),
        ("1e-2", 0.01),
    ],
)
def test_reads_number(text: str, number: float) -> None:
    parsed = parse_numbers(column(text))
    assert parsed.values.dtype == "Float64"
    assert parsed.values.tolist() == [number]
    assert parsed.faults.isna().all()


@pytest.mark.parametrize(
    "text", ["优秀", "nan", "NaN", "inf", "-Infinity", "1e400", "1e999", "95%", "9..5", "1_0", "0x1F"]
)
def test_finds_fault_of_number(text: str) -> None:
    assert_fault(parse_numbers(column(text)), "not_a_number")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_round_trip_of_numbers(number: float) -> None:
    assert parse_numbers(column(repr(number))).values[0] == number


@given(st.integers(0, 10**18 - 1))
def test_round_trip_of_integers(number: int) -> None:
    assert parse_integers(column(str(number), f"{number:,}", f"{number}.0")).values.tolist() == [number] * 3


@pytest.mark.parametrize(
    "text",
    [
        "是",
        "有",
        "√",
        "✓",
        "✔",
        "✔\ufe0f",
        "1",
        "1.0",
        "Y",
        "yes",
        "TRUE",
        "true",
        "已",
        "出庭",
        "已出庭",
        "公开",
        "已公开",
    ],
)
def test_reads_yes(text: str) -> None:
    parsed = parse_booleans(column(text))
    assert parsed.values.dtype == "boolean"
    assert parsed.values.tolist() == [True]
    assert parsed.faults.isna().all()


@pytest.mark.parametrize(
    "text",
    [
        "否",
        "无",
        "×",
        "✗",
        "x",
        "X",
        "0",
        "0.0",
        "N",
        "No",
        "FALSE",
        "false",
        "未",
        "没有",
        "未出庭",
        "不公开",
        "未公开",
    ],
)
def test_reads_no(text: str) -> None:
    parsed = parse_booleans(clean_text(column(text), keep_none=True))
    assert parsed.values.tolist() == [False]
    assert parsed.faults.isna().all()


@pytest.mark.parametrize("text", ["也许", "2", "是否", "张三", "是、否", "10"])
def test_finds_fault_of_answer(text: str) -> None:
    assert_fault(parse_booleans(column(text)), "not_yes_or_no")


def assert_fault(parsed: Parsed, fault: str) -> None:
    assert parsed.faults.tolist() == [fault]
    assert parsed.values.isna().all()


@pytest.mark.parametrize(
    ("text", "is_rounded"),
    [
        ("1.23E+05", True), ("1.23e5", True), ("2E+05", True), ("3.5E+04元", True), ("1.23456E+05", False), ("1.5E-05", False),
        ("123000", False), ("E+05", False), ("1.2E1", False), (None, False),
    ],
)  # fmt: skip
def test_a_number_without_its_last_digits(text: str | None, is_rounded: bool) -> None:
    assert find_rounded_numbers(column(text)).tolist() == [is_rounded]

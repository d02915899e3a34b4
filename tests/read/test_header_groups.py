"""Titles of a header over several columns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.counties import csv_bytes, rows_of, sheet_cells
from tests.support.sheets import rejection, rule_ids_of
from tests.support.validation import PATH, read_one
from transforms.read.layout.header_groups import continues, find_groups

CELLS = sheet_cells("penalties", rows_of("penalties", {"fine_fen": 3.5}))
FINE = next(index for index, text in enumerate(CELLS[0]) if "罚款金额" in str(text))


def grouped(lower: list[str | None], figures: list[Any]) -> bytes:
    """Return a sheet whose fine has a group of columns, put at its end."""
    header, row = ([*cells[:FINE], *cells[FINE + 1 :]] for cells in CELLS)
    blank: list[Any] = [None] * len(header)
    above = [*header, CELLS[0][FINE], *[None] * (len(lower) - 1)]
    return csv_bytes([above, [*blank, *lower], [*row, *figures]])


@pytest.mark.parametrize(
    "lower", [["本年累计", "本月"], ["上月", "本月"], ["合计", "个人", "企业"], ["应缴", "实缴"]]
)
def test_title_is_not_the_header_of_its_first_column(lower: list[str | None]) -> None:
    finding = rejection(read_one(grouped(lower, [100, *[3.5] * (len(lower) - 1)]), PATH))
    assert finding["rule_id"] == "sheet.group_unclear"
    assert "”、“".join(map(str, lower)) in finding["problem"]


def test_known_column_below_a_title_is_read() -> None:
    submission = read_one(grouped(["处罚金额大写", "罚款金额(万元)"], ["叁万", 3.5]), PATH)
    assert submission.rows["fine_fen"].tolist() == ["3.5"]
    assert rule_ids_of(submission) == ["sheet.unknown_column"]


def test_note_below_a_single_header_changes_nothing() -> None:
    assert find_groups([["案号", "罚款金额"], ["", "(万元)"]]) == []


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        (["", "本年累计", "本月"], True),
        (["", "", "本月"], False),
        (["某环罚〔2023〕1号", "甲", "乙"], False),
        (["", "3", "本月"], False),
        (["", "本年累计", ""], False),
    ],
)
def test_row_that_continues_a_header(below: list[str], expected: bool) -> None:
    assert continues(["案号", "罚款金额", ""], below) is expected


@pytest.mark.parametrize("title", [[["罚款缴纳台账"]], []])
def test_a_title_of_a_required_column_that_others_follow(title: list[list[str]]) -> None:
    cells = [
        ["序号", "行政处罚决定书文号", "缴款日期", "缴款金额(元)", None, "缴款类别"],
        [None, None, None, "应缴", "实缴", None],
        [1, "某环罚〔2023〕1号", "2023-06-05", 50000, 20000, "罚款"],
        [2, "某环罚〔2023〕2号", "2023-06-06", 100000, 40000, "罚款"],
    ]
    finding = rejection(read_one(csv_bytes([*([*row, *[None] * 5] for row in title), *cells]), PATH))
    assert finding["rule_id"] == "sheet.group_unclear"
    assert "“缴款金额(元)”下面分成“应缴”、“实缴”" in finding["problem"]

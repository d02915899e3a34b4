"""Headings whose month is spread over several cells, and labels of spans of days."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.counties import csv_bytes
from tests.support.sheets import case_cells, read_cells, rule_ids_of
from tests.support.validation import CITY, INDEX, PATH, read_one
from transforms.read.bulk.read_in_bulk import read_in_bulk

SPLIT: list[list[Any]] = [
    ["{year}", "年", "{month}", "月"],
    ["{year}年", "{month}月"],
    ["填报月份：", "{year}", "年", "{month}", "月"],
    ["{year}年{month}", "月份立案台账"],
    ["年度", "{year}", "月份", "{month}"],
    ["税款所属期", "{year}-0{month}-01至{year}-0{month}-28"],
    ["统计时间：{year}年{month}月1日-{year}年{month}月28日"],
]


def cells_of(row: list[str], month: int) -> list[list[Any]]:
    return case_cells(above=[[cell.format(year=2023, month=month) for cell in row]])


@pytest.mark.parametrize("row", SPLIT)
def test_another_month_over_several_cells_is_a_contradiction(row: list[str]) -> None:
    cells = cells_of(row, 5)
    data = csv_bytes([[*line, *[None] * (5 - len(line))] for line in cells])
    for submission in (
        read_cells(cells),
        read_one(data),
        *read_in_bulk([(PATH, data)], CITY, INDEX)[0].submissions,
    ):
        assert rule_ids_of(submission) == ["submission.period_conflict"]


@pytest.mark.parametrize("row", SPLIT)
def test_the_same_month_over_several_cells_is_no_doubt(row: list[str]) -> None:
    assert rule_ids_of(read_cells(cells_of(row, 6))) == []


def test_a_month_alone_without_its_year_is_doubted() -> None:
    assert rule_ids_of(read_cells(case_cells(above=[["月份", 5]]))) == ["submission.month_doubted"]


@pytest.mark.parametrize(
    "row",
    [
        ["统计时间：2023-07-03 10:00"],
        ["联系电话：13812345678", "月报"],
        ["月份", "6"],
        ["立案台账", "每月5日前报送"],
    ],
)
def test_a_day_of_making_and_other_rows_are_no_doubt(row: list[str]) -> None:
    assert rule_ids_of(read_cells(case_cells(above=[row]))) == []

"""Columns beside a ledger's, and titles, by which rows mean something else than they say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.counties import csv_bytes
from tests.support.sheets import case_cells, read_cells
from tests.support.validation import CITY, INDEX, PATH, read_one
from transforms.read.bulk.read_in_bulk import read_in_bulk

MONTHS, COUNTS = "sheet.column_of_other_months", "sheet.column_of_counts"
CORRECTIONS = "sheet.column_of_corrections"


def doubts_of(header: str, cell: Any) -> list[list[tuple[str, Any]]]:
    first, *rows = case_cells({}, {"case_no": "某环立〔2023〕2号"})
    cells = [[*first, header], [*rows[0], None], [*rows[1], cell]]
    data = csv_bytes(cells)
    submissions = [
        read_cells(cells),
        read_one(data),
        *read_in_bulk([(PATH, data)], CITY, INDEX)[0].submissions,
    ]
    return [
        [
            (doubt["rule_id"], doubt["cell"])
            for doubt in submission.findings
            if doubt["severity"] == "warning"
        ]
        for submission in submissions
    ]


@pytest.mark.parametrize(
    ("header", "cell", "rule_id"),
    [
        ("所属月份", "2023-05", MONTHS), ("月份", 5, MONTHS), ("所属期", "2023年5月", MONTHS), ("件数", 5, COUNTS),
        ("检查家次", 3, COUNTS), ("家数", "12", COUNTS),
        ("更正后立案日期", "2023-06-09", CORRECTIONS), ("变更后罚款金额(万元)", 5, CORRECTIONS),
        ("是否本月新增", "否", "row.void"), ("备注", "上年结转", "row.void"), ("备注", "5月份已报", "row.void"),
    ],
)  # fmt: skip
def test_a_column_that_says_otherwise_is_doubted_at_its_cell(header: str, cell: Any, rule_id: str) -> None:
    for doubts in doubts_of(header, cell):
        assert doubts == [(rule_id, "F3")]


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("所属月份", "2023-06"), ("月份", "6月"), ("件数", 1), ("家次", 1), ("件数", ""), ("更正后立案日期", ""),
        ("是否本月新增", "是"),
        ("数量", 5), ("备注", "补报"),
    ],
)  # fmt: skip
def test_a_column_that_says_the_same_is_no_doubt(header: str, cell: Any) -> None:
    for doubts in doubts_of(header, cell):
        assert doubts == []


@pytest.mark.parametrize(("title", "is_doubted"), [
    ("2023年6月立案台账（累计）", True), ("立案台账（年初至今）", True), ("立案台账", False), ("立案台账（本月累计）", False),
    ("注：累计数由市局计算", False),
])  # fmt: skip
def test_a_cumulative_title_is_doubted(title: str, is_doubted: bool) -> None:
    rules = [doubt["rule_id"] for doubt in read_cells(case_cells(above=[[title]])).findings]
    assert rules == (["submission.cumulative"] if is_doubted else [])

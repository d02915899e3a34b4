"""Sheets without a header that go on with the table of the sheet before them."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import rows_of, sheet_cells, workbook_bytes
from tests.support.sheets import case_cells
from tests.support.validation import CITY, INDEX, PATH, read
from transforms.read.bulk.read_in_bulk import read_in_bulk

BELOW = case_cells(*({"case_no": f"某环立〔2023〕{number}号"} for number in range(2, 5)))[1:]
HTML = "<html><meta charset='utf-8'>{}</html>"


def html_table(rows: list[list[Any]]) -> str:
    cells = ("".join(f"<td>{'' if cell is None else cell}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        (BELOW, "1–3"),
        ([[number, *row] for number, row in enumerate(BELOW, 2)], "1–3"),
        ([["续表"], *BELOW], "2–4"),
        ([*BELOW[:1], [], *BELOW[1:]], "1、3–4"),
        (BELOW[:1], "1"),
        ([[f"立案登记{number}", *row[1:]] for number, row in enumerate(BELOW)], "1–3"),
    ],
)
@pytest.mark.parametrize("tab", ["Sheet2", "续表"])
def test_rows_without_a_header_are_an_error_that_names_them(
    rows: list[list[Any]], numbers: str, tab: str
) -> None:
    data = workbook_bytes({"立案台账": case_cells(), tab: rows})
    for file in (read(data), *read_in_bulk([(PATH, data)], CITY, INDEX)):
        (error,) = file.findings
        assert (error["rule_id"], error["severity"], error["sheet"]) == (
            "sheet.looks_continued",
            "error",
            tab,
        )
        assert f"第 {numbers} 行没有计入" in compose_message(error)
        (submission,) = file.submissions
        assert submission.rows["source_row"].tolist() == [2]


def test_the_sheet_may_stand_before_its_table_and_behind_another_ledgers() -> None:
    payments = sheet_cells("payments", rows_of("payments", {}))
    for order in (("立案台账", "续", "缴纳"), ("续", "缴纳", "立案台账"), ("立案台账", "缴纳", "续")):
        sheets = {"立案台账": case_cells(), "续": BELOW, "缴纳": payments}
        file = read(workbook_bytes({name: sheets[name] for name in order}))
        (error,) = file.findings
        assert error["rule_id"] == "sheet.looks_continued"
        assert "像是“立案台账”的续页" in compose_message(error)


def test_a_second_html_table_without_a_header_is_an_error() -> None:
    file = read(HTML.format(html_table(case_cells()) + "<p>第2页</p>" + html_table(BELOW)).encode())
    assert [error["rule_id"] for error in file.findings] == ["sheet.looks_continued"]


@pytest.mark.parametrize(
    "rows",
    [
        [["填表说明"], ["1、按月填报"], ["2、2023年6月起执行"]],
        [["星河区", 3, 20000], ["临江市", 5, 1000]],
        [["法人及非法人组织"], ["自然人"]],
        [["张三", "13800000000", "执法一大队"]],
        [["张三", "13800000000", "执法一大队", "2023-06-01"], ["填表", None, None, "2023-06-01"]],
    ],
)
def test_notes_sums_and_lists_are_not_taken_for_a_continuation(rows: list[list[Any]]) -> None:
    file = read(workbook_bytes({"立案台账": case_cells(), "Sheet2": rows}))
    assert [notice["rule_id"] for notice in file.findings] == ["sheet.not_a_ledger"]

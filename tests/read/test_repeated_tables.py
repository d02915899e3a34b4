"""Tables of a file that repeat others of its ledger are left out, and named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.counties import rows_of, sheet_cells, workbook_bytes
from tests.support.sheets import case_cells, rejection
from tests.support.validation import read
from transforms.read.layout.submission import FileRead

HEADER = case_cells({})[:1]


def cases(*numbers: int, day: str = "2023-06-05", **options: Any) -> list[list[Any]]:
    rows = ({"case_no": f"某环立(星)〔2023〕{number}号", "filed_on": day} for number in numbers)
    return case_cells(*rows, **options)


def read_tabs(**tabs: list[list[Any]]) -> FileRead:
    return read(workbook_bytes(tabs))


def left_out(file_read: FileRead) -> list[tuple[str, str, str]]:
    return [(entry["rule_id"], entry["sheet"], entry["severity"]) for entry in file_read.findings]


def counts(file_read: FileRead) -> list[tuple[str, int]]:
    return [(submission.sheet, len(submission.rows)) for submission in file_read.submissions]


def is_refused(file_read: FileRead) -> bool:
    (submission,) = file_read.submissions
    return rejection(submission)["rule_id"] == "submission.several_sheets"


def test_a_header_alone_beside_a_filled_table_is_left_out() -> None:
    file_read = read_tabs(模板=HEADER, 立案=cases(1))
    assert counts(file_read) == [("立案", 1)]
    assert left_out(file_read) == [("sheet.only_header", "模板", "notice")]


def test_a_zero_report_beside_rows_is_not() -> None:
    assert is_refused(read_tabs(一中队=[*HEADER, ["本月无"]], 二中队=cases(1)))
    assert is_refused(read_tabs(一中队=HEADER, 二中队=HEADER))


@pytest.mark.parametrize("name", ["示例", "填写说明", "样表"])
def test_an_example_beside_a_table_is_left_out_with_a_warning(name: str) -> None:
    file_read = read_tabs(**{"立案": cases(1), name: cases(99)})
    assert counts(file_read) == [("立案", 1)]
    assert left_out(file_read) == [("sheet.example_tab", name, "warning")]
    assert counts(read_tabs(**{name: cases(99)})) == [(name, 1)]


def test_a_list_of_all_rows_is_read_in_place_of_its_parts() -> None:
    file_read = read_tabs(一中队=cases(1), 二中队=cases(2), 汇总=cases(1, 2))
    assert counts(file_read) == [("汇总", 2)]
    assert left_out(file_read) == [
        ("sheet.in_other_sheets", "一中队", "notice"),
        ("sheet.in_other_sheets", "二中队", "notice"),
    ]


def test_a_list_of_several_months_is_left_out() -> None:
    may = cases(1, day="2023-05-05")
    file_read = read_tabs(**{"5月": may, "6月": cases(2), "汇总": [*may, cases(2)[1]]})
    assert counts(file_read) == [("6月", 1)]
    assert left_out(file_read)[0] == ("sheet.in_other_sheets", "汇总", "notice")


def test_a_copy_called_a_summary_is_left_out() -> None:
    assert counts(read_tabs(汇总=cases(1), 明细=cases(1))) == [("明细", 1)]


@pytest.mark.parametrize(
    "tabs",
    [
        {"一中队": cases(1), "二中队": cases(2), "汇总": cases(1, 2, 3)},
        {"一中队": cases(1), "二中队": cases(2, 3), "汇总": cases(1, 2)},
        {"一中队": cases(1), "汇总": cases(1, day="2023-06-06")},
        {"一中队": cases(1), "二中队": cases(2)},
        {"统计": cases(1), "汇总": cases(1)},
    ],
)
def test_tables_that_differ_are_refused_as_before(tabs: dict[str, list[list[Any]]]) -> None:
    assert is_refused(read_tabs(**tabs))


def test_equal_numbers_in_other_units_are_no_equal_rows() -> None:
    cells = sheet_cells("penalties", rows_of("penalties", {"fine_fen": 3.5}))
    in_yuan = [[text.replace("罚款金额(万元)", "罚款金额(元)") for text in cells[0]], cells[1]]
    assert is_refused(read(workbook_bytes({"处罚": cells, "汇总": in_yuan})))

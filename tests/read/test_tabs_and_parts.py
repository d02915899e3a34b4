"""Several months or units in one file: in its tabs, or below labels in the midst of a sheet."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.ledgers.finding import compose_message
from tests.support.counties import csv_bytes, workbook_bytes
from tests.support.sheets import TITLE, case_cells, rule_ids_of
from tests.support.validation import read
from transforms.read import FileRead

JUNE = "2023-06/临江市/a.xlsx"


def table(serial: int, above: Any = ()) -> list[list[Any]]:
    return case_cells({"case_no": f"某环立〔2023〕{serial}号"}, above=above)


def read_tabs(*tabs: str, path: str = JUNE, above: Any = ()) -> FileRead:
    return read(workbook_bytes({tab: table(number, above) for number, tab in enumerate(tabs, 1)}), path)


def reports(file: FileRead) -> list[tuple[Any, ...]]:
    return [
        (entry.sheet, entry.unit_code, entry.period) for entry in file.submissions if not entry.is_rejected
    ]


def rules(file: FileRead) -> list[str]:
    return [finding["rule_id"] for finding in file.findings] + [
        rule for entry in file.submissions for rule in rule_ids_of(entry)
    ]


@pytest.mark.parametrize(
    "tabs", [("5月", "6月"), ("2023-05", "2023-06"), ("四月", "五月", "六月"), ("5月立案", "Sheet2")]
)
def test_the_tab_of_the_folders_month_is_read_and_the_others_are_named(tabs: tuple[str, ...]) -> None:
    file = read_tabs(*tabs)
    assert reports(file) == [(tabs[-1], "990181", "2023-06")]
    assert rules(file) == ["file.sheets_left_out"]
    message = compose_message(file.findings[0])
    assert all(f"“{tab}”" in message for tab in tabs[:-1])
    assert "请合并" not in message


def test_the_tab_of_the_folders_unit_is_read_and_the_others_are_named() -> None:
    file = read_tabs("长岭县", "临江市", "星河区")
    assert reports(file) == [("临江市", "990181", "2023-06")]
    assert rules(file) == ["file.sheets_left_out"]
    assert "“长岭县”、“星河区”" in compose_message(file.findings[0])


def test_the_tab_of_another_unit_alone_is_refused() -> None:
    file = read_tabs("长岭县")
    assert (reports(file), rules(file)) == ([], ["submission.tab_of_other_unit"])


def test_tabs_of_other_months_alone_are_refused() -> None:
    file = read_tabs("4月", "5月")
    assert reports(file) == []
    assert {rule for rule in rules(file) if rule != "submission.month_doubted"} == {
        "submission.tabs_of_other_months"
    }


@pytest.mark.parametrize(
    ("path", "above", "tabs", "expected"),
    [
        ("临江市/a.xlsx", [], ("2023年5月", "2023年6月"), [("990181", "2023-05"), ("990181", "2023-06")]),
        ("临江市/2023年.xlsx", [], ("5月", "六月"), [("990181", "2023-05"), ("990181", "2023-06")]),
        ("临江市/a.xlsx", [["2023年立案台账"]], ("5月", "6月"), [("990181", "2023-05"), ("990181", "2023-06")]),
        ("2023-06/a.xlsx", [], ("临江市", "长岭县"), [("990181", "2023-06"), ("990121", "2023-06")]),
    ],
)  # fmt: skip
def test_tabs_are_so_many_reports_where_nothing_contradicts_them(
    path: str, above: list[Any], tabs: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    file = read_tabs(*tabs, path=path, above=above)
    assert (reports(file), rules(file)) == (
        [(tab, *report) for tab, report in zip(tabs, expected, strict=True)],
        [],
    )


def test_two_tabs_of_one_month_are_refused_without_the_advice_to_merge_them() -> None:
    file = read_tabs("明细1", "明细2")
    (submission,) = file.submissions
    assert rule_ids_of(submission) == ["submission.several_sheets"]
    assert "请合并" not in compose_message(submission.findings[0])


def stack(*parts: list[Any]) -> list[list[Any]]:
    cells = table(1)
    for number, label in enumerate(parts, 2):
        cells += [label, *table(number)[1:]]
    return cells


@pytest.mark.parametrize(
    ("label", "rule_id"),
    [
        (["填报单位：长岭县"], "sheet.rows_of_other_unit"),
        (["填报单位", "长岭县"], "sheet.rows_of_other_unit"),
        (["长岭县"], "sheet.rows_of_other_unit"),
        (["二、长岭县"], "sheet.rows_of_other_unit"),
        (["长岭县分局2023年6月立案台账"], "sheet.rows_of_other_unit"),
        (["填报期间：2023年5月"], "file.sheets_left_out"),
        (["填报期间：5月"], "file.sheets_left_out"),
    ],
)
@pytest.mark.parametrize("is_csv", [False, True])
def test_rows_below_a_label_of_another_unit_or_month_are_not_counted_here(
    label: list[Any], rule_id: str, is_csv: bool
) -> None:
    cells = stack(label)
    file = (
        read(csv_bytes(cells), "2023-06/临江市/a.csv")
        if is_csv
        else read(workbook_bytes({TITLE: cells}), JUNE)
    )
    (submission,) = file.submissions
    assert (submission.unit_code, submission.rows["source_row"].tolist()) == ("990181", [2])
    assert rules(file) == [rule_id]
    if rule_id == "sheet.rows_of_other_unit":
        (error,) = submission.findings
        assert (error["severity"], error["row"]) == ("error", 3)
        assert "第 4 行没有计入" in compose_message(error)
        assert "长岭县" in compose_message(error)


@pytest.mark.parametrize(
    "label", [["填报单位：临江市"], ["临江市"], ["填报期间：2023年6月"], ["6月份"], ["一、立案案件"]]
)
def test_a_label_that_fits_begins_no_other_report(label: list[Any]) -> None:
    file = read(workbook_bytes({TITLE: stack(label)}), JUNE)
    (submission,) = file.submissions
    assert {2, 4} <= set(submission.rows["source_row"])


def test_a_row_with_a_party_of_another_county_is_no_label() -> None:
    file = read(workbook_bytes({TITLE: stack(["长岭县某某化工有限公司"])}), JUNE)
    (submission,) = file.submissions
    assert submission.unit_code == "990181"


def test_parts_in_a_folder_without_unit_are_their_units() -> None:
    cells = [["填报单位：临江市"], *stack(["填报单位：长岭县"])]
    file = read(workbook_bytes({TITLE: cells}), "2023-06/a.xlsx")
    assert [entry[1:] for entry in reports(file)] == [("990181", "2023-06"), ("990121", "2023-06")]


@pytest.mark.parametrize(
    "names", [("长岭县", "临江市", "星河区"), ("一、长岭县", "二、临江市", "三、星河区")]
)
def test_of_several_units_below_one_header_only_the_own_rows_are_read(names: tuple[str, ...]) -> None:
    cells = [table(1)[0]]
    for number, name in enumerate(names):
        cells += [[name], *table(number)[1:]]
    file = read(workbook_bytes({TITLE: cells}), JUNE)
    (submission,) = file.submissions
    assert submission.rows["source_row"].tolist() == [5]
    assert [error["row"] for error in submission.findings] == [2, 6]
    assert set(rule_ids_of(submission)) == {"sheet.rows_of_other_unit"}


def test_another_table_of_the_sheet_that_is_rejected_is_told_beside_the_accepted_one() -> None:
    other = [[*row, row[0]] for row in table(2)]
    file = read(workbook_bytes({TITLE: [*table(1), [], ["立案台账（二）"], *other]}), JUNE)
    (submission,) = file.submissions
    assert submission.rows["source_row"].tolist() == [2]
    (error,) = submission.findings
    assert (error["rule_id"], error["severity"], error["row"]) == ("sheet.table_left_out", "error", 5)
    assert "第 6 行没有计入" in compose_message(error)


@pytest.mark.parametrize(
    ("heading", "is_doubted"),
    [
        (["（二）长岭县（2件）"], True),
        (["长岭县小计", None, None, None, 1], True),
        (["（二）重大案件（2件）"], False),
        (["临江市小计", None, None, None, 1], False),
        (["长岭县某某化工有限公司 小计", None, None, None, 1], False),
    ],
)
def test_a_heading_between_rows_that_names_another_unit_is_doubted(
    heading: list[Any], is_doubted: bool
) -> None:
    (submission,) = read(workbook_bytes({TITLE: stack(heading)}), JUNE).submissions
    assert submission.rows["source_row"].tolist() == [2, 4]
    assert ("submission.unit_doubted" in rule_ids_of(submission)) is is_doubted

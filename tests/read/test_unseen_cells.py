"""Cells that a person does not see, and comments that correct a cell."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
import xlwt

from schemas.ledgers.finding import compose_message
from tests.support.counties import rows_of, sheet_cells
from tests.support.sheets import rule_ids_of
from tests.support.validation import CITY, INDEX, PATH, read_one
from transforms.read import Submission
from transforms.read.bulk.read_in_bulk import read_in_bulk

PAYMENTS = sheet_cells(
    "payments", rows_of("payments", *({"receipt_no": f"P-{number}"} for number in range(3)))
)
LOOKS: dict[str, dict[str, Any]] = {
    "white": {"font_color": "#FFFFFF"},
    "white on white": {"font_color": "#FFFFFF", "bg_color": "#FFFFFF"},
    "no format": {"num_format": ";;;"},
    "white on blue": {"font_color": "#FFFFFF", "bg_color": "#1F4E79"},
    "grey": {"font_color": "#A6A6A6"},
}


def xlsx_of(
    look: str = "", cells: Any = ((2, 2),), column: Any = None, row: Any = None, note: str = "",
    of_header: str = "应为元，如 35000", printed: str = "",
) -> bytes:  # fmt: skip
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet("罚款缴纳台账")
        heading = book.add_format({"font_color": "#FFFFFF", "bg_color": "#4472C4"})
        for index, line in enumerate(PAYMENTS):
            sheet.write_row(index, 0, line, heading if index == 0 else None)
        style = book.add_format(LOOKS[look]) if look else None
        for line, column_index in cells if look else ():
            sheet.write(line, column_index, PAYMENTS[line][column_index], style)
        if column:
            sheet.set_column(2, 2, *column)
        if row:
            sheet.set_row(2, *row)
        if note:
            sheet.write_comment(2, 2, note, {"author": "李四"})
            sheet.write_comment(0, 2, of_header)
        if printed:
            sheet.set_header(printed)
    return data.getvalue()


def xls_of(style: str) -> bytes:
    book, data = xlwt.Workbook(encoding="utf-8"), io.BytesIO()
    sheet = book.add_sheet("罚款缴纳台账")
    for index, line in enumerate(PAYMENTS):
        for column, cell in enumerate(line):
            chosen = (xlwt.easyxf(style),) if (index, column) == (2, 2) else ()
            sheet.write(index, column, cell, *chosen)
    book.save(data)
    return data.getvalue()


def read_both(data: bytes) -> list[Submission]:
    return [read_one(data), *read_in_bulk([(PATH, data)], CITY, INDEX)[0].submissions]


@pytest.mark.parametrize("look", ["white", "white on white", "no format"])
def test_a_cell_that_shows_nothing_is_doubted(look: str) -> None:
    for submission in read_both(xlsx_of(look)):
        (doubt,) = submission.findings
        assert (doubt["rule_id"], doubt["cell"]) == ("row.unseen", "C3")
        assert "第 3 行的“缴款金额(元)”是白色的字或不显示的格式" in compose_message(doubt)


@pytest.mark.parametrize(
    "style", ["font: colour white", "font: colour white; pattern: pattern solid, fore_colour white"]
)
def test_a_white_cell_of_an_xls_is_doubted(style: str) -> None:
    assert rule_ids_of(read_one(xls_of(style))) == ["row.unseen"]


@pytest.mark.parametrize(
    "style", ["font: colour white; pattern: pattern solid, fore_colour blue", "font: bold on"]
)
def test_a_cell_of_an_xls_that_is_seen_is_no_doubt(style: str) -> None:
    assert rule_ids_of(read_one(xls_of(style))) == []


@pytest.mark.parametrize("look", ["white on blue", "grey"])
def test_a_cell_that_is_seen_is_no_doubt(look: str) -> None:
    for submission in read_both(xlsx_of(look)):
        assert rule_ids_of(submission) == []


def test_a_white_row_is_one_finding() -> None:
    (doubt,) = read_one(xlsx_of("white", [(2, column) for column in range(5)])).findings
    assert "等 5 栏" in compose_message(doubt)


@pytest.mark.parametrize("column", [(None, None, {"hidden": True}), (0,)])
def test_a_hidden_column_of_amounts_is_doubted(column: Any) -> None:
    for submission in read_both(xlsx_of(column=column)):
        (doubt,) = submission.findings
        assert (doubt["rule_id"], doubt["cell"]) == ("sheet.hidden_column", "C1")


def test_a_row_without_height_is_hidden() -> None:
    for submission in read_both(xlsx_of(row=(0,))):
        assert rule_ids_of(submission) == ["sheet.hidden_rows"]


@pytest.mark.parametrize("note", ["应为3.5万", "金额有误", "350000", "此笔待核实"])
def test_a_comment_that_corrects_is_doubted_at_its_cell(note: str) -> None:
    for submission in read_both(xlsx_of(note=note)):
        (doubt,) = submission.findings
        assert (doubt["rule_id"], doubt["cell"]) == ("row.comment", "C3")
        assert note not in compose_message(doubt)


def test_another_comment_is_no_doubt() -> None:
    assert rule_ids_of(read_one(xlsx_of(note="请局长审阅"))) == []


@pytest.mark.parametrize(
    "unit",
    [
        {"note": "见附件", "of_header": "本栏按万元填"}, {"note": "见附件", "of_header": "单位：万元"},
        {"printed": "&R单位：万元"}, {"printed": "&L&P&C&\"宋体,常规\"&10金额单位：万元"},
    ],
)  # fmt: skip
def test_a_unit_in_a_comment_on_the_header_or_in_what_is_printed_must_agree(unit: dict[str, str]) -> None:
    for submission in read_both(xlsx_of(**unit)):
        (doubt,) = submission.findings
        assert doubt["rule_id"] == "submission.money_unit_conflict"
        assert "万元" in compose_message(doubt)


@pytest.mark.parametrize(
    "unit",
    [
        {"note": "见附件", "of_header": "本栏按元填，5万元写50000"},
        {"printed": "&C单位：元"},
        {"printed": "&C第&P页"},
    ],
)
def test_the_same_unit_is_no_conflict(unit: dict[str, str]) -> None:
    for submission in read_both(xlsx_of(**unit)):
        assert rule_ids_of(submission) == []

"""The blank workbooks: they allow what the definition allows, and a filled-in one has no finding."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from functools import cache
from itertools import count
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from schemas.catalogue import ledgers
from schemas.forms import EXAMPLE_MARK, INSTRUCTIONS_SHEET, LISTS_SHEET, OWN_SHEETS
from schemas.ledgers.compile_ledger import compile_ledger
from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.model import Ledger, about, column
from schemas.ledgers.types import Category, Date
from tests.support.counties import GOOD_ROWS
from tests.support.validation import CITY, list_findings, read, validate_all
from transforms.read import Submission
from transforms.template import blank_workbook
from transforms.template.words import same_row

EVERY_LEDGER = pytest.mark.parametrize("name", ledgers())
UNITS = [unit.name for unit in CITY.units]
UNIT, MONTH = "临江市", "2023年6月"
#: as Excel counts; the example is below the header, and the first row to fill in below the example
HEADER, EXAMPLE, FIRST = 6, 7, 8
TEXT_KINDS = {"text", "category", "categories", "uscc", "document_no", "identity_no"}


@cache
def blank(name: str) -> bytes:
    return blank_workbook(name, ledgers(), UNITS)


def open_template(name: str, *, is_labelled: bool = True) -> tuple[openpyxl.Workbook, Worksheet]:
    """Open a template as a clerk does, with unit and month filled in."""
    book = openpyxl.load_workbook(io.BytesIO(blank(name)))
    sheet = book[ledgers()[name].title]
    if is_labelled:
        sheet["B2"], sheet["B3"] = UNIT, MONTH
    return book, sheet


def save_book(book: openpyxl.Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read_submission(book: openpyxl.Workbook, name: str) -> Submission:
    """Read a filled-in template, from a path that names neither unit nor month."""
    file_read = read(save_book(book), f"{ledgers()[name].title}.xlsx")
    (submission,) = file_read.submissions
    assert file_read.findings == []
    return submission


def column_of(ledger: LedgerDefinition, field: str) -> int:
    """Return the column of a field: after 序号, in the definition's order."""
    return ledger.field_names().index(field) + 2


def fill_in(sheet: Worksheet, ledger: LedgerDefinition, row: int, values: dict[str, Any]) -> None:
    for field, value in values.items():
        is_date = ledger.field(field).type.kind == "date"
        sheet.cell(row, column_of(ledger, field)).value = date.fromisoformat(value) if is_date else value


def rule_of(sheet: Worksheet, row: int, column: int) -> DataValidation | None:
    name = sheet.cell(row, column).coordinate
    return next((rule for rule in sheet.data_validations.dataValidation if name in rule.sqref), None)


def drop_down_values(book: openpyxl.Workbook, rule: DataValidation) -> list[str]:
    """Return the values of a drop-down, from the rule or from the sheet that it names."""
    if rule.formula1.startswith('"'):
        return rule.formula1.strip('"').split(",")
    sheet, cells = rule.formula1.rsplit("!", 1)
    left, top, right, bottom = range_boundaries(cells)
    rows = book[sheet.strip("='")].iter_rows(top, bottom, left, right, values_only=True)
    return [str(value) for (value,) in rows]


@EVERY_LEDGER
def test_a_blank_template_is_a_zero_report_with_a_warning(name: str) -> None:
    submission = read_submission(open_template(name)[0], name)
    assert (submission.ledger, submission.unit_code, submission.period) == (name, "990181", "2023-06")
    assert set(submission.columns) == set(ledgers()[name].field_names())
    result = validate_all([submission])
    assert result.submissions["state"].tolist() == ["zero"]
    assert list_findings(result) == [("submission.no_rows", None)]


@EVERY_LEDGER
def test_an_untouched_template_says_neither_unit_nor_month(name: str) -> None:
    book, sheet = open_template(name, is_labelled=False)
    assert [finding["rule_id"] for finding in read_submission(book, name).findings] == [
        "submission.unit_missing"
    ]
    sheet["B2"] = UNIT
    assert [finding["rule_id"] for finding in read_submission(book, name).findings] == [
        "submission.period_missing"
    ]


def test_the_word_for_nothing_in_the_first_row_is_a_zero_report() -> None:
    book, sheet = open_template("cases")
    sheet.cell(FIRST, 1).value = "无"
    assert validate_all([read_submission(book, "cases")]).submissions["state"].tolist() == ["zero"]


@EVERY_LEDGER
def test_a_filled_template_is_accepted_without_a_finding(name: str) -> None:
    book, sheet = open_template(name)
    sheet.cell(FIRST, 1).value = 1
    fill_in(sheet, ledgers()[name], FIRST, GOOD_ROWS[name])
    result = validate_all([read_submission(book, name)])
    assert list_findings(result) == []
    assert result.submissions[["state", "rows"]].values.tolist() == [["accepted", 1]]


@EVERY_LEDGER
def test_the_example_row_is_right(name: str) -> None:
    book, sheet = open_template(name)
    assert sheet.cell(EXAMPLE, 1).value == EXAMPLE_MARK
    sheet.cell(EXAMPLE, 1).value = 1
    result = validate_all([read_submission(book, name)])
    assert list_findings(result) == []
    assert result.submissions[["state", "rows"]].values.tolist() == [["accepted", 1]]
    assert sheet.cell(EXAMPLE, 2).font.italic


@EVERY_LEDGER
def test_every_drop_down_offers_what_the_definition_allows(name: str) -> None:
    book, sheet = open_template(name)
    unit = rule_of(sheet, 2, 2)
    assert unit is not None
    assert drop_down_values(book, unit) == UNITS
    for field in ledgers()[name].fields:
        if field.type.kind not in ("category", "boolean"):
            continue
        rule = rule_of(sheet, FIRST, column_of(ledgers()[name], field.name))
        assert rule is not None
        assert (rule.type, rule.errorStyle, rule.showErrorMessage) == ("list", None, True)
        assert drop_down_values(book, rule) == list(field.allowed or ("是", "否"))


def test_lists_too_long_for_a_cell_are_on_a_sheet_that_is_no_ledger() -> None:
    names = [f"某某经济技术开发区第{number}分局" for number in range(1, 40)]
    book = openpyxl.load_workbook(io.BytesIO(blank_workbook("cases", ledgers(), names)))
    rule = rule_of(book["立案台账"], 2, 2)
    assert rule is not None
    assert drop_down_values(book, rule) == names
    assert book[LISTS_SHEET].sheet_state == "hidden"
    assert set(book.sheetnames) - {"立案台账"} == {INSTRUCTIONS_SHEET, LISTS_SHEET} < set(OWN_SHEETS)
    book["立案台账"]["B2"], book["立案台账"]["B3"] = UNIT, MONTH
    assert [finding["rule_id"] for finding in read_submission(book, "cases").findings] == [
        "submission.no_rows"
    ]


def test_a_choice_with_a_comma_is_one_choice() -> None:
    class Odd(Ledger):
        kind: Category = column("类型", required=True, allowed=("甲,乙", "丙"))
        held_on: Date = column("日期", required=True)

        class Config(Ledger.Config):
            metadata = about(title="怪台账", natural_key="kind", dated_by="held_on", row="一件怪事")

    book = openpyxl.load_workbook(
        io.BytesIO(blank_workbook("odd", {"odd": compile_ledger("odd", Odd)}, UNITS))
    )
    rule = rule_of(book["怪台账"], FIRST, 2)
    assert rule is not None
    assert drop_down_values(book, rule) == ["甲,乙", "丙"]


@EVERY_LEDGER
def test_columns_that_excel_could_destroy_are_text(name: str) -> None:
    _, sheet = open_template(name)
    assert sheet["B3"].number_format == "@"
    for column_number, field in zip(count(2), ledgers()[name].fields):
        number_format = sheet.column_dimensions[sheet.cell(1, column_number).column_letter].number_format
        assert (number_format == "@") == (field.type.kind in TEXT_KINDS), field.name
        assert (number_format == "yyyy-mm-dd") == (field.type.kind == "date"), field.name


@EVERY_LEDGER
def test_entries_must_be_of_their_kind(name: str) -> None:
    _, sheet = open_template(name)
    expected = {
        "date": ("date", None), "money": ("decimal", None), "number": ("decimal", None), "integer": ("whole", None),
        "uscc": ("textLength", "warning"), "categories": (None, None),
    }  # fmt: skip
    for column_number, field in zip(count(2), ledgers()[name].fields):
        rule = rule_of(sheet, FIRST, column_number)
        if field.type.kind in expected:
            assert rule is not None
            assert (rule.type, rule.errorStyle) == expected[field.type.kind], field.name
            assert rule == rule_of(sheet, FIRST + 999, column_number)
        if field.type.kind == "categories":
            assert rule is not None
            assert all(value in rule.prompt for value in field.allowed)
    for rule in sheet.data_validations.dataValidation:
        assert rule.error or rule.prompt


@EVERY_LEDGER
def test_every_header_has_its_note(name: str) -> None:
    ledger = ledgers()[name]
    _, sheet = open_template(name)
    assert sheet.cell(HEADER, 1).value == "序号"
    for column_number, field in zip(count(2), ledger.fields):
        cell = sheet.cell(HEADER, column_number)
        assert cell.value == ("*" if field.required else "") + field.header
        note = cell.comment.text
        assert ("【必填】" in note) == field.required
        assert ("个人信息，不公开" in note) == field.private
        assert all(value in note for value in field.allowed)
        assert all(
            row_rule.rule.source in note for row_rule in ledger.row_rules if row_rule.field == field.name
        )
        assert has_example(field, note), field.name


def has_example(field: LedgerField, note: str) -> bool:
    """Check that a note has the choices, an example, or says when the field is to be filled in."""
    if field.type.kind == "money":
        return "万元填 35000" in note or "元填 3.5" in note
    return bool(field.allowed) or field.type.kind == "boolean" or "，如 " in note or bool(field.hint)


@EVERY_LEDGER
def test_the_page_of_instructions_names_every_field(name: str) -> None:
    ledger = ledgers()[name]
    page = open_template(name)[0][INSTRUCTIONS_SHEET]
    rows = list(page.iter_rows(values_only=True))
    heading_index = rows.index(("栏目", "是否必填", "填什么", "说明"))
    assert [row[0] for row in rows[heading_index + 1 :]] == [field.header for field in ledger.fields]
    assert {row[1] for row in rows[heading_index + 1 :]} <= {"必填", "视情况必填", "选填"}
    texts = "".join(str(row[0]) for row in rows[:heading_index])
    assert same_row(ledger) in texts
    assert "零报告" in texts
    assert ("万元填 3.5" in texts) == any(field.type.kind == "money" for field in ledger.fields)


def test_the_key_in_words() -> None:
    told_by = {name: same_row(ledgers()[name]) for name in ("cases", "payments", "inspections", "officers")}
    assert told_by == {
        "cases": "“案号”相同的，算同一条。",
        "payments": "“票据号”相同的，算同一条；没有填“票据号”的，"
        "“行政处罚决定书文号”、“缴款日期”、“缴款金额(元)”、“分期序号”都相同的，算同一条。",
        "inspections": "“任务编号”、“统一社会信用代码”（没有填的看“检查对象”）、“检查日期”都相同的，算同一条；"
        "没有填“任务编号”的，"
        "“统一社会信用代码”（没有填的看“检查对象”）、“检查日期”、“检查类型”都相同的，算同一条。",
        "officers": "“人员编号”、填报单位都相同的，算同一条。",
    }


@EVERY_LEDGER
def test_nothing_in_a_template_runs(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(blank(name))) as parts:
        names = parts.namelist()
        sheets = "".join(
            parts.read(name).decode() for name in names if name.startswith("xl/worksheets/sheet")
        )
    assert not [
        part
        for part in names
        if "vba" in part.lower() or "external" in part.lower() or "embed" in part.lower()
    ]
    assert not any(tag in sheets for tag in ("<f>", "<f ", "<hyperlink", "<conditionalFormatting"))


@EVERY_LEDGER
def test_prints_on_whole_pages_and_repeats_its_header(name: str) -> None:
    _, sheet = open_template(name)
    assert sheet.freeze_panes == f"C{EXAMPLE}"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
    assert sheet.print_title_rows == f"${HEADER}:${HEADER}"


@EVERY_LEDGER
def test_the_same_definition_makes_the_same_bytes(name: str) -> None:
    assert blank_workbook(name, ledgers(), UNITS) == blank(name)


def test_a_wrong_entry_is_reported_with_its_cell() -> None:
    book, sheet = open_template("payments")
    ledger = ledgers()["payments"]
    fill_in(sheet, ledger, FIRST, GOOD_ROWS["payments"])
    fill_in(sheet, ledger, FIRST + 1, {**GOOD_ROWS["payments"], "receipt_no": "P-2", "kind": "罚金"})
    sheet.cell(FIRST + 1, column_of(ledger, "paid_on")).value = "上个月"
    findings = validate_all([read_submission(book, "payments")]).findings
    assert findings[["rule_id", "cell", "column"]].values.tolist() == [
        ["payments.paid_on.not_a_date", "C9", "*缴款日期"],
        ["payments.kind.allowed", "E9", "*缴款类别"],
    ]

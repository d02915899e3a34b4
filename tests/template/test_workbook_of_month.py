"""The template with all ledgers of a month: filled in, ticked, spoiled, and read again."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from schemas.catalogue import ledgers
from schemas.forms import INSTRUCTIONS_SHEET, NOTHING_SHEET, NOTHING_TICKS
from schemas.ledgers.finding import FINDING_COLUMNS
from schemas.reporting.replacement import TICKS
from tests.support.counties import GOOD_ROWS
from tests.support.validation import CITY, INDEX, read, validate_all
from tests.template.test_template import FIRST, UNITS, fill_in, save_book
from transforms.read import FileRead
from transforms.read.bulk.read_in_bulk import read_in_bulk
from transforms.receipt.make import make_receipt
from transforms.receipt.subject import ReceiptSubject, receipt_findings
from transforms.template import Prefilled, name_of_month, workbook_of_month

NAMES = ("cases", "penalties", "permits")
TITLES = {name: ledgers()[name].title for name in NAMES}
CASES, PENALTIES, PERMITS = TITLES.values()
PREFILLED = Prefilled("临江市", "2023年6月")
OF_UNIT = ("990181", "2023-06")


@cache
def blank() -> bytes:
    return workbook_of_month(NAMES, ledgers(), UNITS, PREFILLED)


def open_book() -> tuple[openpyxl.Workbook, Worksheet]:
    book = openpyxl.load_workbook(io.BytesIO(blank()))
    return book, book[NOTHING_SHEET]


def tick(sheet: Worksheet, marks: Mapping[str, Any]) -> None:
    """Write into the cells beside the titles of ledgers."""
    rows = {cell.value: cell.row for cell in sheet["A"]}
    for title, mark in marks.items():
        sheet.cell(rows[title], 2).value = mark


def read_again(book: openpyxl.Workbook, path: str = "报表.xlsx") -> FileRead:
    """Read a saved workbook, by itself and with others, which must agree."""
    data = save_book(book)
    result = read(data, path)
    (in_bulk,) = read_in_bulk([(path, data)], CITY, INDEX)
    assert outcome(result) == outcome(in_bulk)
    return result


def outcome(result: FileRead) -> tuple[Any, ...]:
    reports = [
        (entry.ledger, entry.unit_code, entry.period, entry.sheet, entry.span and entry.span.count)
        for entry in result.submissions
    ]
    own = [finding["rule_id"] for entry in result.submissions for finding in entry.findings]
    return reports, own, [finding["rule_id"] for finding in result.findings]


def reports_of(result: FileRead) -> dict[str | None, tuple[str, int | None]]:
    """Return sheet and number of rows of each report, which must be of unit and month of the template."""
    assert {(entry.unit_code, entry.period) for entry in result.submissions} == {OF_UNIT}
    return {entry.ledger: (entry.sheet, entry.span and entry.span.count) for entry in result.submissions}


def test_ticked_ledgers_are_zero_reports_and_filled_ones_have_their_rows() -> None:
    book, sheet = open_book()
    fill_in(book[CASES], ledgers()["cases"], FIRST, GOOD_ROWS["cases"])
    tick(sheet, {PENALTIES: "√", PERMITS: "是"})
    result = read_again(book)
    assert reports_of(result) == {"cases": (CASES, 1), "penalties": (PENALTIES, 0), "permits": (PERMITS, 0)}
    assert result.findings == []
    validated = validate_all(result.submissions)
    assert validated.submissions["state"].tolist() == ["accepted", "zero", "zero"]
    assert validated.findings.empty


@pytest.mark.parametrize("mark", [*TICKS, *NOTHING_TICKS, 1, 1.0, True, "yes", "ｘ", " √ ", "√√", "V", "v"])
def test_every_way_to_tick(mark: Any) -> None:
    book, sheet = open_book()
    tick(sheet, {PERMITS: mark})
    result = read(save_book(book), "报表.xlsx")
    assert reports_of(result) == {"permits": (PERMITS, 0)}
    assert [finding["rule_id"] for finding in result.findings] == ["file.not_reported"]
    assert f"{CASES}、{PENALTIES}" in result.findings[0]["problem"]


@pytest.mark.parametrize("mark", ["", "否", 0, False, "□", "no", "-", "有"])
def test_what_is_not_ticked_and_empty_is_not_reported(mark: Any) -> None:
    book, sheet = open_book()
    tick(sheet, {CASES: "√", PERMITS: mark})
    result = read_again(book)
    assert reports_of(result) == {"cases": (CASES, 0)}
    assert [finding["rule_id"] for finding in result.findings] == ["file.not_reported"]


def test_an_untouched_workbook_reports_nothing() -> None:
    result = read_again(open_book()[0])
    (submission,) = result.submissions
    assert (submission.unit_code, submission.period, submission.is_rejected) == (*OF_UNIT, True)
    assert [finding["rule_id"] for finding in submission.findings] == ["submission.nothing_filled"]


def test_the_word_for_none_in_a_table_counts_without_a_tick() -> None:
    book, _ = open_book()
    book[CASES].cell(FIRST, 1).value = "无"
    assert reports_of(read_again(book)) == {"cases": (CASES, 0)}


def test_a_tick_beside_rows_is_doubted_and_the_rows_are_taken() -> None:
    book, sheet = open_book()
    fill_in(book[CASES], ledgers()["cases"], FIRST, GOOD_ROWS["cases"])
    tick(sheet, {CASES: "√", PENALTIES: "√", PERMITS: "√"})
    result = read_again(book)
    assert reports_of(result)["cases"] == (CASES, 1)
    (finding,) = result.findings
    assert (finding["rule_id"], finding["sheet"], finding["cell"]) == (
        "sheet.ticked_with_rows",
        NOTHING_SHEET,
        "B7",
    )
    assert CASES in finding["problem"]


@pytest.mark.parametrize("mark", ["？", "不清楚", "3", "√？"])
def test_a_tick_that_nobody_can_read_is_an_error(mark: str) -> None:
    book, sheet = open_book()
    tick(sheet, {CASES: "√", PENALTIES: "√", PERMITS: mark})
    result = read_again(book)
    assert "permits" not in reports_of(result)
    unclear, left_out = result.findings
    assert (unclear["rule_id"], unclear["cell"], unclear["value"]) == ("sheet.tick_unclear", "B9", mark)
    assert left_out["rule_id"] == "file.not_reported"


def test_spoiled_names_of_ledgers() -> None:
    book, sheet = open_book()
    tick(sheet, {CASES: "√", PENALTIES: "√", PERMITS: "√"})
    sheet["A7"], sheet["A8"], sheet["A9"] = "立案", "处罚的那张表", f"3、{PERMITS}（没有）"
    sheet["A10"], sheet["B10"] = PERMITS, "√"
    result = read_again(book)
    assert set(reports_of(result)) == {"cases", "permits"}
    assert [(finding["rule_id"], finding["cell"]) for finding in result.findings] == [
        ("sheet.tick_of_no_ledger", "A8"),
        ("file.not_reported", None),
    ]


def test_a_ticked_ledger_whose_sheet_was_deleted_is_a_zero_report() -> None:
    book, sheet = open_book()
    tick(sheet, {CASES: "√", PENALTIES: "√", PERMITS: "√"})
    del book[PENALTIES], book[PERMITS], book[INSTRUCTIONS_SHEET]
    result = read_again(book)
    assert reports_of(result) == {
        "cases": (CASES, 0),
        "penalties": (NOTHING_SHEET, 0),
        "permits": (NOTHING_SHEET, 0),
    }
    validated = validate_all(result.submissions)
    assert validated.submissions["state"].tolist() == ["zero"] * 3
    assert validated.findings.empty


def test_the_sheet_alone_reports_what_is_ticked_and_needs_unit_and_month() -> None:
    book, sheet = open_book()
    tick(sheet, {CASES: "√"})
    for title in (*TITLES.values(), INSTRUCTIONS_SHEET):
        del book[title]
    assert reports_of(read_again(book)) == {"cases": (NOTHING_SHEET, 0)}
    sheet["B3"] = None
    (submission,) = read_again(book).submissions
    assert [finding["rule_id"] for finding in submission.findings] == ["submission.period_missing"]
    (submission,) = read_again(book, "2023-06/临江市/报表.xlsx").submissions
    assert (submission.unit_code, submission.period) == OF_UNIT
    (submission,) = read_again(book, "2023-06/星河区/报表.xlsx").submissions
    assert [finding["rule_id"] for finding in submission.findings] == ["submission.unit_conflict"]


def test_a_ledger_on_a_sheet_of_that_name_stays_a_ledger() -> None:
    book, _ = open_book()
    del book[NOTHING_SHEET], book[PENALTIES], book[PERMITS]
    book[CASES].title = NOTHING_SHEET
    (submission,) = read_again(book).submissions
    assert (submission.ledger, submission.sheet, submission.is_rejected) == ("cases", NOTHING_SHEET, False)


def test_in_a_zip_a_sheet_speaks_for_its_own_workbook() -> None:
    book, sheet = open_book()
    tick(sheet, dict.fromkeys(TITLES.values(), "√"))
    other, other_sheet = open_book()
    for prefilled in other.worksheets[:-1]:
        if prefilled.title != INSTRUCTIONS_SHEET:
            prefilled["B3"] = "2023年7月"
    tick(other_sheet, {CASES: "√"})
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("六月.xlsx", save_book(book))
        archive.writestr("七月.xlsx", save_book(other))
    result = read(data.getvalue(), "临江市.zip")
    reports = sorted((entry.period, entry.ledger) for entry in result.submissions)
    june = [("2023-06", name) for name in NAMES]
    assert reports == [*june, ("2023-07", "cases")]


def test_a_receipt_marks_the_tick() -> None:
    book, sheet = open_book()
    fill_in(book[CASES], ledgers()["cases"], FIRST, GOOD_ROWS["cases"])
    tick(sheet, {CASES: "√", PENALTIES: "√", PERMITS: "√"})
    data = save_book(book)
    findings = receipt_findings(pd.DataFrame(read(data, "报表.xlsx").findings, columns=FINDING_COLUMNS))
    receipt = make_receipt(data, ReceiptSubject("报表.xlsx", "0" * 64, "", "0", [], findings))
    marked = openpyxl.load_workbook(io.BytesIO(receipt))[NOTHING_SHEET]["B7"]
    assert CASES in marked.comment.text
    assert reports_of(read(receipt, "报表-回执.xlsx")) == reports_of(read(data, "报表.xlsx"))


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_saved_by_libreoffice(tmp_path: Path) -> None:
    """LibreOffice writes cells, lists and ticks in its own way; it takes some seconds to start."""
    book, sheet = open_book()
    fill_in(book[CASES], ledgers()["cases"], FIRST, GOOD_ROWS["cases"])
    tick(sheet, {PENALTIES: "√", PERMITS: "1"})
    (tmp_path / "in").mkdir()
    file = tmp_path / "in" / "a.xlsx"
    file.write_bytes(save_book(book))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path),
        str(file),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    result = read((tmp_path / "a.xlsx").read_bytes(), "报表.xlsx")
    assert reports_of(result) == {"cases": (CASES, 1), "penalties": (PENALTIES, 0), "permits": (PERMITS, 0)}


def test_a_name_of_a_unit_is_no_path() -> None:
    assert name_of_month(Prefilled("../临江/市", "2023年6月")) == "_临江_市2023年6月台账.xlsx"
    assert name_of_month(PREFILLED) == "临江市2023年6月台账.xlsx"


def test_the_same_workbook_has_the_same_bytes() -> None:
    assert workbook_of_month(NAMES, ledgers(), UNITS, PREFILLED) == blank()

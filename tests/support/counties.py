"""County files made for a test: rows under their template headers, as workbook or CSV, in the inbox."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from schemas.catalogue import ledgers
from schemas.reporting.replacement import DELIVERY_CHOICES

#: a row of each ledger that breaks no rule, by field; dated in June 2023
GOOD_ROWS: dict[str, dict[str, Any]] = {
    "cases": {
        "case_no": "某环立(星)〔2023〕1号", "party_name": "甲某", "party_type": "自然人", "filed_on": "2023-06-03",
        "cause": "超标排放",
    },
    "penalties": {
        "decision_no": "某环罚(星)〔2023〕1号", "party_name": "甲某", "party_type": "自然人", "violation_type": "超标排放",
        "legal_basis": "《中华人民共和国水污染防治法》第八十三条", "penalty_kinds": "罚款", "penalty_text": "罚款 3.5 万元",
        "fine_fen": 3.5, "decided_on": "2023-06-08", "authority": "某市生态环境局",
    },
    "payments": {
        "decision_no": "某环罚(星)〔2023〕1号", "paid_on": "2023-06-20", "amount_fen": 35000, "kind": "罚款",
        "receipt_no": "P-1",
    },
    "lawsuits": {"case_no": "(2023)某01行初1号", "instance": "一审", "court": "某市人民法院", "accepted_on": "2023-06-05"},
    "hearings": {
        "case_no": "(2023)某01行初1号", "instance": "一审", "heard_on": "2023-06-25", "head_appeared": "是",
        "head_post": "副局长", "head_spoke": "是",
    },
    "measures": {
        "document_no": "某环查字(星)〔2023〕1号", "kind": "查封", "party_name": "甲厂", "decided_on": "2023-06-06",
        "until_on": "2023-07-06",
    },
    "transfers": {
        "document_no": "某环移字(星)〔2023〕1号", "kind": "行政拘留", "party_name": "甲厂", "receiver": "某市公安局",
        "transferred_on": "2023-06-07", "persons_detained": 1,
    },
    "legal_reviews": {"case_no": "某环立(星)〔2023〕1号", "reviewed_on": "2023-06-07", "reviewer_kind": "法制机构"},
    "file_reviews": {"case_no": "某环立(星)〔2023〕1号", "reviewed_on": "2023-06-20", "grade": "合格", "score": 85},
    "reconsiderations": {
        "case_no": "某府复〔2023〕1号", "organ": "某市人民政府", "accepted_on": "2023-06-09", "closed_on": "2023-06-29",
        "outcome": "维持",
    },
    "court_enforcements": {
        "decision_no": "某环罚(星)〔2023〕1号", "urged_on": "2023-06-10", "applied_on": "2023-06-21", "court": "某市人民法院",
    },
    "inspections": {
        "party_name": "甲厂", "inspected_on": "2023-06-12", "kind": "日常", "task_no": "R-1", "officer_count": 2,
    },
    "petitions": {
        "petition_no": "X-1", "accepted_on": "2023-06-02", "due_on": "2023-06-30", "closed_on": "2023-06-28",
    },
    "rewards": {"report_no": "J-1", "verified_on": "2023-06-01", "amount_fen": 500, "paid_on": "2023-06-15"},
    "leniencies": {"party_name": "乙厂", "kind": "不予处罚", "decided_on": "2023-06-16"},
    "permits": {
        "acceptance_no": "S-1", "applicant_name": "丙厂", "applied_on": "2023-06-01", "accepted_on": "2023-06-02",
        "limit_working_days": 10, "closed_on": "2023-06-09", "result": "许可", "rating": "5",
    },
    "policy_reviews": {
        "document_title": "某办法", "kind": "政策措施", "result": "通过", "reviewed_on": "2023-06-13",
    },
    "exams": {
        "kind": "学法考法", "session_no": "2023-1", "held_on": "2023-06-14", "expected": 20, "took": 20, "passed": 19,
        "violations": 0,
    },
    "officers": {
        "officer_no": "R001", "certificate_no": "Z-1", "certified_on": "2023-06-01", "valid_until": "2028-05-31",
        "is_on_duty": "是",
    },
    "complaints": {
        "complaint_no": "T-1", "received_on": "2023-06-05", "closed_on": "2023-06-25", "is_upheld": "否",
    },
    "activities": {
        "kind": "法治培训", "title": "某讲座", "held_on": "2023-06-17", "expected": 12, "attended": 12,
    },
}  # fmt: skip


def rows_of(ledger: str, *changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a valid row of the ledger for each of `changes`, with these changes."""
    return [{**GOOD_ROWS[ledger], **change} for change in changes]


#: what a corrected report says of itself above its table: it replaces the earlier one, whatever that had
WHOLE_REPORT = ("本次报送：", DELIVERY_CHOICES[0])


def sheet_cells(
    ledger: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    above: Sequence[Sequence[Any]] = (),
    headers: Mapping[str, str] = {},
) -> list[list[Any]]:
    """Return the cells of a sheet: rows `above`, the header row, the data rows.

    Columns are the required fields and those that a row fills. `headers` replaces template headers, by field.
    """
    definition = ledgers()[ledger]
    used = {name for row in rows for name in row}
    fields = [field for field in definition.fields if field.required or field.name in used]
    header = [headers.get(field.name, field.header) for field in fields]
    return [*map(list, above), header, *([row.get(field.name) for field in fields] for row in rows)]


def workbook_bytes(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Make an xlsx of these sheets, by name, with formulas and error values as Excel stores them.

    Only openpyxl writes those; without them XlsxWriter is used, which is ten times faster.
    """
    cells = (cell for rows in sheets.values() for row in rows for cell in row)
    if any(isinstance(cell, str) and cell.startswith(("=", "#")) for cell in cells):
        return _write_with_openpyxl(sheets)
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(written, options) as workbook:
        for name, cells in sheets.items():
            sheet = workbook.add_worksheet(name)
            for index, row in enumerate(cells):
                sheet.write_row(index, 0, row)
    return written.getvalue()


def _write_with_openpyxl(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, cells in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in cells:
            sheet.append(list(row))
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def csv_bytes(cells: Sequence[Sequence[Any]], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in cells])
    return text.getvalue().encode(encoding)


def ledger_bytes(ledger: str, *changes: Mapping[str, Any], above: Sequence[Sequence[Any]] = ()) -> bytes:
    """Make a workbook of valid rows with these changes, in one sheet; without changes it is a zero report."""
    return workbook_bytes(
        {ledgers()[ledger].title: sheet_cells(ledger, rows_of(ledger, *changes), above=above)}
    )


def put(inbox: Path, path: str, data: bytes, arrived: str = "2023-07-05T10:00") -> Path:
    """Write a file into the inbox, with its arrival time (UTC) as mtime."""
    file = inbox / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    timestamp = datetime.fromisoformat(arrived).replace(tzinfo=UTC).timestamp()
    os.utime(file, (timestamp, timestamp))
    return file

"""Receipts made for a test: a file read, validated and rendered for the city of `validation`."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from typing import Any

import openpyxl
import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from schemas.catalogue import ledgers
from schemas.forms import RECEIPT_SHEET
from schemas.ledgers.finding import FINDING_COLUMNS
from tests.support.counties import rows_of, sheet_cells
from tests.support.validation import CITY, PATH, read, validate_all
from transforms.receipt import ReceiptSubject
from transforms.receipt.make import make_receipt
from transforms.receipt.subject import receipt_findings, sheet_results

RECEIVED_AT = "2023-07-05 10:00"
TITLE = ledgers()["penalties"].title
#: a sheet with four errors, one of them private and one of a whole row, and a warning
BAD_ROWS = rows_of(
    "penalties",
    {"decided_on": "2023-6-31", "fine_fen": "三万多"},
    {"decision_no": "某环罚(江)〔2023〕2号", "penalty_text": "罚款 4 万元"},
    {"decision_no": "某环罚(江)〔2023〕3号", "id_no": "#REF!"},
    {"decision_no": "某环罚(江)〔2023〕4号", "party_name": "丙某"},
    {"decision_no": "某环罚(江)〔2023〕4号", "party_name": "乙某"},
)
CORRECTED_ROWS = rows_of(
    "penalties", *({"decision_no": f"某环罚(江)〔2023〕{number}号"} for number in range(1, 6))
)


def bad_cells() -> list[list[Any]]:
    return sheet_cells("penalties", BAD_ROWS)


def column_of(field: str) -> str:
    headers = bad_cells()[0]
    position = headers.index(ledgers()["penalties"].field(field).header)
    return xl_col_to_name(position)


def save_workbook(workbook: Any) -> bytes:
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def subject_of(data: bytes, path: str = PATH, **attributes: Any) -> ReceiptSubject:
    """Build the receipt subject of a file as a pipeline run would."""
    file = read(data, path)
    validated = validate_all(file.submissions)
    submissions = validated.submissions.reset_index(drop=True)
    submissions["sheet"] = [submission.sheet for submission in file.submissions]
    submissions["ledger"] = [submission.ledger for submission in file.submissions]
    submissions["unit_name"] = [
        CITY.name_of(submission.unit_code) if submission.unit_code else None
        for submission in file.submissions
    ]
    submissions["period"] = [submission.period for submission in file.submissions]
    on_file = pd.DataFrame(file.findings, columns=FINDING_COLUMNS).astype(object)
    findings = pd.concat([on_file, validated.findings[FINDING_COLUMNS].astype(object)], ignore_index=True)
    outcome = {"outcomes": sheet_results(submissions), "findings": receipt_findings(findings)}
    defaults = {"received_at": RECEIVED_AT, "ruleset": "0.1.0-abc", **outcome}
    return ReceiptSubject(
        path.rsplit("/", 1)[-1], hashlib.sha256(data).hexdigest(), **{**defaults, **attributes}
    )


def receipt_of(data: bytes, path: str = PATH, **attributes: Any) -> bytes:
    return make_receipt(data, subject_of(data, path, **attributes))


def open_receipt(receipt: bytes) -> Any:
    """Open the receipt with openpyxl, formulas as formulas."""
    return openpyxl.load_workbook(io.BytesIO(receipt))


def page_of(receipt: bytes) -> str:
    """Return all text on the receipt sheet."""
    sheet = open_receipt(receipt)[RECEIPT_SHEET]
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def read_parts(receipt: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(receipt)) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


#: active content and external references anywhere in a workbook
LIVE = re.compile(
    r"<f[ >/]|hyperlink(?!sChanged)|externalLink|ddeLink|oleLink|vbaProject|<(?:xdr:)?(?:oleObject|control)\b"
    r"|connection|queryTable|calculatedColumnFormula|<conditionalFormatting|macro",
    re.IGNORECASE,
)


def find_active_content(receipt: bytes) -> list[tuple[str, str]]:
    """Return part name and text of active content in a receipt; expected empty."""
    parts = read_parts(receipt)
    matches = [
        (name, match[0]) for name, text in parts.items() if (match := LIVE.search(name + "\n" + text))
    ]
    names = re.findall(r'<definedName[^>]*name="([^"]*)"', parts["xl/workbook.xml"])
    return matches + [("definedName", name) for name in names if not name.startswith("_xlnm.Print_Titles")]


def list_file_findings(data: bytes, path: str = PATH) -> list[tuple[str, Any, Any]]:
    """Return rule, row and cell of each finding on a file."""
    return sorted(
        (finding.rule_id, finding.row, finding.cell) for finding in subject_of(data, path).findings
    )

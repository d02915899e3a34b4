"""A sheet of the cases ledger, written and read in memory, for tests of reading."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import xlwt
from counties import rows_of, sheet_cells, workbook_bytes
from judging import PLACE, read_one

from transforms.read import Submission

TITLE = "立案台账"
SOMEWHERE = "报表.xlsx"  # a path that names neither unit nor period nor ledger
LABELS = ["填报单位：临江市", "填报期间：2023年6月"]


def case_cells(*changes: dict[str, Any], above: Any = (), headers: Mapping[str, str] = {}) -> list[list[Any]]:
    return sheet_cells("cases", rows_of("cases", *(changes or ({},))), above=above, headers=headers)


def read_cells(cells: list[list[Any]], path: str = PLACE, tab: str = TITLE) -> Submission:
    return read_one(workbook_bytes({tab: cells}), path)


def rules(submission: Submission) -> list[str]:
    return [one["rule_id"] for one in submission.findings]


def refusal(submission: Submission) -> dict[str, Any]:
    """The one finding of a submission that was refused."""
    assert submission.is_rejected
    (found,) = submission.findings
    assert found["severity"] == "fatal"
    return found


def xls_bytes(sheets: dict[str, list[list[Any]]]) -> bytes:
    workbook = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, rows in sheets.items():
        sheet = workbook.add_sheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, column, cell, *([day] if isinstance(cell, date) else []))
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()

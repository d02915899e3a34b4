"""Read and validate in memory, as a pipeline run does, for an invented city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from schemas.catalogue import ledgers
from schemas.regions import parse_regions
from tests.conftest import CITY_TABLE
from tests.support.counties import rows_of, sheet_cells, workbook_bytes
from transforms.read import FileRead, HeaderIndex, Submission
from transforms.read.layout.read_file import read_file
from transforms.validate.batch import ValidationInput, ValidationResult
from transforms.validate.pipeline import validate_batch

CITY = parse_regions(CITY_TABLE)
INDEX = HeaderIndex(ledgers())
PATH = "2023-06/临江市/报表.xlsx"
RECEIVED_ON = date(2023, 7, 5)
#: the usual payments to the unit of PATH: 1,000 to 10,000,000 元
USUAL = {("payments", "amount_fen", "990181"): (1_000_00, 10_000_000_00)}


def read(data: bytes, path: str = PATH) -> FileRead:
    return read_file(path, data, CITY, INDEX)


def read_one(data: bytes, path: str = PATH) -> Submission:
    """Read a file that must contain exactly one submission."""
    (submission,) = read(data, path).submissions
    return submission


def validate_all(submissions: Sequence[Submission]) -> ValidationResult:
    received_on = [RECEIVED_ON] * len(submissions)
    return validate_batch(ValidationInput(submissions, received_on, CITY, ledgers(), USUAL))


def submit(
    ledger: str, *rows: Mapping[str, Any], path: str = PATH, headers: Mapping[str, str] = {}
) -> Submission:
    """Read a workbook of these rows; fields that a row lacks stay empty."""
    return read_one(
        workbook_bytes({ledgers()[ledger].title: sheet_cells(ledger, rows, headers=headers)}), path
    )


def validate_rows(ledger: str, *changes: Mapping[str, Any]) -> ValidationResult:
    """Validate good rows of a ledger with these changes, in one sheet; the header is row 1."""
    return validate_all([submit(ledger, *rows_of(ledger, *changes))])


def list_findings(result: ValidationResult) -> list[tuple[str, Any]]:
    """Return rule and row of each finding, in row order."""
    findings = [
        (row.rule_id, None if pd.isna(row.row) else row.row) for row in result.findings.itertuples()
    ]
    return sorted(findings, key=lambda pair: (pair[1] or 0, pair[0]))

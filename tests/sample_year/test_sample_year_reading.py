"""The sample year as read: files are accepted, injected errors quarantined, informants never read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from flows.sample_year.deliveries import SHANGHAI
from schemas.catalogue import ledgers
from schemas.ledgers.finding import compose_messages
from tests.support.histories import EXAMPLES_TIMES
from tests.support.regions import default_regions
from transforms.read import HeaderIndex, Submission
from transforms.read.layout.read_file import read_file
from transforms.validate.batch import ValidationInput, ValidationResult
from transforms.validate.pipeline import validate_batch

PLANTED = {
    "cases.filed_on.no_such_day": 1,
    "penalties.fine_fen.not_an_amount": 1,
    "penalties.party_uscc.required": 1,
    "permits.rating.allowed": 1,
    "transfers.persons_filed.not_a_crime": 1,
}


#: the months with planted rows; `make soak` reads the whole year
MONTHS = range(1, 13) if EXAMPLES_TIMES > 1 else (3, 6, 9, 10, 12)


@dataclass(frozen=True)
class Reading:
    submissions: list[Submission]
    result: ValidationResult


@pytest.fixture(scope="module")
def reading(sample_year: Path) -> Reading:
    index = HeaderIndex(ledgers())
    arrived_on, submissions = [], []
    files = (path for month in MONTHS for path in sample_year.glob(f"2023-{month:02}/**/*"))
    for path in sorted(path for path in files if path.is_file()):
        name = path.relative_to(sample_year).as_posix()
        file_submissions = read_file(name, path.read_bytes(), default_regions(), index).submissions
        arrived_on += [datetime.fromtimestamp(path.stat().st_mtime, SHANGHAI).date()] * len(
            file_submissions
        )
        submissions += file_submissions
    return Reading(
        submissions, validate_batch(ValidationInput(submissions, arrived_on, default_regions(), ledgers()))
    )


def test_every_report_is_accepted(reading: Reading) -> None:
    states = reading.result.submissions["state"]
    assert set(states) == {"accepted", "zero", "partial"}
    reports = {
        (submission.ledger, submission.unit_code, submission.period) for submission in reading.submissions
    }
    assert len(reports) == len(ledgers()) * len(default_regions().units) * len(MONTHS)


def test_only_the_planted_rows_are_quarantined(reading: Reading) -> None:
    findings = reading.result.findings
    grave = findings[findings["severity"].isin(["fatal", "error", "warning"])]
    assert Counter(grave["rule_id"]) == PLANTED
    assert reading.result.submissions["held_back"].sum() == sum(PLANTED.values())


def test_columns_of_informants_are_reported_and_never_read(reading: Reading) -> None:
    findings = reading.result.findings
    notices = findings[
        findings["rule_id"].eq("sheet.unknown_column") & compose_messages(findings).str.contains("举报人")
    ]
    files = {
        submission.file
        for submission in reading.submissions
        if submission.ledger == "rewards" and len(submission.rows)
    }
    assert set(notices["file"]) & files, "names stand beside some of the rewards"
    assert all(
        "举报人" not in column.header
        for submission in reading.submissions
        for column in submission.columns.values()
    )
    assert {Path(file).parts[1] for file in notices["file"]} < set(default_regions().unit_codes())

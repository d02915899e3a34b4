"""A sheet of the cases ledger, written and read in memory, for tests of reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.counties import rows_of, sheet_cells, workbook_bytes
from tests.support.validation import PATH, read_one
from transforms.read import Submission

TITLE = "立案台账"
SOMEWHERE = "报表.xlsx"  # a path that names neither unit nor period nor ledger
LABELS = ["填报单位：临江市", "填报期间：2023年6月"]


def case_cells(
    *changes: dict[str, Any], above: Any = (), headers: Mapping[str, str] = {}
) -> list[list[Any]]:
    return sheet_cells("cases", rows_of("cases", *(changes or ({},))), above=above, headers=headers)


def read_cells(cells: list[list[Any]], path: str = PATH, tab: str = TITLE) -> Submission:
    return read_one(workbook_bytes({tab: cells}), path)


def rule_ids_of(submission: Submission) -> list[str]:
    return [finding["rule_id"] for finding in submission.findings]


def rejection(submission: Submission) -> dict[str, Any]:
    """Return the only finding of a rejected submission."""
    assert submission.is_rejected
    (finding,) = submission.findings
    assert finding["severity"] == "fatal"
    return finding

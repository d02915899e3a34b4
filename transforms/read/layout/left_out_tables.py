"""Tell on an accepted table which other tables of its sheet were not taken.

A rejected table of the same report is no submission of its own: the load keeps one of each report and sheet,
and the rejection would be lost with the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from schemas.ledgers.finding import finding
from transforms.read.layout.submission import FileRead, Submission


def tell_of_left_out_tables(file: FileRead) -> FileRead:
    """Move the rejections of tables to the accepted submission of their sheet and report, as errors.

    Where there is none, they become one rejected submission.
    """
    accepted = {_report(entry) for entry in file.submissions if not entry.is_rejected}
    errors: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    remaining = []
    for submission in file.submissions:
        if submission.is_rejected and _report(submission) in accepted:
            errors.setdefault(_report(submission), []).extend(_describe(submission))
        else:
            remaining.append(submission)
    submissions = [
        replace(entry, findings=(*entry.findings, *errors.get(_report(entry), ()))) for entry in remaining
    ]
    return replace(file, submissions=_merge_by_report(submissions))


def _report(submission: Submission) -> tuple[Any, ...]:
    return submission.sheet, submission.ledger, submission.unit_code, submission.period


def _describe(submission: Submission) -> list[dict[str, Any]]:
    """Return an error that names the rows, in place of a rejection; other findings on the table stay."""
    *doubts, rejection = submission.findings
    is_of_other = rejection["rule_id"] == "submission.unit_conflict"
    error = finding(
        "sheet.rows_of_other_unit" if is_of_other else "sheet.table_left_out",
        file=submission.file,
        sheet=submission.sheet,
        row=submission.header_row,
        detail=f"第 {submission.row_numbers} 行" if submission.row_numbers else "这里的一张表",
        reason=rejection["problem"],
        advice=rejection["remedy"],
    )
    return [*doubts, error]


def _merge_by_report(submissions: list[Submission]) -> list[Submission]:
    """Merge the rejected tables of a sheet that share ledger, unit and month, with the findings of all."""
    reports: dict[Any, Submission] = {}
    for index, submission in enumerate(submissions):
        key = _report(submission) if submission.is_rejected else index
        earlier = reports.get(key)
        reports[key] = (
            replace(earlier, findings=(*earlier.findings, *submission.findings)) if earlier else submission
        )
    return list(reports.values())

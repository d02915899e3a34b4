"""Make the receipt of a file from its bytes and its findings."""

from __future__ import annotations

from functools import partial

from schemas.catalogue import ledgers
from schemas.ledgers.rules import Severity
from transforms.receipt.marks import marks_of
from transforms.receipt.subject import ReceiptFinding, ReceiptSubject
from transforms.receipt.summary import summary_lines
from transforms.receipt.workbook.redraw import UNNAMED_SHEET
from transforms.receipt.workbook.render import render_page, render_workbook

#: rejects a file that was opened all the same
NO_DATA_SHEET = "file.no_data_sheet"


def make_receipt(data: bytes, subject: ReceiptSubject) -> bytes:
    """Return the receipt of a file, always an xlsx; equal files and findings give equal bytes."""
    subject = subject.without_withheld()
    page = partial(summary_lines, subject)
    if any(_was_not_opened(finding) for finding in subject.findings):
        return render_page(page)
    marks = marks_of(subject.findings)
    return render_workbook(data, page, marks, subject.withheld_sheets, _title_of_csv(subject))


def _was_not_opened(finding: ReceiptFinding) -> bool:
    return (
        finding.severity == Severity.FATAL
        and finding.rule_id.startswith("file.")
        and finding.rule_id != NO_DATA_SHEET
    )


def _title_of_csv(subject: ReceiptSubject) -> str:
    """Return the title of the first ledger that was recognised, as a CSV has no sheet name."""
    names = [outcome.ledger for outcome in subject.outcomes if outcome.ledger in ledgers()]
    return ledgers()[names[0]].title if names else UNNAMED_SHEET

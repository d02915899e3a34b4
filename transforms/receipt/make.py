"""From a file's bytes and its findings to the receipt."""

from __future__ import annotations

from schemas.forms import RECEIPT_SHEET
from schemas.ledgers.rules import Severity
from transforms.read.containers.detect import ZIP_MAGIC, UnusableFileError, open_file
from transforms.receipt.in_place import mark_in_place
from transforms.receipt.marks import SheetMarks, marks_of
from transforms.receipt.package import is_small, load_understood
from transforms.receipt.redraw import UNNAMED_SHEET, redraw_workbook
from transforms.receipt.subject import ReceiptFinding, ReceiptSubject
from transforms.receipt.summary import RenderMode, summary_lines

#: refuses a file that was opened all the same
OPENED_ALL_THE_SAME = "file.no_data_sheet"


def make_receipt(data: bytes, subject: ReceiptSubject) -> bytes:
    """The receipt of a file, always an xlsx; equal files and findings give equal bytes."""
    subject = subject.without_withheld()
    marks = dict(marks_of(subject.findings))
    if any(_was_not_opened(finding) for finding in subject.findings):
        return redraw_workbook([], {}, summary_lines(subject, RenderMode.UNOPENED), {})
    is_xlsx = data.startswith(ZIP_MAGIC)
    is_large = is_xlsx and not is_small(data)
    if is_xlsx and not is_large and (workbook := load_understood(data, {name for name in marks if name})):
        return mark_in_place(
            workbook, data, summary_lines(subject, RenderMode.IN_PLACE), marks, subject.withheld_sheets
        )
    return _drawn_anew(data, subject, marks, RenderMode.LARGE if is_large else RenderMode.CONVERTED)


def _was_not_opened(finding: ReceiptFinding) -> bool:
    return (
        finding.severity == Severity.FATAL
        and finding.rule_id.startswith("file.")
        and finding.rule_id != OPENED_ALL_THE_SAME
    )


def _drawn_anew(
    data: bytes, subject: ReceiptSubject, marks: dict[str, SheetMarks], made: RenderMode
) -> bytes:
    try:
        grids = open_file(data).grids
    except UnusableFileError:
        return redraw_workbook([], {}, summary_lines(subject, RenderMode.UNOPENED), {})
    kept = [grid for grid in grids if grid.name not in (*subject.withheld_sheets, RECEIPT_SHEET)]
    return redraw_workbook(kept, {"": _title(subject)}, summary_lines(subject, made), marks)


def _title(subject: ReceiptSubject) -> str:
    """A name for the sheet of a CSV that says which ledger it is."""
    from schemas.catalogue import ledgers

    named = [outcome.ledger for outcome in subject.outcomes if outcome.ledger in ledgers()]
    return ledgers()[named[0]].title if named else UNNAMED_SHEET

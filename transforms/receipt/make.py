"""From a file's bytes and its findings to the receipt."""

from __future__ import annotations

from schemas.forms import RECEIPT_SHEET
from schemas.ledgers.rules import Severity
from transforms.read.containers.detect import ZIP_MAGIC, UnusableFile, open_file
from transforms.receipt.in_place import mark_in_place
from transforms.receipt.marks import SheetMarks, marks_of
from transforms.receipt.package import is_small, load_understood
from transforms.receipt.redraw import UNNAMED_SHEET, draw_anew
from transforms.receipt.subject import Found, ReceiptSubject
from transforms.receipt.summary import Made, summary_lines

#: refuses a file that was opened all the same
OPENED_ALL_THE_SAME = "file.no_data_sheet"


def make_receipt(data: bytes, subject: ReceiptSubject) -> bytes:
    """The receipt of a file, always an xlsx; equal files and findings give equal bytes."""
    subject = subject.without_withheld()
    marks = dict(marks_of(subject.findings))
    if any(_was_not_opened(one) for one in subject.findings):
        return draw_anew([], {}, summary_lines(subject, Made.UNOPENED), {})
    is_xlsx = data.startswith(ZIP_MAGIC)
    is_large = is_xlsx and not is_small(data)
    if is_xlsx and not is_large and (workbook := load_understood(data, {name for name in marks if name})):
        return mark_in_place(workbook, data, summary_lines(subject, Made.IN_PLACE), marks, subject.withheld_sheets)
    return _drawn_anew(data, subject, marks, Made.LARGE if is_large else Made.CONVERTED)


def _was_not_opened(one: Found) -> bool:
    return one.severity == Severity.FATAL and one.rule_id.startswith("file.") and one.rule_id != OPENED_ALL_THE_SAME


def _drawn_anew(data: bytes, subject: ReceiptSubject, marks: dict[str, SheetMarks], made: Made) -> bytes:
    try:
        grids = open_file(data).grids
    except UnusableFile:
        return draw_anew([], {}, summary_lines(subject, Made.UNOPENED), {})
    kept = [grid for grid in grids if grid.name not in (*subject.withheld_sheets, RECEIPT_SHEET)]
    return draw_anew(kept, {"": _title(subject)}, summary_lines(subject, made), marks)


def _title(subject: ReceiptSubject) -> str:
    """A name for the sheet of a CSV that says which ledger it is."""
    from schemas.catalogue import ledgers

    named = [one.ledger for one in subject.outcomes if one.ledger in ledgers()]
    return ledgers()[named[0]].title if named else UNNAMED_SHEET

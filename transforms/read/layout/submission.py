"""The result of reading a file: its submissions, after those that contradict each other are rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import pandas as pd
import pyarrow as pa

from schemas.ledgers.finding import finding
from schemas.ledgers.types import STR
from schemas.regions import RegionTable
from schemas.reporting.replacement import Delivery
from transforms.read.containers.grid import UnusableFileError
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.identity import IdentityHint, hints_from_path
from transforms.read.layout.reporting_unit import settle_hints

SOURCE_ROW = "source_row"
#: of a total: the first and the last row that it adds up
FIRST_ROW, LAST_ROW = "first_row", "last_row"


@dataclass(frozen=True)
class RowSpan:
    """Some rows of a table that submissions may share: thousands of small tables cost far more than their
    rows.
    """

    block: pa.Table
    first: int
    count: int

    @classmethod
    def whole(cls, table: pa.Table) -> RowSpan:
        """Return the span of all rows of a table."""
        return cls(table, 0, table.num_rows)

    @property
    def end(self) -> int:
        return self.first + self.count


def join_frames(spans: Iterable[RowSpan]) -> pa.Table:
    """Concatenate the rows of the spans; adjacent spans of one block are sliced together."""
    runs: list[RowSpan] = []
    for span in spans:
        last = runs[-1] if runs else None
        if last is not None and span.block is last.block and span.first == last.end:
            runs[-1] = RowSpan(last.block, last.first, last.count + span.count)
        else:
            runs.append(span)
    return pa.concat_tables([run.block.slice(run.first, run.count) for run in runs])


def text_frame(table: pa.Table) -> pd.DataFrame:
    """Return the rows as a frame: text columns, and `source_row`."""
    frame = pd.DataFrame(
        {name: STR.__from_arrow__(table[name]) for name in table.column_names if name != SOURCE_ROW}
    )
    return frame.assign(**{SOURCE_ROW: table[SOURCE_ROW].to_numpy()})


class Nothing(StrEnum):
    """How a zero report says that the month had nothing."""

    TICK = "tick"
    SIGN = "sign"
    WORDS = "words"


@dataclass(frozen=True)
class Submission:
    """What one table of a sheet submits.

    A rejected one has the finding that says why, and the identity as far as known.

    `span` has a text column for each field of the ledger (missing values where the sheet lacks the column)
    and `source_row`. `controls` has the total rows in the same columns, with the rows that each adds up
    (`first_row`, `last_row`; missing where it reaches beyond the table). `unread` are cells (row, field) of
    which nobody can tell what they say; a finding of the row says why. `row_numbers` names the rows of a
    rejected table where its sheet has several. Rows count as Excel does. `named_months` are all months that a
    rejected one is named for: those of a contradiction too, of which `period` is the first.
    `nothing` is how one without rows says that the month had none.
    """

    file: str
    sheet: str
    ledger: str | None = None
    unit_code: str | None = None
    period: str | None = None
    columns: dict[str, HeaderColumn] = field(default_factory=dict)
    money_unit: str | None = None
    delivery: Delivery | None = None
    span: RowSpan | None = None
    findings: tuple[dict[str, Any], ...] = ()
    controls: pd.DataFrame | None = None
    unread: frozenset[tuple[int, str]] = frozenset()
    header_row: int | None = None
    is_named_for_other: bool = False
    is_summary: bool = False
    row_numbers: str = ""
    named_months: tuple[str, ...] = ()
    nothing: Nothing | None = None

    @property
    def is_rejected(self) -> bool:
        return self.span is None

    @property
    def accepted_span(self) -> RowSpan:
        """The span of a submission that was not rejected."""
        if self.span is None:
            raise ValueError(f"{self.file} {self.sheet} was rejected and has no rows")
        return self.span

    @property
    def rows(self) -> pd.DataFrame:
        """The frame of a submission that was not rejected; built on each access."""
        return text_frame(join_frames([self.accepted_span]))


@dataclass(frozen=True)
class FileRead:
    """What a file holds: its submissions, and findings on the file that belong to none of them."""

    submissions: list[Submission]
    findings: list[dict[str, Any]]


def reject(
    path: str, sheet: str, evidence: Sequence[IdentityHint], unusable: UnusableFileError, **known: Any
) -> Submission:
    """Build a rejected submission; its unit and month are the first that any hint names."""
    unit_code = next((hint.unit for hint in evidence if hint.unit), None)
    months = tuple(dict.fromkeys(hint.period for hint in evidence if hint.period))
    rejection = finding(unusable.rule_id, file=path, sheet=sheet, **unusable.placeholders)
    return Submission(
        path,
        sheet,
        unit_code=unit_code,
        period=months[0] if months else None,
        findings=(rejection,),
        named_months=months,
        **known,
    )


def reconcile_file(
    submissions: Sequence[Submission], findings: Sequence[dict[str, Any]], regions: RegionTable
) -> FileRead:
    """Return what a file holds: tables named for other units or months, and duplicates, are not taken.

    `findings` are those on the file so far.
    """
    details, summaries = _leave_out_summaries(submissions)
    kept, left_out = _leave_out_others(details, regions)
    return FileRead(_merge_by_file(_reject_duplicates(kept)), [*findings, *summaries, *left_out])


def _leave_out_summaries(
    submissions: Sequence[Submission],
) -> tuple[list[Submission], list[dict[str, Any]]]:
    """Leave out tables that only sum up; where there is nothing else, all are rejected as that."""
    summaries = [entry for entry in submissions if entry.is_summary]
    if len(summaries) == len(submissions):
        return [_reject_summary(entry) for entry in summaries], []
    tables = Counter(entry.sheet for entry in submissions)
    notices = [
        finding(
            "sheet.summary",
            file=entry.file,
            sheet=entry.sheet,
            detail=f"第 {entry.header_row} 行起" if tables[entry.sheet] > 1 else "",
        )
        for entry in summaries
    ]
    return [entry for entry in submissions if not entry.is_summary], notices


def _reject_summary(submission: Submission) -> Submission:
    rejection = finding("sheet.only_summary", file=submission.file, sheet=submission.sheet)
    return replace(submission, findings=(rejection,))


def _report(submission: Submission) -> tuple[str | None, str | None, str | None]:
    return submission.ledger, submission.unit_code, submission.period


def _leave_out_others(
    submissions: Sequence[Submission], regions: RegionTable
) -> tuple[list[Submission], list[dict[str, Any]]]:
    """Leave out tables named for another unit or month beside the one table that is the file's own.

    Where all tables of a report are named for other months, nobody can tell which is meant.
    """
    own = Counter(
        _report(entry) for entry in submissions if not (entry.is_rejected or entry.is_named_for_other)
    )
    by_ledger = {report[0]: report for report, count in own.items() if count == 1}
    named = Counter(
        _report(entry) for entry in submissions if entry.is_named_for_other and not entry.is_rejected
    )
    kept, left_out = list[Submission](), list[Submission]()
    for submission in submissions:
        if submission.is_named_for_other and submission.ledger in by_ledger:
            left_out.append(submission)
        elif named[_report(submission)] > 1 and submission.is_named_for_other:
            siblings = [entry for entry in submissions if _report(entry) == _report(submission)]
            kept.append(_reject_read(submission, "submission.tabs_of_other_months", siblings))
        else:
            kept.append(submission)
    findings = [
        finding(
            "file.sheets_left_out",
            file=left_out[0].file,
            detail=_describe_tables([entry for entry in left_out if entry.ledger == ledger]),
            unit=regions.name_of(str(by_ledger[ledger][1])),
            period=by_ledger[ledger][2],
        )
        for ledger in dict.fromkeys(entry.ledger for entry in left_out)
    ]
    return kept, findings


def _reject_read(submission: Submission, rule_id: str, siblings: Sequence[Submission]) -> Submission:
    """Reject a submission that was read, as others of the file are too."""
    rejection = finding(
        rule_id,
        file=submission.file,
        sheet=submission.sheet,
        detail=_describe_tables(siblings),
        period=submission.period,
    )
    return replace(submission, span=None, controls=None, findings=(*submission.findings, rejection))


def _reject_duplicates(submissions: Sequence[Submission]) -> list[Submission]:
    """Reject tables of one file for the same ledger, unit and month: one would silently replace the other."""
    counts = Counter(_report(entry) for entry in submissions if not entry.is_rejected)
    checked = []
    for submission in submissions:
        if submission.is_rejected or counts[_report(submission)] == 1:
            checked.append(submission)
            continue
        siblings = [entry for entry in submissions if _report(entry) == _report(submission)]
        checked.append(_reject_read(submission, "submission.several_sheets", siblings))
    return checked


def _describe_tables(submissions: Sequence[Submission]) -> str:
    """Name the sheets of tables, with the row of the header where a sheet has several: “立案台账”第 12 行."""
    sheets = Counter(submission.sheet for submission in submissions)
    return "、".join(
        f"“{submission.sheet}”" + (f"第 {submission.header_row} 行" if sheets[submission.sheet] > 1 else "")
        for submission in submissions
    )


def _merge_by_file(submissions: list[Submission]) -> list[Submission]:
    """Reject the file once where all its tables were rejected for the same reason."""
    reasons = {
        tuple(submission.findings[-1][name] for name in ("row", "problem", "expected", "remedy"))
        for submission in submissions
        if submission.is_rejected
    }
    if (
        len(submissions) < 2
        or len(reasons) != 1
        or not all(submission.is_rejected for submission in submissions)
    ):
        return submissions
    first = submissions[0]
    rejection = {**first.findings[-1], "sheet": ""}
    ledgers = {submission.ledger for submission in submissions}
    return [
        replace(first, sheet="", ledger=ledgers.pop() if len(ledgers) == 1 else None, findings=(rejection,))
    ]


def rejected_file(path: str, regions: RegionTable, rule_id: str, **placeholders: Any) -> FileRead:
    """Build the result of a file that could not be opened; unit and month come from its path alone."""
    hints = settle_hints(hints_from_path(path, regions), regions)
    return FileRead([reject(path, "", hints, UnusableFileError(rule_id, **placeholders))], [])

"""Read many files together. Each result equals that of `read_file`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemas.regions import RegionTable
from transforms.read.bulk.csv_files import read_csv_files
from transforms.read.bulk.workbooks import read_workbooks
from transforms.read.layout.evidence import Source
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.identity import IdentityHint
from transforms.read.layout.read_file import hints_outside
from transforms.read.layout.submission import FileRead, RowSpan, Submission, join_frames


def read_in_bulk(
    files: Sequence[tuple[str, bytes]],
    regions: RegionTable,
    index: HeaderIndex,
    hint: IdentityHint | None = None,
) -> list[FileRead]:
    """Read files, given as (path below the inbox, bytes), in order."""
    sources = [Source(path, hints_outside(path, regions, hint), regions, index) for path, _ in files]
    results = read_csv_files(sources, [data for _, data in files], index)
    remaining = [position for position in range(len(files)) if position not in results]
    opened = read_workbooks(
        [sources[position] for position in remaining], (files[position][1] for position in remaining)
    )
    results |= zip(remaining, opened, strict=True)
    return _share_tables([results[position] for position in range(len(files))])


def _share_tables(files: Sequence[FileRead]) -> list[FileRead]:
    """Put the rows of each ledger into one table for all files: validation then has to join nothing."""
    spans: dict[str, list[RowSpan]] = {}
    for file in files:
        for submission in file.submissions:
            if not submission.is_rejected:
                spans.setdefault(str(submission.ledger), []).append(submission.accepted_span)
    tables = {ledger: join_frames(ledger_spans).combine_chunks() for ledger, ledger_spans in spans.items()}
    next_rows = dict.fromkeys(tables, 0)

    def share(submission: Submission) -> Submission:
        if submission.is_rejected:
            return submission
        ledger, count = str(submission.ledger), submission.accepted_span.count
        first = next_rows[ledger]
        next_rows[ledger] += count
        return replace(submission, span=RowSpan(tables[ledger], first, count))

    return [
        replace(file, submissions=[share(submission) for submission in file.submissions]) for file in files
    ]

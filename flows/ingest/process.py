"""Reading and judging some of a load's files: work that needs the archive and the load's terms, and no warehouse.

So any process that sees the archive can do it, here or on another machine; only `take` of the recording needs the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import partial
from types import MappingProxyType
from typing import Any

import pandas as pd

from flows.ingest.inbox import ArchivedFile
from flows.ingest.read_batches import read_isolated
from flows.ingest.revalidate import RevalidationSet
from flows.sandbox.pool import Limits, WorkerCrashed, WorkerError
from flows.workspace import RunScope, to_local_time
from schemas.catalogue import ledgers
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS
from schemas.regions import RegionTable
from transforms.read import FileRead, HeaderIndex, Submission, rejected_file
from transforms.validate.pipeline import validate_batch
from transforms.validate.unit_errors import Ranges
from warehouse.load.revalidation import Identity
from warehouse.load.staging import Batch

NOTHING_DIED: Mapping[str, str] = MappingProxyType({})
COLUMNS = [
    "unit_code", "ledger", "period", "sha256", "source_file", "source_sheet", "source_columns", "received_at",
    "is_judged_again",
]  # fmt: skip
#: a submission that is to be judged, and the file that holds it
Chosen = tuple[ArchivedFile, Submission]


@dataclass(frozen=True)
class ProcessingContext:
    """What all files of a load are read and judged by; `standing` since when, by report, where some are judged again.

    `ranges_of` tells what amounts of some units have been: here the warehouse is asked, far from it all is known beforehand.
    """

    limits: Limits
    timezone: tzinfo
    regions: RegionTable
    headers: HeaderIndex
    ranges_of: Callable[[Collection[str]], Ranges]
    selection: RunScope
    reopened: RevalidationSet
    standing: Mapping[tuple[Any, ...], datetime]

    def arrived_on(self, file: ArchivedFile) -> date:
        """The day on which a file arrived, where the bureau is."""
        return to_local_time(file.received_at, self.timezone).date()

    def for_one_of_many(self) -> ProcessingContext:
        """The same for a process that works beside others, far from the warehouse: one child is enough."""
        ranges = self.ranges_of(self.regions.unit_codes())
        return replace(self, limits=replace(self.limits, processes=1), ranges_of=partial(_known, ranges))


def _known(ranges: Ranges, _units: Collection[str]) -> Ranges:
    return ranges


@dataclass(frozen=True)
class ProcessedBatch:
    """What some files came to, ready to be staged; `identities` are those of the batch's submissions, in order.

    `files` were read or refused; `failed` a fault of ours kept from it, the next run tries them again; `died` tells by path
    which rule refused what no child could open. Of `put_off` a rerun leaves a part for later.
    """

    files: list[ArchivedFile]
    failed: list[str]
    died: dict[str, str]
    put_off: set[str]
    identities: list[Identity]
    batch: Batch
    adjusted: pd.DataFrame


def split_into_batches(
    files: Sequence[ArchivedFile], size: int
) -> Iterator[tuple[str, list[ArchivedFile]]]:
    """The files in order, so many together, and what to call them."""
    for start in range(0, len(files), size):
        batch = list(files[start : start + size])
        yield f"files {start + 1} to {start + len(batch)}", batch


def read_and_validate(
    terms: ProcessingContext, files: Sequence[ArchivedFile], died: Mapping[str, str] = NOTHING_DIED
) -> ProcessedBatch:
    """Read files in child processes and judge what they hold; `died` are those that no child could open when they came."""
    outcomes = read_isolated(
        terms.limits, [(one.path, one.archived) for one in files], terms.regions, terms.headers
    )
    held, failed, refused = list[tuple[ArchivedFile, FileRead]](), list[str](), dict[str, str]()
    for file, one in zip(files, outcomes, strict=True):
        if isinstance(one, WorkerError):
            failed.append(f"{file.path}: {one.told()}")
            continue
        rule_id = one.rule_id if isinstance(one, WorkerCrashed) else died.get(file.path)
        if rule_id is not None:
            refused[file.path] = rule_id
        if isinstance(one, WorkerCrashed) or rule_id is not None:
            one = rejected_file(file.path, terms.regions, str(rule_id))
        held.append((file, one))
    chosen, put_off = _choose(terms, held)
    batch, adjusted = _judge(terms, chosen, [told for _, read in held for told in read.findings])
    identities = [_identity(*one) for one in chosen]
    return ProcessedBatch([file for file, _ in held], failed, refused, put_off, identities, batch, adjusted)


def _choose(
    terms: ProcessingContext, held: Sequence[tuple[ArchivedFile, FileRead]]
) -> tuple[list[Chosen], set[str]]:
    """The submissions that the load is about, each with its file, and the files of which it leaves a part for later."""
    chosen, put_off, reopened = list[Chosen](), set[str](), terms.reopened
    for file, one in ((file, submission) for file, read in held for submission in read.submissions):
        is_asked_for = terms.selection.holds(one)
        if (
            one.file,
            file.sha256,
        ) in reopened.by_source:  # perhaps of another month, which could not be told then
            chosen += (
                [(file, one)]
                if is_asked_for and reopened.holds(_identity(file, one), terms.standing)
                else []
            )
        elif is_asked_for:
            chosen.append((file, one))
        else:
            put_off.add(one.file)
    return chosen, put_off


def _judge(
    terms: ProcessingContext, chosen: Sequence[Chosen], of_files: Sequence[dict[str, Any]]
) -> tuple[Batch, pd.DataFrame]:
    """The batch to stage, with what is told `of_files`; and in how many rows an adjustment took effect."""
    reopened = terms.reopened
    submissions, received_on = [one for _, one in chosen], [terms.arrived_on(file) for file, _ in chosen]
    stood = reopened.standing()
    still = {at for at, one in enumerate(chosen) if _identity(*one) in stood}
    ranges = terms.ranges_of({submission.unit_code for submission in submissions if submission.unit_code})
    judged = validate_batch(
        submissions,
        received_on,
        terms.regions,
        ledgers(),
        ranges,
        reopened.given,
        reopened.withdrawn,
        still,
    )
    told = pd.DataFrame(of_files, columns=BATCH_FINDING_COLUMNS)
    rows = _submission_rows(chosen, reopened).join(judged.submissions)
    return Batch(
        rows, judged.rows, judged.held, pd.concat([judged.findings, told], ignore_index=True)
    ), judged.adjusted


def _identity(file: ArchivedFile, one: Submission) -> Identity:
    return one.file, file.sha256, one.sheet, one.ledger, one.unit_code, one.period


def _submission_rows(chosen: Sequence[Chosen], reopened: RevalidationSet) -> pd.DataFrame:
    rows = [
        {
            "unit_code": one.unit_code, "ledger": one.ledger, "period": one.period,
            "sha256": file.sha256, "source_file": one.file, "source_sheet": one.sheet,
            "source_columns": {name: column.letter for name, column in one.columns.items()},
            "received_at": file.received_at, "is_judged_again": (file.path, file.sha256) in reopened.by_source,
        }
        for file, one in chosen
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)

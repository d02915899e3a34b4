"""Read and validate some of a load's files; needs the archive and the load's specification, but no warehouse.

So any process that sees the archive can do it, here or on another machine; only staging needs the
warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from flows.archive.store import ArchivedFile
from flows.ingest.load_spec import LoadSpec
from flows.ingest.read_batches import read_isolated
from flows.ingest.revalidate import RevalidationSet
from flows.logs import get_logger
from flows.sandbox.pool import ChildCrashed, ChildError
from schemas.catalogue import ledgers
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS
from transforms.foreign_text import make_visible
from transforms.read import FileRead, Submission, rejected_file
from transforms.validate.batch import ValidationInput
from transforms.validate.pipeline import validate_batch
from warehouse.load.revalidation import Identity
from warehouse.load.staging import Batch

log = get_logger("huizong.reading")

NO_CRASHES: Mapping[str, str] = MappingProxyType({})
COLUMNS = [
    "unit_code", "ledger", "period", "sha256", "source_file", "source_sheet", "source_columns", "received_at",
    "is_revalidated", "delivery", "arrived_load",
]  # fmt: skip
#: a submission to be validated, and its file
FileSubmission = tuple[ArchivedFile, Submission]


@dataclass(frozen=True)
class ProcessedBatch:
    """A batch of files after validation, ready to be staged; `identities` are those of its submissions, in
    order.

    `files` were read or rejected; `failed` met an internal error and are retried by the next run;
    `crashed_rules` maps a path to the rule that rejected a file no worker could open. Of `deferred` files a
    rerun leaves a part for later.
    """

    files: list[ArchivedFile]
    failed: list[str]
    crashed_rules: dict[str, str]
    deferred: set[str]
    identities: list[Identity]
    batch: Batch
    adjusted: pd.DataFrame


def split_into_batches(
    files: Sequence[ArchivedFile], files_per_batch: int
) -> Iterator[tuple[str, list[ArchivedFile]]]:
    """Yield the files in order in batches of `files_per_batch`, each with a name."""
    for start in range(0, len(files), files_per_batch):
        batch = list(files[start : start + files_per_batch])
        yield f"files {start + 1} to {start + len(batch)}", batch


def read_and_validate(
    spec: LoadSpec, files: Sequence[ArchivedFile], crashed: Mapping[str, str] = NO_CRASHES
) -> ProcessedBatch:
    """Read and validate files in worker processes.

    `crashed` maps the path of a file that no worker could open when it arrived to the rule that rejected it;
    such a file is not opened again.
    """
    to_open = [file for file in files if file.path not in crashed]
    results = read_isolated(
        spec.limits,
        [(file.path, file.archived) for file in to_open],
        spec.regions,
        spec.headers,
        in_bulk=spec.bulk_reading,
    )
    result_of = dict(zip(to_open, results, strict=True))
    files_read, failed, crashed_rules = list[tuple[ArchivedFile, FileRead]](), list[str](), dict[str, str]()
    for file in files:
        result = result_of.get(file)
        if isinstance(result, ChildError):
            failed.append(f"{make_visible(file.path)}: {result.traceback_text()}")
            continue
        if isinstance(result, ChildCrashed):
            # the hash names the file, as its own name may name a person
            log.warning("%s: rejected, its reader crashed (%s)", file.sha256, result.detail)
        if not isinstance(result, FileRead):
            crashed_rules[file.path] = crashed[file.path] if result is None else result.rule_id
            result = rejected_file(file.path, spec.regions, crashed_rules[file.path])
        files_read.append((file, result))
    chosen, deferred = _select(spec, files_read)
    batch, adjusted = _validate(
        spec, chosen, [finding for _, read in files_read for finding in read.findings]
    )
    identities = [_identity(*submission) for submission in chosen]
    return ProcessedBatch(
        [file for file, _ in files_read], failed, crashed_rules, deferred, identities, batch, adjusted
    )


def _select(
    spec: LoadSpec, files_read: Sequence[tuple[ArchivedFile, FileRead]]
) -> tuple[list[FileSubmission], set[str]]:
    """Return the submissions in the load's scope, each with its file, and the files partly left for later."""
    chosen, deferred, revalidation = list[FileSubmission](), set[str](), spec.revalidation
    for file, submission in (
        (file, submission) for file, read in files_read for submission in read.submissions
    ):
        is_in_scope = spec.scope.holds(submission)
        if (submission.file, file.sha256) in revalidation.by_source:  # its month may have been unknown then
            if is_in_scope and revalidation.includes(_identity(file, submission)):
                chosen.append((file, submission))
        elif is_in_scope:
            chosen.append((file, submission))
        else:
            deferred.add(submission.file)
    return chosen, deferred


def _validate(
    spec: LoadSpec, chosen: Sequence[FileSubmission], file_findings: Sequence[dict[str, Any]]
) -> tuple[Batch, pd.DataFrame]:
    """Return the batch to stage, including findings about whole files, and how many rows each adjustment
    affected.
    """
    revalidation = spec.revalidation
    submissions = [submission for _, submission in chosen]
    current_identities = revalidation.current_identities()
    current_indices = {
        index for index, submission in enumerate(chosen) if _identity(*submission) in current_identities
    }
    ranges = spec.usual_ranges({submission.unit_code for submission in submissions if submission.unit_code})
    result = validate_batch(
        ValidationInput(
            submissions,
            [spec.arrived_on(file) for file, _ in chosen],
            spec.regions,
            ledgers(),
            ranges=ranges,
            adjustments=[entry for entry in revalidation.adjustments if entry.is_about_rows],
            revoked_waivers=revalidation.revoked_waivers,
            current_indices=current_indices,
        )
    )
    file_findings_frame = pd.DataFrame(file_findings, columns=BATCH_FINDING_COLUMNS)
    rows = _submission_rows(chosen, revalidation).join(result.submissions)
    return Batch(
        rows,
        result.rows,
        result.quarantined,
        pd.concat([result.findings, file_findings_frame], ignore_index=True),
    ), result.adjusted


def _identity(file: ArchivedFile, submission: Submission) -> Identity:
    return (
        submission.file,
        file.sha256,
        submission.sheet,
        submission.ledger,
        submission.unit_code,
        submission.period,
    )


def _submission_rows(chosen: Sequence[FileSubmission], revalidation: RevalidationSet) -> pd.DataFrame:
    rows = [
        {
            "unit_code": submission.unit_code, "ledger": submission.ledger, "period": submission.period,
            "sha256": file.sha256, "source_file": submission.file, "source_sheet": submission.sheet,
            "source_columns": {name: column.letter for name, column in submission.columns.items()},
            "received_at": file.received_at, "is_revalidated": (file.path, file.sha256) in revalidation.by_source,
            "delivery": submission.delivery, "arrived_load": revalidation.arrived_load(file),
        }
        for file, submission in chosen
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)

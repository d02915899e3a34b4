"""Check files by the rules of a pipeline run, recording nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, count
from pathlib import Path

import pandas as pd

from flows.atomic import write_atomic
from flows.home import Home
from flows.ingest.inbox import decode_filename
from flows.ingest.read_batches import read_isolated
from flows.sandbox.pool import WorkerCrashed, WorkerError, map_isolated
from flows.sandbox.render_receipts import render_all
from flows.sandbox.tasks import validate_isolated
from schemas.catalogue import ledgers
from schemas.ledgers.finding import FINDING_COLUMNS, sort_by_position
from schemas.ledgers.rules import Severity
from schemas.regions import RegionTable
from schemas.version import ruleset_version
from transforms.foreign_text import safe_stem
from transforms.read import FileRead, HeaderIndex, Submission, rejected_file
from transforms.read.layout.identity import IdentityHint
from transforms.receipt import ReceiptSubject
from transforms.receipt.subject import receipt_findings, sheet_results

OPTION = "命令里的选项"

#: below the receipts of a home: those of files of its inbox that were checked by hand
CHECKED = "check"


@dataclass(frozen=True)
class CheckResult:
    """The result for one file: its submissions, its findings and the path of its receipt.

    `file` is its path as text, whatever bytes the name has on disk.
    """

    file: str
    submissions: pd.DataFrame
    findings: pd.DataFrame
    receipt: Path

    @property
    def has_errors(self) -> bool:
        return bool(self.findings["severity"].isin([Severity.FATAL.value, Severity.ERROR.value]).any())


def check_files(
    home: Home, regions: RegionTable, files: Sequence[Path], out: Path | None, unit_code: str | None, period: str | None,
    now: datetime, origin: str = OPTION,
) -> list[CheckResult]:  # fmt: skip
    """Read and validate files, and write a receipt of each into `out`, or beside the file; of one in the
    inbox into `receipts`.

    Unit and month come from the file, its name or what is given here (`origin` says where that was said);
    never from the folder it lies in. Raises OSError if a file cannot be read or a receipt cannot be written.
    """
    hint = IdentityHint(origin, unit_code, period)
    # a number in front keeps files of one name apart, and says nothing of unit or month
    paths = {f"{index}/{decode_filename(file.name)}": file for index, file in enumerate(files)}
    files_read = read_isolated_file(home, list(paths.items()), regions, hint)
    submissions, findings = _validate(home, files_read, now.date(), regions)
    submissions_by_file = [submissions[submissions["file"].eq(path)].drop(columns="file") for path in paths]
    findings_by_file = [
        sort_by_position(findings[findings["file"].eq(path)], of_file["sheet"]).assign(
            file=decode_filename(str(file))
        )
        for (path, file), of_file in zip(paths.items(), submissions_by_file, strict=True)
    ]
    subjects = [
        ReceiptSubject(
            file_name=decode_filename(file.name),
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
            received_at="",
            ruleset=ruleset_version(),
            outcomes=sheet_results(of_file),
            findings=receipt_findings(on_file),
        )
        for file, of_file, on_file in zip(files, submissions_by_file, findings_by_file, strict=True)
    ]
    receipts = _render(home, files, subjects)
    folders = [out or _folder_of_receipt(home, file) for file in files]
    targets = _receipt_paths(files, folders, receipts)
    for target, receipt in zip(targets, receipts, strict=True):
        write_atomic(target, receipt)
    return [
        CheckResult(decode_filename(str(file)), of_file, on_file, target)
        for file, of_file, on_file, target in zip(
            files, submissions_by_file, findings_by_file, targets, strict=True
        )
    ]


def _render(home: Home, files: Sequence[Path], subjects: Sequence[ReceiptSubject]) -> list[bytes]:
    receipts = list[bytes]()
    for file, rendered in zip(
        files, render_all(home.limits, list(zip(files, subjects, strict=True))), strict=True
    ):
        if rendered.fault or rendered.receipt is None:
            raise RuntimeError(f"no receipt could be made of {file}: {rendered.fault}")
        receipts.append(rendered.receipt)
    return receipts


def _validate(
    home: Home, read: Sequence[FileRead], received_on: date, regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the submissions of all files, each with its `file`, and all findings."""
    submissions = [submission for file_read in read for submission in file_read.submissions]
    results, findings = _validate_in_workers(home, submissions, received_on, regions)
    names = [
        regions.name_of(submission.unit_code) if submission.unit_code else None
        for submission in submissions
    ]
    results = results.assign(
        file=[submission.file for submission in submissions],
        sheet=[submission.sheet for submission in submissions],
        unit_code=pd.Series([submission.unit_code for submission in submissions], dtype=object),
        ledger=pd.Series([submission.ledger for submission in submissions], dtype=object),
        period=pd.Series([submission.period for submission in submissions], dtype=object),
        unit_name=pd.Series(names, dtype=object),
    )
    file_findings = [
        pd.DataFrame(file_read.findings, columns=FINDING_COLUMNS)
        for file_read in read
        if file_read.findings
    ]
    return results, pd.concat([findings, *file_findings], ignore_index=True)


def _validate_in_workers(
    home: Home, submissions: Sequence[Submission], received_on: date, regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return results and findings in the order of the submissions; each worker validates some of the
    ledgers.
    """
    names = sorted({str(submission.ledger) for submission in submissions})
    groups: list[list[int]] = [[] for _ in range(home.limits.processes)]
    for index, submission in enumerate(submissions):
        groups[names.index(str(submission.ledger)) % len(groups)].append(index)
    groups = [group for group in groups if group] or [[]]
    calls = [([submissions[index] for index in group], received_on, regions) for group in groups]
    outcomes, findings_by_group = [], []
    for group, result in zip(groups, map_isolated(home.limits, validate_isolated, calls), strict=True):
        if isinstance(result, WorkerError):
            raise result.error
        if isinstance(result, WorkerCrashed):
            raise RuntimeError(f"the files could not be validated: {result.detail}")
        outcome, findings = result
        outcomes.append(outcome.set_axis(group))
        findings_by_group.append(
            findings.assign(submission=findings["submission"].map(dict(enumerate(group))))
        )
    return pd.concat(outcomes).sort_index(), pd.concat(findings_by_group).sort_values(
        "submission", kind="stable", ignore_index=True
    )


def _folder_of_receipt(home: Home, file: Path) -> Path:
    """Return the folder of a file; not the inbox, where the next run would take the receipt as a report."""
    return home.receipts / CHECKED if file.resolve().is_relative_to(home.inbox) else file.parent


def _receipt_paths(files: Sequence[Path], folders: Sequence[Path], receipts: Sequence[bytes]) -> list[Path]:
    """Choose a path for each receipt: all distinct, and none over another file, which may be a receipt in
    which a clerk has corrected cells.
    """
    used_paths = {_normalised_path(file) for file in files}
    targets = []
    for file, folder, receipt in zip(files, folders, receipts, strict=True):
        stem = f"{safe_stem(decode_filename(file.name))}-回执"
        names = chain([f"{stem}.xlsx"], (f"{stem}-{number}.xlsx" for number in count(2)))
        candidates = (folder / name for name in names)
        target = next(
            candidate
            for candidate in candidates
            if _normalised_path(candidate) not in used_paths
            and (not candidate.exists() or candidate.read_bytes() == receipt)
        )
        used_paths.add(_normalised_path(target))
        targets.append(target)
    return targets


def _normalised_path(file: Path) -> str:
    """Return the same text for two paths of one file; many disks ignore upper and lower case."""
    return str(file.resolve()).casefold()


def read_isolated_file(
    home: Home, files: Sequence[tuple[str, Path]], regions: RegionTable, hint: IdentityHint | None
) -> list[FileRead]:
    """Read files in worker processes; reject those that no worker could open.

    Raises the error of a worker.
    """
    index = HeaderIndex(ledgers(), home.local_headers(ledgers(), regions))
    results = read_isolated(home.limits, files, regions, index, hint, in_bulk=home.settings.bulk_reading)
    files_read = []
    for (path, _), result in zip(files, results, strict=True):
        if isinstance(result, WorkerError):
            raise result.error
        files_read.append(
            rejected_file(path, regions, result.rule_id) if isinstance(result, WorkerCrashed) else result
        )
    return files_read

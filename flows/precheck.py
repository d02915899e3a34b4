"""Check files by the rules of a pipeline run, recording nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from flows.atomic import write_atomic
from flows.errors import FlowError
from flows.home import Home
from flows.ingest.inbox import decode_filename
from flows.ingest.read_batches import read_isolated
from flows.sandbox.pool import ChildCrashed, ChildError, map_isolated
from flows.sandbox.render_receipts import render_all
from flows.sandbox.tasks import validate_isolated
from schemas.catalogue import ledgers
from schemas.ledgers.finding import FINDING_COLUMNS, sort_by_position
from schemas.ledgers.rules import Severity
from schemas.regions import RegionTable
from schemas.sentences import Sentence
from schemas.version import ruleset_version
from transforms.read import FileRead, HeaderIndex, Submission, rejected_file
from transforms.read.layout.identity import IdentityHint
from transforms.receipt import ReceiptSubject
from transforms.receipt.check_words import nothing_notes
from transforms.receipt.names import check_receipt_name, is_check_receipt_name
from transforms.receipt.subject import receipt_findings, sheet_results
from transforms.receipt.untouched import is_untouched
from transforms.receipt.verdict import verdict_in_name

OPTION = "命令里的选项"

#: below the receipts of a home: those of files of its inbox that were checked by hand
CHECKED = "check"


class CheckFailedError(FlowError):
    """A child process could not finish a check; the message says which limit may be raised."""


class Checked(NamedTuple):
    """The submissions of a file, each with its state, and its findings."""

    submissions: pd.DataFrame
    findings: pd.DataFrame


#: adds to checked files what a warehouse knows of the reports that they are of
Compare = Callable[[Sequence[Path], Sequence[Checked]], list[Checked]]


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
    now: datetime, origin: str = OPTION, compare: Compare | None = None,
) -> list[CheckResult]:  # fmt: skip
    """Read and validate files, and write a receipt of each into `out`, or beside the file; of one in the
    inbox into `receipts`.

    Unit and month come from the file, its name or what is given here (`origin` says where that was said);
    never from the folder it lies in. `compare` adds what a warehouse knows. Raises OSError if a file cannot
    be read or a receipt cannot be written, CheckFailedError where a child process reached its limits.
    """
    hint = IdentityHint(origin, unit_code, period)
    # a number in front keeps files of one name apart, and says nothing of unit or month
    paths = {f"{index}/{decode_filename(file.name)}": file for index, file in enumerate(files)}
    files_read = read_isolated_file(home, list(paths.items()), regions, hint)
    submissions, findings = _validate(home, files_read, now.date(), regions)
    checked = [
        Checked(
            submissions[submissions["file"].eq(path)].drop(columns="file"),
            findings[findings["file"].eq(path)],
        )
        for path in paths
    ]
    if compare is not None:
        checked = compare(files, checked)
    checked = [
        Checked(
            of_file.submissions,
            sort_by_position(of_file.findings, of_file.submissions["sheet"]).assign(
                file=decode_filename(str(file))
            ),
        )
        for file, of_file in zip(files, checked, strict=True)
    ]
    subjects = [_describe(file, of_file) for file, of_file in zip(files, checked, strict=True)]
    receipts = _render(home, files, subjects)
    folders = [out or _folder_of_receipt(home, file) for file in files]
    for file, folder in zip(files, folders, strict=True):
        _remove_earlier_receipts(file, folder, files)
    targets = _receipt_paths(files, folders, subjects, receipts)
    for target, receipt in zip(targets, receipts, strict=True):
        write_atomic(target, receipt)
    return [
        CheckResult(decode_filename(str(file)), *of_file, target)
        for file, of_file, target in zip(files, checked, targets, strict=True)
    ]


def _describe(file: Path, checked: Checked) -> ReceiptSubject:
    return ReceiptSubject(
        file_name=decode_filename(file.name),
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        received_at="",
        ruleset=ruleset_version(),
        outcomes=sheet_results(checked.submissions),
        findings=receipt_findings(checked.findings),
        notes=nothing_notes(checked.submissions, ledgers()),
    )


def _render(home: Home, files: Sequence[Path], subjects: Sequence[ReceiptSubject]) -> list[bytes]:
    receipts = list[bytes]()
    for file, rendered in zip(
        files, render_all(home.limits, list(zip(files, subjects, strict=True))), strict=True
    ):
        if rendered.fault or rendered.receipt is None:
            raise CheckFailedError(
                Sentence(
                    "no receipt could be made of {file}: {problem}",
                    file=decode_filename(str(file)),
                    problem=rendered.fault,
                )
            )
        receipts.append(rendered.receipt)
    return receipts


def _validate(
    home: Home, read: Sequence[FileRead], received_on: date, regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the submissions of all files, each with its `file`, and all findings."""
    submissions = [submission for file_read in read for submission in file_read.submissions]
    results, findings = _validate_in_children(home, submissions, received_on, regions)
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
        nothing=pd.Series([submission.nothing for submission in submissions], dtype=object),
        named_months=pd.Series([submission.named_months for submission in submissions], dtype=object),
    )
    file_findings = [
        pd.DataFrame(file_read.findings, columns=FINDING_COLUMNS)
        for file_read in read
        if file_read.findings
    ]
    return results, pd.concat([findings, *file_findings], ignore_index=True)


def _validate_in_children(
    home: Home, submissions: Sequence[Submission], received_on: date, regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return results and findings in the order of the submissions; each child validates some of the
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
        if isinstance(result, ChildError):
            raise result.error
        if isinstance(result, ChildCrashed):
            raise CheckFailedError(
                Sentence(
                    "the files could not be validated: {problem}. Check fewer files at once; if that does not help, "
                    "raise reading_seconds or reading_mebibytes in huizong.toml. Nothing was written",
                    problem=result.detail,
                )
            )
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


def _receipt_paths(
    files: Sequence[Path], folders: Sequence[Path], subjects: Sequence[ReceiptSubject], receipts: Sequence[bytes]
) -> list[Path]:  # fmt: skip
    """Choose a path for each receipt: all distinct, and none over another file, which may be a receipt in
    which a clerk has corrected cells.
    """
    used_paths = {_normalised_path(file) for file in files}
    targets = []
    for subject, folder, receipt in zip(subjects, folders, receipts, strict=True):
        verdict = verdict_in_name(subject)
        candidates = (
            folder / check_receipt_name(subject.file_name, verdict, number) for number in count(1)
        )
        target = next(
            candidate
            for candidate in candidates
            if _normalised_path(candidate) not in used_paths
            and (not candidate.exists() or candidate.read_bytes() == receipt)
        )
        used_paths.add(_normalised_path(target))
        targets.append(target)
    return targets


def _remove_earlier_receipts(file: Path, folder: Path, files: Sequence[Path]) -> None:
    """Remove the receipts of earlier checks of a file beside it; not those in which cells were corrected, and
    none of the files that are checked now.

    In another folder they may be of another file of the same name.
    """
    if folder.resolve() != file.parent.resolve():
        return
    checked, name = {_normalised_path(path) for path in files}, decode_filename(file.name)
    for other in folder.glob("*-回执*.xlsx"):
        is_earlier = is_check_receipt_name(other.name, name) and _normalised_path(other) not in checked
        if is_earlier and other.is_file() and is_untouched(other.read_bytes()):
            other.unlink(missing_ok=True)


def _normalised_path(file: Path) -> str:
    """Return the same text for two paths of one file; many disks ignore upper and lower case."""
    return str(file.resolve()).casefold()


def read_isolated_file(
    home: Home, files: Sequence[tuple[str, Path]], regions: RegionTable, hint: IdentityHint | None
) -> list[FileRead]:
    """Read files in child processes; reject those that no child could open.

    Raises the error of a child.
    """
    index = HeaderIndex(ledgers(), home.local_headers(ledgers(), regions))
    results = read_isolated(home.limits, files, regions, index, hint, in_bulk=home.settings.bulk_reading)
    files_read = []
    for (path, _), result in zip(files, results, strict=True):
        if isinstance(result, ChildError):
            raise result.error
        files_read.append(
            rejected_file(path, regions, result.rule_id) if isinstance(result, ChildCrashed) else result
        )
    return files_read

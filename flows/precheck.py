"""Checking files as a night would judge them, with nothing recorded anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, count
from pathlib import Path

import pandas as pd

from flows.ingest.inbox import decode_filename
from flows.ingest.read_batches import read_isolated
from flows.render import write_atomic
from flows.sandbox.pool import WorkerCrashed, WorkerError, map_isolated
from flows.sandbox.render_receipts import render_all, safe_stem
from flows.sandbox.tasks import validate_isolated
from flows.settings import Home
from schemas.catalogue import ledgers
from schemas.ledgers.finding import FINDING_COLUMNS
from schemas.ledgers.rules import Severity
from schemas.regions import RegionTable
from schemas.version import ruleset_version
from transforms.read import FileRead, HeaderIndex, Submission, rejected_file
from transforms.read.layout.identity import IdentityHint
from transforms.receipt import ReceiptSubject
from transforms.receipt.subject import receipt_findings, sheet_results

OPTION = "命令里的选项"


@dataclass(frozen=True)
class CheckResult:
    """What a file came to: its submissions, its findings, and where its receipt lies.

    `file` is its path as text, whatever bytes it has on the disk.
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
    now: datetime,
) -> list[CheckResult]:  # fmt: skip
    """Read and judge these files, and write a receipt of each into `out`, or beside the file.

    Unit and month are read from the file itself and its name, or from what is given; never from the folder where it lies.
    Raises OSError where a file cannot be read, or a receipt not be written.
    """
    given = IdentityHint(OPTION, unit_code, period)
    # a number in front keeps files of one name apart, and says nothing of unit or month
    paths = {f"{at}/{decode_filename(file.name)}": file for at, file in enumerate(files)}
    read = read_isolated_file(home, list(paths.items()), regions, given)
    submissions, findings = _judged(home, read, now.date(), regions)
    outcomes = [submissions[submissions["file"].eq(path)].drop(columns="file") for path in paths]
    told = [
        findings[findings["file"].eq(path)].assign(file=decode_filename(str(file)))
        for path, file in paths.items()
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
        for file, of_file, on_file in zip(files, outcomes, told, strict=True)
    ]
    drawn = _drawn(home, files, subjects)
    targets = _receipt_paths(files, out, drawn)
    for target, receipt in zip(targets, drawn, strict=True):
        write_atomic(target, receipt)
    return [
        CheckResult(decode_filename(str(file)), of_file, on_file, target)
        for file, of_file, on_file, target in zip(files, outcomes, told, targets, strict=True)
    ]


def _drawn(home: Home, files: Sequence[Path], subjects: Sequence[ReceiptSubject]) -> list[bytes]:
    receipts = list[bytes]()
    for file, one in zip(
        files, render_all(home.limits, list(zip(files, subjects, strict=True))), strict=True
    ):
        if one.fault or one.receipt is None:
            raise RuntimeError(f"no receipt could be made of {file}: {one.fault}")
        receipts.append(one.receipt)
    return receipts


def _judged(
    home: Home, read: Sequence[FileRead], received_on: date, regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The submissions of all files, each with its `file`, and everything that is told of them."""
    submissions = [submission for each in read for submission in each.submissions]
    outcome, told = _judged_side_by_side(home, submissions, received_on, regions)
    names = [
        regions.name_of(submission.unit_code) if submission.unit_code else None
        for submission in submissions
    ]
    outcome = outcome.assign(
        file=[submission.file for submission in submissions],
        sheet=[submission.sheet for submission in submissions],
        ledger=pd.Series([submission.ledger for submission in submissions], dtype=object),
        period=pd.Series([submission.period for submission in submissions], dtype=object),
        unit_name=pd.Series(names, dtype=object),
    )
    of_files = [pd.DataFrame(each.findings, columns=FINDING_COLUMNS) for each in read if each.findings]
    return outcome, pd.concat([told, *of_files], ignore_index=True)


def _judged_side_by_side(
    home: Home, submissions: Sequence[Submission], received_on: date, regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcomes and findings in the order of the submissions; each child judges some of the ledgers."""
    names = sorted({str(submission.ledger) for submission in submissions})
    groups: list[list[int]] = [[] for _ in range(home.limits.processes)]
    for at, one in enumerate(submissions):
        groups[names.index(str(one.ledger)) % len(groups)].append(at)
    groups = [group for group in groups if group] or [[]]
    calls = [([submissions[at] for at in group], received_on, regions) for group in groups]
    outcomes, told = [], []
    for group, done in zip(groups, map_isolated(home.limits, validate_isolated, calls), strict=True):
        if isinstance(done, WorkerError):
            raise done.error
        if isinstance(done, WorkerCrashed):
            raise RuntimeError(f"the files could not be judged: {done.detail}")
        outcome, findings = done
        outcomes.append(outcome.set_axis(group))
        told.append(findings.assign(submission=findings["submission"].map(dict(enumerate(group)))))
    return pd.concat(outcomes).sort_index(), pd.concat(told).sort_values(
        "submission", kind="stable", ignore_index=True
    )


def _receipt_paths(files: Sequence[Path], out: Path | None, drawn: Sequence[bytes]) -> list[Path]:
    """Where the receipt of each file goes: no two in one place, and none over another file, for it may be a receipt in which
    a clerk has mended the cells.
    """
    taken = {_place(file) for file in files}
    targets = []
    for file, receipt in zip(files, drawn, strict=True):
        folder, stem = out or file.parent, f"{safe_stem(decode_filename(file.name))}-回执"
        names = chain([f"{stem}.xlsx"], (f"{stem}-{at}.xlsx" for at in count(2)))
        places = (folder / name for name in names)
        target = next(
            place
            for place in places
            if _place(place) not in taken and (not place.exists() or place.read_bytes() == receipt)
        )
        taken.add(_place(target))
        targets.append(target)
    return targets


def _place(file: Path) -> str:
    """The same for two paths of one file; many disks hold that names differ by more than upper and lower case."""
    return str(file.resolve()).casefold()


def read_isolated_file(
    home: Home, files: Sequence[tuple[str, Path]], regions: RegionTable, given: IdentityHint | None
) -> list[FileRead]:
    """Read files in child processes; what none could open is refused with a sentence. Raises what a fault of ours raised."""
    found = read_isolated(home.limits, files, regions, HeaderIndex(ledgers()), given)
    read = []
    for (path, _), one in zip(files, found, strict=True):
        if isinstance(one, WorkerError):
            raise one.error
        read.append(rejected_file(path, regions, one.rule_id) if isinstance(one, WorkerCrashed) else one)
    return read

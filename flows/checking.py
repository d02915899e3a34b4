"""Checking files as a night would judge them, with nothing recorded anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from flows.children import Died, Failed, in_children
from flows.drawing import draw_all, safe_stem, write_whole
from flows.reading import read_from_disk
from flows.settings import Home
from schemas.catalogue import ledgers
from schemas.finding import FINDING_COLUMNS
from schemas.regions import RegionTable
from schemas.rules import Severity
from schemas.states import ACCEPTED, PARTIAL, REJECTED, ZERO
from schemas.version import ruleset_version
from transforms.batch import judge
from transforms.read import FileRead, HeaderIndex, refused_file
from transforms.read.identity import Evidence
from transforms.receipt import ReceiptSubject

OPTION = "选项"
#: what would become of a submission, for its clerk
WORDS = {ACCEPTED: "可以收下", PARTIAL: "部分可以收下", ZERO: "零报告", REJECTED: "会被退回"}


@dataclass(frozen=True)
class Checked:
    """What a file came to: its submissions (as a ReceiptSubject tells them), its findings, and where its receipt lies."""

    file: Path
    submissions: pd.DataFrame
    findings: pd.DataFrame
    receipt: Path

    @property
    def has_errors(self) -> bool:
        return bool(self.findings["severity"].isin([Severity.FATAL.value, Severity.ERROR.value]).any())


def check_files(
    home: Home, regions: RegionTable, files: Sequence[Path], out: Path | None, unit_code: str | None, period: str | None,
    now: datetime,
) -> list[Checked]:  # fmt: skip
    """Read and judge these files, and write a receipt of each into `out`, or beside the file.

    Unit and month are read from the file itself and its name, or from what is given; never from the folder where it lies.
    """
    given = Evidence(OPTION, unit_code, period)
    # a number in front keeps files of one name apart, and says nothing of unit or month
    paths = {f"{at}/{file.name}": file for at, file in enumerate(files)}
    read = read_apart(home, list(paths.items()), regions, given)
    submissions, findings = _judged(read, dict.fromkeys(paths, now.date()), regions)
    subjects = [
        ReceiptSubject(
            file_name=file.name,
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
            received_at="",
            ruleset=ruleset_version(),
            submissions=submissions[submissions["file"].eq(path)].drop(columns="file"),
            findings=findings[findings["file"].eq(path)].assign(file=str(file)),
        )
        for path, file in paths.items()
    ]
    drawn = draw_all(home.limits, list(zip(files, subjects, strict=True)))
    checked = []
    for file, subject, receipt in zip(files, subjects, drawn, strict=True):
        target = (out or file.parent) / f"{safe_stem(file.name)}-回执.xlsx"
        write_whole(target, receipt)
        checked.append(Checked(file, subject.submissions, subject.findings, target))
    return checked


def _judged(
    read: Sequence[FileRead], received_on: Mapping[str, date], regions: RegionTable
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The submissions of all files, each with its `file`, and everything that is told of them."""
    submissions = [one for each in read for one in each.submissions]
    judged = judge(submissions, received_on, regions, ledgers())
    told = [judged.findings, *(pd.DataFrame(each.findings, columns=FINDING_COLUMNS) for each in read if each.findings)]
    outcome = judged.submissions.assign(
        file=[one.file for one in submissions],
        sheet=[one.sheet for one in submissions],
        ledger=[one.ledger for one in submissions],
        period=[one.period for one in submissions],
        unit_name=[regions.name_of(one.unit_code) if one.unit_code else None for one in submissions],
    )
    return outcome, pd.concat(told, ignore_index=True)


def read_apart(home: Home, files: Sequence[tuple[str, Path]], regions: RegionTable, given: Evidence | None) -> list[FileRead]:
    """Read files in child processes; what none could open is refused with a sentence. Raises what a fault of ours raised."""
    index = HeaderIndex(ledgers())
    found = in_children(home.limits, read_from_disk, [(path, file, regions, index, given) for path, file in files])
    read = []
    for (path, _), one in zip(files, found, strict=True):
        if isinstance(one, Failed):
            raise one.error
        read.append(refused_file(path, regions, one.rule_id) if isinstance(one, Died) else one)
    return read

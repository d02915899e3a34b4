"""Write receipts (回执): each county's own workbook returned with marks, in `receipts/<period>/<unit>/`.

They are made from archive and warehouse, in worker processes: the next run makes those that a killed run
left out, and a file that cannot be opened still gets a receipt that says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from flows.archive.store import archive_path
from flows.atomic import Unsynced, write_atomic
from flows.executor import Executor, Task
from flows.logs import get_logger
from flows.outputs.output_faults import OutputFaults
from flows.outputs.receipt_files import find_earlier_receipt, receipt_target, remove_other_verdicts
from flows.progress import advance_files, expect_files
from flows.sandbox.render_receipts import render_all
from flows.workspace import Workspace
from schemas.ledgers.finding import sort_by_position
from schemas.states import ACCEPTED, ZERO
from schemas.version import ruleset_version
from transforms.receipt import ReceiptSubject
from transforms.receipt.subject import ReceiptFinding, SheetResult, receipt_findings, sheet_results
from transforms.receipt.verdict import verdict_in_name
from transforms.receipt.words import SUPERSEDED, UNKNOWN, source_words
from warehouse.engine import reading
from warehouse.ops.findings import findings_about, findings_about_files

log = get_logger("huizong.receipts")
#: states of submissions that were taken whole
_WITHOUT_QUESTION = {ACCEPTED, ZERO}


@dataclass(frozen=True)
class Receipt:
    """A receipt to be written: the hash of its archived file, its content, and its path below the receipts'
    folder.
    """

    sha256: str
    subject: ReceiptSubject
    target: str
    is_revalidated: bool = False


def receipts_of_load(workspace: Workspace, load_id: int, submissions: pd.DataFrame) -> Iterator[Receipt]:
    """Yield a receipt for each file of a load and each unit and month in it.

    Rows are grouped once into plain tuples: a load has thousands of files, and selecting from a frame takes
    a millisecond.
    """
    decisions = _decisions_in_words(workspace)
    for (file, _), submissions_of_file, findings in _with_findings(
        workspace, load_id, _by_file(workspace, _with_superseded(submissions, load_id))
    ):
        for (period, unit_code), group in _by_month_and_unit(submissions_of_file).items():
            ids, first = {item.submission_id for item in group}, group[0]
            name = file.rsplit("/", 1)[-1]
            subject = ReceiptSubject(
                file_name=name,
                sha256=first.sha256,
                received_at=f"{workspace.to_local_time(first.received_at):%Y-%m-%d %H:%M}",
                ruleset=ruleset_version(),
                outcomes=[item.outcome for item in group],
                findings=[
                    item
                    for submission_id, item in findings
                    if submission_id is None or submission_id in ids
                ],
                withheld_sheets=_withheld_sheets(unit_code, submissions_of_file, findings),
                notes=(*_replacing_files(group), *decisions.get((unit_code, period), ())),
            )
            verdict = verdict_in_name(subject)
            target = receipt_target(period, unit_code, name, load_id, first.sha256, verdict)
            yield Receipt(first.sha256, subject, target, all(item.is_revalidated for item in group))


def is_wanted(workspace: Workspace, receipt: Receipt) -> bool:
    """Return whether the settings want this receipt to be written."""
    wanted = workspace.home.settings.receipts
    if wanted != "findings":
        return wanted == "all"
    states = {outcome.state for outcome in receipt.subject.outcomes}
    return bool(receipt.subject.findings) or not states <= _WITHOUT_QUESTION


class _FileSubmission(NamedTuple):
    """A submission and its result."""

    submission_id: int
    sha256: str
    received_at: Any
    unit_code: str
    replaced_by: str | None
    is_revalidated: bool
    outcome: SheetResult


#: a finding with the submission that it is about, None where it is about the file
_FindingOf = tuple[int | None, ReceiptFinding]


#: a file's path and hash: an earlier version of a file may be revalidated beside a later one
_File = tuple[str, str]


def _by_file(workspace: Workspace, submissions: pd.DataFrame) -> dict[_File, list[_FileSubmission]]:
    filled = submissions.fillna({"period": UNKNOWN, "unit_code": UNKNOWN}).rename(
        columns={"source_sheet": "sheet"}
    )
    units = filled["unit_code"].tolist()
    names = {code: row.name for code, row in workspace.regions.regions.items()}
    outcomes = sheet_results(filled.assign(unit_name=[names.get(unit, UNKNOWN) for unit in units]))
    columns = (filled[name].tolist() for name in ("submission_id", "sha256", "received_at"))
    further = (filled[name].tolist() for name in ("replaced_by", "is_revalidated"))
    rows = [_FileSubmission(*row) for row in zip(*columns, units, *further, outcomes, strict=True)]
    by_file: dict[_File, list[_FileSubmission]] = {}
    for file, row in zip(filled["source_file"].tolist(), rows, strict=True):
        by_file.setdefault((file, row.sha256), []).append(row)
    return by_file


def _with_superseded(submissions: pd.DataFrame, load_id: int) -> pd.DataFrame:
    """Give those that another submission had replaced by the end of the load a state of their own."""
    is_superseded = submissions["superseded_load"].le(load_id).fillna(False).astype(bool)
    sources = submissions[["source_file", "source_sheet"]].itertuples(index=False, name=None)
    words = pd.Series(
        [source_words(*source) for source in sources], submissions["submission_id"], dtype=object
    )
    replaced_by = submissions["superseded_by"].where(is_superseded).map(words).astype(object)
    return submissions.assign(
        state=submissions["state"].mask(is_superseded, SUPERSEDED),
        replaced_by=replaced_by.where(replaced_by.notna(), None),
    )


def _replacing_files(submissions: Sequence[_FileSubmission]) -> list[str]:
    """Say which files and sheets of the same night count in place of these submissions."""
    lines = [
        f"工作表“{item.outcome.sheet}”不计入，以{item.replaced_by}为准。"
        if item.outcome.sheet
        else f"这份文件不计入，以{item.replaced_by}为准。"
        for item in submissions
        if item.replaced_by
    ]
    return list(dict.fromkeys(lines))


def _by_month_and_unit(
    submissions: Sequence[_FileSubmission],
) -> dict[tuple[str, str], list[_FileSubmission]]:
    parts: dict[tuple[str, str], list[_FileSubmission]] = {}
    for submission in submissions:
        parts.setdefault((submission.outcome.period, submission.unit_code), []).append(submission)
    return parts


def _with_findings(
    workspace: Workspace, load_id: int, by_file: Mapping[_File, list[_FileSubmission]]
) -> Iterator[tuple[_File, list[_FileSubmission], list[_FindingOf]]]:
    """Yield each file with its submissions and findings; a load may have a million findings, so they are
    read in batches.
    """
    with reading(workspace.engine) as connection:
        of_files = findings_about_files(connection, workspace.tables, load_id)
    files = iter(by_file)
    while batch := list(islice(files, workspace.home.settings.files_per_task)):
        ids = [submission.submission_id for file in batch for submission in by_file[file]]
        with reading(workspace.engine) as connection:
            of_submissions = findings_about(connection, workspace.tables, load_id, min(ids), max(ids))
        paths = {path for path, _ in batch}
        findings = pd.concat([of_submissions, of_files[of_files["file"].isin(paths)]], ignore_index=True)
        in_order = sort_by_position(findings.sort_values("finding_id"), [])
        by_path = _findings_by_file(
            in_order.sort_values("submission_id", kind="stable", na_position="first")
        )
        yield from ((file, by_file[file], by_path.get(file[0], [])) for file in batch)


def _findings_by_file(findings: pd.DataFrame) -> dict[str, list[_FindingOf]]:
    by_file: dict[str, list[_FindingOf]] = {}
    for file, submission_id, receipt_finding in zip(
        findings["file"].tolist(),
        findings["submission_id"].tolist(),
        receipt_findings(findings),
        strict=True,
    ):
        by_file.setdefault(file, []).append((submission_id, receipt_finding))
    return by_file


def _withheld_sheets(
    unit_code: str, submissions: Sequence[_FileSubmission], findings: Sequence[_FindingOf]
) -> tuple[str, ...]:
    """List the sheets to hide from one unit if its file covers
    several: all that are not certainly its own.
    """
    other_sheets = {item.outcome.sheet for item in submissions if item.unit_code != unit_code}
    if not other_sheets:
        return ()
    unclaimed = {item.sheet for submission_id, item in findings if submission_id is None}
    return tuple(sorted((other_sheets | unclaimed) - {""}))


def _decisions_in_words(workspace: Workspace) -> dict[tuple[str, str], list[str]]:
    """Describe the bureau's adjustments of rows in words, by unit and month.

    Those of submissions are findings on them.
    """
    words_by_key: dict[tuple[str, str], list[str]] = {}
    for adjustment in workspace.adjustments:
        if not adjustment.is_about_rows:
            continue
        ledger = workspace.ledgers[adjustment.ledger]
        kind = (
            "准予收下"
            if adjustment.kind == "waiver"
            else f"“{ledger.field(str(adjustment.field)).header}”的更正"
        )
        row = "，".join(
            "（个人信息）" if ledger.field(name).private else text for name, text in adjustment.row.items()
        )
        words = f"{ledger.title} {row}：市局{kind}（{adjustment.decided}）"
        words_by_key.setdefault((adjustment.unit, adjustment.period), []).append(words)
    return words_by_key


def write_receipts(
    workspace: Workspace,
    load_id: int,
    submissions: pd.DataFrame,
    executor: Executor | None,
    faults: OutputFaults,
) -> None:
    """Write the wanted receipts of a load, replacing those of a killed run; note what is not whole.

    All are on disk at the end, before the load's report says that they are there. An internal error in one
    receipt does not stop the others. They are rendered in batches, to bound memory, here or by the executor.
    """
    if submissions["source_file"].nunique() <= workspace.home.settings.files_per_task:
        executor = None  # not worth distributing
    limits = replace(workspace.home.limits, processes=1) if executor else workspace.home.limits
    requested = deque[list[Receipt]]()  # not `tee`, which holds on to the last 57

    def tasks() -> Iterator[Task]:
        for batch in _batches_of_receipts(workspace, load_id, submissions):
            requested.append(batch)
            yield partial(render_all, limits, _render_calls(workspace, batch))

    expect_files(submissions["source_file"].nunique())
    unsynced = Unsynced(workspace.home.folder)
    for task in executor(tasks()) if executor else tasks():
        batch = requested.popleft()
        for receipt, rendered in zip(batch, task(), strict=True):
            with faults.set_aside():
                if rendered.receipt is not None and not _is_repeated(workspace, receipt, rendered.receipt):
                    file = workspace.home.receipts / receipt.target
                    write_atomic(file, rendered.receipt)
                    remove_other_verdicts(file)
                    unsynced.add(file)
            if rendered.fault:
                faults.receipts.append(receipt.target)
                shown = workspace.masked_sources.path(receipt.target)
                log.error("the receipt %s of %s could not be drawn whole", shown, receipt.sha256)
                for line in rendered.fault.splitlines():
                    log.error("%s", line)
        advance_files(len(batch))
    unsynced.sync()


def _is_repeated(workspace: Workspace, receipt: Receipt, rendered: bytes) -> bool:
    """Whether the last receipt of a file that was validated again says the same."""
    target = workspace.home.receipts / receipt.target
    if not receipt.is_revalidated or target.exists():
        return False
    earlier = find_earlier_receipt(target)
    return earlier is not None and earlier.read_bytes() == rendered


def _batches_of_receipts(
    workspace: Workspace, load_id: int, submissions: pd.DataFrame
) -> Iterator[list[Receipt]]:
    if workspace.home.settings.receipts == "none":
        return
    of_load = receipts_of_load(workspace, load_id, submissions)
    receipts = (receipt for receipt in of_load if is_wanted(workspace, receipt))
    while batch := list(islice(receipts, workspace.home.settings.files_per_task)):
        yield batch


def _render_calls(workspace: Workspace, receipts: Sequence[Receipt]) -> list[tuple[Path, ReceiptSubject]]:
    return [(archive_path(workspace.home.archive, receipt.sha256), receipt.subject) for receipt in receipts]

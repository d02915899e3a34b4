"""Receipts (回执): each county's own workbook back, marked, in `receipts/<period>/<unit>/`.

They are made from the archive and the warehouse, in child processes as files are read: a run killed on the way makes what is
missing the next time, and what cannot be opened still gets its sentence.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from flows.executor import Spread, Work
from flows.ingest.inbox import archive_path
from flows.render import write_atomic
from flows.sandbox.render_receipts import render_all, safe_stem
from flows.workspace import Workspace
from schemas.version import ruleset_version
from transforms.receipt import ReceiptSubject
from transforms.receipt.subject import ReceiptFinding, SheetResult, receipt_findings, sheet_results
from warehouse.engine import reading
from warehouse.ops.history import findings_about, findings_about_files

#: where a file's unit or month could not be read
UNKNOWN = "未识别"

log = logging.getLogger("huizong.receipts")


@dataclass(frozen=True)
class Receipt:
    """A receipt to be written: of which archived file, about what, and where below the receipts' folder."""

    sha256: str
    subject: ReceiptSubject
    target: str


def receipts_of_load(workspace: Workspace, load_id: int, submissions: pd.DataFrame) -> Iterator[Receipt]:
    """A receipt for each file of a load and each unit and month that it speaks for.

    All is grouped once, into plain tuples: a night has thousands of files, and a selection from a frame costs a millisecond.
    """
    decisions = _decisions(workspace)
    for (file, _), taken, told in _with_findings(workspace, load_id, _by_file(workspace, submissions)):
        for (period, unit_code), part in _by_month_and_unit(taken).items():
            ids, first = {one.submission_id for one in part}, part[0]
            name = file.rsplit("/", 1)[-1]
            subject = ReceiptSubject(
                file_name=name,
                sha256=first.sha256,
                received_at=f"{workspace.to_local_time(first.received_at):%Y-%m-%d %H:%M}",
                ruleset=ruleset_version(),
                outcomes=[one.outcome for one in part],
                findings=[
                    one for submission_id, one in told if submission_id is None or submission_id in ids
                ],
                withheld_sheets=_withheld(unit_code, taken, told),
                notes=tuple(decisions.get((unit_code, period), ())),
            )
            target = f"{period}/{unit_code}/{safe_stem(name)}-回执-{load_id:06}-{first.sha256[:6]}.xlsx"
            yield Receipt(first.sha256, subject, target)


class _Taken(NamedTuple):
    """A submission, and what became of it."""

    submission_id: int
    sha256: str
    received_at: Any
    unit_code: str
    outcome: SheetResult


#: a finding with the submission that it is about, None where it is about the file
_Told = tuple[int | None, ReceiptFinding]


#: a file's path and hash: an earlier version of what lay there may be judged again beside a later one
_File = tuple[str, str]


def _by_file(workspace: Workspace, submissions: pd.DataFrame) -> dict[_File, list[_Taken]]:
    known = submissions.fillna({"period": UNKNOWN, "unit_code": UNKNOWN}).rename(
        columns={"source_sheet": "sheet"}
    )
    units = known["unit_code"].tolist()
    names = {code: one.name for code, one in workspace.regions.regions.items()}
    outcomes = sheet_results(known.assign(unit_name=[names.get(unit, UNKNOWN) for unit in units]))
    columns = (known[name].tolist() for name in ("submission_id", "sha256", "received_at"))
    taken = [_Taken(*one) for one in zip(*columns, units, outcomes, strict=True)]
    by_file: dict[_File, list[_Taken]] = {}
    for file, one in zip(known["source_file"].tolist(), taken, strict=True):
        by_file.setdefault((file, one.sha256), []).append(one)
    return by_file


def _by_month_and_unit(taken: Sequence[_Taken]) -> dict[tuple[str, str], list[_Taken]]:
    parts: dict[tuple[str, str], list[_Taken]] = {}
    for one in taken:
        parts.setdefault((one.outcome.period, one.unit_code), []).append(one)
    return parts


def _with_findings(
    workspace: Workspace, load_id: int, by_file: Mapping[_File, list[_Taken]]
) -> Iterator[tuple[_File, list[_Taken], list[_Told]]]:
    """Each file with its submissions and all that is told of it; findings are asked for by some files at once: a night may
    have a million."""
    with reading(workspace.engine) as connection:
        of_files = findings_about_files(connection, workspace.tables, load_id)
    files = iter(by_file)
    while some := list(islice(files, workspace.home.settings.files_per_task)):
        ids = [one.submission_id for file in some for one in by_file[file]]
        with reading(workspace.engine) as connection:
            of_submissions = findings_about(connection, workspace.tables, load_id, min(ids), max(ids))
        paths = {path for path, _ in some}
        findings = pd.concat([of_submissions, of_files[of_files["file"].isin(paths)]], ignore_index=True)
        told = _findings_by_file(findings.sort_values("finding_id"))
        yield from ((file, by_file[file], told.get(file[0], [])) for file in some)


def _findings_by_file(findings: pd.DataFrame) -> dict[str, list[_Told]]:
    by_file: dict[str, list[_Told]] = {}
    for file, about, one in zip(
        findings["file"].tolist(),
        findings["submission_id"].tolist(),
        receipt_findings(findings),
        strict=True,
    ):
        by_file.setdefault(file, []).append((about, one))
    return by_file


def _withheld(unit_code: str, taken: Sequence[_Taken], told: Sequence[_Told]) -> tuple[str, ...]:
    """Sheets that one unit may not see in its receipt of a file that speaks for several: all that are not surely its own."""
    others = {one.outcome.sheet for one in taken if one.unit_code != unit_code}
    if not others:
        return ()
    unclaimed = {one.sheet for submission_id, one in told if submission_id is None}
    return tuple(sorted((others | unclaimed) - {""}))


def _decisions(workspace: Workspace) -> dict[tuple[str, str], list[str]]:
    """The bureau's corrections and waivers in words, by the unit and month that they are for."""
    told: dict[tuple[str, str], list[str]] = {}
    for adjustment in workspace.adjustments:
        ledger = workspace.ledgers[adjustment.ledger]
        kind = (
            "准予收下"
            if adjustment.kind == "waiver"
            else f"“{ledger.field(str(adjustment.field)).header}”的更正"
        )
        row = "，".join(
            "（个人信息）" if ledger.field(name).private else text for name, text in adjustment.row.items()
        )
        words = f"{ledger.title} {row}：市局{kind}（理由：{adjustment.reason}；批准：{adjustment.approved_by}；有效至 {adjustment.until}）"
        told.setdefault((adjustment.unit, adjustment.period), []).append(words)
    return told


def write_receipts(
    workspace: Workspace, load_id: int, submissions: pd.DataFrame, spread: Spread | None = None
) -> list[str]:
    """Write every receipt of a load; those that a killed run wrote are written again. Which a fault of ours kept from being
    drawn whole: one receipt less must not keep everybody's from them.

    They are drawn some at a time, so that memory holds few, here or by `spread`.
    """
    if submissions["source_file"].nunique() <= workspace.home.settings.files_per_task:
        spread = None  # they would only be sent there and back
    limits = replace(workspace.home.limits, processes=1) if spread else workspace.home.limits
    asked = deque[list[Receipt]]()  # not `tee`, which holds on to the last 57

    def works() -> Iterator[Work]:
        for some in _some_at_a_time(workspace, load_id, submissions):
            asked.append(some)
            yield partial(render_all, limits, _calls(workspace, some))

    faulty = list[str]()
    for work in spread(works()) if spread else works():
        for one, drawn in zip(asked.popleft(), work(), strict=True):
            if drawn.receipt is not None:
                write_atomic(workspace.home.receipts / one.target, drawn.receipt)
            if drawn.fault:
                faulty.append(one.target)
                log.error("the receipt %s could not be drawn whole: %s", one.target, drawn.fault)
    return faulty


def _some_at_a_time(
    workspace: Workspace, load_id: int, submissions: pd.DataFrame
) -> Iterator[list[Receipt]]:
    receipts = receipts_of_load(workspace, load_id, submissions)
    while some := list(islice(receipts, workspace.home.settings.files_per_task)):
        yield some


def _calls(workspace: Workspace, receipts: Sequence[Receipt]) -> list[tuple[Path, ReceiptSubject]]:
    return [(archive_path(workspace.home.archive, receipt.sha256), receipt.subject) for receipt in receipts]

"""Receipts (回执): each county's own workbook back, marked, in `receipts/<period>/<unit>/`.

They are made from the archive and the warehouse, in child processes as files are read: a run killed on the way makes what is
missing the next time, and what cannot be opened still gets its sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from flows.delivery.drawing import draw_all, safe_stem
from flows.intake.inbox import archived_at
from flows.output import write_whole
from flows.workplace import Workplace
from schemas.version import ruleset_version
from transforms.receipt import ReceiptSubject
from transforms.receipt.subject import Found, Outcome, found_in, outcomes_in

#: where a file's unit or month could not be read
UNKNOWN = "未识别"
#: so many receipts are held in memory before they are written
AT_ONCE = 200


@dataclass(frozen=True)
class Receipt:
    """A receipt to be written: of which archived file, about what, and where below the receipts' folder."""

    sha256: str
    subject: ReceiptSubject
    target: str


def receipts_of_load(place: Workplace, load_id: int, submissions: pd.DataFrame, findings: pd.DataFrame) -> Iterator[Receipt]:
    """A receipt for each file of a load and each unit and month that it speaks for.

    All is grouped once, into plain tuples: a night has thousands of files, and a selection from a frame costs a millisecond.
    """
    told = _findings_by_file(findings)
    decisions = _decisions(place)
    for file, taken in _by_file(place, submissions).items():
        for (period, unit_code), part in _by_month_and_unit(taken).items():
            ids, first = {one.submission_id for one in part}, part[0]
            name = file.rsplit("/", 1)[-1]
            subject = ReceiptSubject(
                file_name=name,
                sha256=first.sha256,
                received_at=f"{place.local(first.received_at):%Y-%m-%d %H:%M}",
                ruleset=ruleset_version(),
                outcomes=[one.outcome for one in part],
                findings=[one for submission_id, one in told.get(file, ()) if submission_id is None or submission_id in ids],
                withheld_sheets=_withheld(unit_code, taken, told.get(file, ())),
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
    outcome: Outcome


#: a finding with the submission that it is about, None where it is about the file
_Told = tuple[int | None, Found]


def _by_file(place: Workplace, submissions: pd.DataFrame) -> dict[str, list[_Taken]]:
    known = submissions.fillna({"period": UNKNOWN, "unit_code": UNKNOWN}).rename(columns={"source_sheet": "sheet"})
    units = known["unit_code"].tolist()
    names = {code: one.name for code, one in place.regions.regions.items()}
    outcomes = outcomes_in(known.assign(unit_name=[names.get(unit, UNKNOWN) for unit in units]))
    columns = (known[name].tolist() for name in ("submission_id", "sha256", "received_at"))
    taken = [_Taken(*one) for one in zip(*columns, units, outcomes, strict=True)]
    by_file: dict[str, list[_Taken]] = {}
    for file, one in zip(known["source_file"].tolist(), taken, strict=True):
        by_file.setdefault(file, []).append(one)
    return by_file


def _by_month_and_unit(taken: Sequence[_Taken]) -> dict[tuple[str, str], list[_Taken]]:
    parts: dict[tuple[str, str], list[_Taken]] = {}
    for one in taken:
        parts.setdefault((one.outcome.period, one.unit_code), []).append(one)
    return parts


def _findings_by_file(findings: pd.DataFrame) -> dict[str, list[_Told]]:
    by_file: dict[str, list[_Told]] = {}
    for file, about, one in zip(findings["file"].tolist(), findings["submission_id"].tolist(), found_in(findings), strict=True):
        by_file.setdefault(file, []).append((about, one))
    return by_file


def _withheld(unit_code: str, taken: Sequence[_Taken], told: Sequence[_Told]) -> tuple[str, ...]:
    """Sheets that one unit may not see in its receipt of a file that speaks for several: all that are not surely its own."""
    others = {one.outcome.sheet for one in taken if one.unit_code != unit_code}
    if not others:
        return ()
    unclaimed = {one.sheet for submission_id, one in told if submission_id is None}
    return tuple(sorted((others | unclaimed) - {""}))


def _decisions(place: Workplace) -> dict[tuple[str, str], list[str]]:
    """The bureau's corrections and waivers in words, by the unit and month that they are for."""
    told: dict[tuple[str, str], list[str]] = {}
    for one in place.adjustments:
        ledger = place.ledgers[one.ledger]
        kind = "准予收下" if one.kind == "waiver" else f"“{ledger.field(str(one.field)).header}”的更正"
        row = "，".join("（个人信息）" if ledger.field(name).private else text for name, text in one.row.items())
        words = f"{ledger.title} {row}：市局{kind}（理由：{one.reason}；批准：{one.approved_by}；有效至 {one.until}）"
        told.setdefault((one.unit, one.period), []).append(words)
    return told


def write_receipts(place: Workplace, load_id: int, submissions: pd.DataFrame, findings: pd.DataFrame) -> None:
    """Write every receipt of a load; those that a killed run wrote are written again."""
    receipts = list(receipts_of_load(place, load_id, submissions, findings))
    for start in range(0, len(receipts), AT_ONCE):
        some = receipts[start : start + AT_ONCE]
        calls = [(archived_at(place.home.archive, one.sha256), one.subject) for one in some]
        for one, drawn in zip(some, draw_all(place.home.limits, calls), strict=True):
            write_whole(place.home.receipts / one.target, drawn)

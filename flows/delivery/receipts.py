"""Receipts (回执): each county's own workbook back, marked, in `receipts/<period>/<unit>/`.

They are made from the archive and the warehouse, in child processes as files are read: a run killed on the way makes what is
missing the next time, and what cannot be opened still gets its sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.delivery.drawing import draw_all, safe_stem
from flows.intake.inbox import archived_at
from flows.output import write_whole
from flows.workplace import Workplace
from schemas.version import ruleset_version
from transforms.receipt import ReceiptSubject

#: where a file's unit or month could not be read
UNKNOWN = "未识别"


@dataclass(frozen=True)
class Receipt:
    """A receipt to be written: of which archived file, about what, and where below the receipts' folder."""

    sha256: str
    subject: ReceiptSubject
    target: str


def receipts_of_load(place: Workplace, load_id: int, submissions: pd.DataFrame, findings: pd.DataFrame) -> Iterator[Receipt]:
    """A receipt for each file of a load and each unit and month that it speaks for."""
    names = place.regions.regions
    by_file = dict(iter(findings.groupby("file", sort=False)))
    for file, taken in submissions.groupby("source_file", sort=False):
        told = by_file.get(file, findings.iloc[:0])
        known = taken.fillna({"period": UNKNOWN, "unit_code": UNKNOWN})
        for (period, unit_code), part in known.groupby(["period", "unit_code"], sort=False):
            first = part.iloc[0]
            subject = ReceiptSubject(
                file_name=file.rsplit("/", 1)[-1],
                sha256=first["sha256"],
                received_at=_local(place, first["received_at"]),
                ruleset=ruleset_version(),
                submissions=_told(part, names[unit_code].name if unit_code in names else UNKNOWN),
                findings=told[told["submission_id"].isin(part["submission_id"]) | told["submission_id"].isna()],
                withheld_sheets=_withheld(known, part, told),
                notes=tuple(_decisions(place, unit_code, period)),
            )
            name = f"{safe_stem(subject.file_name)}-回执-{load_id:06}-{subject.sha256[:6]}.xlsx"
            yield Receipt(first["sha256"], subject, f"{period}/{unit_code}/{name}")


def _withheld(taken: pd.DataFrame, part: pd.DataFrame, findings: pd.DataFrame) -> tuple[str, ...]:
    """Sheets that one unit may not see in its receipt of a file that speaks for several: all that are not surely its own."""
    if taken["unit_code"].nunique() == 1:
        return ()
    others = taken[taken["unit_code"].ne(part["unit_code"].iloc[0])]
    unclaimed = findings.loc[findings["submission_id"].isna(), "sheet"].dropna()
    return tuple(sorted({*others["source_sheet"], *unclaimed} - {""}))


def _told(part: pd.DataFrame, unit_name: str) -> pd.DataFrame:
    told = part[["source_sheet", "ledger", "period", "state", "rows", "held_back"]]
    return told.rename(columns={"source_sheet": "sheet"}).assign(unit_name=unit_name)


def _decisions(place: Workplace, unit_code: str, period: str) -> Iterator[str]:
    """The bureau's corrections and waivers for a unit's month, in words."""
    for one in place.adjustments:
        if (one.unit, one.period) == (unit_code, period):
            ledger = place.ledgers[one.ledger]
            kind = "准予收下" if one.kind == "waiver" else f"“{ledger.field(str(one.field)).header}”的更正"
            row = "，".join("（个人信息）" if ledger.field(name).private else text for name, text in one.row.items())
            yield f"{ledger.title} {row}：市局{kind}（理由：{one.reason}；批准：{one.approved_by}；有效至 {one.until}）"


def _local(place: Workplace, instant: Any) -> str:
    return f"{place.local(instant):%Y-%m-%d %H:%M}"


def write_receipts(place: Workplace, load_id: int, submissions: pd.DataFrame, findings: pd.DataFrame) -> None:
    """Write every receipt of a load; those that a killed run wrote are written again."""
    receipts = list(receipts_of_load(place, load_id, submissions, findings))
    calls = [(archived_at(place.home.archive, one.sha256), one.subject) for one in receipts]
    for one, drawn in zip(receipts, draw_all(place.home.limits, calls), strict=True):
        write_whole(place.home.receipts / one.target, drawn)

"""The results and findings that a receipt shows, as tuples: for small files frames are slow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_cell_to_rowcol

from schemas.ledgers.rules import Severity
from transforms.receipt.words import HEAVIEST_FIRST, clean, is_clean

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_CELL_NAME = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")


class SheetResult(NamedTuple):
    """The result of a sheet of the file; `ledger` is a name, empty if none was recognised."""

    sheet: str
    ledger: str
    unit_name: str
    period: str
    state: str
    rows: int
    held_back: int


class ReceiptFinding(NamedTuple):
    """A finding.

    `row` is 0 for a whole sheet or file, `sheet` is empty for a file (or the one sheet of a CSV).
    """

    rule_id: str
    severity: Severity
    sheet: str
    row: int
    column: str
    cell: str
    value: str
    problem: str
    expected: str
    remedy: str
    at_stake_fen: int

    @property
    def column_number(self) -> int:
        """The column of the cell, from 1; 0 if the finding names no cell."""
        if not _CELL_NAME.fullmatch(self.cell):
            return 0
        row, column = xl_cell_to_rowcol(self.cell)
        return column + 1 if row + 1 == self.row else 0


@dataclass(frozen=True)
class ReceiptSubject:
    """A file that was ingested or checked, with its results and findings.

    `received_at` is local time as printed, empty for a check before sending. `withheld_sheets` belong to
    other units and are left out. `notes` are further sentences for the first page.
    """

    file_name: str
    sha256: str
    received_at: str
    ruleset: str
    outcomes: Sequence[SheetResult]
    findings: Sequence[ReceiptFinding]
    withheld_sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def without_withheld(self) -> ReceiptSubject:
        """Return it without the sheets, results and findings of other units."""
        outcomes = [outcome for outcome in self.outcomes if outcome.sheet not in self.withheld_sheets]
        findings = [finding for finding in self.findings if finding.sheet not in self.withheld_sheets]
        return replace(self, outcomes=outcomes, findings=findings)


def sheet_results(frame: pd.DataFrame) -> list[SheetResult]:
    """Convert a frame with the columns of `SheetResult`."""
    texts = [_texts(frame[name]) for name in SheetResult._fields[:5]]
    numbers = [[_whole(item) for item in frame[name].tolist()] for name in SheetResult._fields[5:]]
    return [SheetResult(*item) for item in zip(*texts, *numbers, strict=True)]


def receipt_findings(frame: pd.DataFrame) -> list[ReceiptFinding]:
    """Convert a frame with FINDING_COLUMNS and, optionally, `at_stake_fen`, the money of the row."""
    texts = {
        name: _texts(frame[name])
        for name in ReceiptFinding._fields
        if name in frame and name not in ("row", "at_stake_fen")
    }
    money = (
        [_whole(item) for item in frame["at_stake_fen"].tolist()]
        if "at_stake_fen" in frame
        else [0] * len(frame)
    )
    rows = [_whole(item) for item in frame["row"].tolist()]
    severities = [_SEVERITIES[item] for item in texts["severity"]]
    columns = texts | {"severity": severities, "row": rows, "at_stake_fen": money}
    return [
        ReceiptFinding(*item)
        for item in zip(*(columns[name] for name in ReceiptFinding._fields), strict=True)
    ]


_SEVERITIES = {severity.value: severity for severity in Severity}


def worst(findings: list[ReceiptFinding]) -> Severity | None:
    """Return the worst severity among findings, None without any."""
    return min((finding.severity for finding in findings), key=HEAVIEST_FIRST.index, default=None)


def _texts(column: pd.Series) -> list[str]:
    """Return a column's texts, empty where missing; all are searched at once, as few need cleaning."""
    texts = [item if isinstance(item, str) else "" for item in column.tolist()]
    return texts if is_clean("".join(texts)) else [clean(text) for text in texts]


def _whole(value: Any) -> int:
    return 0 if value is None or value is pd.NA or value != value else int(value)

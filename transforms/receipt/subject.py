"""What a receipt speaks of, and its findings as plain tuples: a small file's receipt has no time for frames."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from schemas.rules import Severity
from transforms.receipt.words import HEAVIEST_FIRST, clean

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True)
class ReceiptSubject:
    """A file that was taken or checked, and what is to be told of it.

    `received_at` is local time as it is to be printed, empty for a check before sending. `submissions` has a row for each:
    sheet, ledger (name or None), unit_name, period, state, rows, held_back. `findings` has FINDING_COLUMNS, and may have
    `at_stake_fen`, the money of the row. `withheld_sheets` are of other units and never stand in this receipt. `notes` are
    further sentences for the first page.
    """

    file_name: str
    sha256: str
    received_at: str
    ruleset: str
    submissions: pd.DataFrame
    findings: pd.DataFrame
    withheld_sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Found(NamedTuple):
    """A finding; `row` is 0 for a whole sheet or file, `sheet` is empty for a file (or the one sheet of a CSV)."""

    rule_id: str
    severity: Severity
    sheet: str
    row: int
    column: str
    cell: str
    value: str
    expected: str
    message: str
    at_stake_fen: int

    @property
    def at(self) -> int:
        """The column of the cell, from 1; 0 where the finding names none."""
        place = _PLACE.fullmatch(self.cell)
        return column_number(place[1]) if place and int(place[2]) == self.row else 0


def findings_of(subject: ReceiptSubject) -> list[Found]:
    """The findings that this county may see: none of a sheet that is withheld from it."""
    frame = subject.findings
    texts = {name: [_text(one) for one in frame[name].tolist()] for name in Found._fields if name in frame and name != "row"}
    money = [_whole(one) for one in frame["at_stake_fen"].tolist()] if "at_stake_fen" in frame else [0] * len(frame)
    rows = [_whole(one) for one in frame["row"].tolist()]
    columns = [texts[name] for name in ("sheet", "column", "cell", "value", "expected", "message")]
    severities = [_SEVERITIES[one] for one in texts["severity"]]
    together = zip(texts["rule_id"], severities, columns[0], rows, *columns[1:], money, strict=True)
    withheld = set(subject.withheld_sheets)
    return [Found(*one) for one in together if one[2] not in withheld]


_SEVERITIES = {severity.value: severity for severity in Severity}


def worst(findings: list[Found]) -> Severity | None:
    return min((one.severity for one in findings), key=HEAVIEST_FIRST.index, default=None)


@cache
def column_number(letters: str) -> int:
    """A -> 1, Z -> 26, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _whole(value: Any) -> int:
    return 0 if value is None or value is pd.NA or value != value else int(value)

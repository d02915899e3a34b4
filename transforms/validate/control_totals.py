"""Totals as checksums: what the 合计 and 小计 rows of a batch say, held against the rows that they add up.

A total is doubted only where the sum is known: every cell below it was read, and the total itself is a figure. Offices add
up in several ways (a page, a group above or below its total, the whole table); one that fits is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.finding import FINDING_COLUMNS, Cell, cell_finding
from transforms.read import FIRST_ROW, LAST_ROW, SOURCE_ROW, Submission
from transforms.validate.typing import TypedLedger, parse_ledger

#: kinds of field whose column can have a sum; with a default for empty cells it adds up to something else
SUMMED = ("money", "integer")
#: a total in 万元 may be rounded to two places though its rows are not
ROUNDED_PLACES, WAN_POWER = 2, 6

Numbered = list[tuple[int, Submission]]
Ints = npt.NDArray[np.int64]
#: rows of the batch, by place: the first, and the one behind the last
Span = tuple[Ints, Ints]


@dataclass(frozen=True)
class _Totals:
    """The total rows of a ledger's submissions: their text, the money units that hold there, what each may add up."""

    text: pd.DataFrame
    units: pd.DataFrame
    spans: list[Span]


def compare_totals(
    ledger: LedgerDefinition,
    numbered: Numbered,
    text: pd.DataFrame,
    typed: TypedLedger,
    is_doubtful: pd.Series,
    money_units: Callable[[LedgerDefinition, Numbered, pd.DataFrame], pd.DataFrame],
) -> pd.DataFrame:
    """Findings on totals that differ from their rows.

    `text` and `typed` are the rows of all submissions, in their order; a row that `is_doubtful` adds up to nothing known.
    """
    nothing = pd.DataFrame(columns=["submission", *FINDING_COLUMNS])
    fields = tuple(field for field in ledger.fields if field.type.kind in SUMMED and field.default is None)
    stated = [
        submission_.controls.assign(submission=index)
        for index, submission_ in numbered
        if submission_.controls is not None
    ]
    if not fields or not stated:
        return nothing
    controls = pd.concat(stated, ignore_index=True)
    controls = controls[controls[LAST_ROW].notna()].reset_index(drop=True)
    if controls.empty:
        return nothing
    some = replace(ledger, fields=fields, derived=())
    totals = _Totals(controls, money_units(some, numbered, controls), _spans(controls, text))
    said = parse_ledger(some, controls, totals.units)
    total_findings = [
        {
            "submission": controls.at[index, "submission"],
            **_told(field, dict(numbered), totals, index, total),
        }
        for field in fields
        for index, total in _differing(field, totals, said, typed, is_doubtful.to_numpy(dtype=bool))
    ]
    return pd.DataFrame(total_findings, columns=nothing.columns) if total_findings else nothing


def _spans(controls: pd.DataFrame, text: pd.DataFrame) -> list[Span]:
    """What a total may add up, the likeliest first: its own rows, all above, those since or until another total."""
    width = int(max(text[SOURCE_ROW].max(), controls[SOURCE_ROW].max())) + 2
    keys = text["submission"].to_numpy(dtype="int64") * width + text[SOURCE_ROW].to_numpy(dtype="int64")

    def locate(row: pd.Series) -> Ints:
        wanted = controls["submission"].to_numpy(dtype="int64") * width + row.to_numpy(dtype="int64")
        positions: Ints = np.searchsorted(keys, wanted)
        return positions

    row = controls[SOURCE_ROW]
    alike = controls.groupby(["submission", FIRST_ROW, LAST_ROW])[SOURCE_ROW]
    others = controls.groupby("submission")[SOURCE_ROW]
    bounds = [
        (controls[FIRST_ROW], controls[LAST_ROW] + 1),
        (row * 0, row),
        (alike.shift(1).fillna(0), row),
        (others.shift(1).fillna(0), row),
        (row, others.shift(-1).fillna(width - 1)),
    ]
    return [(locate(first), locate(end)) for first, end in bounds]


def _differing(
    field: LedgerField,
    totals: _Totals,
    said: TypedLedger,
    typed: TypedLedger,
    is_doubtful: npt.NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """(place, what its rows add up to) of each total that no span of rows fits."""
    rows, stated = typed.values[field.name], said.values[field.name]
    sums = _running(rows.fillna(0).to_numpy(dtype="int64"))
    unread = _running((typed.faults[field.name].notna().to_numpy() | is_doubtful).astype("int64"))
    has_figure = stated.notna().to_numpy()
    figure = stated.fillna(0).to_numpy(dtype="int64")
    slack = _slack(field, totals)
    fits = np.zeros(len(figure), dtype=bool)
    for first, end in totals.spans:
        is_known = (end > first) & (unread[end] == unread[first])
        fits |= is_known & (np.abs(sums[end] - sums[first] - figure) <= slack)
        if field.type.kind == "integer":
            fits |= is_known & (end - first == figure)  # the number of rows
    first, end = totals.spans[0]
    is_known = (end > first) & (unread[end] == unread[first])
    differing = np.flatnonzero(has_figure & is_known & ~fits)
    return [(int(index), int(sums[end[index]] - sums[first[index]])) for index in differing]


def _running(values: Ints) -> Ints:
    """Sums of all that stands before each place."""
    return np.concatenate([np.zeros(1, dtype="int64"), np.cumsum(values)])


def _slack(field: LedgerField, totals: _Totals) -> Ints:
    """How far (in 分) a total in 万元 may be off because it was rounded; figures in 元 and counts are exact."""
    if field.type.kind != "money":
        return np.zeros(len(totals.text), dtype="int64")
    places = (
        totals.text[field.name]
        .str.extract(r"\.(\d+)", expand=False)
        .str.len()
        .fillna(0)
        .to_numpy(dtype="int64")
    )
    ulp = 10 ** np.clip(WAN_POWER - np.maximum(places, ROUNDED_PLACES), 0, None)
    return np.where(_power(field, totals) == WAN_POWER, ulp // 2, 0)


def _power(field: LedgerField, totals: _Totals) -> Ints:
    """How many places the point moves from the figure as written to 分."""
    is_wan = totals.text[field.name].str.contains("万", na=False) | totals.units[field.name].eq("万元")
    return np.where(is_wan.to_numpy(dtype=bool), WAN_POWER, WAN_POWER - 4)


def _told(
    field: LedgerField, submissions: dict[int, Submission], totals: _Totals, index: int, total: int
) -> dict[str, Any]:
    control = totals.text.loc[index]
    submission = submissions[control["submission"]]
    column, row = submission.columns[field.name], control[SOURCE_ROW]
    power = int(_power(field, totals)[index]) if field.type.kind == "money" else 0
    first, last = control[FIRST_ROW], control[LAST_ROW]
    cell = Cell(
        submission.file,
        submission.sheet,
        int(row),
        column.header,
        f"{column.letter}{row}",
        control[field.name],
    )
    return cell_finding(
        "row.total_differs",
        cell,
        span=f"第 {first} 至 {last} 行" if first < last else f"第 {first} 行",
        sum=_written(total, power) + ("万元" if "万" in control[field.name] else ""),
    )


def _written(total: int, power: int) -> str:
    text = f"{Decimal(total).scaleb(-power):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""Comparison of the total rows (合计, 小计) of a batch with the sums of the rows above them.

A total is only checked if the sum is known: every cell that it adds up was read, and the total itself is a
number. Offices add up in different ways (a page, a group above or below its total, the whole table); a
total that fits one way is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition, LedgerField
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, Cell, cell_finding
from transforms.read import FIRST_ROW, LAST_ROW, SOURCE_ROW, Submission
from transforms.validate.joined_text import find_money_units
from transforms.validate.typing import TypedLedger, parse_ledger

#: kinds of field whose column can have a sum; a field with a default for empty cells has another sum than
#: its cells
SUMMED = ("money", "integer")
#: a total in 万元 may be rounded to two places though its rows are not
ROUNDED_PLACES, WAN_POWER = 2, 6

Ints = npt.NDArray[np.int64]


class Span(NamedTuple):
    """Rows of the batch that each total may add up: the first position, and the one after the last."""

    first: Ints
    end: Ints


@dataclass(frozen=True)
class _Totals:
    """The total rows of a ledger's submissions: texts, money units, and the spans that each may add up."""

    text: pd.DataFrame
    units: pd.DataFrame
    spans: list[Span]


def compare_totals(
    ledger: LedgerDefinition,
    submissions: Mapping[int, Submission],
    text: pd.DataFrame,
    typed: TypedLedger,
    is_uncertain: pd.Series,
) -> pd.DataFrame:
    """Build findings (BATCH_FINDING_COLUMNS) on totals that differ from the sum of their rows.

    `text` and `typed` are the rows of all submissions, in their order; no sum over a row that
    `is_uncertain` is known.
    """
    fields = tuple(field for field in ledger.fields if field.type.kind in SUMMED and field.default is None)
    controls = _join_controls(submissions)
    findings: list[dict[str, Any]] = []
    if fields and len(controls):
        summed = replace(ledger, fields=fields, derived=())
        units = find_money_units(summed, submissions, controls)
        totals = _Totals(controls, units, _list_spans(controls, text))
        stated = parse_ledger(summed, controls, units)
        findings = [
            _describe_difference(field, submissions, totals, index, total)
            for field in fields
            for index, total in _find_differing(
                field, totals, stated, typed, is_uncertain.to_numpy(dtype=bool)
            )
        ]
    return pd.DataFrame(findings, columns=BATCH_FINDING_COLUMNS)


def _join_controls(submissions: Mapping[int, Submission]) -> pd.DataFrame:
    """Join the total rows of all submissions that add up rows of their own table."""
    frames = [
        submission.controls.assign(submission=index)
        for index, submission in submissions.items()
        if submission.controls is not None
    ]
    if not frames:
        return pd.DataFrame()
    controls = pd.concat(frames, ignore_index=True)
    return controls[controls[LAST_ROW].notna()].reset_index(drop=True)


def _list_spans(controls: pd.DataFrame, text: pd.DataFrame) -> list[Span]:
    """List the spans that totals may add up, the likeliest first.

    They are: its own rows, all rows above, rows since the last equal or any total, rows until the next
    total.
    """
    width = int(max(text[SOURCE_ROW].max(), controls[SOURCE_ROW].max())) + 2
    keys = text["submission"].to_numpy(dtype="int64") * width + text[SOURCE_ROW].to_numpy(dtype="int64")

    def locate(row: pd.Series) -> Ints:
        wanted_keys = controls["submission"].to_numpy(dtype="int64") * width + row.to_numpy(dtype="int64")
        positions: Ints = np.searchsorted(keys, wanted_keys)
        return positions

    row = controls[SOURCE_ROW]
    same_group = controls.groupby(["submission", FIRST_ROW, LAST_ROW])[SOURCE_ROW]
    same_submission = controls.groupby("submission")[SOURCE_ROW]
    bounds = [
        (controls[FIRST_ROW], controls[LAST_ROW] + 1),
        (row * 0, row),
        (same_group.shift(1).fillna(0), row),
        (same_submission.shift(1).fillna(0), row),
        (row, same_submission.shift(-1).fillna(width - 1)),
    ]
    return [Span(locate(first), locate(end)) for first, end in bounds]


def _find_differing(
    field: LedgerField,
    totals: _Totals,
    stated: TypedLedger,
    typed: TypedLedger,
    is_uncertain: npt.NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """Return the position, and the sum of its rows, of each total that fits no span."""
    rows, total = typed.values[field.name], stated.values[field.name]
    sums = _cumulative_sums(rows.fillna(0).to_numpy(dtype="int64"))
    unread = _cumulative_sums((typed.faults[field.name].notna().to_numpy() | is_uncertain).astype("int64"))
    has_figure = total.notna().to_numpy()
    figure = total.fillna(0).to_numpy(dtype="int64")
    tolerance = _tolerance(field, totals)
    fits = np.zeros(len(figure), dtype=bool)
    for first, end in totals.spans:
        is_known = (end > first) & (unread[end] == unread[first])
        fits |= is_known & (np.abs(sums[end] - sums[first] - figure) <= tolerance)
        if field.type.kind == "integer":
            fits |= is_known & (end - first == figure)  # the number of rows
    first, end = totals.spans[0]
    is_known = (end > first) & (unread[end] == unread[first])
    differing = np.flatnonzero(has_figure & is_known & ~fits)
    return [(int(index), int(sums[end[index]] - sums[first[index]])) for index in differing]


def _cumulative_sums(values: Ints) -> Ints:
    """Return the sum of all values before each position, and of all."""
    return np.concatenate([np.zeros(1, dtype="int64"), np.cumsum(values)])


def _tolerance(field: LedgerField, totals: _Totals) -> Ints:
    """Return by how much (分) each total in 万元 may be off because it was rounded; 0 for 元 and counts."""
    if field.type.kind != "money":
        return np.zeros(len(totals.text), dtype="int64")
    decimal_places = (
        totals.text[field.name]
        .str.extract(r"\.(\d+)", expand=False)
        .str.len()
        .fillna(0)
        .to_numpy(dtype="int64")
    )
    last_place_fen = 10 ** np.clip(WAN_POWER - np.maximum(decimal_places, ROUNDED_PLACES), 0, None)
    return np.where(_power(field, totals) == WAN_POWER, last_place_fen // 2, 0)


def _power(field: LedgerField, totals: _Totals) -> Ints:
    """Return the power of ten between the figure as written and 分."""
    is_wan = totals.text[field.name].str.contains("万", na=False) | totals.units[field.name].eq("万元")
    return np.where(is_wan.to_numpy(dtype=bool), WAN_POWER, WAN_POWER - 4)


def _describe_difference(
    field: LedgerField, submissions: Mapping[int, Submission], totals: _Totals, index: int, total: int
) -> dict[str, Any]:
    """Build the finding on a total; `total` is the sum of its rows."""
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
    difference = cell_finding(
        "row.total_differs",
        cell,
        span=f"第 {first} 至 {last} 行" if first < last else f"第 {first} 行",
        sum=_format_number(total, power) + ("万元" if "万" in control[field.name] else ""),
    )
    return {"submission": control["submission"], **difference}


def _format_number(total: int, power: int) -> str:
    text = f"{Decimal(total).scaleb(-power):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

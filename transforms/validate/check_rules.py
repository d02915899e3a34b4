"""Validating a batch: one pandera call a ledger, row rules as masks, and each broken rule as a finding on its cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrors

from schemas.ledgers.compiled import CHECK_CODES, LedgerDefinition
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, Cell, cell_findings
from schemas.ledgers.rules import Rule, Severity
from transforms.validate.adjustments import NO_WAIVERS, Waivers, waived_rule
from transforms.validate.typing import TypedLedger
from transforms.validate.unit_errors import (
    Ranges,
    is_about_wan_times,
    is_off_by_wan,
    stated_fen,
    usual_range,
)

#: the columns that say where a row comes from and by when it must be dated
PROVENANCE = ["submission", "file", "sheet", "source_row", "arrived_on", "period_end"]


class _Judge:
    """Collects broken rules; an error on a cell silences what later rules say of the same cell.

    `waivers` let single rows in although they break a rule; which did is kept in `used`, by adjustment id.
    """

    def __init__(self, ledger: LedgerDefinition, text: pd.DataFrame, waivers: Waivers) -> None:
        self.ledger = ledger
        self.rules = ledger.rules()
        self.text = text
        self.wrong = {field.name: np.zeros(len(text), dtype=bool) for field in ledger.fields}
        self.broken: list[tuple[Rule, str, np.ndarray]] = []
        self.waivers = waivers
        self.used = {
            column_rules.adjustment_id: np.zeros(len(text), dtype=bool)
            for said in waivers.values()
            for column_rules, _ in said
        }

    def tell(self, rule: Rule, field: str, mask: np.ndarray) -> None:
        mask = mask & ~self.wrong[field]
        for waiver, concerned in self.waivers.get(rule.rule_id, ()):
            let_in = mask & concerned
            self.used[waiver.adjustment_id] |= let_in
            if let_in.any():
                self.broken.append((waived_rule(rule, waiver), field, np.flatnonzero(let_in)))
            mask = mask & ~concerned
        if mask.any():
            self.broken.append((rule, field, np.flatnonzero(mask)))
            if rule.severity == Severity.ERROR:
                self.wrong[field] |= mask

    def tell_code(self, field: str, code: str, mask: np.ndarray) -> None:
        self.tell(self.rules[f"{self.ledger.name}.{field}.{code}"], field, mask)


def check_rules(
    ledger: LedgerDefinition,
    typed: TypedLedger,
    text: pd.DataFrame,
    letters: pd.DataFrame,
    ranges: Ranges,
    waivers: Waivers = NO_WAIVERS,
) -> tuple[pd.DataFrame, pd.Series, dict[str, np.ndarray]]:
    """Findings on the rows of one ledger, with their `submission` and the row's money (`at_stake_fen`); a mask of the rows to
    hold back; and by waiver the rows that it let in.

    `text` holds the fields as the county wrote them and the columns of PROVENANCE; `letters` the Excel column letter and
    header (`<field>`, `<field>.header`) of each field by submission; `ranges` what amounts have been. All frames share a range
    index.
    """
    judge = _Judge(ledger, text, waivers)
    for field in ledger.fields:
        _tell_codes(judge, field.name, typed.faults[field.name])
    for name, code, positions in _pandera_failures(ledger.schema, typed.values[ledger.field_names()]):
        mask = np.zeros(len(text), dtype=bool)
        mask[positions] = True
        judge.tell_code(name, code, mask)
    _judge_dates(judge, typed.values)
    _judge_amounts(judge, typed.values, ranges)
    for row_rule in ledger.row_rules:
        judge.tell(row_rule.rule, row_rule.field, row_rule.breaks(typed.values).to_numpy(dtype=bool))
    for field in ledger.fields:
        _tell_codes(judge, field.name, typed.notices[field.name])
    held = np.zeros(len(text), dtype=bool)
    for wrong in judge.wrong.values():
        held |= wrong
    findings = findings_on_cells(ledger, text, letters, money_of_rows(ledger, typed.values), judge.broken)
    return findings, pd.Series(held, index=text.index), judge.used


def _tell_codes(judge: _Judge, field: str, codes: pd.Series) -> None:
    for code in codes.dropna().unique() if codes.notna().any() else ():
        judge.tell_code(field, code, codes.eq(code).to_numpy(dtype=bool, na_value=False))


def _judge_dates(judge: _Judge, values: pd.DataFrame) -> None:
    for field in judge.ledger.fields:
        if field.type.kind != "date":
            continue
        if not field.may_lie_ahead:
            judge.tell_code(
                field.name, "in_future", (values[field.name] > judge.text["arrived_on"]).to_numpy()
            )
        if field.name == judge.ledger.dated_by:
            judge.tell_code(
                field.name, "after_period", (values[field.name] >= judge.text["period_end"]).to_numpy()
            )


def _judge_amounts(judge: _Judge, values: pd.DataFrame, ranges: Ranges) -> None:
    """An amount that its text confirms is right, however unusual; else one about 10,000 times off is held back."""
    name = judge.ledger.name
    for field in (field for field in judge.ledger.fields if field.stated_in or field.has_usual_range):
        amount = values[field.name]
        stated = stated_fen(judge.text[field.stated_in]) if field.stated_in else amount.mask(amount.notna())
        differs = (amount != stated).fillna(False).astype(bool)
        is_mistaken = is_about_wan_times(amount, stated)
        if field.has_usual_range:
            is_off = is_off_by_wan(amount, *usual_range(ranges, name, field.name, judge.text["unit_code"]))
            is_mistaken |= is_off & (stated.isna() | differs)
        judge.tell_code(field.name, "unit_mistaken", is_mistaken.to_numpy(dtype=bool))
        if field.stated_in:
            judge.tell_code(field.name, "differs_from_text", differs.to_numpy(dtype=bool))


def _pandera_failures(
    schema: pa.DataFrameSchema, values: pd.DataFrame
) -> Iterable[tuple[str, str, np.ndarray]]:
    """(field, code, positions) of what pandera finds wrong. A wrong dtype is an internal error and raises."""
    try:
        schema.validate(values, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            yield _failure(error)


def _failure(error: SchemaError) -> tuple[str, str, np.ndarray]:
    check = error.check if isinstance(error.check, str) else error.check.name
    code = CHECK_CODES.get(check)
    cases = error.failure_cases
    if code is None or not isinstance(cases, pd.DataFrame) or cases["index"].isna().any():
        raise TypeError(f"the frame does not have the schema's form: {error}")
    return error.schema.name, code, cases["index"].to_numpy(dtype="int64")


def money_of_rows(ledger: LedgerDefinition, values: pd.DataFrame) -> pd.Series:
    """What stands in the money fields of each row together (分, Int64), whatever its sign; missing where none is filled in."""
    fields = [field.name for field in ledger.fields if field.type.kind == "money"]
    if not fields:
        return pd.Series(pd.NA, index=values.index, dtype="Int64")
    return values[fields].abs().sum(axis=1, min_count=1).astype("Int64")


def findings_on_cells(
    ledger: LedgerDefinition, text: pd.DataFrame, letters: pd.DataFrame, at_stake: pd.Series,
    broken: Sequence[tuple[Rule, str, np.ndarray]],
) -> pd.DataFrame:  # fmt: skip
    """A finding for each rule, field and place in the batch's text: rows of plain values, for rules are many and rows few."""
    finding_rows: list[tuple[Any, ...]] = []
    for rule, name, positions in broken:
        field, letter_in, header_in = (
            ledger.field(name),
            letters[name].to_dict(),
            letters[f"{name}.header"].to_dict(),
        )
        rows = text[["submission", "file", "sheet", "source_row", name]].take(positions)
        submissions, cells = rows["submission"].tolist(), []
        for submission, file, sheet, row, written in zip(
            submissions, *(rows[column].tolist() for column in rows.columns[1:]), strict=True
        ):
            letter, header = letter_in[submission], header_in[submission]
            cell = f"{letter}{row}" if isinstance(letter, str) else ""
            cells.append(
                Cell(file, sheet, row, header if isinstance(header, str) else field.header, cell, written)
            )
        cell_finding_rows = cell_findings(rule, cells, is_private=field.private)
        finding_rows += [
            (submission, *finding_row)
            for submission, finding_row in zip(submissions, cell_finding_rows, strict=True)
        ]
    if not finding_rows:
        return pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
    money = at_stake.take(np.concatenate([positions for *_, positions in broken])).array
    return pd.DataFrame(finding_rows, columns=BATCH_FINDING_COLUMNS[:-1]).assign(at_stake_fen=money)

"""Checks of a ledger's rows: one pandera call, row rules as masks, and a finding for each bad cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrors

from schemas.ledgers.compiled import LedgerDefinition, RowRule
from schemas.ledgers.date_rules import TOO_EARLY
from schemas.ledgers.field_rules import CHECK_CODES
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, Cell, cell_findings
from schemas.ledgers.types import PERSONAL_NUMBER
from transforms.read.containers.grid import NO_RESULT
from transforms.validate.adjustments import NO_WAIVERS, Waivers
from transforms.validate.broken_rules import BrokenRule, BrokenRuleCollector
from transforms.validate.check_amounts import check_amounts
from transforms.validate.doubtful_dates import find_doubtful_dates
from transforms.validate.typing import TypedLedger
from transforms.validate.unit_errors import Ranges

#: codes of the schema's checks by which a cell has no value that other rules could compare
UNREAD_CODES = ("required", "allowed")
NO_FINDINGS = pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
NOTHING_UNREAD: Mapping[str, pd.Series] = MappingProxyType({})


@dataclass(frozen=True)
class CheckedRows:
    """The result of checking the rows of one ledger.

    `findings`: BATCH_FINDING_COLUMNS. `is_quarantined`: mask of the rows with an error. `admitted`: by id
    of a waiver, mask of the rows that it admitted although they break its rule.
    """

    findings: pd.DataFrame
    is_quarantined: pd.Series
    admitted: dict[str, np.ndarray]


def check_rules(
    ledger: LedgerDefinition,
    typed: TypedLedger,
    text: pd.DataFrame,
    headers: pd.DataFrame,
    ranges: Ranges,
    waivers: Waivers = NO_WAIVERS,
    unread: Mapping[str, pd.Series] = NOTHING_UNREAD,
) -> CheckedRows:
    """Check the rows of one ledger against all its rules.

    `text` and `headers` are frames of `joined_text.join_text` and `list_headers`; `ranges` are the usual
    amounts of units; `unread` by field marks cells of which the reader has said that nobody can tell what
    they hold. A rule over several fields is silent where one of them, which it does not do without, could
    not be read. The order of the checks decides which finding a cell gets: faults of parsing, pandera, dates,
    amounts, row rules, doubtful dates, notices.
    """
    collector = BrokenRuleCollector(ledger, text, waivers)
    for name, mask in unread.items():
        collector.has_error[name] |= mask.to_numpy(dtype=bool)
    for field in ledger.fields:
        collector.add_codes(field.name, typed.faults[field.name], typed.details.get(field.name))
    is_unread = {name: mask.copy() for name, mask in collector.has_error.items()}
    for failure in _list_pandera_failures(ledger.schema, typed.values[ledger.field_names()]):
        mask = np.zeros(len(text), dtype=bool)
        mask[failure.positions] = True
        collector.add_code(failure.field, failure.code, mask)
        if failure.code in UNREAD_CODES:
            is_unread[failure.field] |= mask
    _check_dates(collector, typed.values)
    check_amounts(collector, typed, ranges)
    for row_rule in ledger.row_rules:
        mask, columns = _apply(row_rule, typed.values)
        for name in (columns - row_rule.does_without) & is_unread.keys():
            mask = mask & ~is_unread[name]
        collector.add(row_rule.rule, row_rule.field, mask)
    for doubt in find_doubtful_dates(ledger, typed.values, text["period_end"]):
        collector.add_code(*doubt)
    for field in ledger.fields:
        collector.add_codes(field.name, typed.notices[field.name], typed.details.get(field.name))
    return CheckedRows(
        build_cell_findings(ledger, text, headers, collector.broken, typed.values),
        pd.Series(np.logical_or.reduce(list(collector.has_error.values())), index=text.index),
        collector.admitted,
    )


class _RecordingFrame(pd.DataFrame):  # type: ignore[misc]
    """A frame that remembers which of its columns were read."""

    _metadata: ClassVar[list[str]] = ["columns_read"]  # pandas: attributes that are no columns

    def __getitem__(self, key: Any) -> Any:
        self.columns_read.add(key)
        return super().__getitem__(key)


def _apply(row_rule: RowRule, values: pd.DataFrame) -> tuple[np.ndarray, set[str]]:
    """Return the rows that break a rule, and the columns that it read."""
    recording = _RecordingFrame(values)
    recording.columns_read = set()
    return row_rule.breaks(recording).to_numpy(dtype=bool), recording.columns_read


def _check_dates(collector: BrokenRuleCollector, values: pd.DataFrame) -> None:
    for field in collector.ledger.fields:
        if field.type.kind != "date":
            continue
        is_early = (values[field.name] < pd.Timestamp(collector.ledger.earliest)).to_numpy()
        collector.add_code(field.name, TOO_EARLY, is_early)
        if not field.may_be_in_future:
            is_future = (values[field.name] > collector.text["arrived_on"]).to_numpy()
            collector.add_code(field.name, "in_future", is_future)
        if field.name == collector.ledger.dated_by:
            is_late = (values[field.name] >= collector.text["period_end"]).to_numpy()
            collector.add_code(field.name, "after_period", is_late)


class _PanderaFailure(NamedTuple):
    """A field that fails a check of the schema, the code of the check, and the positions of the rows."""

    field: str
    code: str
    positions: np.ndarray


def _list_pandera_failures(schema: pa.DataFrameSchema, values: pd.DataFrame) -> Iterable[_PanderaFailure]:
    """Yield what pandera finds wrong. A wrong dtype is an internal error and raises TypeError."""
    try:
        schema.validate(values, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            yield _parse_failure(error)


def _parse_failure(error: SchemaError) -> _PanderaFailure:
    check = error.check if isinstance(error.check, str) else error.check.name
    code = CHECK_CODES.get(check)
    cases = error.failure_cases
    if code is None or not isinstance(cases, pd.DataFrame) or cases["index"].isna().any():
        raise TypeError(f"the frame does not have the schema's form: {error}")
    return _PanderaFailure(error.schema.name, code, cases["index"].to_numpy(dtype="int64"))


def sum_money(ledger: LedgerDefinition, values: pd.DataFrame) -> pd.Series:
    """Add up the money fields of each row, signs ignored (分, Int64); missing where none is filled in."""
    fields = [field.name for field in ledger.fields if field.type.kind == "money"]
    if not fields:
        return pd.Series(pd.NA, index=values.index, dtype="Int64")
    return values[fields].abs().sum(axis=1, min_count=1).astype("Int64")


def build_cell_findings(
    ledger: LedgerDefinition,
    text: pd.DataFrame,
    headers: pd.DataFrame,
    broken: Sequence[BrokenRule],
    values: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Build a finding (BATCH_FINDING_COLUMNS) for each broken rule and row.

    It works on tuples, because rules are many and rows few. `values`, whose money is at stake, are the typed
    rows of `text`; without them no money is.
    """
    if not broken:
        return NO_FINDINGS.copy()
    findings: list[tuple[Any, ...]] = []
    for rule, name, positions in broken:
        cells = _list_cells(ledger, text, headers, name, positions)
        submissions = text["submission"].take(positions).tolist()
        is_private = ledger.field(name).private or rule.rule_id.endswith(f".{PERSONAL_NUMBER}")
        rule_findings = cell_findings(rule, cells, is_private=is_private)
        findings += [
            (submission, *finding) for submission, finding in zip(submissions, rule_findings, strict=True)
        ]
    positions_of_all = np.concatenate([positions for *_, positions in broken])
    money = (
        pd.array([pd.NA] * len(findings), dtype="Int64")
        if values is None
        else sum_money(ledger, values.take(positions_of_all)).array
    )
    return pd.DataFrame(findings, columns=BATCH_FINDING_COLUMNS[:-1]).assign(at_stake_fen=money)


def _list_cells(
    ledger: LedgerDefinition, text: pd.DataFrame, headers: pd.DataFrame, name: str, positions: np.ndarray
) -> list[Cell]:
    """List the cells of a field in these rows."""
    letter_by_submission = headers[name].to_dict()
    header_by_submission = headers[f"{name}.header"].to_dict()
    rows = text[["submission", "file", "sheet", "source_row", name]].take(positions)
    cells = []
    for submission, file, sheet, row, written in zip(
        *(rows[column].tolist() for column in rows.columns), strict=True
    ):
        letter, header = letter_by_submission[submission], header_by_submission[submission]
        cell = f"{letter}{row}" if isinstance(letter, str) else ""
        header = header if isinstance(header, str) else ledger.field(name).header
        cells.append(Cell(file, sheet, row, header, cell, None if written == NO_RESULT else written))
    return cells

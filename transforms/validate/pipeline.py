"""A batch of submissions validated together: one frame a ledger, parsed, validated and deduplicated once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from schemas.adjustments import Adjustment
from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, finding
from schemas.ledgers.rules import Severity
from schemas.ledgers.types import STR
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.states import ACCEPTED, PARTIAL, REJECTED, ZERO
from transforms.read import SOURCE_ROW, Submission, join_frames, text_frame
from transforms.validate.adjustment_effects import (
    corrected_findings,
    effects_by_submission,
    rows_by_submission,
)
from transforms.validate.adjustments import correct, is_about, waivers_by_rule
from transforms.validate.check_rules import check_rules
from transforms.validate.control_totals import compare_totals
from transforms.validate.duplicates import duplicate_findings, find_duplicates
from transforms.validate.keys import handling_rank, row_keys
from transforms.validate.typing import parse_ledger
from transforms.validate.unit_errors import Ranges

NO_RANGES: Ranges = MappingProxyType({})


@dataclass(frozen=True)
class ValidationResult:
    """The result of validating a batch.

    `rows` by ledger: the ledger's stored columns, `row_key`, `handling_rank`, `source_row` and `submission` (its place in the
    batch). `quarantined` by ledger: `submission` and `row_key` of the rows held back, and whether a withdrawn waiver
    spoke of them (`is_let_go`). `submissions`: one row each, in order, with
    `state`, `rows` and `held_back`. `findings`: BATCH_FINDING_COLUMNS. `adjusted`: in how many rows of a submission an
    adjustment took effect (`submission`, `adjustment_id`, `rows`), a row for each that speaks of its report.
    """

    rows: dict[str, pd.DataFrame]
    quarantined: dict[str, pd.DataFrame]
    submissions: pd.DataFrame
    findings: pd.DataFrame
    adjusted: pd.DataFrame


def validate_batch(
    submissions: Sequence[Submission],
    received_on: Sequence[date],
    regions: RegionTable,
    ledgers: Mapping[str, LedgerDefinition],
    ranges: Ranges = NO_RANGES,
    adjustments: Sequence[Adjustment] = (),
    withdrawn: Sequence[Adjustment] = (),
    standing: Collection[int] = (),
) -> ValidationResult:
    """Validate all submissions; `received_on` is the day on which each arrived, `ranges` what units' amounts have been.

    `adjustments` are the bureau's corrections and waivers. What a `withdrawn` waiver had let in does not stay when
    its row is held back; `standing` are the places of the submissions that stood with such rows and go on
    standing, even where nothing is left of them.
    """
    rows, quarantined, findings, effects = (
        {},
        {},
        [_reading_findings(submissions)],
        dict[str, Mapping[int, int]](),
    )
    for name, ledger in ledgers.items():
        numbered = [
            (index, submission)
            for index, submission in enumerate(submissions)
            if submission.ledger == name and not submission.is_rejected
        ]
        if not any(submission.accepted_span.count for _, submission in numbered):
            continue
        own = [adjustment for adjustment in adjustments if adjustment.ledger == name]
        was_let_in = [waiver for waiver in withdrawn if waiver.ledger == name]
        context = _Context(received_on, regions, ranges, own, was_let_in)
        rows[name], quarantined[name], ledger_findings, effect = _judge_ledger(ledger, numbered, context)
        findings.append(ledger_findings)
        effects |= effect
    all_findings = pd.concat(
        [ledger_findings for ledger_findings in findings if len(ledger_findings)] or findings[:1],
        ignore_index=True,
    )
    outcome = _outcomes(submissions, rows, quarantined, standing)
    all_findings = pd.concat([all_findings, _all_held_findings(submissions, outcome)], ignore_index=True)
    rejected = outcome.index[outcome["state"] == REJECTED]
    rows = {name: frame[~frame["submission"].isin(rejected)] for name, frame in rows.items()}
    all_findings["at_stake_fen"] = all_findings["at_stake_fen"].astype("Int64")
    return ValidationResult(
        rows,
        quarantined,
        outcome,
        all_findings[BATCH_FINDING_COLUMNS],
        effects_by_submission(submissions, adjustments, effects),
    )


@dataclass(frozen=True)
class _Context:
    """What the rows of one ledger are judged by, beside its definition."""

    received_on: Sequence[date]
    regions: RegionTable
    ranges: Ranges
    adjustments: Sequence[Adjustment]
    withdrawn: Sequence[Adjustment]


def _judge_ledger(
    ledger: LedgerDefinition, numbered: list[tuple[int, Submission]], context: _Context
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Mapping[int, int]]]:
    written = _joined_text(numbered, context.received_on)
    text, corrections = correct(written, context.adjustments)
    typed = parse_ledger(ledger, text, _money_units(ledger, numbered, text))
    letters = _letters(ledger, numbered)
    waivers = waivers_by_rule(text, context.adjustments)
    rule_findings, is_held, let_in = check_rules(ledger, typed, text, letters, context.ranges, waivers)
    corrected = corrected_findings(ledger, written, letters, context.adjustments, corrections)
    is_ragged = _is_ragged(numbered, text)
    is_held |= is_ragged
    is_other = is_ragged | np.logical_or.reduce(
        list(corrections.values()) or [np.zeros(len(text), dtype=bool)]
    )
    totals = compare_totals(ledger, numbered, text, typed, is_other, _money_units)
    rows = typed.values.assign(
        row_key=row_keys(ledger, typed.values, text["unit_code"]),
        handling_rank=handling_rank(ledger, typed.values, text["unit_code"], context.regions),
        source_row=text[SOURCE_ROW],
        submission=text["submission"],
    )
    repeated, conflicting = find_duplicates(rows, typed.values, is_held)
    duplicates = duplicate_findings(ledger, rows, text, repeated, conflicting)
    rule_findings = pd.concat(
        [item for item in (rule_findings, corrected, duplicates, totals) if len(item)] or [rule_findings],
        ignore_index=True,
    )
    is_held |= conflicting
    effect = {name: rows_by_submission(text, mask) for name, mask in (corrections | let_in).items()}
    quarantined = rows.loc[is_held, ["submission", "row_key"]].assign(is_let_go=False)
    for item in context.withdrawn:
        quarantined["is_let_go"] |= is_about(item, text)[is_held]
    return rows[~is_held & ~repeated], quarantined, rule_findings, effect


def _joined_text(numbered: list[tuple[int, Submission]], received_on: Sequence[date]) -> pd.DataFrame:
    """One text frame of all submissions, with where each row comes from and by when it must be dated."""
    texts = text_frame(join_frames(submission.accepted_span for _, submission in numbered))
    sizes = [submission.accepted_span.count for _, submission in numbered]

    def spread(values: list[object], dtype: object = STR) -> pd.Series:
        return pd.Series(values, dtype=dtype).repeat(sizes).reset_index(drop=True)

    return texts.assign(
        submission=spread([index for index, _ in numbered], "int64"),
        file=spread([submission.file for _, submission in numbered]),
        sheet=spread([submission.sheet for _, submission in numbered]),
        unit_code=spread([submission.unit_code for _, submission in numbered]),
        period=spread([submission.period for _, submission in numbered]),
        arrived_on=spread([received_on[index] for index, _ in numbered], "datetime64[s]"),
        period_end=spread(
            [Period.parse(str(submission.period)).end_on for _, submission in numbered], "datetime64[s]"
        ),
    )


def _money_units(
    ledger: LedgerDefinition, numbered: list[tuple[int, Submission]], text: pd.DataFrame
) -> pd.DataFrame:
    """元, 万元 or missing, by money field and row: the header's unit, else the one above the header."""
    units = {}
    for field in ledger.fields:
        if field.type.kind == "money":
            said = {
                index: (
                    submission.columns[field.name].money_unit if field.name in submission.columns else None
                )
                or submission.money_unit
                for index, submission in numbered
            }
            units[field.name] = text["submission"].map(said).astype(STR)
    return pd.DataFrame(units, index=text.index)


def _letters(ledger: LedgerDefinition, numbered: list[tuple[int, Submission]]) -> pd.DataFrame:
    """By submission, the column letter of each field and the header as the county wrote it."""
    by_submission = {}
    for index, submission in numbered:
        letters = {name: column.letter for name, column in submission.columns.items()}
        headers = {f"{name}.header": column.header for name, column in submission.columns.items()}
        by_submission[index] = letters | headers
    wanted = [name for field in ledger.fields for name in (field.name, f"{field.name}.header")]
    letters_by_field = {name: [columns.get(name) for columns in by_submission.values()] for name in wanted}
    return pd.DataFrame(letters_by_field, index=list(by_submission), dtype=STR)


def _is_ragged(numbered: list[tuple[int, Submission]], text: pd.DataFrame) -> pd.Series:
    ragged = {
        (index, entry["row"])
        for index, submission in numbered
        for entry in submission.findings
        if entry["severity"] == Severity.ERROR.value
    }
    if not ragged:
        return pd.Series(False, index=text.index)
    return pd.Series(
        pd.MultiIndex.from_frame(text[["submission", SOURCE_ROW]]).isin(ragged), index=text.index
    )


def _reading_findings(submissions: Sequence[Submission]) -> pd.DataFrame:
    rows = [
        {"submission": index, **entry}
        for index, submission in enumerate(submissions)
        for entry in submission.findings
    ]
    return pd.DataFrame(rows, columns=BATCH_FINDING_COLUMNS)


def _outcomes(
    submissions: Sequence[Submission],
    rows: Mapping[str, pd.DataFrame],
    quarantined: Mapping[str, pd.DataFrame],
    standing: Collection[int],
) -> pd.DataFrame:
    """State and counts of each submission. One of `standing` is not rejected even where not a row of it is left."""

    def count(frames: Mapping[str, pd.DataFrame]) -> pd.Series:
        numbers = [frame["submission"] for frame in frames.values()]
        counted = pd.concat(numbers).value_counts() if numbers else pd.Series(dtype="int64")
        return counted.reindex(range(len(submissions)), fill_value=0)

    outcome = pd.DataFrame({"rows": count(rows), "held_back": count(quarantined)}, dtype="int64")
    was_read = np.array([not submission.is_rejected for submission in submissions], dtype=bool)
    has_rows, has_held = outcome["rows"].gt(0).to_numpy(), outcome["held_back"].gt(0).to_numpy()
    is_standing = outcome.index.isin(standing)
    choices = [~was_read, has_held & (has_rows | is_standing), has_rows, has_held]
    outcome["state"] = np.select(choices, [REJECTED, PARTIAL, ACCEPTED, REJECTED], default=ZERO)
    return outcome


def _all_held_findings(submissions: Sequence[Submission], outcome: pd.DataFrame) -> pd.DataFrame:
    """A submission of which not one row could be taken is rejected, and says so once."""
    rows = []
    for index in outcome.index[(outcome["rows"] == 0) & (outcome["held_back"] > 0)]:
        submission = submissions[index]
        count = outcome.at[index, "held_back"]
        entry = finding(
            "submission.all_rows_held", file=submission.file, sheet=submission.sheet, detail=count
        )
        rows.append({"submission": index, **entry})
    return pd.DataFrame(rows, columns=BATCH_FINDING_COLUMNS)

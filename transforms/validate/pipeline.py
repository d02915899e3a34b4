"""Validation of a batch: all rows of a ledger are parsed, checked and searched for duplicates at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, finding
from schemas.states import ACCEPTED, PARTIAL, REJECTED, ZERO
from transforms.read import SOURCE_ROW, Submission
from transforms.validate.adjustment_effects import (
    count_by_submission,
    find_corrections,
    list_effects,
)
from transforms.validate.adjustments import correct, group_waivers, mask_covered_rows
from transforms.validate.batch import LedgerBatch, LedgerResult, ValidationInput, ValidationResult
from transforms.validate.check_rules import check_rules
from transforms.validate.column_doubts import combine_doubts
from transforms.validate.control_totals import compare_totals
from transforms.validate.duplicates import describe_duplicates, find_duplicates
from transforms.validate.joined_text import (
    find_held_rows,
    find_money_units,
    find_unread_cells,
    join_text,
    list_headers,
)
from transforms.validate.keys import build_row_keys, rank_handling
from transforms.validate.misplaced_reports import find_misplaced_reports
from transforms.validate.other_documents import find_other_documents
from transforms.validate.other_months import find_other_months
from transforms.validate.other_units import find_other_units
from transforms.validate.several_objects import find_several_objects
from transforms.validate.typing import parse_ledger
from transforms.validate.weak_number_findings import find_weak_numbers


def validate_batch(batch: ValidationInput) -> ValidationResult:
    """Validate all submissions of a batch."""
    ledger_batches = [batch.of_ledger(ledger) for ledger in batch.ledgers.values()]
    results = {
        ledger_batch.ledger.name: _validate_ledger(ledger_batch)
        for ledger_batch in ledger_batches
        if ledger_batch.has_rows
    }
    rows = {name: result.rows for name, result in results.items()}
    quarantined = {name: result.quarantined for name, result in results.items()}
    submissions = _summarise_submissions(batch, rows, quarantined)
    rejected = submissions.index[submissions["state"] == REJECTED]
    findings = _join_findings(
        _reading_findings(batch.submissions),
        *(result.findings for result in results.values()),
        _all_quarantined_findings(batch.submissions, submissions),
    )
    effects = {name: counts for result in results.values() for name, counts in result.effects.items()}
    return ValidationResult(
        rows={name: frame[~frame["submission"].isin(rejected)] for name, frame in rows.items()},
        quarantined=quarantined,
        submissions=submissions,
        findings=findings.astype({"at_stake_fen": "Int64"})[BATCH_FINDING_COLUMNS],
        adjusted=list_effects(batch.submissions, batch.adjustments, effects),
    )


def _validate_ledger(batch: LedgerBatch) -> LedgerResult:
    ledger, submissions = batch.ledger, batch.submissions
    written = join_text(batch)
    text, corrected = correct(written, batch.adjustments)
    typed = parse_ledger(ledger, text, find_money_units(ledger, submissions, text))
    headers = list_headers(ledger, submissions)
    unread = find_unread_cells(submissions, text)
    checked = check_rules(
        ledger,
        typed,
        text,
        headers,
        batch.ranges,
        group_waivers(text, batch.adjustments),
        unread,
    )
    is_ragged = find_held_rows(submissions, text, "row.ragged")
    is_corrected = np.logical_or.reduce([np.zeros(len(text), dtype=bool), *corrected.values()])
    is_quarantined = checked.is_quarantined | find_held_rows(submissions, text)
    rows = typed.values.assign(
        row_key=build_row_keys(
            ledger, typed.values, text["unit_code"].replace(batch.regions.history.origins)
        ),
        handling_rank=rank_handling(ledger, typed.values, text["unit_code"], batch.regions),
        source_row=text[SOURCE_ROW],
        submission=text["submission"],
    )
    lacks_key = np.logical_or.reduce(
        [is_ragged, *(mask for field, mask in unread.items() if ledger.field(field).is_in_key)]
    )
    duplicates = find_duplicates(ledger, rows, text, is_quarantined, is_ragged | lacks_key)
    is_quarantined |= duplicates.is_conflicting
    misplaced = find_misplaced_reports(batch, typed.values, text)
    of_other_units = find_other_units(ledger, typed.values, text, headers, unread, batch.regions)
    is_misplaced = of_other_units["submission"].isin(misplaced["submission"])
    findings = _join_findings(
        combine_doubts(checked.findings),
        misplaced,
        find_corrections(ledger, written, headers, batch.adjustments, corrected),
        find_weak_numbers(ledger, typed, text, headers, unread),
        combine_doubts(of_other_units[~is_misplaced]),
        find_other_months(ledger, typed.values, text),
        combine_doubts(find_other_documents(ledger, typed.values, text, headers, unread)),
        combine_doubts(find_several_objects(ledger, typed.values, text, headers, unread)),
        describe_duplicates(ledger, rows, text, duplicates),
        compare_totals(ledger, submissions, text, typed, is_ragged | is_corrected),
    )
    quarantined = rows[["submission", "row_key"]][is_quarantined].assign(is_waiver_revoked=False)
    for waiver in batch.revoked_waivers:
        quarantined["is_waiver_revoked"] |= mask_covered_rows(waiver, text)[is_quarantined]
    effects = {
        name: count_by_submission(text, mask) for name, mask in (corrected | checked.admitted).items()
    }
    return LedgerResult(rows[~is_quarantined & ~duplicates.is_repeated], quarantined, findings, effects)


def _join_findings(*frames: pd.DataFrame) -> pd.DataFrame:
    """Join frames of findings; empty ones are left out, because their columns have no types."""
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def _reading_findings(submissions: Sequence[Submission]) -> pd.DataFrame:
    rows = [
        {"submission": index, **reading_finding}
        for index, submission in enumerate(submissions)
        for reading_finding in submission.findings
    ]
    return pd.DataFrame(rows, columns=BATCH_FINDING_COLUMNS)


def _summarise_submissions(
    batch: ValidationInput, rows: Mapping[str, pd.DataFrame], quarantined: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return state and counts of each submission.

    One of `current_indices` is not rejected even if all its rows are quarantined.
    """

    def count(frames: Mapping[str, pd.DataFrame]) -> pd.Series:
        indices = [frame["submission"] for frame in frames.values()]
        counts = pd.concat(indices).value_counts() if indices else pd.Series(dtype="int64")
        return counts.reindex(range(len(batch.submissions)), fill_value=0)

    summary = pd.DataFrame({"rows": count(rows), "held_back": count(quarantined)}, dtype="int64")
    was_read = np.array([not submission.is_rejected for submission in batch.submissions], dtype=bool)
    has_rows, has_quarantined = summary["rows"].gt(0).to_numpy(), summary["held_back"].gt(0).to_numpy()
    stays_current = summary.index.isin(batch.current_indices)
    choices = [~was_read, has_quarantined & (has_rows | stays_current), has_rows, has_quarantined]
    summary["state"] = np.select(choices, [REJECTED, PARTIAL, ACCEPTED, REJECTED], default=ZERO)
    return summary


def _all_quarantined_findings(submissions: Sequence[Submission], summary: pd.DataFrame) -> pd.DataFrame:
    """Build a finding for each submission whose rows are all quarantined."""
    findings = []
    for index in summary.index[(summary["rows"] == 0) & (summary["held_back"] > 0)]:
        submission, count = submissions[index], summary.at[index, "held_back"]
        all_held = finding(
            "submission.all_rows_held", file=submission.file, sheet=submission.sheet, detail=count
        )
        findings.append({"submission": index, **all_held})
    return pd.DataFrame(findings, columns=BATCH_FINDING_COLUMNS)

"""A batch of submissions judged together: one frame a ledger, parsed, validated and deduplicated once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from schemas.definition import LedgerDefinition
from schemas.finding import FINDING_COLUMNS, finding
from schemas.ledger import UNIT
from schemas.periods import Period
from schemas.regions import RegionTable
from schemas.rules import Severity
from schemas.states import ACCEPTED, PARTIAL, REJECTED, ZERO
from schemas.types import STR
from transforms.amounts import Ranges
from transforms.controls import compare_totals
from transforms.keys import handling_rank, row_keys
from transforms.read import SOURCE_ROW, Submission
from transforms.typed import parse_ledger
from transforms.validate import validate

NO_RANGES: Ranges = MappingProxyType({})


@dataclass(frozen=True)
class Judged:
    """What a batch comes to.

    `rows` by ledger: the ledger's stored columns, `row_key`, `handling_rank`, `source_row` and `submission` (its place in the
    batch). `held` by ledger: `submission` and `row_key` of the rows held back. `submissions`: one row each, in order, with
    `state`, `rows` and `held_back`. `findings`: FINDING_COLUMNS and `submission`.
    """

    rows: dict[str, pd.DataFrame]
    held: dict[str, pd.DataFrame]
    submissions: pd.DataFrame
    findings: pd.DataFrame


def judge(
    submissions: Sequence[Submission],
    received_on: Mapping[str, date],
    regions: RegionTable,
    ledgers: Mapping[str, LedgerDefinition],
    ranges: Ranges = NO_RANGES,
) -> Judged:
    """Judge all submissions; `received_on` is the day on which each file arrived, `ranges` what units' amounts have been."""
    rows, held, findings = {}, {}, [_reading_findings(submissions)]
    for name, ledger in ledgers.items():
        numbered = [(at, one) for at, one in enumerate(submissions) if one.ledger == name and not one.is_rejected]
        if not any(len(one.rows) for _, one in numbered):
            continue
        rows[name], held[name], found = _judge_ledger(ledger, numbered, received_on, regions, ranges)
        findings.append(found)
    told = pd.concat([found for found in findings if len(found)] or findings[:1], ignore_index=True)
    outcome = _outcomes(submissions, rows, held)
    told = pd.concat([told, _all_held_findings(submissions, outcome)], ignore_index=True)
    rejected = outcome.index[outcome["state"] == REJECTED]
    rows = {name: frame[~frame["submission"].isin(rejected)] for name, frame in rows.items()}
    return Judged(rows, held, outcome, told)


def _judge_ledger(
    ledger: LedgerDefinition,
    numbered: list[tuple[int, Submission]],
    received_on: Mapping[str, date],
    regions: RegionTable,
    ranges: Ranges,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    text = _joined_text(numbered, received_on)
    typed = parse_ledger(ledger, text, _money_units(ledger, numbered, text))
    found, is_held = validate(ledger, typed, text, _letters(ledger, numbered), ranges)
    is_ragged = _is_ragged(numbered, text)
    is_held |= is_ragged
    totals = compare_totals(ledger, numbered, text, typed, is_ragged, _money_units)
    rows = typed.values.assign(
        row_key=row_keys(ledger, typed.values, text["unit_code"]),
        handling_rank=handling_rank(ledger, typed.values, text["unit_code"], regions),
        source_row=text[SOURCE_ROW],
        submission=text["submission"],
    )
    repeated, conflicting = _duplicates(rows, typed.values, is_held)
    duplicates = _duplicate_findings(ledger, rows, text, repeated, conflicting)
    found = pd.concat([one for one in (found, duplicates, totals) if len(one)] or [found], ignore_index=True)
    is_held |= conflicting
    return rows[~is_held & ~repeated], rows.loc[is_held, ["submission", "row_key"]], found


def _joined_text(numbered: list[tuple[int, Submission]], received_on: Mapping[str, date]) -> pd.DataFrame:
    """One text frame of all submissions, with where each row comes from and by when it must be dated."""
    joined = pd.concat([one.rows for _, one in numbered], ignore_index=True)
    sizes = [len(one.rows) for _, one in numbered]

    def spread(values: list[object], dtype: object = STR) -> pd.Series:
        return pd.Series(values, dtype=dtype).repeat(sizes).reset_index(drop=True)

    return joined.assign(
        submission=spread([at for at, _ in numbered], "int64"),
        file=spread([one.file for _, one in numbered]),
        sheet=spread([one.sheet for _, one in numbered]),
        unit_code=spread([one.unit_code for _, one in numbered]),
        arrived_on=spread([received_on[one.file] for _, one in numbered], "datetime64[s]"),
        period_end=spread([Period.parse(str(one.period)).end_on for _, one in numbered], "datetime64[s]"),
    )


def _money_units(ledger: LedgerDefinition, numbered: list[tuple[int, Submission]], text: pd.DataFrame) -> pd.DataFrame:
    """元, 万元 or missing, by money field and row: the header's unit, else the one above the header."""
    units = {}
    for field in ledger.fields:
        if field.type.kind == "money":
            said = {
                at: (one.columns[field.name].money_unit if field.name in one.columns else None) or one.money_unit
                for at, one in numbered
            }
            units[field.name] = text["submission"].map(said).astype(STR)
    return pd.DataFrame(units, index=text.index)


def _letters(ledger: LedgerDefinition, numbered: list[tuple[int, Submission]]) -> pd.DataFrame:
    """By submission, the column letter of each field and the header as the county wrote it."""
    by_submission = {}
    for at, one in numbered:
        letters = {name: column.letter for name, column in one.columns.items()}
        headers = {f"{name}.header": column.header for name, column in one.columns.items()}
        by_submission[at] = letters | headers
    wanted = [name for field in ledger.fields for name in (field.name, f"{field.name}.header")]
    return pd.DataFrame.from_dict(by_submission, orient="index").reindex(columns=wanted).astype(STR)


def _is_ragged(numbered: list[tuple[int, Submission]], text: pd.DataFrame) -> pd.Series:
    ragged = {(at, told["row"]) for at, one in numbered for told in one.findings if told["severity"] == Severity.ERROR.value}
    if not ragged:
        return pd.Series(False, index=text.index)
    return pd.Series(pd.MultiIndex.from_frame(text[["submission", SOURCE_ROW]]).isin(ragged), index=text.index)


def _duplicates(rows: pd.DataFrame, values: pd.DataFrame, is_held: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Rows to drop because an equal one stands before them, and rows whose key another row bears with other content."""
    nothing = pd.Series(False, index=rows.index)
    key = ["submission", "row_key"]
    candidates = rows.index[~is_held & rows["row_key"].notna() & rows.duplicated(key, keep=False)]
    if candidates.empty:
        return nothing, nothing.copy()
    some = rows.loc[candidates, key].join(values.loc[candidates])
    repeated = some.duplicated(keep="first")
    kept = some[~repeated]
    conflicting = kept.duplicated(key, keep=False)
    return repeated.reindex(rows.index, fill_value=False), conflicting.reindex(rows.index, fill_value=False)


def _duplicate_findings(
    ledger: LedgerDefinition, rows: pd.DataFrame, text: pd.DataFrame, repeated: pd.Series, conflicting: pd.Series
) -> pd.DataFrame:
    """A finding a duplicate row: the row that it repeats, or the rows of its key with other content."""
    told = []
    concerned = repeated | conflicting
    key = ["submission", "row_key"]
    alike = rows[rows["row_key"].isin(rows.loc[concerned, "row_key"])]
    content = alike.groupby([*key, *ledger.stored_columns()], dropna=False).ngroup()
    for _, same_key in alike.groupby(key):
        for at in same_key.index[concerned[same_key.index]]:
            is_equal = content[same_key.index].eq(content[at])
            others = same_key.loc[is_equal if repeated[at] else ~is_equal, SOURCE_ROW].drop(at, errors="ignore")
            place = {"file": text.at[at, "file"], "sheet": text.at[at, "sheet"], "row": int(rows.at[at, SOURCE_ROW])}
            detail = "、".join(map(str, others.head(1 if repeated[at] else 5)))
            rule_id = "row.repeated" if repeated[at] else "row.duplicate_key"
            found = finding(rule_id, **place, detail=detail, key=_key_as_written(ledger, text.loc[at]))
            told.append({"submission": text.at[at, "submission"], **found})
    return pd.DataFrame(told, columns=["submission", *FINDING_COLUMNS])


def _key_as_written(ledger: LedgerDefinition, row: pd.Series) -> str:
    """A row's key in the county's own words, for its clerk."""
    parts: list[str] = []
    for alternative in ledger.natural_key:
        parts = [
            next((str(row[name]) for name in names if pd.notna(row[name])), "") for names in alternative if names != (UNIT,)
        ]
        if all(parts):
            break
    return "，".join(filter(None, parts))


def _reading_findings(submissions: Sequence[Submission]) -> pd.DataFrame:
    told = [{"submission": at, **found} for at, one in enumerate(submissions) for found in one.findings]
    return pd.DataFrame(told, columns=["submission", *FINDING_COLUMNS])


def _outcomes(
    submissions: Sequence[Submission], rows: Mapping[str, pd.DataFrame], held: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """State and counts of each submission."""

    def count(frames: Mapping[str, pd.DataFrame]) -> pd.Series:
        numbers = [frame["submission"] for frame in frames.values()]
        counted = pd.concat(numbers).value_counts() if numbers else pd.Series(dtype="int64")
        return counted.reindex(range(len(submissions)), fill_value=0)

    outcome = pd.DataFrame({"rows": count(rows), "held_back": count(held)}, dtype="int64")
    was_read = np.array([not one.is_rejected for one in submissions], dtype=bool)
    has_rows, has_held = outcome["rows"].gt(0).to_numpy(), outcome["held_back"].gt(0).to_numpy()
    choices = [~was_read, has_rows & has_held, has_rows, has_held]
    outcome["state"] = np.select(choices, [REJECTED, PARTIAL, ACCEPTED, REJECTED], default=ZERO)
    return outcome


def _all_held_findings(submissions: Sequence[Submission], outcome: pd.DataFrame) -> pd.DataFrame:
    """A submission of which not one row could be taken is rejected, and says so once."""
    told = []
    for at in outcome.index[(outcome["rows"] == 0) & (outcome["held_back"] > 0)]:
        one = submissions[at]
        count = outcome.at[at, "held_back"]
        found = finding("submission.all_rows_held", file=one.file, sheet=one.sheet, detail=count)
        told.append({"submission": at, **found})
    return pd.DataFrame(told, columns=["submission", *FINDING_COLUMNS])

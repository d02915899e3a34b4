"""Rows of a submission with the same key: equal rows count once, different ones are quarantined."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, finding
from schemas.ledgers.model import UNIT
from schemas.ledgers.rules import REPEATED_AMOUNT
from transforms.read import SOURCE_ROW

#: the most rows, and the most fields that differ, that a finding names
MOST_NAMED, MOST_FIELDS = 5, 3
KEY = ["submission", "row_key"]


class Duplicates(NamedTuple):
    """Masks of the rows that repeat an earlier row, and of those with the key of a different row.

    `is_contradicted`: with the key of a different row, where one of the two has an error of its own. The
    other is accepted until that one is corrected.
    """

    is_repeated: pd.Series
    is_conflicting: pd.Series
    is_contradicted: pd.Series

    @property
    def is_any(self) -> pd.Series:
        """True for the rows that repeat a key in any way."""
        return self.is_repeated | self.is_conflicting | self.is_contradicted


class _WrittenKey(NamedTuple):
    """The fields of a row's key, and their texts."""

    fields: tuple[str, ...]
    text: str


def find_duplicates(
    ledger: LedgerDefinition,
    rows: pd.DataFrame,
    text: pd.DataFrame,
    is_quarantined: pd.Series,
    is_ragged: pd.Series,
) -> Duplicates:
    """Find the duplicates among the rows, with errors or without; ragged rows are left out.

    Rows without errors are equal if all their values are. A row with errors contradicts another if a
    value that could be read of both differs, and repeats another such row if their cells hold the same text.
    """
    has_shared_key = rows["row_key"].notna() & ~is_ragged & rows.duplicated(KEY, keep=False)
    if not has_shared_key.any():
        return Duplicates(*(pd.Series(False, index=rows.index) for _ in Duplicates._fields))
    contents = rows.loc[has_shared_key, [*KEY, *ledger.stored_columns()]]
    has_error = is_quarantined[has_shared_key]
    is_repeated = contents[~has_error].duplicated(keep="first")
    is_conflicting = contents[~has_error][~is_repeated].duplicated(KEY, keep=False)
    is_contradicted = pd.Series(False, index=contents.index)
    if has_error.any():
        written = contents.loc[has_error, KEY].join(text[ledger.field_names()])
        is_repeated = pd.concat([is_repeated, written.duplicated(keep="first")])
        is_open = ~is_repeated.reindex(contents.index) & ~is_conflicting.reindex(
            contents.index, fill_value=False
        )
        is_contradicted = _find_contradictions(contents, has_error) & is_open
    return Duplicates(
        *(
            mask.reindex(rows.index, fill_value=False)
            for mask in (is_repeated, is_conflicting, is_contradicted)
        )
    )


def _find_contradictions(contents: pd.DataFrame, has_error: pd.Series) -> pd.Series:
    """Return a mask of the rows whose key a row with errors has, where two read values of a field differ."""
    by_key = contents.groupby(KEY)
    is_contradictory = by_key.nunique().gt(1).any(axis=1)
    has_any_error = has_error.groupby([contents[name] for name in KEY]).transform("any")
    contradictory_keys = is_contradictory.index[is_contradictory]
    return has_any_error & pd.MultiIndex.from_frame(contents[KEY]).isin(contradictory_keys)


def describe_duplicates(
    ledger: LedgerDefinition, rows: pd.DataFrame, text: pd.DataFrame, duplicates: Duplicates
) -> pd.DataFrame:
    """Build a finding for each duplicate, which names the row that it repeats, or all that conflict."""
    is_any = duplicates.is_any
    if not is_any.any():
        return pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
    with_key = rows[rows["row_key"].isin(rows.loc[is_any, "row_key"])]
    first_rows = with_key.groupby(KEY)[SOURCE_ROW].first().to_dict()
    conflicting = rows[duplicates.is_conflicting | duplicates.is_contradicted]
    sentences = {}
    for key, group in conflicting.groupby(KEY):
        written = _keys_as_written(ledger, text.loc[group.index])
        sentences[key] = {
            "detail": name_rows(group[SOURCE_ROW].tolist()),
            "fields": _name_fields(ledger, group, written[0].fields),
            "key": _join_spellings(ledger, written),
        }
    described = rows.loc[is_any, [*KEY, SOURCE_ROW]].assign(
        is_repeated=duplicates.is_repeated,
        is_unnumbered=_is_unnumbered(ledger, rows),
        is_conflicting=duplicates.is_conflicting,
        file=text["file"],
        sheet=text["sheet"],
    )
    findings = []
    for (
        submission,
        row_key,
        row,
        is_repeated,
        is_unnumbered,
        is_conflicting,
        file,
        sheet,
    ), written_key in zip(
        described.itertuples(index=False), _keys_as_written(ledger, text[is_any]), strict=True
    ):
        if is_repeated:
            details = {
                "detail": first_rows[submission, row_key],
                "key": _join_spellings(ledger, [written_key]),
            }
            rule_id = REPEATED_AMOUNT if is_unnumbered else "row.repeated"
        else:
            rule_id = "row.duplicate_key" if is_conflicting else "row.contradicted_key"
            details = sentences[submission, row_key]
        duplicate = finding(rule_id, file=file, sheet=sheet, row=row, **details)
        findings.append({"submission": submission, **duplicate})
    return pd.DataFrame(findings, columns=BATCH_FINDING_COLUMNS)


def _is_unnumbered(ledger: LedgerDefinition, rows: pd.DataFrame) -> pd.Series:
    """Return a mask of the rows with an amount and without a number: two equal ones may be two payments."""
    numbers = [field.compared_by for field in ledger.number_fields()]
    if not (numbers and ledger.matter.amount):
        return pd.Series(False, index=rows.index)
    return rows[numbers].isna().all(axis=1)


def name_rows(rows: list[int]) -> str:
    """Name the first few of these rows."""
    named = "、".join(map(str, rows[:MOST_NAMED]))
    return f"{named} 等 {len(rows)}" if len(rows) > MOST_NAMED else named


def _name_fields(ledger: LedgerDefinition, group: pd.DataFrame, key_fields: tuple[str, ...]) -> str:
    """Name the fields in which rows differ, first those that are filled in in all of them.

    The key's own fields, which may differ in spelling, are named in the sentence already.
    """
    values = group[[name for name in ledger.field_names() if name not in key_fields]]
    for drop_empty in (True, False):
        differing = values.nunique(dropna=drop_empty).gt(1)
        if differing.any():
            headers = [f"“{ledger.field(name).header}”" for name in differing.index[differing]]
            return "、".join(headers[:MOST_FIELDS]) + ("等栏" if len(headers) > MOST_FIELDS else "")
    return "其余各栏"


def _join_spellings(ledger: LedgerDefinition, keys: list[_WrittenKey]) -> str:
    """Return headers and texts of a key as it is written, in each of its spellings: 005号、5号."""
    headers = "、".join(ledger.field(name).header for name in keys[0].fields)
    spellings = list(dict.fromkeys(key.text for key in keys))
    named = "、".join(spellings[:MOST_NAMED])
    return f"“{headers}”（{f'写作 {named}，是同一个编号' if len(spellings) > 1 else named}）"


def _keys_as_written(ledger: LedgerDefinition, text: pd.DataFrame) -> list[_WrittenKey]:
    """Return fields and texts of the keys: of the first complete alternative, else what the last one has."""
    keys: list[_WrittenKey] = []
    names_of_key = {name for alternative in ledger.natural_key for part in alternative for name in part}
    for row in text[sorted(names_of_key - {UNIT})].to_dict("records"):
        filled: list[str] = []
        for alternative in ledger.natural_key:
            parts = [names for names in alternative if names != (UNIT,)]
            names = [next((name for name in part if isinstance(row[name], str)), "") for part in parts]
            filled = [name for name in names if name]
            if all(names):
                break
        keys.append(_WrittenKey(tuple(filled), "，".join(row[name] for name in filled)))
    return keys

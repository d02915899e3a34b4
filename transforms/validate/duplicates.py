"""Rows of a submission with the same key: equal rows count once, different ones are quarantined."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, finding
from schemas.ledgers.model import UNIT
from transforms.read import SOURCE_ROW

#: the most rows with different content that a finding names
MOST_NAMED = 5
KEY = ["submission", "row_key"]


class Duplicates(NamedTuple):
    """Masks of the rows that repeat an earlier row, and of those with the key of a different row."""

    is_repeated: pd.Series
    is_conflicting: pd.Series

    @property
    def is_any(self) -> pd.Series:
        return self.is_repeated | self.is_conflicting


def find_duplicates(rows: pd.DataFrame, values: pd.DataFrame, is_quarantined: pd.Series) -> Duplicates:
    """Find the duplicates among the rows that are not quarantined.

    Rows are equal if all their `values` are.
    """
    has_shared_key = rows["row_key"].notna() & rows.duplicated(KEY, keep=False)
    candidates = rows.index[~is_quarantined & has_shared_key]
    if candidates.empty:
        nothing = pd.Series(False, index=rows.index)
        return Duplicates(nothing, nothing.copy())
    contents = rows.loc[candidates, KEY].join(values.loc[candidates])
    is_repeated = contents.duplicated(keep="first")
    is_conflicting = contents[~is_repeated].duplicated(KEY, keep=False)
    return Duplicates(
        is_repeated.reindex(rows.index, fill_value=False),
        is_conflicting.reindex(rows.index, fill_value=False),
    )


def describe_duplicates(
    ledger: LedgerDefinition, rows: pd.DataFrame, text: pd.DataFrame, duplicates: Duplicates
) -> pd.DataFrame:
    """Build a finding for each duplicate, which names the rows that it repeats or contradicts."""
    is_any = duplicates.is_any
    if not is_any.any():
        return pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
    with_key = rows[rows["row_key"].isin(rows.loc[is_any, "row_key"])]
    content = with_key.groupby([*KEY, *ledger.stored_columns()], dropna=False).ngroup()
    rows_by_key = _group_rows(with_key.assign(content=content))
    described = rows.loc[is_any, [*KEY, SOURCE_ROW]].assign(
        content=content, is_repeated=duplicates.is_repeated, file=text["file"], sheet=text["sheet"]
    )
    findings = []
    for (submission, row_key, row, row_content, is_repeated, file, sheet), key_text in zip(
        described.itertuples(index=False), _keys_as_written(ledger, text[is_any]), strict=True
    ):
        named_rows = [
            other_row
            for other_row, other_content in rows_by_key[submission, row_key]
            if other_row != row and (other_content == row_content) == is_repeated
        ]
        detail = "、".join(map(str, named_rows[: 1 if is_repeated else MOST_NAMED]))
        rule_id = "row.repeated" if is_repeated else "row.duplicate_key"
        duplicate = finding(rule_id, file=file, sheet=sheet, row=row, detail=detail, key=key_text)
        findings.append({"submission": submission, **duplicate})
    return pd.DataFrame(findings, columns=BATCH_FINDING_COLUMNS)


def _group_rows(rows: pd.DataFrame) -> dict[tuple[int, str], list[tuple[int, int]]]:
    """Return (row, content) of the rows of each submission and key."""
    groups: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for submission, row_key, row, content in rows[[*KEY, SOURCE_ROW, "content"]].itertuples(index=False):
        groups.setdefault((submission, row_key), []).append((row, content))
    return groups


def _keys_as_written(ledger: LedgerDefinition, text: pd.DataFrame) -> list[str]:
    """Return the keys as written: the first complete alternative, otherwise what the last one has."""
    keys: list[str] = []
    fields = [
        field_name
        for field_name in ledger.field_names()
        if any(field_name in names for names in chain.from_iterable(ledger.natural_key))
    ]
    for row in text[fields].to_dict("records"):
        for alternative in ledger.natural_key:
            values = [
                next((row[name] for name in names if isinstance(row[name], str)), "")
                for names in alternative
                if names != (UNIT,)
            ]
            if all(values):
                break
        keys.append("，".join(filter(None, values)))
    return keys

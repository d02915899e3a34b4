"""Rows of one submission with one key: equal ones count once, others contradict each other and are held back."""

from __future__ import annotations

import pandas as pd

from schemas.definition import LedgerDefinition
from schemas.finding import BATCH_FINDING_COLUMNS, finding
from schemas.ledger import UNIT
from transforms.read import SOURCE_ROW


def find_duplicates(rows: pd.DataFrame, values: pd.DataFrame, is_held: pd.Series) -> tuple[pd.Series, pd.Series]:
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


def duplicate_findings(
    ledger: LedgerDefinition, rows: pd.DataFrame, text: pd.DataFrame, repeated: pd.Series, conflicting: pd.Series
) -> pd.DataFrame:
    """A finding a duplicate row: the row that it repeats, or the rows of its key with other content."""
    concerned = repeated | conflicting
    if not concerned.any():
        return pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
    told = []
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
    return pd.DataFrame(told, columns=BATCH_FINDING_COLUMNS)


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

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
    key = ["submission", "row_key"]
    alike = rows[rows["row_key"].isin(rows.loc[concerned, "row_key"])]
    alike = alike.assign(content=alike.groupby([*key, *ledger.stored_columns()], dropna=False).ngroup())
    same_key = {which: group for which, group in alike.groupby(key)[[SOURCE_ROW, "content"]]}
    places = text.loc[concerned, ["submission", "file", "sheet"]].assign(
        key=_keys_as_written(ledger, text[concerned]), row_key=rows["row_key"], row=rows[SOURCE_ROW],
        content=alike["content"], is_repeated=repeated,
    )  # fmt: skip
    told = []
    for place in places.itertuples():
        of_key = same_key[place.submission, place.row_key]
        is_other = of_key[SOURCE_ROW].ne(place.row) & (of_key["content"].eq(place.content) == place.is_repeated)
        others = of_key.loc[is_other, SOURCE_ROW].head(1 if place.is_repeated else MOST_TOLD)
        rule_id = "row.repeated" if place.is_repeated else "row.duplicate_key"
        where = {"file": place.file, "sheet": place.sheet, "row": int(place.row)}
        found = finding(rule_id, **where, detail="、".join(map(str, others)), key=place.key)
        told.append({"submission": place.submission, **found})
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

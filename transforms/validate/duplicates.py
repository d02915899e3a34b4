"""Rows of one submission with one key: equal ones count once, others contradict each other and are held back."""

from __future__ import annotations

from itertools import chain

import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.finding import BATCH_FINDING_COLUMNS, finding
from schemas.ledgers.model import UNIT
from transforms.read import SOURCE_ROW

#: the most contradicting rows that a finding names
MOST_TOLD = 5


def find_duplicates(
    rows: pd.DataFrame, values: pd.DataFrame, is_held: pd.Series
) -> tuple[pd.Series, pd.Series]:
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
    ledger: LedgerDefinition,
    rows: pd.DataFrame,
    text: pd.DataFrame,
    repeated: pd.Series,
    conflicting: pd.Series,
) -> pd.DataFrame:
    """A finding a duplicate row: the row that it repeats, or the rows of its key with other content."""
    concerned = repeated | conflicting
    if not concerned.any():
        return pd.DataFrame(columns=BATCH_FINDING_COLUMNS)
    key = ["submission", "row_key"]
    alike = rows[rows["row_key"].isin(rows.loc[concerned, "row_key"])]
    alike = alike.assign(content=alike.groupby([*key, *ledger.stored_columns()], dropna=False).ngroup())
    of_key: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for submission, row_key, row, content in alike[[*key, SOURCE_ROW, "content"]].itertuples(index=False):
        of_key.setdefault((submission, row_key), []).append((row, content))
    places = rows.loc[concerned, [*key, SOURCE_ROW]].assign(
        content=alike["content"], is_repeated=repeated, file=text["file"], sheet=text["sheet"]
    )
    findings = []
    written = _keys_as_written(ledger, text[concerned])
    for (submission, row_key, row, content, is_repeated, file, sheet), words in zip(
        places.itertuples(index=False), written, strict=True
    ):
        named_rows = [
            index
            for index, other in of_key[submission, row_key]
            if index != row and (other == content) == is_repeated
        ]
        detail = "、".join(map(str, named_rows[: 1 if is_repeated else MOST_TOLD]))
        rule_id = "row.repeated" if is_repeated else "row.duplicate_key"
        entry = finding(rule_id, file=file, sheet=sheet, row=row, detail=detail, key=words)
        findings.append({"submission": submission, **entry})
    return pd.DataFrame(findings, columns=BATCH_FINDING_COLUMNS)


def _keys_as_written(ledger: LedgerDefinition, text: pd.DataFrame) -> list[str]:
    """The keys of rows in the county's own words: the first alternative that is whole, else what there is of the last."""
    keys: list[str] = []
    fields = [
        field_name
        for field_name in ledger.field_names()
        if any(field_name in names for names in chain.from_iterable(ledger.natural_key))
    ]
    for row in text[fields].to_dict("records"):
        for alternative in ledger.natural_key:
            said = [
                next((row[name] for name in names if isinstance(row[name], str)), "")
                for names in alternative
                if names != (UNIT,)
            ]
            if all(said):
                break
        keys.append("，".join(filter(None, said)))
    return keys

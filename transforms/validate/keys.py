"""The natural key of a row as one text.

Rows with the same key are about the same thing, in any file, month or unit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pandas as pd

from schemas.ledgers.compiled import LedgerDefinition
from schemas.ledgers.model import UNIT
from schemas.ledgers.types import STR
from schemas.regions import RegionTable
from transforms.normalise import county_mark, fold_key, weak_numbers

SEPARATOR = " / "
#: an index of PostgreSQL takes 2,704 bytes, three to a Chinese character
LONGEST_KEY = 300


def build_row_keys(ledger: LedgerDefinition, values: pd.DataFrame, unit_code: pd.Series) -> pd.Series:
    """Build each row's key: its first alternative that is filled in and whose number identifies something.

    Missing if the last one lacks a required field. If the number in the last one identifies nothing, the
    key is completed by the unit, the party and the day of the matter.
    """
    keys = pd.Series(np.nan, index=values.index, dtype=STR)
    for parts in ledger.natural_key:
        is_last = parts == ledger.natural_key[-1]
        texts = [_part(ledger, values, unit_code, part) for part in parts]
        needed = [
            text for part, text in zip(parts, texts, strict=True)
            if not is_last or any(name == UNIT or ledger.field(name).required for name in part)
        ]  # fmt: skip
        is_filled = pd.concat(needed, axis=1).notna().all(axis=1)
        is_weak = _has_weak_number(ledger, values, parts)
        if not is_last:
            is_filled &= ~is_weak
        joined = texts[0].fillna("").str.cat([text.fillna("") for text in texts[1:]], sep=SEPARATOR)
        if is_weak.any():
            joined = joined.mask(is_weak, joined + _completion(ledger, values, unit_code, parts))
        if len(ledger.natural_key) > 1:
            joined = f"{ledger.field(parts[0][0]).header} " + joined
        keys = keys.where(keys.notna() | ~is_filled, joined)
    is_long = keys.str.len().gt(LONGEST_KEY)
    keys[is_long] = keys[is_long].map(_shorten)
    return keys


def _has_weak_number(
    ledger: LedgerDefinition, values: pd.DataFrame, parts: tuple[tuple[str, ...], ...]
) -> pd.Series:
    """Return a mask of the rows whose number among these parts identifies nothing."""
    is_weak = pd.Series(False, index=values.index)
    for field in ledger.number_fields():
        if (field.name,) in parts:
            is_weak |= weak_numbers(values[field.compared_by]).notna()
    return is_weak


def _completion(
    ledger: LedgerDefinition,
    values: pd.DataFrame,
    unit_code: pd.Series,
    parts: tuple[tuple[str, ...], ...],
) -> pd.Series:
    """Return what completes a key whose number identifies nothing."""
    matter = ledger.matter
    missing = [part for part in (matter.party, matter.day, (UNIT,)) if part and part not in parts]
    texts = [fold_key(_part(ledger, values, unit_code, part)).fillna("") for part in missing]
    return pd.Series("", index=values.index, dtype=STR).str.cat(texts, sep=SEPARATOR)


def _shorten(key: str) -> str:
    """Shorten a key to its beginning and a digest of the whole, so that an index can hold it."""
    return key[:LONGEST_KEY] + " #" + hashlib.sha256(key.encode()).hexdigest()[:16]


def _part(
    ledger: LedgerDefinition, values: pd.DataFrame, unit_code: pd.Series, names: tuple[str, ...]
) -> pd.Series:
    """Return one part of the keys as text: the first of `names` that is filled in."""
    if names == (UNIT,):
        return unit_code
    texts = [_as_text(values[ledger.compared_by(name)]) for name in names]
    first = texts[0]
    for other in texts[1:]:
        first = first.where(first.notna(), other)
    return first


def _as_text(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.StringDtype):
        return column
    if column.dtype.kind == "M":
        return column.dt.strftime("%Y-%m-%d").astype(STR)
    return column.astype("string").astype(STR)


#: how well a row shows that its unit handled the matter; of rows that several units report, the lowest rank
#: counts
HANDLED_HERE, COUNTY_SAYS_NOTHING, BUREAU_SAYS_NOTHING, HANDLED_ELSEWHERE = range(4)


def rank_handling(
    ledger: LedgerDefinition, values: pd.DataFrame, unit_code: pd.Series, regions: RegionTable
) -> pd.Series:
    """Rank each row by the unit that it names as having handled the matter: its own, none, or another.

    If a row names none, a county ranks before the city bureau, which registers its counties' cases again.
    """
    silent = np.where(unit_code.isin(regions.bureaus), BUREAU_SAYS_NOTHING, COUNTY_SAYS_NOTHING)
    if ledger.handled_by is None:
        return pd.Series(silent, index=values.index)
    field = ledger.field(ledger.handled_by)
    find: Callable[[str], str | None]
    if field.type.kind == "document_no":
        named, find = county_mark(values[field.compared_by]), regions.find_by_mark
    else:
        named, find = values[field.name], regions.find_unit
    ranks = {text: find(text) for text in named.dropna().unique()}
    handler = named.map(ranks)
    is_own = _is_of_one_line(handler, unit_code, regions)
    rank = np.where(handler.isna(), silent, np.where(is_own, HANDLED_HERE, HANDLED_ELSEWHERE))
    return pd.Series(rank, index=values.index)


def _is_of_one_line(handler: pd.Series, unit_code: pd.Series, regions: RegionTable) -> pd.Series:
    """True where the unit that handled a matter is the reporting one, or
    the same under an earlier or later code.
    """
    pairs = pd.DataFrame({"handler": handler, "unit": unit_code}).dropna().drop_duplicates()
    own_pairs = {
        pair for pair in pairs.itertuples(index=False, name=None) if regions.history.are_one_line(*pair)
    }
    is_known_pair = pd.MultiIndex.from_arrays([handler, unit_code]).isin(own_pairs)
    return pd.Series(is_known_pair, index=handler.index) if own_pairs else handler == unit_code

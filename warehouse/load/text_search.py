"""Searches in columns of texts: quick where few are there, few are distinct, or few begin alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

#: so few texts are searched sooner than Arrow compiles the pattern, as it does at each call
FEW_TEXTS = 250
#: of a column with at most this share of distinct texts only those are searched
FEW_DISTINCT = 0.1
#: so few beginnings of names are looked for in all texts at once before each row is searched
FEW_BEGINNINGS = 100
#: shown in place of a hidden name within a text, and of a given name
REPLACEMENT = "*"

Texts: TypeAlias = pd.Series  # of dtype str, missing where a cell is empty
Flags: TypeAlias = pd.Series  # of booleans


def match_distinct(texts: Texts, test: Callable[[Texts], Flags]) -> Flags:
    """Test texts by themselves; of a column with few distinct ones each of these once."""
    if len(texts) <= FEW_TEXTS:
        return test(texts)
    distinct = texts.drop_duplicates()
    if len(distinct) > FEW_DISTINCT * len(texts):
        return test(texts)
    return texts.isin(distinct[test(distinct)])


def matches(texts: Texts, pattern: str) -> Flags:
    if len(texts) > FEW_TEXTS:
        return texts.str.contains(pattern, regex=True, na=False)
    search = _compile(pattern).search
    is_match = [isinstance(text, str) and search(text) is not None for text in texts.tolist()]
    return pd.Series(is_match, index=texts.index, dtype=bool)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Compile a pattern for `re`, in which $ is the end alone, as it is for Arrow."""
    return re.compile(pattern.replace("$", r"\Z"))


def contains(texts: Texts, pieces: Texts, joined: str) -> Flags:
    """Test for each piece, which is not empty, whether the text of its row contains it.

    Comparing row by row is slow, so it is done only for pieces whose characters all stand in any text
    (`joined`), in this order as far as beginnings are few. Few names do.
    """
    if len(pieces) <= FEW_TEXTS:
        return find_in_row(texts[pieces.index], pieces)
    distinct = pieces.drop_duplicates()
    possible = distinct[distinct.str.strip("".join({*joined, REPLACEMENT})).eq("")]
    beginnings = possible.str.slice(0, 2)
    few = beginnings.unique().tolist()
    if len(few) <= FEW_BEGINNINGS:
        # a name that was replaced before may have left its mark in the text
        possible = possible[
            beginnings.isin([text for text in few if text in joined or REPLACEMENT in text])
        ]
    is_contained = pieces.isin(possible)
    possible = pieces[is_contained]
    is_contained[possible.index] = find_in_row(texts[possible.index], possible)
    return is_contained


def find_in_row(texts: Texts, pieces: Texts) -> Flags:
    """Test for each piece, which is not empty, whether the text of its row contains it."""
    if len(pieces) <= FEW_TEXTS:
        pairs = zip(pieces.tolist(), texts.fillna("").tolist(), strict=True)
        return pd.Series([piece in text for piece, text in pairs], index=pieces.index, dtype=bool)
    text_codes, distinct_texts = pd.factorize(texts.fillna(""))
    piece_codes, distinct_pieces = pd.factorize(pieces)
    if len(distinct_texts) * len(distinct_pieces) <= len(pieces):
        table = [[piece in text for piece in distinct_pieces] for text in distinct_texts.tolist()]
        is_contained = np.array(table, dtype=bool)[text_codes, piece_codes]
    else:
        is_contained = np.strings.find(to_numpy(texts.fillna("")), to_numpy(pieces)) >= 0
    return pd.Series(is_contained, index=pieces.index, dtype=bool)


def join_texts(texts: Texts) -> str:
    """Return all distinct texts, each in a line."""
    return "\n".join(texts.dropna().unique().tolist())


def adjacent_pairs(joined: str) -> set[str]:
    """Return every pair of adjacent characters that occurs in any of the texts."""
    return set(map("".join, pairwise(joined)))


def to_numpy(texts: Texts) -> np.ndarray[Any, Any]:
    """Convert to numpy, which compares two columns of texts row by row; pandas and Arrow do not."""
    return np.array(texts.to_numpy(dtype=object), dtype=np.dtypes.StringDType())

"""Parse values from a closed list into the list's spelling; unknown
values stay as written, for validation to find.

Such a column has few distinct cells, so each is parsed once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.normalise.columns import (
    apply_to_distinct,
    is_null,
    once_per_distinct,
    positions,
    rewrite,
    to_arrow,
    to_series,
)
from transforms.normalise.parsed import Parsed, code_series
from transforms.normalise.text import fold_key

JOINER = "、"

_SEPARATORS = r"、，,；;/\s"
_WHOLE_AS_FLOAT = re.compile(r"(\d+)\.0+")  # 5 as a number cell


def parse_category(text: pd.Series[str], allowed: tuple[str, ...]) -> Parsed:
    """Parse cells with one value each."""
    spelling = dict(zip(_folded_choices(allowed), allowed, strict=True))

    def spell(cell: str) -> str:
        match = _WHOLE_AS_FLOAT.fullmatch(cell)
        return spelling.get(match[1], cell) if match else cell

    return _parse(text, allowed, spell)


def parse_categories(text: pd.Series[str], allowed: tuple[str, ...]) -> Parsed:
    """Parse cells with several values, split on 、 comma, semicolon, slash and blank, and join them with 、.

    Each value appears once, in the order of the list; unknown ones follow.
    """
    return _parse(text, allowed, _splitter(allowed))


def _parse(text: pd.Series[str], allowed: tuple[str, ...], spell_other: Callable[[str], str]) -> Parsed:
    """Give cells that equal an allowed value, except for brackets, width and case, its spelling.

    Pass others to `spell_other`.
    """

    def spell(cells: pa.Array) -> dict[str, pa.Array]:
        word_positions = positions(
            pa.array(_folded(cells.to_pylist()), pa.large_string()), _folded_choices(allowed)
        )
        spelling = pa.array(allowed, pa.large_string()).take(
            pa.array(word_positions, mask=word_positions < 0)
        )
        return {
            "spelt": rewrite(
                pc.coalesce(spelling, cells),
                (word_positions < 0) & ~is_null(cells),
                once_per_distinct(spell_other),
            )
        }

    array = apply_to_distinct(to_arrow(text), spell)["spelt"]
    values = to_series(array, text.index, text.name)
    return Parsed(values, code_series(text.index), code_series(text.index))


def _splitter(allowed: tuple[str, ...]) -> Callable[[str], str]:
    rank_of = {folded: (rank, allowed[rank]) for rank, folded in enumerate(_folded_choices(allowed))}
    # An allowed value may contain a separator, so it must match before the cell is split there.
    values_with_separator = sorted(
        (value for value in allowed if re.search(f"[{_SEPARATORS}]", value)), key=len, reverse=True
    )
    uncut_pattern = "".join(rf"{re.escape(value)}(?=[{_SEPARATORS}]|$)|" for value in values_with_separator)
    token_pattern = re.compile(rf"{uncut_pattern}[^{_SEPARATORS}]+")

    def split(cell: str) -> str:
        tokens = token_pattern.findall(cell)
        if not tokens:
            return cell
        pairs = zip(_folded(tokens), tokens, strict=True)
        ranked = [rank_of.get(folded, (len(allowed), token)) for folded, token in pairs]
        return JOINER.join(dict.fromkeys(value for _, value in sorted(ranked, key=lambda pair: pair[0])))

    return split


@cache
def _folded_choices(allowed: tuple[str, ...]) -> list[str]:
    """Fold the choices of a field, which are the same in every batch."""
    return _folded(allowed)


def _folded(values: tuple[str, ...] | list[str]) -> list[str]:
    folded: list[str] = fold_key(pd.Series(list(values), dtype="str")).tolist()
    return folded

"""Values from a closed list, in the list's own spelling; what is not on the list stays as written, for validation.

Such a column holds few different cells, so each is read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.normalise.columns import (
    each_unique,
    is_null,
    positions,
    rewrite,
    through_uniques,
    to_arrow,
    to_series,
)
from transforms.normalise.parsed import Parsed, code_series
from transforms.normalise.text import fold_key

JOINER = "、"

_SEPARATORS = r"、，,；;/\s"
_WHOLE_AS_FLOAT = re.compile(r"(\d+)\.0+")  # a 5 that came from a number cell


def parse_category(text: pd.Series[str], allowed: tuple[str, ...]) -> Parsed:
    """One value a cell."""
    spelling = dict(zip(_folded(allowed), allowed, strict=True))

    def spell(cell: str) -> str:
        match = _WHOLE_AS_FLOAT.fullmatch(cell)
        return spelling.get(match[1], cell) if match else cell

    return _parse(text, allowed, spell)


def parse_categories(text: pd.Series[str], allowed: tuple[str, ...]) -> Parsed:
    """Several values a cell, split on 、 comma, semicolon, slash and blank; joined with 、 as below.

    Each value stands once, in the list's order, the unknown ones after the known.
    """
    return _parse(text, allowed, _splitter(allowed))


def _parse(text: pd.Series[str], allowed: tuple[str, ...], otherwise: Callable[[str], str]) -> Parsed:
    """Cells that are one allowed value but for brackets, width and case take its spelling; the rest `otherwise`."""

    def spell(cells: pa.Array) -> dict[str, pa.Array]:
        found = positions(pa.array(_folded(cells.to_pylist()), pa.large_string()), _folded(allowed))
        spelt = pa.array(allowed, pa.large_string()).take(pa.array(found, mask=found < 0))
        return {
            "spelt": rewrite(
                pc.coalesce(spelt, cells), (found < 0) & ~is_null(cells), each_unique(otherwise)
            )
        }

    array = through_uniques(to_arrow(text), spell)["spelt"]
    values = to_series(array, text.index, text.name)
    return Parsed(values, code_series(text.index), code_series(text.index))


def _splitter(allowed: tuple[str, ...]) -> Callable[[str], str]:
    place_of = {folded: (place, allowed[place]) for place, folded in enumerate(_folded(allowed))}
    # An allowed value may hold a separator itself: it is looked for before the cell is cut there.
    whole = sorted(
        (value for value in allowed if re.search(f"[{_SEPARATORS}]", value)), key=len, reverse=True
    )
    uncut = "".join(rf"{re.escape(value)}(?=[{_SEPARATORS}]|$)|" for value in whole)
    token = re.compile(rf"{uncut}[^{_SEPARATORS}]+")

    def split(cell: str) -> str:
        tokens = token.findall(cell)
        if not tokens:
            return cell
        pairs = zip(_folded(tokens), tokens, strict=True)
        placed = [place_of.get(folded, (len(allowed), one)) for folded, one in pairs]
        return JOINER.join(dict.fromkeys(value for _, value in sorted(placed, key=lambda pair: pair[0])))

    return split


def _folded(values: tuple[str, ...] | list[str]) -> list[str]:
    folded: list[str] = fold_key(pd.Series(list(values), dtype="str")).tolist()
    return folded

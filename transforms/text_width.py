"""Measure text in columns of a Chinese fixed-width font, for the widths and heights of cells.

Such a font draws two columns for what GBK writes in two bytes: Chinese characters, and also “”, —, … and √,
which a terminal draws in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt


def width_of(text: str) -> int:
    """Count the columns of a text in one line."""
    return len(text) if text.isascii() else len(text.encode("gbk", "replace"))


def widths_of(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """Count the columns of each text, encoding all of them at once."""
    joined = "\0".join(texts)
    if joined.count("\0") >= len(texts):  # a text contains the separator, or there are no texts
        return np.array([width_of(text) for text in texts], dtype=np.int64)
    separators = np.flatnonzero(
        np.frombuffer(f"\0{joined}\0".encode("gbk", "replace"), dtype=np.uint8) == 0
    )
    return np.diff(separators) - 1


@lru_cache(maxsize=2**13)
def lines_of(text: str, columns: float) -> int:
    """Count the lines of a text that is wrapped to this many columns."""
    whole_columns = max(1, int(columns))
    return sum(max(1, -(-width_of(line) // whole_columns)) for line in text.split("\n"))

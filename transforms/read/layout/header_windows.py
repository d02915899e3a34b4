"""Groups of rows that may be one header together."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

MOST_HEADER_ROWS = 3


def windows(
    rows: Sequence[list[str]], hidden: Container[int], last: int, first: int = 0
) -> Iterator[list[int]]:
    """Yield groups of two or three visible filled rows in sequence that begin before row `last`."""
    for start in range(first, last):
        window: list[int] = []
        for row_index in range(start, len(rows)):
            if row_index in hidden:
                continue
            if len(window) == MOST_HEADER_ROWS or not any(rows[row_index]):
                break
            window.append(row_index)
            if window[0] != start:
                break
            if len(window) > 1:
                yield list(window)

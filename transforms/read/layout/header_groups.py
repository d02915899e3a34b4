"""Titles of a header that stand over several columns, each with a text of its own below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest


@dataclass(frozen=True)
class HeaderGroup:
    """A title at a level of the header (from 0) over some columns (from 0), and the texts below it."""

    level: int
    first: int
    last: int
    title: str
    lower: tuple[str, ...]

    def read(self, texts: Sequence[str]) -> Sequence[str]:
        """Return what the joined header says of the group's columns."""
        return [text for text in texts[self.first : self.last + 1] if text]


def find_groups(rows: Sequence[Sequence[str]]) -> list[HeaderGroup]:
    """Find the titles of groups in the rows of a header; a title over one column is no group's.

    A title extends up to the next text at its level or above.
    """
    if len(rows) < 2:
        return []
    groups = []
    columns = list(zip_longest(*rows, fillvalue=""))
    for level in range(len(rows) - 1):
        lower = [next(filter(None, column[level + 1 :]), "") for column in columns]
        starts = [first for first, column in enumerate(columns) if any(column[: level + 1])]
        for first, end in pairwise([*starts, len(columns)]):
            title = columns[first][level]
            below = tuple(filter(None, lower[first:end])) if title else ()
            if len(below) > 1:
                groups.append(HeaderGroup(level, first, end - 1, title, below))
    return groups


def continues(texts: Sequence[str], below: Sequence[str]) -> bool:
    """Return whether a row has nothing but words under titles of a header that stand over several columns."""
    filled = [column for column, text in enumerate(below) if text]
    if not any(column >= len(texts) or not texts[column] for column in filled):
        return False
    if any(any(letter.isdigit() for letter in below[column]) for column in filled):
        return False
    groups = find_groups([texts, below])
    return all(any(group.first <= column <= group.last for group in groups) for column in filled)


def own_joins(own: Sequence[str]) -> list[str]:
    """Join a unit to the header above it in its own column (罚款金额
    over (万元)), without the group's title.
    """
    filled = [text for text in own if text]
    return ["".join(filled[start:]) for start in range(len(filled) - 1)]

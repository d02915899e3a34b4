"""Titles of a header that stand over several columns, each with a text of its own below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
    """Find the titles of groups in the rows of a header; a title over one column is no group's."""
    groups = []
    for level, row in enumerate(rows[:-1]):
        for first, title in enumerate(row):
            if not title:
                continue
            last = _last_column(rows[: level + 1], first, max(map(len, rows)))
            below = [
                text
                for column in range(first, last + 1)
                if (text := _first_text(rows[level + 1 :], column))
            ]
            if len(below) > 1:
                groups.append(HeaderGroup(level, first, last, title, tuple(below)))
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


def _last_column(upper: Sequence[Sequence[str]], first: int, width: int) -> int:
    """Return the last column to which a title extends: up to the next text at its level or above."""
    column = first + 1
    while column < width and not any(column < len(row) and row[column] for row in upper):
        column += 1
    return column - 1


def _first_text(rows: Sequence[Sequence[str]], column: int) -> str:
    return next((row[column] for row in rows if column < len(row) and row[column]), "")

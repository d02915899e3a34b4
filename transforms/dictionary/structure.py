"""What a dictionary is made of, whatever it is written as: chapters of groups, with tables of entries that have an id.

A fact is told under its heading; its lines are texts, or links to the id of something else in the dictionary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Link(NamedTuple):
    """A text that leads to the entry or group with an id."""

    text: str
    to: str


Line = str | Link
Facts = Mapping[str, tuple[Line, ...]]


@dataclass(frozen=True)
class DictionaryEntry:
    """A row of a table: something that can be looked up by its id."""

    id: str
    facts: Facts


@dataclass(frozen=True)
class DictionaryTable:
    """Entries of one kind (字段, 规则, 指标…): a workbook has a sheet of each kind."""

    kind: str
    entries: tuple[DictionaryEntry, ...]

    def headings(self) -> list[str]:
        """The headings under which any entry says something."""
        return headings_of(entry.facts for entry in self.entries)


@dataclass(frozen=True)
class Group:
    """What belongs together under one title: a ledger, a theme of indicators. `code` is its technical name, if it has one."""

    id: str
    title: str
    code: str = ""
    facts: Facts = field(default_factory=dict)
    tables: tuple[DictionaryTable, ...] = ()


@dataclass(frozen=True)
class Chapter:
    id: str
    title: str
    intro: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Dictionary:
    """All of it; `intro` says how to read it and by which definitions it was made."""

    title: str
    intro: tuple[str, ...]
    chapters: tuple[Chapter, ...]


def facts(told: Mapping[str, Line | Sequence[Line]]) -> Facts:
    """Facts from single lines or several; without those of which there is nothing to say."""
    lines = {
        heading: (said,) if isinstance(said, str | Link) else tuple(said) for heading, said in told.items()
    }
    return {heading: said for heading, said in lines.items() if any(said)}


def headings_of(several: Iterator[Facts]) -> list[str]:
    """All headings, in the order in which the fullest of the facts has them."""
    known: list[str] = []
    for one in several:
        for at, heading in enumerate(one):
            if heading not in known:
                before = [known.index(other) for other in list(one)[:at] if other in known]
                known.insert(max(before, default=-1) + 1, heading)
    return known


def text_of(line: Line) -> str:
    return line.text if isinstance(line, Link) else line

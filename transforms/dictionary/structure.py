"""Structure of the dictionary, independent of format: chapters of groups, with tables of entries that have
an id.

Facts map a heading to lines: texts, or links to the id of another entry or group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Link(NamedTuple):
    """A text linked to the entry or group with id `to`."""

    text: str
    to: str


Line = str | Link
Facts = Mapping[str, tuple[Line, ...]]


@dataclass(frozen=True)
class DictionaryEntry:
    """A row of a table, which can be looked up by its id."""

    id: str
    facts: Facts


@dataclass(frozen=True)
class DictionaryTable:
    """Entries of one kind (字段, 规则, 指标…); a workbook has one sheet for each kind."""

    kind: str
    entries: tuple[DictionaryEntry, ...]

    def headings(self) -> list[str]:
        """List the headings that any entry uses."""
        return headings_of(entry.facts for entry in self.entries)


@dataclass(frozen=True)
class Group:
    """A titled group of tables, such as a ledger or a theme of indicators.

    `code` is its technical name, if any.
    """

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
    """The whole dictionary; `intro` says how to read it and which rule set version it describes."""

    title: str
    intro: tuple[str, ...]
    chapters: tuple[Chapter, ...]


def facts(values: Mapping[str, Line | Sequence[Line]]) -> Facts:
    """Build facts from single lines or lists of lines; drop headings without text."""
    lines = {
        heading: (value,) if isinstance(value, str | Link) else tuple(value)
        for heading, value in values.items()
    }
    return {heading: value for heading, value in lines.items() if any(value)}


def headings_of(fact_lists: Iterator[Facts]) -> list[str]:
    """Merge the headings of several facts, each after those that precede it in its own facts."""
    known: list[str] = []
    for entry_facts in fact_lists:
        for index, heading in enumerate(entry_facts):
            if heading not in known:
                predecessors = [known.index(other) for other in list(entry_facts)[:index] if other in known]
                known.insert(max(predecessors, default=-1) + 1, heading)
    return known


def text_of(line: Line) -> str:
    """Return a line as text, a link without its target."""
    return line.text if isinstance(line, Link) else line

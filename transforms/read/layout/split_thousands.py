"""Find amounts in a CSV that a comma of the thousands splits over several cells: 35,000 without quotes.

They are joined where nothing else can be meant, and held at their cell otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.ledgers.finding import Cell, cell_finding
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.header_match import HeaderColumn, HeaderMatch

#: the first group of an amount, the groups behind it, and the last of them
FIRST_GROUP = r"^[-+]?[¥￥]?[-+]?[1-9]\d{0,2}$"
NEXT_GROUP = r"^\d{3}$"
LAST_GROUP = r"^\d{3}(?:\.\d+)?(?:[万千]?元)?$"
_FIRST, _NEXT, _LAST = (re.compile(pattern) for pattern in (FIRST_GROUP, NEXT_GROUP, LAST_GROUP))
#: kinds of fields that a group of three digits can be no value of
_NEVER_DIGITS = frozenset({"category", "categories", "date", "boolean", "uscc", "document_no"})
_ZEROS = "000"


@dataclass
class SplitAmounts:
    """Rows (from 0) of a table whose amount was joined, and findings on others.

    `shifted`: by row that is held, the first column of which nobody can tell what it says.
    """

    joined: list[int] = field(default_factory=list)
    example: str = ""
    held: list[dict[str, Any]] = field(default_factory=list)
    shifted: dict[int, int] = field(default_factory=dict)

    def unread(self, columns: Mapping[str, HeaderColumn]) -> set[tuple[int, str]]:
        """Return the cells (row as Excel counts it, field) of which nobody can tell what they say."""
        return {
            (row + 1, name)
            for row, first in self.shifted.items()
            for name, column in columns.items()
            if column.index >= first
        }


@dataclass(frozen=True)
class _Columns:
    """The columns of a table: those of amounts, the kind of each known one, and where named ones end."""

    money: tuple[HeaderColumn, ...]
    kinds: Mapping[int, str]
    named: int
    written: int


def money_columns(index: HeaderIndex, matches: Mapping[str, HeaderMatch]) -> list[HeaderColumn]:
    """Return the columns of amounts, by the ledger that knows most of the header."""
    name = _best_ledger(matches)
    return (
        [
            column
            for field, column in (matches[name].columns if name else {}).items()
            if field in index.money[name]
        ]
        if name
        else []
    )


def _best_ledger(matches: Mapping[str, HeaderMatch]) -> str | None:
    return max(matches, key=lambda name: len(matches[name].columns), default=None)


def join_split_amounts(
    texts: list[list[str]],
    rows: Sequence[int],
    header_texts: Sequence[str],
    matches: Mapping[str, HeaderMatch],
    index: HeaderIndex,
    *,
    file: str,
) -> SplitAmounts:
    """Join the split amounts of these rows of `texts` in place, and report those that may mean anything."""
    name, result = _best_ledger(matches), SplitAmounts()
    money = money_columns(index, matches)
    if name is None or not money:
        return result
    kinds = {
        column.index: index.ledgers[name].kinds[field] for field, column in matches[name].columns.items()
    }
    named = max(number for number, text in enumerate(header_texts) if text) + 1
    columns = _Columns(tuple(money), kinds, named, len(header_texts))
    for row in rows:
        _look_at_row(texts, row, columns, result, file)
    return result


def _look_at_row(
    texts: list[list[str]], row: int, columns: _Columns, result: SplitAmounts, file: str
) -> None:
    cells = texts[row]
    split = [(column, groups) for column in columns.money if (groups := _count_groups(cells, column.index))]
    if not split:
        return
    filled = max((number for number, text in enumerate(cells) if text), default=-1) + 1
    extra = filled - columns.named
    column, groups = split[0]
    if extra > 0 and len(split) == 1 and filled > columns.written and groups >= extra:
        joined = ",".join(cells[column.index : column.index + extra + 1])
        texts[row] = [*cells[: column.index], joined, *cells[column.index + extra + 1 :]]
        result.joined.append(row)
        result.example = result.example or joined
        return
    for column, groups in split:
        if extra > 0 or _cannot_be_a_value(cells[column.index + 1], column.index + 1, columns):
            result.held.append(_describe(cells, row, column, groups, file))
            result.shifted[row] = min(column.index, result.shifted.get(row, column.index))


def _count_groups(cells: Sequence[str], first: int) -> int:
    """Return how many cells behind an amount look like its next groups of three digits."""
    if first >= len(cells) or not _FIRST.match(cells[first]):
        return 0
    count = 0
    for text in cells[first + 1 :]:
        if _NEXT.match(text):
            count += 1
            continue
        return count + 1 if _LAST.match(text) else count
    return count


def _cannot_be_a_value(text: str, position: int, columns: _Columns) -> bool:
    kind = columns.kinds.get(position)
    return kind is None or kind in _NEVER_DIGITS or (kind == "text" and text == _ZEROS)


def _describe(
    cells: Sequence[str], row: int, column: HeaderColumn, groups: int, file: str
) -> dict[str, Any]:
    written = cells[column.index]
    behind = "、".join(f"“{text}”" for text in cells[column.index + 1 : column.index + 1 + groups])
    cell = Cell(file, "", row + 1, column.header, f"{column.letter}{row + 1}", written)
    return cell_finding("row.split_thousands", cell, detail=behind)

"""Recognise sheets that stand beside the ledgers of a workbook and hold no rows of one: sums, counts,
lists of codes, instructions.

A table with a whole header of a ledger is never one, whatever its sheet is called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.sheet_words import LIST_WORDS, MOST_LABEL_COLUMNS, NO_FIGURE, SUMMARY_WORDS
from transforms.read.containers.grid import Grid, cell_text
from transforms.read.layout.header import IGNORED_HEADERS, HeaderIndex
from transforms.read.layout.header_match import HeaderRow
from transforms.read.layout.tables import SheetTable

#: a count, amount or share; longer digits are the number of a document or a person
_FIGURE = re.compile(
    r"[-+]?[¥￥]?\d{1,3}(?:,?\d{3}){0,3}(?:\.\d+)?\s*(?:%|‰|[十百千万亿]?元|件|起|家|次|人|个|宗)?"
)
#: a day, by which a row may be one matter; months are what figures are counted by
_DAY = re.compile(r"\d[-/.年]\d{1,2}[-/.月]\d")
#: kinds of fields by which a row is recognised as one matter, besides texts of the natural key
_NUMBER_KINDS = ("document_no", "uscc")
_CHOICE_KINDS = frozenset({"category", "categories"})
#: how many rows below the header are looked at
_ROWS_SEEN = 200


@dataclass(frozen=True)
class _Column:
    """A column of a table that may be a summary: its header, the fields that it names, its filled cells."""

    header: str
    kinds: frozenset[str]
    is_key: bool
    cells: list[str]

    @property
    def is_figure(self) -> bool:
        return all(_FIGURE.fullmatch(cell) for cell in self.cells)


def is_summary(index: HeaderIndex, grid: Grid, tables: Sequence[SheetTable], table: SheetTable) -> bool:
    """Return whether a table only sums up, counts, or lists what may be chosen."""
    header = table.header
    if any(not index.missing(name, match) for name, match in header.matches.items()):
        return False
    columns = _columns(index, header, _rows_of(grid, tables, table))
    titles = [cell_text(cell) for row in table.above for cell in grid.rows[row]]
    return (
        _is_count(columns)
        or _is_choice_list(columns)
        or (
            _says([grid.tab, *titles], SUMMARY_WORDS)
            and _is_count(columns, MOST_LABEL_COLUMNS, any_label=True)
        )
        or (
            _says([grid.tab], LIST_WORDS)
            and not any(column.is_key or column.is_figure for column in columns)
        )
    )


def _rows_of(grid: Grid, tables: Sequence[SheetTable], table: SheetTable) -> list[list[object]]:
    """Return the rows below a header, with those that it took for its own though they hold figures.

    Where few headers are known, the row below is tried as the lower part of the header.
    """
    header, first = table.header, table.header.row + 1
    starts = [after.above.start for after in tables if after.header.row > header.row]
    lower = grid.rows[header.first_row + 1 : first]
    lower_rows = [row for row in lower if any(_FIGURE.fullmatch(cell_text(cell).strip()) for cell in row)]
    return [*lower_rows, *grid.rows[first : min([*starts, first + _ROWS_SEEN])]]


def _columns(index: HeaderIndex, header: HeaderRow, rows: Sequence[list[object]]) -> list[_Column]:
    """Return the filled columns of a table, without that of serial numbers."""
    fields: dict[int, list[tuple[str, str]]] = {}
    for ledger, match in header.matches.items():
        for name, column in match.columns.items():
            fields.setdefault(column.index, []).append((ledger, name))
    columns = []
    for position, title in enumerate(header.texts):
        cells = [cell_text(row[position]).strip() for row in rows if position < len(row)]
        cells = [cell for cell in cells if cell and cell not in NO_FIGURE]
        if cells and title.strip().upper() not in IGNORED_HEADERS:
            named = fields.get(position, [])
            kinds = frozenset(index.ledgers[ledger].kinds[name] for ledger, name in named)
            is_key = any(name in index.ledgers[ledger].identifying for ledger, name in named)
            columns.append(_Column(title, kinds, is_key, cells))
    return columns


def _is_count(columns: Sequence[_Column], most_labels: int = 1, *, any_label: bool = False) -> bool:
    """Return whether a table holds figures by a label, such as a unit, a month or a kind.

    With `any_label` it may be by the name of a party too, but never by number or day of a matter.
    """
    labels = [column for column in columns if not column.is_figure]
    figures = [column for column in columns if column.is_figure]
    if not figures or len(labels) > most_labels or any(column.is_key for column in figures):
        return False
    if any_label:
        return not any(
            column.kinds & {*_NUMBER_KINDS, "date"} or "号" in column.header for column in labels
        )
    return all(
        column.kinds <= _CHOICE_KINDS
        or (column.kinds == {"date"} and not any(map(_DAY.search, column.cells)))
        for column in labels
    )


def _is_choice_list(columns: Sequence[_Column]) -> bool:
    """Return whether a table lists the choices of some fields, each once."""
    return bool(columns) and all(
        column.kinds and column.kinds <= _CHOICE_KINDS and len(set(column.cells)) == len(column.cells)
        for column in columns
    )


def _says(texts: Sequence[str], words: Sequence[str]) -> bool:
    return any(word in text for text in texts for word in words)

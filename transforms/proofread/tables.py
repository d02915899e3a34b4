"""Give the cells of a table the labels of their rows and columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from transforms.proofread.labels import LABEL_END, is_unit
from transforms.proofread.text import Block

_HAS_DIGIT = re.compile(r"\d")
_IS_VALUE = re.compile(r"[\d.,，%\-—/万亿余元件起人名家户次场（）()+±↑↓增长下降减少上升]+|无|—|-|")
_MOST_HEADER_ROWS = 3
_LONGEST_CELL = 60
#: how many labels of a row, and characters of the labels of a column, are read
_MOST_LABELS, _LONGEST_LABEL = 6, 120


@dataclass(frozen=True)
class TableCell:
    """A cell of a row: the column where it begins, and how many it spans.

    `label` is the text of the merged cell above that it belongs to.
    """

    block: Block
    column: int = -1
    span: int = 1
    label: str = ""

    @property
    def words(self) -> str:
        return self.block.text or self.label

    @property
    def is_prose(self) -> bool:
        """Whether the cell holds sentences, as in a table that only lays out a page."""
        return len(self.block.text) > _LONGEST_CELL or any(end in self.block.text for end in "。；")


def label_cells(rows: Sequence[Sequence[TableCell]]) -> list[Block]:
    """Return the blocks of all cells; those with numbers know the labels of their row and column.

    The labels of a column are in the first rows, those of a row in its first cells without a number.
    """
    header_rows = _count_header_rows(rows)
    headers = _column_labels(rows[:header_rows])
    blocks: list[Block] = []
    for index, row in enumerate(rows):
        blocks += _label_row(row, headers, is_header=index < header_rows)
    return [block for block in blocks if block.text]


def _label_row(row: Sequence[TableCell], headers: dict[int, str], *, is_header: bool) -> Iterator[Block]:
    units = [cell.block.text for cell in row if is_unit(cell.block.text)]
    unit = units[0] if len(units) == 1 else ""
    labels: list[str] = []
    for position, cell in enumerate(row):
        text, column = cell.words, cell.column if cell.column >= 0 else position
        if cell.is_prose:
            yield cell.block
        elif is_header or not _HAS_DIGIT.search(text):
            yield replace(cell.block, is_cell=True)
        else:
            labelled = replace(
                cell.block,
                is_cell=True,
                row_label=LABEL_END.join(labels),
                column_label=headers.get(column, ""),
            )
            yield replace(labelled, unit=unit) if _IS_VALUE.fullmatch(text) else labelled
        is_label = not _IS_VALUE.fullmatch(text) and not is_unit(text) and not cell.is_prose
        if is_label and not is_header:
            labels = [*labels, text][-_MOST_LABELS:]


def _count_header_rows(rows: Sequence[Sequence[TableCell]]) -> int:
    """Return how many of the first rows have labels of columns and no values."""
    for index, row in enumerate(rows[:_MOST_HEADER_ROWS]):
        values = [cell.block.text for cell in row[1:] if cell.block.text and not is_unit(cell.block.text)]
        if any(_HAS_DIGIT.search(text) and _IS_VALUE.fullmatch(text) for text in values):
            return index
    return 1 if len(rows) > 1 else 0


def _column_labels(header: Sequence[Sequence[TableCell]]) -> dict[int, str]:
    labels: dict[int, str] = {}
    for row in header:
        for position, cell in enumerate(row):
            first = cell.column if cell.column >= 0 else position
            for column in range(first, first + cell.span):
                words, known = cell.words[:_LONGEST_LABEL], labels.get(column, "")
                if words and words not in known:
                    labels[column] = known + words
    return labels

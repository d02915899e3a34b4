"""Read the tables of a web page as Excel lays them out: one below the other, with the texts between them in
rows.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from transforms.normalise.number_formats import may_show_another_amount
from transforms.read.containers.grid import LAST_COLUMN, LAST_ROW, MOST_CELLS, Grid, UnusableFileError
from transforms.read.containers.html_formats import NumberFormats, shown_otherwise, stored_number
from transforms.read.containers.raised_text import mark_elements

#: elements that begin a new line
_BLOCKS = {
    "p",
    "div",
    "br",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "center",
    "caption",
    "table",
    "body",
    "td",
    "th",
}
_UNSEEN = ("script", "style", "head", "title", "noscript", "template")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_STRUCK = re.compile(r"line-through", re.IGNORECASE)
_ALIGNMENTS = {"sup": "superscript", "sub": "subscript"}
_ALIGNED = re.compile(r"vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)
_STRUCK_TAGS = ("s", "strike", "del")
_COST_OF_A_ROW = 8  # an empty row takes as much memory as this many cells
_LINE = "\x1e"  # never in the text of a page, as the parser removes it


class Budget:
    """The number of cells that the tables of a file may still have:
    spans make many cells out of few bytes.
    """

    def __init__(self) -> None:
        self._left = MOST_CELLS

    def spend(self, cells: int) -> None:
        """Count cells; raise UnusableFileError where the file has more than allowed."""
        self._left -= cells
        if self._left < 0:
            raise UnusableFileError("file.too_large", detail=f"表格超过 {MOST_CELLS} 个单元格")


def html_grids(root: etree._Element, budget: Budget) -> list[Grid]:
    """Return a grid for each table without tables in it.

    Row numbers go on from table to table, as in Excel.
    """
    formats = NumberFormats(root)
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    leaves = {table for table in root.iter("table") if next(table.iterdescendants("table"), None) is None}
    grids: list[Grid] = []
    texts: list[str] = []
    start = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and element in leaves:
            above = _lines(texts)
            budget.spend(start * _COST_OF_A_ROW + len(above))
            layout = _Layout(budget, formats, [[] for _ in range(start)] + [[line] for line in above])
            layout.add(element)
            grids.append(layout.grid())
            start, texts = len(layout.rows), []
            walk.skip_subtree()
        elif event == "start":
            texts += [_LINE if element.tag in _BLOCKS else "", element.text or ""]
        else:
            texts += [_LINE if element.tag in _BLOCKS else "", element.tail or ""]
    if len(grids) == 1:
        return grids
    return [replace(grid, name=f"表{number}") for number, grid in enumerate(grids, 1)]


def _lines(pieces: list[str]) -> list[str]:
    """Split a text into lines; white space in a page means nothing."""
    lines = (" ".join(line.split()) for line in "".join(pieces).split(_LINE))
    return [line for line in lines if line]


def _alignment(element: etree._Element) -> str:
    """Return superscript or subscript for a raised or lowered part of a text."""
    if element.tag in _ALIGNMENTS:
        return _ALIGNMENTS[element.tag]
    match = _ALIGNED.search(element.get("style") or "")
    return f"{match[1].lower()}script" if match else ""


def _cell_text(cell: etree._Element) -> str:
    mark_elements(cell, _alignment)
    if not len(cell):
        return "\n".join(_lines([cell.text or ""]))
    pieces = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        line = _LINE if element.tag in _BLOCKS else ""
        if event == "start":
            pieces += [line, element.text or ""]
        elif element is not cell:  # what follows an element stands behind all that is in it
            pieces += [line, element.tail or ""]
    return "\n".join(_lines(pieces))


def _is_struck(row: etree._Element, cell: etree._Element) -> bool:
    """Return whether the text of a cell, or a part of it, is struck through."""
    return any(_strikes(element) for element in (row, *cell.iter(etree.Element)))


def _strikes(element: etree._Element) -> bool:
    return element.tag in _STRUCK_TAGS or _STRUCK.search(element.get("style") or "") is not None


def _is_partly_struck(cell: etree._Element) -> bool:
    """Return whether a part of the text of a cell is struck through, and another part is not."""
    if _strikes(cell) or not any(map(_strikes, cell.iterdescendants(etree.Element))):
        return False
    return _has_text_unstruck(cell)


def _has_text_unstruck(element: etree._Element) -> bool:
    pieces = [element.text, *(child.tail for child in element)]
    if any(piece and piece.strip() for piece in pieces):
        return True
    return any(
        _has_text_unstruck(child) for child in element.iterchildren(etree.Element) if not _strikes(child)
    )


def _span(cell: etree._Element, name: str, most: int) -> int:
    """Return how many rows or columns a cell spans; one where the attribute is no number."""
    text = (cell.get(name) or "").strip()
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 10 else 1


class _Layout:
    """The rows of a grid, with each cell in the column where the spans put it."""

    def __init__(self, budget: Budget, formats: NumberFormats, rows: list[list[Any]]) -> None:
        self._budget, self._formats, self.rows = budget, formats, rows
        self._number_formats: dict[tuple[int, int], str] = {}
        self._merged: list[tuple[int, int, int, int]] = []
        self._hidden: set[int] = set()
        self._struck: set[tuple[int, int]] = set()
        self._partly_struck: set[tuple[int, int]] = set()

    def add(self, table: etree._Element) -> None:
        covered: dict[int, int] = {}  # column → how many more rows a cell from above takes
        for row in table.iter("tr"):
            if _HIDDEN.search(row.get("style") or ""):
                self._hidden.add(len(self.rows))
            self.rows.append(self._row(row, covered))
            covered = {column: left - 1 for column, left in covered.items() if left > 1}

    def _row(self, row: etree._Element, covered: dict[int, int]) -> list[Any]:
        cells: list[Any] = []
        self._budget.spend(len(covered) + 1)
        for cell in row.iterchildren("td", "th"):
            while len(cells) in covered:
                cells.append("")
            top, left = len(self.rows), len(cells)
            wide, high = _span(cell, "colspan", LAST_COLUMN), _span(cell, "rowspan", LAST_ROW)
            self._budget.spend(wide)
            if _is_struck(row, cell):
                self._struck.add((top, left))
            if _is_partly_struck(cell):
                self._partly_struck.add((top, left))
            cells += [self._read_cell(row, cell, (top, left)), *[""] * (wide - 1)]
            if wide > 1 or high > 1:
                self._merged.append((top, left, top + high - 1, left + wide - 1))
            if high > 1:
                covered.update(dict.fromkeys(range(left, left + wide), high))
            if len(cells) > LAST_COLUMN:
                raise UnusableFileError("file.too_large", detail=f"表格超过 {LAST_COLUMN} 列")
        return cells

    def _read_cell(
        self, row: etree._Element, cell: etree._Element, position: tuple[int, int]
    ) -> str | float:
        """Return the text of a cell; where it shows another amount, the number that it holds."""
        text = _cell_text(cell)
        code = self._formats.of(row, cell)
        number = stored_number(cell, text) if may_show_another_amount(code) else None
        if number is None:
            rounded = shown_otherwise(cell, text)
            return text if rounded is None else rounded
        self._number_formats[position] = code
        return number

    def grid(self) -> Grid:
        last = len(self.rows) - 1
        merged = tuple((top, left, min(bottom, last), right) for top, left, bottom, right in self._merged)
        return Grid(
            "",
            self.rows,
            merged=merged,
            hidden_rows=frozenset(self._hidden),
            struck=frozenset(self._struck),
            partly_struck=frozenset(self._partly_struck),
            number_formats=self._number_formats,
        )

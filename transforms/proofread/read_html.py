"""Read a web page: the text that a browser shows, with a break after each block, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html
from lxml.etree import ErrorTypes, ParserError

from transforms.proofread.tables import TableCell, label_cells
from transforms.proofread.text import CELL_END, LINE_END, Block, TextBuilder, TextRead

_UNSEEN = {"script", "style", "head", "title", "noscript", "template", "svg", "del", "s", "strike"}
_BLOCKS = {
    "p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer",
    "main", "aside", "nav", "blockquote", "pre", "figure", "figcaption", "caption", "dl", "dt", "dd", "form", "body",
    "tr", "td", "th", "hr", "details", "summary", "address", "center", "option", "button",
}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def read_html(text: str) -> TextRead:
    """Read the visible text of a page.

    Raises ParserError or RecursionError where something of it would be left out.
    """
    builder, blocks = TextBuilder(), list[Block]()
    if text.strip():
        # elements within 256 others are left out otherwise
        parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
        root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=parser)
        if any(entry.type == ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
            raise ParserError("elements lie deeper in each other than the parser reads")
        _read(root, builder, blocks)
    return TextRead(builder.text, [block for block in blocks if block.text])


def _read(root: Any, builder: TextBuilder, blocks: list[Block]) -> None:
    pieces: list[str] = []

    def end_block() -> None:
        if "".join(pieces).strip():
            blocks.append(builder.add([(" ".join("".join(pieces).split()), None)], LINE_END))
        pieces.clear()

    def walk(element: Any) -> None:
        if not isinstance(element.tag, str) or _is_unseen(element):
            return
        if element.tag == "table" and not _is_layout(element):
            end_block()
            blocks.extend(_read_table(element, builder))
            return
        is_block = element.tag in _BLOCKS
        if is_block:
            end_block()
        pieces.append(element.text or "")
        for child in element:
            walk(child)
            pieces.append(child.tail or "")
        if is_block:
            end_block()

    walk(root)
    end_block()


def _is_unseen(element: Any) -> bool:
    is_hidden = element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))
    return element.tag in _UNSEEN or is_hidden


def _is_layout(table: Any) -> bool:
    """Whether a table has tables in it: then it lays out a page."""
    return next(table.iterdescendants("table"), None) is not None


def _read_table(table: Any, builder: TextBuilder) -> list[Block]:
    rows: list[list[TableCell]] = []
    covered: dict[tuple[int, int], str] = {}
    captions = [
        builder.add([(_cell_text(caption), None)], LINE_END) for caption in table.iterchildren("caption")
    ]
    elements = list(table.iter("tr"))
    for index, row in enumerate(elements):
        cells, column = list[TableCell](), 0
        for cell in row.iterchildren("td", "th"):
            column = _add_covered(cells, covered, index, column)
            block = builder.add([(_cell_text(cell), None)], CELL_END)
            span, height = _number(cell, "colspan"), min(_number(cell, "rowspan"), len(elements) - index)
            cells.append(TableCell(block, column, span))
            for below in range(1, height):
                covered[index + below, column] = block.text
            column += span
        _add_covered(cells, covered, index, column)
        builder.add([], LINE_END)
        rows.append(cells)
    return [*captions, *label_cells(rows)]


def _add_covered(
    cells: list[TableCell], covered: dict[tuple[int, int], str], index: int, column: int
) -> int:
    """Add the cells that rows above cover here; return the next free column."""
    while (index, column) in covered:
        cells.append(TableCell(Block("", ()), column, 1, covered[index, column]))
        column += 1
    return column


def _number(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value[:4]), 1), 100) if value.isdecimal() else 1  # of any length


def _cell_text(cell: Any) -> str:
    return " ".join("".join(_texts(cell)).split())


def _texts(element: Any) -> Iterator[str]:
    if not isinstance(element.tag, str) or _is_unseen(element):
        return
    yield element.text or ""
    for child in element:
        yield " " if child.tag in _BLOCKS else ""
        yield from _texts(child)
        yield child.tail or ""

"""Read a Word document: what a reader sees, with inserted text, tables, text boxes, notes and headers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.document import Document as DocumentObject
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from transforms.proofread.tables import TableCell, label_cells
from transforms.proofread.text import CELL_END, LINE_END, Block, TextBuilder, TextRead

#: what a reader does not see: deleted text, the second form of a text box, properties
_UNSEEN = {qn(name) for name in ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:instrText", "w:delText")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PARAGRAPH, _TABLE, _RUN, _TEXT = qn("w:p"), qn("w:tbl"), qn("w:r"), qn("w:t")
_BOX, _ROW, _CELL = qn("w:txbxContent"), qn("w:tr"), qn("w:tc")
_CHARACTERS = {qn("w:tab"): " ", qn("w:br"): " ", qn("w:cr"): " ", qn("w:noBreakHyphen"): "-"}
#: Word has no more columns
MOST_COLUMNS = 63
_NOTES = ("/footnotes", "/endnotes")


@dataclass
class DocxRead:
    """A document with its text; `sources` has for each character its run, None outside of the body."""

    document: DocumentObject
    text: TextRead
    sources: list[Any]


def read_docx(data: bytes) -> DocxRead:
    """Read the text of a docx, the body first, then notes, headers and footers."""
    document = Document(io.BytesIO(data))
    builder, blocks = TextBuilder(), list[Block]()
    body = document.element.body
    _read_container(body, builder, blocks)
    inside = len(builder.sources)
    for root in _other_roots(document):
        _read_container(root, builder, blocks)
    sources = [*builder.sources[:inside], *[None] * (len(builder.sources) - inside)]
    text = TextRead(builder.text, [block for block in blocks if block.text])
    return DocxRead(document, text, sources)


def _other_roots(document: DocumentObject) -> Iterator[Any]:
    """Yield the roots of notes, and of each header and footer once."""
    for part in document.part.package.iter_parts():
        name = str(part.partname)
        if any(note in name for note in _NOTES) and name.endswith(".xml"):
            yield from parse_xml(part.blob)
    seen = set()
    for section in document.sections:
        for story in (section.header, section.footer, section.first_page_header, section.first_page_footer):
            if not story.is_linked_to_previous and story.part.partname not in seen:
                seen.add(story.part.partname)
                yield story._element


def _read_container(container: Any, builder: TextBuilder, blocks: list[Block]) -> None:
    """Read the paragraphs and tables in an element, also those in content controls and insertions."""
    for child in container:
        if child.tag in _UNSEEN or child.tag == _FALLBACK:
            continue
        if child.tag == _PARAGRAPH:
            blocks.append(builder.add(list(_pieces(child)), LINE_END))
            for box in _boxes(child):
                _read_container(box, builder, blocks)
        elif child.tag == _TABLE:
            blocks += _read_table(child, builder)
        elif len(child):
            _read_container(child, builder, blocks)


def _pieces(element: Any, run: Any = None) -> Iterator[tuple[str, Any]]:
    """Yield the visible text in an element, each piece with its run."""
    for child in element:
        if child.tag in _UNSEEN or child.tag in (_FALLBACK, _BOX):
            continue
        if child.tag == _TEXT:
            yield child.text or "", run
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag], run
        elif child.tag == _RUN:
            if not _is_hidden(child):
                yield from _pieces(child, child)
        else:
            yield from _pieces(child, run)


def _is_hidden(run: Any) -> bool:
    properties = run.find(qn("w:rPr"))
    vanish = properties.find(qn("w:vanish")) if properties is not None else None
    return vanish is not None and vanish.get(qn("w:val")) not in ("0", "false")


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Yield the text boxes anchored in a paragraph, each in its first form."""
    for box in paragraph.iter(_BOX):
        ancestors = list(box.iterancestors())
        own = ancestors[: ancestors.index(paragraph)]
        if not any(ancestor.tag in (_FALLBACK, _BOX) or ancestor.tag in _UNSEEN for ancestor in own):
            yield box


def _read_table(table: Any, builder: TextBuilder) -> list[Block]:
    """Read the cells of a table, merged ones once, and then the tables within them."""
    rows: list[list[TableCell]] = []
    above: dict[int, str] = {}
    inner: list[Any] = []
    for row in _within(table, _ROW):
        cells, column = list[TableCell](), _skipped_columns(row)
        for cell in _within(row, _CELL):
            span = _span(cell)
            pieces = [
                piece for paragraph in _paragraphs(cell) for piece in (*_pieces(paragraph), (" ", None))
            ]
            block = builder.add(pieces[:-1], CELL_END)
            inner += list(_within(cell, _TABLE))
            above[column] = above.get(column, "") if _is_merged_into_above(cell) else block.text
            cells.append(TableCell(block, column, span, above[column]))
            column += span
        builder.add([], LINE_END)
        rows.append(cells)
    blocks = label_cells(rows)
    for nested in inner:
        blocks += _read_table(nested, builder)
    return blocks


def _within(element: Any, tag: str) -> Iterator[Any]:
    """Yield the elements of a kind in an element, also in content controls, and none within such a one."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in (_TABLE, _PARAGRAPH) and child.tag not in _UNSEEN:
            yield from _within(child, tag)


def _paragraphs(cell: Any) -> Iterator[Any]:
    return _within(cell, _PARAGRAPH)


def _span(cell: Any) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    return min(max(int(span.get(qn("w:val"))), 1), MOST_COLUMNS) if span is not None else 1


def _skipped_columns(row: Any) -> int:
    skipped = row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")
    return int(skipped.get(qn("w:val"))) if skipped is not None else 0


def _is_merged_into_above(cell: Any) -> bool:
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val")) != "restart"

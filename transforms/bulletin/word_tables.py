"""Tables of a Word document: fonts, widths and borders, heading rows that are repeated on each page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from transforms.foreign_text import make_lines_visible
from transforms.report.statistics import FilledTable

SONG, HEI, FANG = "宋体", "黑体", "仿宋"
CENTER, LEFT, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
#: of an annex that lies on its side
LANDSCAPE_WIDTH, NAME_WIDTH, AMOUNT_WIDTH = Mm(257), Mm(32), Mm(22)
MOST_ROWS_TOGETHER = 20
TABLE_SIZE, WIDE_TABLE_SIZE = 9.0, 8.0
HEAD_COLOR = "E8EEF4"


def set_font(run: Run, font: str, size: float, *, is_bold: bool = False) -> None:
    """Set the font, for Chinese characters too: Word keeps one of each."""
    run.font.name, run.font.size, run.font.bold = font, Pt(size), is_bold
    properties = run._r.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), font)


def write_cell(
    cell: _Cell, text: str, align: Any = CENTER, size: float = TABLE_SIZE, *, is_head: bool = False
) -> None:
    """Write a text into a cell, closely set."""
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    format_closely(paragraph)
    set_font(paragraph.add_run(make_lines_visible(text)), SONG, size, is_bold=is_head)
    if is_head:
        shade(cell)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def format_closely(paragraph: Paragraph) -> None:
    """Take away spaces around a paragraph, and the indent of running text."""
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(1)
    form.line_spacing, form.first_line_indent = 1.0, Pt(0)


def shade(cell: _Cell) -> None:
    """Shade a heading; by the schema the color stands before the alignment."""
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", HEAD_COLOR)):
        shading.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shading)


def make_table(document: Document, rows: int, widths: Sequence[Length]) -> Table:
    """Add a table of fixed column widths with borders."""
    table: Table = document.add_table(rows, len(widths), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width
    return table


def repeat_heads(table: Table, count: int) -> None:
    """Repeat the first rows on every page; no row is broken over two pages."""
    for index, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        if index < count:
            properties.append(OxmlElement("w:tblHeader"))
        properties.append(OxmlElement("w:cantSplit"))


def keep_together(table: Table) -> None:
    """Keep a table on one page: each row stays with the next."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def insert_statistics(document: Document, before: Paragraph, tables: Sequence[FilledTable]) -> None:
    """Insert the statistics tables before a paragraph, each with its title and notes."""
    for number, table in enumerate(tables):
        title = before.insert_paragraph_before()
        title.alignment = CENTER
        format_closely(title)
        title.paragraph_format.keep_with_next = True
        title.paragraph_format.page_break_before = number > 0
        set_font(title.add_run(make_lines_visible(table.title)), HEI, 14)
        unit = before.insert_paragraph_before()
        unit.alignment = RIGHT
        format_closely(unit)
        unit.paragraph_format.keep_with_next = True
        set_font(unit.add_run(f"单位：{table.unit}"), SONG, TABLE_SIZE)
        before._p.addprevious(_statistics_table(document, table)._tbl)
        for index, note in enumerate(table.notes, start=1):
            paragraph = before.insert_paragraph_before()
            format_closely(paragraph)
            set_font(paragraph.add_run(make_lines_visible(f"{index}. {note}")), SONG, WIDE_TABLE_SIZE)


def _statistics_table(document: Document, filled: FilledTable) -> Table:
    """Lay out a table as the published form: headings in two rows, under their groups."""
    counts = sum(head.amount_unit is None for head in filled.heads)
    room = LANDSCAPE_WIDTH - NAME_WIDTH - AMOUNT_WIDTH * (len(filled.heads) - counts)
    width = Length(room // counts)
    widths = [AMOUNT_WIDTH if head.amount_unit else width for head in filled.heads]
    table = make_table(document, 2 + len(filled.rows), [NAME_WIDTH, *widths])
    _head(table, 0, 1, 0, 0, "单位名称")
    for group, columns in groupby(enumerate(filled.heads, start=1), key=lambda column: column[1].group):
        heads = list(columns)
        if group:
            _head(table, 0, 0, heads[0][0], heads[-1][0], group)
        for column, head in heads:
            _head(table, 1 if group else 0, 1, column, column, head.title)
    for number, (row, cells) in enumerate(filled.rows, start=2):
        shown = [row.name, *(cell.shown + cell.mark for cell in cells)]
        for cell, text in zip(table.rows[number].cells, shown, strict=True):
            write_cell(cell, text, size=WIDE_TABLE_SIZE)
    repeat_heads(table, 2)
    if len(table.rows) <= MOST_ROWS_TOGETHER:
        keep_together(table)
    return table


def _head(table: Table, first_row: int, last_row: int, first: int, last: int, text: str) -> None:
    cell = table.cell(first_row, first)
    if (first_row, first) != (last_row, last):
        cell = cell.merge(table.cell(last_row, last))
    write_cell(cell, text, size=WIDE_TABLE_SIZE, is_head=True)

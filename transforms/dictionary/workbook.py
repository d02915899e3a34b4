"""Render the dictionary as a workbook: an introduction, then one
sheet with filters for each kind of entry.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import xlsxwriter

from transforms.dictionary.structure import Chapter, Dictionary, Facts, headings_of, text_of
from transforms.foreign_text import fit_workbook
from transforms.template import looks
from transforms.template.book import MADE_ON, OPTIONS
from transforms.text_width import width_of

ABOUT = "说明"
#: widths in characters, height in points
LEAST_WIDTH, MOST_WIDTH, TALLEST = 8, 38, 400
ABOUT_WIDTH = 110


class Row(NamedTuple):
    """A line of a sheet: the group it belongs to, and its facts."""

    of: Mapping[str, str]
    facts: Facts


def render_workbook(dictionary: Dictionary) -> bytes:
    """Render the xlsx file. The same content always gives the same bytes."""
    buffer = io.BytesIO()
    font = {**looks.FONT, "font_scheme": False}
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "default_format_properties": font}) as book:
        book.set_properties({"title": dictionary.title, "created": MADE_ON})
        _write_about(book, book.add_worksheet(ABOUT), dictionary)
        for name, rows in _sheets(dictionary).items():
            _write_rows(book, book.add_worksheet(name), rows)
    return buffer.getvalue()


def _sheets(dictionary: Dictionary) -> dict[str, list[Row]]:
    """Collect the rows of each sheet: one for a chapter's groups with facts, one for each kind of table."""
    sheets: dict[str, list[Row]] = {}
    for chapter in dictionary.chapters:
        for name, row in _rows(chapter):
            sheets.setdefault(name, []).append(row)
    return sheets


def _rows(chapter: Chapter) -> Iterator[tuple[str, Row]]:
    for group in chapter.groups:
        titles = {chapter.title: group.title}
        if group.facts:
            yield chapter.title, Row({**titles, "代号": group.code}, group.facts)
        for table in group.tables:
            for entry in table.entries:
                yield table.kind, Row({"所属": group.title, "所属代号": group.code}, entry.facts)


def _write_about(book: Any, sheet: Any, dictionary: Dictionary) -> None:
    title, text = book.add_format(looks.TITLE), book.add_format(looks.PARAGRAPH)
    sheet.set_column(0, 0, ABOUT_WIDTH)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, dictionary.title, title)
    paragraphs = [
        *dictionary.intro,
        *(f"{chapter.title}：{chapter.intro}" for chapter in dictionary.chapters),
    ]
    for row, paragraph in enumerate(paragraphs, start=1):
        sheet.set_row(row, looks.row_height([paragraph], [ABOUT_WIDTH]))
        sheet.write_string(row, 0, fit_workbook(paragraph), text)


def _write_rows(book: Any, sheet: Any, rows: Sequence[Row]) -> None:
    """Write a frozen heading with filters, and one line for each row."""
    group_headings = [heading for heading in rows[0].of if any(row.of[heading] for row in rows)]
    headings = [*group_headings, *headings_of(row.facts for row in rows)]
    lines = [[_cell(row, heading) for heading in headings] for row in rows]
    widths = [
        _width([heading, *column])
        for heading, column in zip(headings, zip(*lines, strict=True), strict=True)
    ]
    head = book.add_format({**looks.HEAD, "bg_color": looks.EXAMPLE_GROUND})
    body = book.add_format({**looks.BODY, "valign": "top"})
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, head)
    for row, cells in enumerate(lines, start=1):
        sheet.set_row(row, min(TALLEST, looks.row_height(cells, widths)))
        for column, text in enumerate(cells):
            sheet.write_string(row, column, fit_workbook(text), body)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(lines), len(headings) - 1)
    sheet.set_landscape()
    sheet.set_paper(looks.PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _cell(row: Row, heading: str) -> str:
    return row.of[heading] if heading in row.of else "\n".join(map(text_of, row.facts.get(heading, ())))


def _width(texts: Sequence[str]) -> int:
    """Return the width of the longest line within limits, plus two for the filter's arrow."""
    longest = max(width_of(line) for text in texts for line in text.split("\n"))
    return max(LEAST_WIDTH, min(MOST_WIDTH, longest + 2))

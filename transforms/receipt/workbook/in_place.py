"""Mark the cells of the county's own workbook and put the first page in front of its sheets.

Its parts are patched: what a receipt changes is changed in the XML of the sheets and styles; shared texts
and theme stay byte for byte. Whatever could run or reach the network is left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import numpy as np
from lxml import etree
from xlsxwriter.utility import xl_cell_to_rowcol

from schemas.forms import RECEIPT_SHEET
from schemas.receipt_marks import OLD_HEADING, county_comment
from transforms.read.containers.xlsx_package import Package
from transforms.read.containers.xlsx_relations import read_relations
from transforms.receipt.marks import LONGEST_OLD_COMMENT, Mark, SheetMarks, comment_of
from transforms.receipt.page import Line
from transforms.receipt.words import AUTHOR, HEAVIEST_FIRST, TONES
from transforms.receipt.workbook.comment_boxes import CellComment
from transforms.receipt.workbook.county_book import (
    CountyBook,
    CountySheet,
    M,
    NotUnderstoodError,
    parse,
    text_of,
)
from transforms.receipt.workbook.county_sheet import CELL_NAME, CountyCells
from transforms.receipt.workbook.county_styles import CountyStyles
from transforms.receipt.workbook.package import Sheet, write_package
from transforms.receipt.workbook.page_sheet import render_page_sheet

OLD_AUTHOR = "原表"
#: what the name of a sheet may not be in Excel
_NOT_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$|^.{32}|^$", re.DOTALL)


def mark_in_place(
    book: CountyBook,
    lines: list[Line],
    marks: Mapping[str, SheetMarks],
    withheld_sheets: Collection[str],
) -> bytes | None:
    """Return the receipt in the county's workbook; None where a part of it has an unusual form."""
    hidden = {*withheld_sheets, RECEIPT_SHEET}
    try:
        styles = CountyStyles(book.styles)
        kept = [sheet for sheet in book.sheets if sheet.name not in hidden]
        if any(_NOT_A_SHEET_NAME.search(sheet.name) for sheet in kept):
            return None  # Excel would not open it; a redrawn workbook gets another name
        names = {sheet.name for sheet in kept}
        is_whole = len(kept) == book.all_sheets or not book.shared.xml
        used = None if is_whole else set[int]()
        sheets = [
            _mark_sheet(
                book,
                CountyCells(book.package.read(sheet.path), book.shared, styles, names),
                sheet,
                marks.get(sheet.name),
                styles,
                used,
            )
            for sheet in kept
        ]
        texts = book.shared.xml if used is None else book.shared.blank_others(used)
    except (NotUnderstoodError, etree.XMLSyntaxError, ValueError):
        return None
    page = render_page_sheet(lines, styles.of_look)  # before the styles, to which it adds its own
    shared = {"styles": styles.to_bytes(), "theme": book.theme, "sharedStrings": texts}
    return write_package(
        [page, *sheets],
        {kind: content for kind, content in shared.items() if content},
        is_1904=book.is_1904,
        protection=book.protection,
    )


def _mark_sheet(
    book: CountyBook,
    cells: CountyCells,
    sheet: CountySheet,
    marks: SheetMarks | None,
    styles: CountyStyles,
    used: set[int] | None,
) -> Sheet:
    """Return a sheet with its marks; the numbers of the shared texts in it are added to `used`, if given."""
    comments = _read_old_comments(book.package, sheet.path)
    if marks is not None:
        _mark_cells(cells, marks, comments, styles)
    if used is not None:
        used |= cells.shared_numbers()
    listed = [CellComment(row, column, *comment) for (row, column), comment in sorted(comments.items())]
    extent = [max(numbers) for numbers in zip(*comments, strict=True)]
    return Sheet(
        sheet.name,
        cells.to_bytes(has_comments=bool(listed)),
        sheet.state if sheet.state in ("hidden", "veryHidden") else "visible",
        sheet.names,
        listed,
        *(cells.edges(*extent) if extent else ()),
    )


def _mark_cells(
    cells: CountyCells,
    marks: SheetMarks,
    comments: dict[tuple[int, int], tuple[str, str]],
    styles: CountyStyles,
) -> None:
    if severity := marks.worst():
        cells.set_tab(TONES[severity].tab)
    settled = _move_to_shown(marks.resolve(cells.first_column), cells.list_merged())
    for (row, column), mark in settled.items():
        cell, style = cells.style_of(row, column)
        cell.set("s", str(styles.marked(style, mark.severity)))
        _add_comment(comments, (row, column), mark.comment)
    if marks.whole:
        _add_comment(comments, (1, 1), comment_of(marks.whole))


def _move_to_shown(
    settled: Mapping[tuple[int, int], Mark], merged: list[tuple[int, int, int, int]]
) -> dict[tuple[int, int], Mark]:
    """Move marks within a merged range to its first cell, the only one that is seen."""
    if not settled or not merged:
        return dict(settled)
    positions = np.array(list(settled))
    shown = positions.copy()
    for left, top, right, bottom in merged:
        inside = (positions >= (top, left)).all(axis=1) & (positions <= (bottom, right)).all(axis=1)
        shown[inside] = (top, left)
    moved: dict[tuple[int, int], Mark] = {}
    for (row, column), mark in zip(shown.tolist(), settled.values(), strict=True):
        position = (row, column)
        moved[position] = _combine(moved[position], mark) if position in moved else mark
    return moved


def _combine(mark: Mark, other: Mark) -> Mark:
    severity = min(mark.severity, other.severity, key=HEAVIEST_FIRST.index)
    return Mark(severity, "\n\n".join(dict.fromkeys(filter(None, (mark.comment, other.comment)))))


def _add_comment(
    comments: dict[tuple[int, int], tuple[str, str]], position: tuple[int, int], text: str
) -> None:
    """Put a comment above one that is there."""
    if text:
        old = comments.get(position)
        comments[position] = (f"{text}\n\n{old[0]}" if old else text, AUTHOR)


def _read_old_comments(package: Package, sheet: str) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the county's own comments, under a heading, so that none can pass for a finding."""
    folder, _, name = sheet.rpartition("/")
    if f"{folder}/_rels/{name}.rels" not in package:
        return {}
    comments: dict[tuple[int, int], tuple[str, str]] = {}
    for kind, path in read_relations(package, sheet).values():
        if kind != "comments" or path not in package:
            continue
        root = parse(package.read(path), "comments")
        authors = [author.text or "" for author in root.iterfind(f"{M}authors/{M}author")]
        for comment in root.iterfind(f"{M}commentList/{M}comment"):
            author = int(comment.get("authorId", "0"))
            is_own = author < len(authors) and authors[author] == AUTHOR
            text = county_comment(text_of(comment), is_own=is_own)[:LONGEST_OLD_COMMENT]
            if text and CELL_NAME.fullmatch(comment.get("ref", "")):
                row, column = xl_cell_to_rowcol(comment.get("ref"))
                comments[row + 1, column + 1] = (f"{OLD_HEADING}\n{text}", OLD_AUTHOR)
    return comments

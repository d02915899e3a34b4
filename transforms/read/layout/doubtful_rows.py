"""Find the rows of a table that a person would ask about: cells merged with others, struck through, marked
as void, written over the template's example, or a single cell in place of a record.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_range, xl_rowcol_to_cell

from schemas.ledgers.finding import Cell, cell_finding
from schemas.row_marks import FEWEST_CELLS_OF_A_RECORD
from schemas.sheet_words import WORDS_OF_OTHERS
from transforms.read.layout.header import IGNORED_HEADERS
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.row_kinds import compact
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.tables import SheetTable
from transforms.read.layout.void_words import LOOKS_VOID, ROW_NOTED, VOID, void_mark

#: kinds of field of which one value over several rows may be their sum
_FIGURES = ("money", "integer", "number")


@dataclass
class DoubtfulRows:
    """Findings on rows, and the cells (row as in Excel, field) of which nobody can tell what they say."""

    findings: list[dict[str, Any]] = field(default_factory=list)
    unread: set[tuple[int, str]] = field(default_factory=set)


def find_doubtful_rows(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], form: LedgerForm
) -> DoubtfulRows:
    """Find the doubtful rows of a table whose hollow rows are set aside."""
    doubtful = DoubtfulRows()
    apart = set(_add_examples(doubtful, sheet, table, form)) | set(
        _add_single_cells(doubtful, sheet, table, form)
    )
    _add_merged(doubtful, sheet, table, columns, form)
    held = set(_add_partly_struck(doubtful, sheet, table, columns, form))
    _add_struck(doubtful, sheet, table, held)
    _add_void_sections(doubtful, sheet, table, apart)
    _add_void_notes(doubtful, sheet, table)
    _add_sections_of_others(doubtful, sheet, table, form)
    for row in table.rows:
        if row not in apart and (mark := void_mark(sheet.texts[row], table.header.texts, columns, form)):
            column, word = mark
            doubtful.findings.append(cell_of_row(sheet, table, "row.void", row, column, detail=word))
    return doubtful


def cell_of_row(
    sheet: SheetRows, table: SheetTable, rule_id: str, row: int, column: int, **placeholders: Any
) -> dict[str, Any]:
    """Build a finding on a cell; what it says is not shown, as it may be private."""
    texts = table.header.texts
    header = texts[column] if column < len(texts) and texts[column] else f"{xl_col_to_name(column)} 列"
    cell = Cell(sheet.path, sheet.grid.name, row + 1, header, xl_rowcol_to_cell(row, column), None)
    return cell_finding(rule_id, cell, **placeholders)


def _add_examples(
    doubtful: DoubtfulRows, sheet: SheetRows, table: SheetTable, form: LedgerForm
) -> Iterator[int]:
    for row in sorted(set(table.examples) & set(table.rows)):
        mark = next(text for text in sheet.texts[row] if text)
        doubtful.findings.append(
            sheet.make_finding("row.example_overwritten", row=row + 1, detail=compact(mark))
        )
        doubtful.unread |= {(row + 1, name) for name in form.kinds}
        yield row


def _add_single_cells(
    doubtful: DoubtfulRows, sheet: SheetRows, table: SheetTable, form: LedgerForm
) -> Iterator[int]:
    serials = {
        column for column, text in enumerate(table.header.texts) if fold_header(text) in IGNORED_HEADERS
    }
    for row in table.rows:
        texts = sheet.texts[row]
        if len(texts) - texts.count("") > FEWEST_CELLS_OF_A_RECORD:
            continue
        filled = [column for column, text in enumerate(texts) if text and column not in serials]
        if len(filled) < FEWEST_CELLS_OF_A_RECORD <= len(form.required):
            column = filled[0] if filled else next(column for column, text in enumerate(texts) if text)
            doubtful.findings.append(cell_of_row(sheet, table, "row.single_cell", row, column))
            doubtful.unread |= {(row + 1, name) for name in form.kinds}
            yield row


def _add_merged(
    doubtful: DoubtfulRows,
    sheet: SheetRows,
    table: SheetTable,
    columns: dict[str, HeaderColumn],
    form: LedgerForm,
) -> None:
    """Add the cells that a merged cell covers, a finding for each row; a text of no consequence is left."""
    field_at = {column.index: name for name, column in columns.items() if name not in form.free_texts}
    covered: dict[int, list[tuple[int, str]]] = {}
    for region in sheet.grid.merged:
        for row, column in _covered_cells(sheet, table, region, field_at, form):
            covered.setdefault(row, []).append((column, xl_range(*region)))
    singles = {row for row, _ in doubtful.unread}
    for row, cells in sorted(covered.items()):
        if row + 1 in singles:
            continue
        ranges = "、".join(dict.fromkeys(name for _, name in sorted(cells)))
        first = min(column for column, _ in cells)
        doubtful.findings.append(cell_of_row(sheet, table, "row.merged", row, first, detail=ranges))
        doubtful.unread |= {(row + 1, field_at[column]) for column, _ in cells}


def _covered_cells(
    sheet: SheetRows,
    table: SheetTable,
    region: tuple[int, int, int, int],
    field_at: dict[int, str],
    form: LedgerForm,
) -> Iterator[tuple[int, int]]:
    """Yield the cells of records that a merged cell covers.

    A figure over several records is in doubt in the first of them too, as it may be their sum.
    """
    top, left, bottom, right = region
    rows = table.rows[bisect_left(table.rows, top) : bisect_right(table.rows, bottom)]
    fields = [
        column for column in range(left, min(right, max(field_at, default=-1)) + 1) if column in field_at
    ]
    shown = _text(sheet, top, left)
    if not rows or not fields or not shown:
        return
    for row in rows:
        for column in fields:
            is_anchor = (row, column) == (top, left)
            is_sum = is_anchor and len(rows) > 1 and form.kinds[field_at[column]] in _FIGURES
            if is_sum or (not is_anchor and _text(sheet, row, column) != shown):
                yield row, column


def _add_struck(
    doubtful: DoubtfulRows, sheet: SheetRows, table: SheetTable, held: Collection[tuple[int, int]]
) -> None:
    if not sheet.grid.struck:
        return
    rows = set(table.rows)
    struck: dict[int, list[int]] = {}
    for row, column in sorted(sheet.grid.struck):
        if row in rows and (row, column) not in held and _text(sheet, row, column):
            struck.setdefault(row, []).append(column)
    for row, columns in struck.items():
        cells = "、".join(xl_rowcol_to_cell(row, column) for column in columns[:3])
        detail = f"{cells} 等 {len(columns)} 格" if len(columns) > 3 else cells
        doubtful.findings.append(sheet.make_finding("row.struck", row=row + 1, detail=detail))


def _add_partly_struck(
    doubtful: DoubtfulRows,
    sheet: SheetRows,
    table: SheetTable,
    columns: dict[str, HeaderColumn],
    form: LedgerForm,
) -> Iterator[tuple[int, int]]:
    """Add the cells in which what is struck through stands beside what is not: nobody may join the two."""
    field_at = {column.index: name for name, column in columns.items() if name not in form.free_texts}
    rows = set(table.rows)
    for row, column in sorted(sheet.grid.partly_struck):
        if row in rows and column in field_at:
            doubtful.findings.append(cell_of_row(sheet, table, "row.partly_struck", row, column))
            doubtful.unread.add((row + 1, field_at[column]))
            yield row, column


def _add_void_sections(
    doubtful: DoubtfulRows, sheet: SheetRows, table: SheetTable, apart: Collection[int]
) -> None:
    """Add a finding for each row between the records that says that those below it should not count.

    Rows `apart` stand among the records, but are none.
    """
    if not table.rows:
        return
    records = set(table.rows) - set(apart)
    for row in range(table.rows[0], table.rows[-1]):
        if row in records or not LOOKS_VOID.search("\0".join(sheet.texts[row])):
            continue
        text = next(text for text in sheet.texts[row] if LOOKS_VOID.search(text))
        if match := VOID.search(compact(text)):
            doubtful.findings.append(
                sheet.make_finding("sheet.void_section", row=row + 1, detail=match["word"])
            )


def _add_void_notes(doubtful: DoubtfulRows, sheet: SheetRows, table: SheetTable) -> None:
    """Add a finding for each note below the records that says of one of them that it should not count."""
    last = table.rows[-1] if table.rows else len(sheet.texts)
    for row in table.foot:
        words = compact("".join(sheet.texts[row]))
        if row > last and ROW_NOTED.search(words) and (match := VOID.search(words)):
            doubtful.findings.append(
                sheet.make_finding("sheet.void_note", row=row + 1, detail=match["word"])
            )


def _add_sections_of_others(
    doubtful: DoubtfulRows, sheet: SheetRows, table: SheetTable, form: LedgerForm
) -> None:
    """Add a finding for each heading that says that the rows below it came from elsewhere."""
    last = table.rows[-1] if table.rows else -1
    for row in table.sections:
        text = next(filter(None, sheet.texts[row]), "")
        if row < last and (word := word_of_others(text, form)):
            doubtful.findings.append(
                sheet.make_finding("sheet.section_of_others", row=row + 1, detail=word)
            )


def word_of_others(text: str, form: LedgerForm) -> str | None:
    """Return the word by which a heading names rows of others; one in the ledger's title is none."""
    words = compact(text)
    return next((word for word in WORDS_OF_OTHERS if word in words and word not in form.title), None)


def _text(sheet: SheetRows, row: int, column: int) -> str:
    texts = sheet.texts[row] if row < len(sheet.texts) else []
    return texts[column] if column < len(texts) else ""

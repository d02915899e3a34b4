"""Set aside the rows of a table that are no records: numbered and prefilled ones, sums without a word, and
example rows.

A row is looked at only where all fields that tell rows apart are empty, so most tables pass unread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from schemas.row_marks import FEWEST_CELLS_OF_A_RECORD, LONGEST_WORDS, SERIAL, WORDS_QUOTED
from transforms.read.layout.doubtful_rows import word_of_others
from transforms.read.layout.header import IGNORED_HEADERS
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.rows import SheetRows, format_rows
from transforms.read.layout.tables import SheetTable
from transforms.read.layout.void_words import may_be_void

_FIGURES = ("money", "integer", "number")
_IS_SERIAL = re.compile(SERIAL)
_LONG_NUMBER = re.compile(r"[0-9Xx]{5,}")
#: what a formula that was filled down shows where there is nothing to compute
NOTHING_COMPUTED = {"0", "0.0", "0.00", "-", "¥0.00", "0%"}


@dataclass(frozen=True)
class HollowRows:
    """A table without its hollow rows, and the findings on these."""

    table: SheetTable
    findings: list[dict[str, Any]]


def set_aside(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], form: LedgerForm
) -> HollowRows:
    """Take hollow rows out of a table, and a sum without a word among its totals.

    An example row that was written over, and an amount alone, become rows of the table.
    """
    kind_of = {column.index: form.kinds[field] for field, column in columns.items()}
    lone = [row for row in table.nothing if _is_bare_sum(sheet, row, kind_of)]
    rows = sorted([*table.rows, *_overwritten(sheet, table, columns, form), *lone])
    hollow, findings = set(), []
    candidates = _without_identity(sheet, rows, columns, form)
    is_prefilled = _Prefilled(sheet, table, rows, kind_of) if candidates else None
    for row in candidates:
        if is_prefilled and is_prefilled.holds(row):
            hollow.add(row)
    kept = [row for row in rows if row not in hollow]
    sections = [
        *table.sections,
        *(row for row in kept if _is_wide_heading(sheet, table, row) or _heads_others(sheet, form, row)),
    ]
    kept = [row for row in kept if row not in sections] if len(sections) > len(table.sections) else kept
    totals = list(table.totals)
    if len(kept) > 1 and kept[-1] in candidates and _is_bare_sum(sheet, kept[-1], kind_of):
        totals = sorted([*totals, kept.pop()])
    words = _words_for_serials(sheet, sorted(hollow), is_prefilled.serials) if is_prefilled else {}
    last = kept[-1] if kept else -1
    marked_void = {
        row for row, column in words.items() if row < last and may_be_void([sheet.texts[row][column]])
    }
    findings += _describe_words(
        sheet, {row: column for row, column in words.items() if row not in marked_void}
    )
    findings += _describe_hollow(sheet, sorted(hollow - words.keys()), kept)
    if sections:
        findings.append(sheet.make_finding("sheet.section_rows", detail=format_rows(sorted(sections))))
    return HollowRows(replace(table, rows=kept, totals=totals, sections=sections), findings)


def _overwritten(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], form: LedgerForm
) -> list[int]:
    """List the example rows that tell of another matter than the template's example does."""
    return [row for row in table.examples if _differs_from_example(sheet.texts[row], columns, form)]


def _differs_from_example(texts: list[str], columns: dict[str, HeaderColumn], form: LedgerForm) -> bool:
    mark = next(filter(None, texts), "")
    return any(
        text and text != mark and fold_header(text) != fold_header(example)
        for field, example in form.examples.items()
        if field in columns and (text := _cell(texts, columns[field].index))
    )


def _without_identity(
    sheet: SheetRows, rows: Sequence[int], columns: dict[str, HeaderColumn], form: LedgerForm
) -> list[int]:
    indices = [columns[field].index for field in form.identifying if field in columns]
    if not indices:
        return []
    return [row for row in rows if not any(_cell(sheet.texts[row], index) for index in indices)]


class _Prefilled:
    """Tells whether a row has nothing but its number and what is prefilled in other rows too."""

    def __init__(
        self, sheet: SheetRows, table: SheetTable, rows: Sequence[int], kind_of: dict[int, str]
    ) -> None:
        self._sheet, self._kind_of = sheet, kind_of
        self.serials = {
            index for index, text in enumerate(table.header.texts) if fold_header(text) in IGNORED_HEADERS
        }
        self._counts: dict[int, Counter[str]] = {}
        self._rows = rows

    def holds(self, row: int) -> bool:
        return all(
            self._is_prefilled(column, text)
            for column, text in enumerate(self._sheet.texts[row])
            if text and column not in self.serials
        )

    def _is_prefilled(self, column: int, text: str) -> bool:
        kind = self._kind_of.get(column)
        if text in NOTHING_COMPUTED or kind == "boolean":
            return True
        if kind in (*_FIGURES, "date"):
            return False
        if kind is None and text.isdigit():
            return True
        if column not in self._counts:
            self._counts[column] = Counter(_cell(self._sheet.texts[row], column) for row in self._rows)
        return self._counts[column][text] > 1


def _is_bare_sum(sheet: SheetRows, row: int, kind_of: dict[int, str]) -> bool:
    """Return whether a row has figures in columns of figures, and nothing else."""
    kinds = {kind_of.get(column) for column, text in enumerate(sheet.texts[row]) if text}
    return "money" in kinds and kinds.issubset(_FIGURES)


def _is_wide_heading(sheet: SheetRows, table: SheetTable, row: int) -> bool:
    """Return whether a row is a single text in a cell merged over several columns of the table."""
    texts = sheet.texts[row]
    if sum(map(bool, texts)) >= FEWEST_CELLS_OF_A_RECORD:
        return False
    return any(
        top == row == bottom and left < right and _cell(texts, left) and _is_of_several(table, left, right)
        for top, left, bottom, right in sheet.grid.merged
    )


def _heads_others(sheet: SheetRows, form: LedgerForm, row: int) -> bool:
    """Return whether a row is a single text that heads rows of others."""
    filled = [text for text in sheet.texts[row] if text]
    return len(filled) == 1 and word_of_others(filled[0], form) is not None


def _is_of_several(table: SheetTable, left: int, right: int) -> bool:
    return sum(map(bool, table.header.texts[left : right + 1])) > 1


def _words_for_serials(sheet: SheetRows, rows: Sequence[int], serials: set[int]) -> dict[int, int]:
    """Return the rows that have words in place of a serial, each with the column of these."""
    return {
        row: column
        for row in rows
        for column in serials
        if (text := _cell(sheet.texts[row], column)) and not _IS_SERIAL.fullmatch(text)
    }


def _describe_words(sheet: SheetRows, words: dict[int, int]) -> list[dict[str, Any]]:
    """Return a warning that quotes the words; a long number, which may name a person, is not quoted."""
    if not words:
        return []
    quoted = []
    for row, column in list(words.items())[:WORDS_QUOTED]:
        text = _LONG_NUMBER.sub("…", _cell(sheet.texts[row], column))
        shown = text if len(text) <= LONGEST_WORDS else f"{text[:LONGEST_WORDS]}…"
        quoted.append(f"{xl_rowcol_to_cell(row, column)} 写的是“{shown}”")
    more = f"等 {len(words)} 行" if len(words) > WORDS_QUOTED else ""
    return [sheet.make_finding("sheet.words_alone", detail="、".join(quoted) + more)]


def _describe_hollow(sheet: SheetRows, hollow: list[int], kept: list[int]) -> list[dict[str, Any]]:
    """Return a notice on hollow rows below the last record, and a warning on those above it."""
    last = kept[-1] if kept else -1
    between = [row for row in hollow if row < last]
    below = [row for row in hollow if row > last]
    findings = [sheet.make_finding("sheet.prefilled_rows", detail=format_rows(below))] if below else []
    if between:
        findings.append(sheet.make_finding("sheet.hollow_rows", detail=format_rows(between)))
    return findings


def _cell(texts: Sequence[str], column: int) -> str:
    return texts[column] if column < len(texts) else ""

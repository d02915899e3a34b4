"""Read the sheet 本月无 of a workbook with several ledgers: which of them have nothing to report.

A ticked ledger is a zero report. Where such a sheet is, a ledger without rows and without a tick is not
reported: an empty table there is one that the clerk has yet to fill in or reports by another file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from schemas.forms import NO_TICKS, NOTHING_HEADERS, NOTHING_SHEET, NOTHING_TICKS
from schemas.ledgers.finding import Cell, cell_finding, finding
from schemas.ledgers.rules import NO_ROWS
from schemas.reporting.replacement import OPEN_BOXES, TICKS
from transforms.read.containers.grid import Grid, UnusableFileError
from transforms.read.layout.evidence import Source, hints_in_rows
from transforms.read.layout.header_text import fold_header
from transforms.read.layout.identity import (
    IdentityHint,
    agreed_delivery,
    agreed_period,
    agreed_unit,
    complete_period,
    hints_from_member,
)
from transforms.read.layout.reporting_unit import require_unit_of_month, settle_hints
from transforms.read.layout.rows import SheetRows, grid_texts, no_rows
from transforms.read.layout.submission import Nothing, RowSpan, Submission, reject


class Tick(NamedTuple):
    """A ticked row of the sheet: the ledger, and the row from 0."""

    ledger: str
    row: int


@dataclass(frozen=True)
class NothingSheet:
    """The sheet 本月无 of a workbook: what is ticked, what could not be read, and where its columns are."""

    sheet: SheetRows
    header_row: int
    column: int
    ticks: Sequence[Tick]
    findings: Sequence[dict[str, Any]]

    @property
    def member(self) -> str:
        """The name of the workbook in a zip; empty for a file of its own."""
        return self.sheet.grid.member

    def cell(self, row: int) -> Cell:
        """Return the cell of a tick."""
        return _cell(self.sheet, self.header_row, row, self.column)


def find_nothing_sheet(source: Source, grid: Grid) -> NothingSheet | None:
    """Return what a sheet called 本月无 says; None for any other, and for a ledger that is called so."""
    if grid.tab.strip() != NOTHING_SHEET or grid.refused is not None:
        return None
    sheet = SheetRows(source.path, grid, grid_texts(grid))
    title, mark = (fold_header(text) for text in NOTHING_HEADERS)
    for row, texts in enumerate(sheet.texts):
        folded = [fold_header(text) for text in texts]
        if title in folded and mark in folded:
            return _read_ticks(source, sheet, row, folded.index(title), folded.index(mark))
    return None


def _read_ticks(source: Source, sheet: SheetRows, header_row: int, title: int, mark: int) -> NothingSheet:
    ticks, findings = list[Tick](), list[dict[str, Any]]()
    for row in range(header_row + 1, len(sheet.texts)):
        texts = sheet.texts[row]
        name, written = (texts[column] if column < len(texts) else "" for column in (title, mark))
        is_ticked = _is_ticked(written)
        if is_ticked is False or not (name or written):
            continue
        ledger = source.index.named_in(name)
        if ledger is None:
            cell = _cell(sheet, header_row, row, title)
            findings.append(
                cell_finding("sheet.tick_of_no_ledger", cell, detail=name or f"第 {row + 1} 行")
            )
        elif is_ticked is None:
            cell = _cell(sheet, header_row, row, mark)
            findings.append(cell_finding("sheet.tick_unclear", cell, detail=name))
        elif ledger not in {tick.ledger for tick in ticks}:
            ticks.append(Tick(ledger, row))
    return NothingSheet(sheet, header_row, mark, ticks, findings)


def _is_ticked(written: str) -> bool | None:
    """Whether a cell is ticked; None where nobody can tell."""
    text = unicodedata.normalize("NFKC", written).strip().removesuffix(".0").upper()
    if text in NO_TICKS or (text and not text.strip(OPEN_BOXES)):
        return False
    is_sign = bool(text) and not text.strip(TICKS.upper())
    return True if is_sign or text in NOTHING_TICKS else None


def _cell(sheet: SheetRows, header_row: int, row: int, column: int) -> Cell:
    texts = sheet.texts[row]
    written = texts[column] if column < len(texts) else ""
    header = sheet.texts[header_row][column]
    return Cell(sheet.path, sheet.grid.name, row + 1, header, f"{xl_col_to_name(column)}{row + 1}", written)


def apply_nothing_sheets(
    source: Source,
    sheets: Sequence[NothingSheet],
    submissions: Sequence[Submission],
    members: Mapping[str, str],
) -> tuple[list[Submission], list[dict[str, Any]]]:
    """Return the submissions of a file with what its sheets 本月无 say of them, and findings on the file.

    `members` has the workbook in a zip that each sheet is from, by the sheet's name.
    """
    results, findings = list(submissions), list[dict[str, Any]]()
    for nothing in sheets:
        own = [entry for entry in results if members.get(entry.sheet, "") == nothing.member]
        of_other_books = [entry for entry in results if members.get(entry.sheet, "") != nothing.member]
        own, further = _apply(source, nothing, own)
        results, findings = [*of_other_books, *own], [*findings, *nothing.findings, *further]
    return results, findings


def _apply(
    source: Source, nothing: NothingSheet, submissions: Sequence[Submission]
) -> tuple[list[Submission], list[dict[str, Any]]]:
    """Apply the ticks of a sheet to the ledgers of its workbook."""
    ticks = {tick.ledger: tick for tick in nothing.ticks}
    kept, findings, left_out = list[Submission](), list[dict[str, Any]](), list[str]()
    for submission in submissions:
        tick = ticks.pop(str(submission.ledger), None)
        if not _is_left_empty(submission):
            kept.append(submission)
            if tick and submission.span is not None and submission.span.count:
                findings.append(_contradiction(source, nothing, tick, submission))
        elif tick:
            kept.append(_without_doubt(submission))
        elif submission.ledger:
            left_out.append(source.index.ledgers[submission.ledger].title)
    kept += _zero_reports(source, nothing, list(ticks.values()))
    if left_out and kept:
        detail = "、".join(left_out)
        findings.append(
            finding("file.not_reported", file=source.path, sheet=nothing.sheet.grid.name, detail=detail)
        )
    if not kept:
        evidence = _evidence(source, nothing)
        unusable = UnusableFileError("submission.nothing_filled")
        kept = [reject(source.path, nothing.sheet.grid.name, evidence, unusable)]
    return kept, findings


def _is_left_empty(submission: Submission) -> bool:
    """Whether a table has no row, and no word that says that there is none."""
    rules = {entry["rule_id"] for entry in submission.findings}
    return submission.span is not None and submission.span.count == 0 and NO_ROWS in rules


def _without_doubt(submission: Submission) -> Submission:
    findings = tuple(entry for entry in submission.findings if entry["rule_id"] != NO_ROWS)
    return replace(submission, findings=findings, nothing=Nothing.TICK)


def _contradiction(
    source: Source, nothing: NothingSheet, tick: Tick, submission: Submission
) -> dict[str, Any]:
    title, count = source.index.ledgers[tick.ledger].title, submission.accepted_span.count
    return cell_finding(
        "sheet.ticked_with_rows", nothing.cell(tick.row), detail=title, name=submission.sheet, rows=count
    )


def _zero_reports(source: Source, nothing: NothingSheet, ticks: Sequence[Tick]) -> list[Submission]:
    """Return a zero report of each ticked ledger that has no table in the workbook."""
    if not ticks:
        return []
    name, evidence = nothing.sheet.grid.name, _evidence(source, nothing)
    try:
        unit_code, period = agreed_unit(evidence, source.regions), agreed_period(evidence)
        require_unit_of_month(unit_code, period, source.regions)
    except UnusableFileError as unusable:
        return [reject(source.path, name, evidence, unusable, header_row=nothing.header_row + 1)]
    delivery = agreed_delivery(evidence)
    return [
        Submission(
            source.path, name, tick.ledger, unit_code, period, delivery=delivery,
            span=RowSpan.whole(no_rows(source.index.ledgers[tick.ledger])), header_row=tick.row + 1,
            nothing=Nothing.TICK,
        )
        for tick in ticks
    ]  # fmt: skip


def _evidence(source: Source, nothing: NothingSheet) -> list[IdentityHint]:
    """Return what the path and the cells above the ticks say of unit and month."""
    grid = nothing.sheet.grid
    member = hints_from_member(grid.member, source.regions) if grid.member else []
    above = hints_in_rows(source, grid, range(nothing.header_row))
    return settle_hints(complete_period([*source.hints, *member, *above]), source.regions)

"""Gather what the path, the tab and the cells of a sheet say of the unit and the month of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.regions import RegionTable
from schemas.row_marks import TOTAL_WORDS
from transforms.normalise.money_units import units_in_brackets, units_of_note
from transforms.read.containers.grid import Grid
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.identity import (
    ABOVE,
    TAB,
    IdentityHint,
    complete_period,
    hint_from_text,
    hints_from_cells,
    hints_from_foot,
    hints_from_member,
    is_identity_alone,
    money_hints_from_foot,
    with_last_resort,
)
from transforms.read.layout.identity_doubts import delivery_doubts, identity_doubts
from transforms.read.layout.months import NO_MONTHS
from transforms.read.layout.row_kinds import is_zero_sentence
from transforms.read.layout.rows import SheetRows
from transforms.read.layout.split_headings import hints_of_split_months
from transforms.read.layout.tables import SheetTable

PRINTED = "页眉页脚"


@dataclass(frozen=True)
class Source:
    """A file before its sheets are read; `hints` come from its path and from what the sender said."""

    path: str
    hints: list[IdentityHint]
    regions: RegionTable
    index: HeaderIndex


class SheetContext:
    """What rows of a sheet name of units, months and ledgers."""

    def __init__(self, source: Source, sheet: SheetRows) -> None:
        self.source, self.sheet = source, sheet
        self.names_outside = _names(source.hints)

    def names(self, rows: range) -> frozenset[str]:
        """Return the units, months and ledgers that some rows name."""
        index = self.source.index
        ledgers = {index.named_in(text) for row in rows for text in self.sheet.texts[row]}
        return self.names_of_identity(rows) | frozenset(filter(None, ledgers))

    def names_of_identity(self, rows: range) -> frozenset[str]:
        """Return the units and months that some rows name."""
        return _names(hints_in_rows(self.source, self.sheet.grid, rows))

    def is_heading(self, row: int) -> bool:
        """Return whether a row has a single text, which holds nothing but units, months and titles."""
        texts = [text for text in self.sheet.texts[row] if text]
        titles = [form.title for form in self.source.index.ledgers.values()]
        return len(texts) == 1 and is_identity_alone(texts[0], self.source.regions, titles)


def _names(hints: Sequence[IdentityHint]) -> frozenset[str]:
    """Return the units and months of hints; a month with its year names the month without it too."""
    names = {
        name for hint in hints for name in (hint.unit, *hint.further_units, hint.stranger, hint.period)
    }
    names |= {hint.period[5:] for hint in hints if hint.period}
    names |= {f"{hint.months.month:02}" for hint in hints if hint.months.month}
    return frozenset(filter(None, names))


def hints_in_rows(source: Source, grid: Grid, rows: range) -> list[IdentityHint]:
    """Return what the cells of some rows say."""
    cells = [grid.rows[row] for row in rows]
    return [
        *hints_from_cells(cells, source.regions, is_typed=not grid.is_csv),
        *hints_of_split_months(cells),
    ]


@dataclass(frozen=True)
class TableHints:
    """What the tab, the file's name in an archive, the rows above a table and its foot say; read once."""

    tab: IdentityHint
    member: list[IdentityHint]
    above: list[IdentityHint]
    foot: list[IdentityHint]


def read_table_hints(source: Source, sheet: SheetRows, table: SheetTable) -> TableHints:
    """Read what is written around a table."""
    grid = sheet.grid
    return TableHints(
        hint_from_text(TAB, grid.tab, source.regions),
        hints_from_member(grid.member, source.regions) if grid.member else [],
        hints_in_rows(source, grid, table.above),
        _hints_of_foot(source, grid, table.foot),
    )


def _hints_of_foot(source: Source, grid: Grid, rows: Sequence[int]) -> list[IdentityHint]:
    return hints_from_foot([grid.rows[row] for row in rows], source.regions, is_typed=not grid.is_csv)


def gather_evidence(
    source: Source,
    sheet: SheetRows,
    tables: Sequence[SheetTable],
    table: SheetTable,
    around: TableHints,
) -> list[IdentityHint]:
    """Return the hints of the file's path and of the cells above the table's header.

    What they leave open is taken from the head of the sheet, then from the foot of the table or of the
    sheet, then from its tab.
    """
    grid, above = sheet.grid, around.above
    if table.above.start > table.header.row:
        row = f"第 {table.above.stop} 行"
        above = [replace(hint, origin=row) if hint.origin == ABOVE else hint for hint in above]
    evidence = source.hints + around.member + above
    first, last = tables[0], tables[-1]
    if table is not first:
        evidence = with_last_resort(evidence, hints_in_rows(source, grid, first.above))
    evidence = with_last_resort(evidence, around.foot)
    if table is not last:
        evidence = with_last_resort(evidence, _hints_of_foot(source, grid, last.foot))
    evidence = complete_period(with_last_resort(evidence, [around.tab]))
    tab = IdentityHint(TAB, money_units=units_in_brackets(grid.name))
    printed = [IdentityHint(PRINTED, money_units=units_of_note(text)) for text in grid.printed]
    return [*evidence, tab, *printed, *money_hints_from_foot([grid.rows[row] for row in table.foot])]


def is_named_for_other_month(around: TableHints, period: str) -> bool:
    """Return whether the tab or the titles of a table name another month."""
    hints = [around.tab, *around.member, *around.above]
    return any(hint.months.contradicts(period) for hint in hints)


def find_doubts(
    source: Source,
    sheet: SheetRows,
    table: SheetTable,
    named: Sequence[IdentityHint],
    around: TableHints,
    unit: str,
    period: str,
) -> list[dict[str, Any]]:
    """Return doubts from all that names unit or month, also where something else settled them."""
    below = around.foot
    if table.nothing:
        below = _hints_of_foot(source, sheet.grid, sorted((*table.foot, *table.nothing)))
    sentences = [
        hint_from_text(f"第 {row + 1} 行", text, source.regions)
        for row in table.nothing
        for text in sheet.texts[row]
        if is_zero_sentence(text)
    ]
    headings = [] if unit in source.regions.bureaus else _units_between_rows(source, sheet, table)
    hints = [*named, around.tab, *below, *sentences, *headings]
    return [
        *identity_doubts(sheet, hints, unit, period, source.regions),
        *delivery_doubts(sheet, hints),
    ]


def _units_between_rows(source: Source, sheet: SheetRows, table: SheetTable) -> list[IdentityHint]:
    """Return what headings between the rows, the totals of a unit, such as 某县小计, and signatures say of
    units.
    """
    texts = [(row, text) for row in table.sections for text in sheet.texts[row]]
    texts += [
        (row, text)
        for row in table.foot
        for text in sheet.texts[row]
        if text and is_identity_alone(text, source.regions, ())
    ]
    texts += [
        (row, text)
        for row in table.totals
        for text in sheet.texts[row]
        if is_identity_alone(text, source.regions, TOTAL_WORDS)
    ]
    return [
        replace(hint_from_text(f"第 {row + 1} 行", text, source.regions), months=NO_MONTHS)
        for row, text in texts
    ]

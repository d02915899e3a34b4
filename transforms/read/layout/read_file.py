"""Read a file into submissions: each is one ledger of one unit for one month, as text in named columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from schemas.forms import OWN_SHEETS
from schemas.ledgers.finding import finding
from schemas.regions import RegionTable
from transforms.read.containers.detect import Grid, OpenedFile, UnusableFileError, open_file
from transforms.read.layout.constants import fill_constants, find_constants
from transforms.read.layout.continued_sheets import list_continued_rows
from transforms.read.layout.doubtful_rows import find_doubtful_rows
from transforms.read.layout.evidence import (
    SheetContext,
    Source,
    TableHints,
    gather_evidence,
    is_named_for_other_month,
    read_table_hints,
)
from transforms.read.layout.header import HeaderIndex
from transforms.read.layout.header_match import HeaderColumn
from transforms.read.layout.hollow_rows import set_aside
from transforms.read.layout.identity import (
    IdentityHint,
    agreed_delivery,
    agreed_period,
    agreed_unit,
    hints_from_path,
)
from transforms.read.layout.ledger_form import LedgerForm
from transforms.read.layout.ledger_match import (
    choose_ledger,
    names_of_ledgers,
    reject_side_by_side,
    reject_unclear_groups,
)
from transforms.read.layout.left_out_tables import tell_of_left_out_tables
from transforms.read.layout.money_columns import find_money_unit
from transforms.read.layout.nothing_sheet import apply_nothing_sheets, find_nothing_sheet
from transforms.read.layout.repeated_tables import leave_out_repeated
from transforms.read.layout.reporting_unit import (
    require_unit_of_month,
    require_unit_of_tab,
    settle_hints,
)
from transforms.read.layout.rows import (
    SheetRows,
    control_frame,
    data_rows,
    format_rows,
    grid_texts,
    nothing_said,
)
from transforms.read.layout.split_thousands import join_split_amounts
from transforms.read.layout.submission import FileRead, RowSpan, Submission, reconcile_file, reject
from transforms.read.layout.summaries import is_summary
from transforms.read.layout.table_findings import IdentifiedTable, find_table_findings
from transforms.read.layout.tables import SheetTable, find_tables

#: returns the rows of a table, given its columns, in the columns of a ledger
RowExtractor = Callable[[SheetRows, SheetTable, dict[str, HeaderColumn], LedgerForm], RowSpan]


def extract_rows(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], form: LedgerForm
) -> RowSpan:
    """Take the rows of a table from the cells of its sheet."""
    return RowSpan.whole(data_rows(sheet, table, columns, form))


@dataclass(frozen=True)
class SheetLayout:
    """A sheet with its tables and how their rows are extracted, or why it could not be read."""

    sheet: SheetRows
    tables: list[SheetTable]
    refused: UnusableFileError | None = None
    extract: RowExtractor = extract_rows


NO_LAYOUTS: Mapping[int, SheetLayout] = MappingProxyType({})


def read_file(
    path: str, data: bytes, regions: RegionTable, index: HeaderIndex, hint: IdentityHint | None = None
) -> FileRead:
    """Read one file; `path` is its path below the inbox. Bad input gives findings, never an exception.

    `hint` is what the sender said beside the file.
    """
    source = Source(path, hints_outside(path, regions, hint), regions, index)
    try:
        return read_opened(source, open_file(data))
    except UnusableFileError as unusable:
        return reject_file(source, unusable)


def reject_file(source: Source, unusable: UnusableFileError) -> FileRead:
    """Build the result of a file of which nothing can be read."""
    return FileRead([reject(source.path, "", settle_hints(source.hints, source.regions), unusable)], [])


def read_opened(
    source: Source, opened: OpenedFile, known_layouts: Mapping[int, SheetLayout] = NO_LAYOUTS
) -> FileRead:
    """Read the sheets of a file; `known_layouts` holds the layouts found before, by position of the grid."""
    path, notices = source.path, opened.notices
    findings = [finding(rule_id, file=path, sheet=sheet, **texts) for rule_id, sheet, texts in notices]
    grids = {index: grid for index, grid in enumerate(opened.grids) if grid.name not in OWN_SHEETS}
    findings += [
        finding("sheet.hidden" if not grid.is_visible else "sheet.empty", file=path, sheet=grid.name)
        for grid in grids.values()
        if not grid.is_visible or _is_empty(grid)
    ]
    shown = {index: grid for index, grid in grids.items() if grid.is_visible and not _is_empty(grid)}
    ticked = {index: sheet for index, grid in shown.items() if (sheet := find_nothing_sheet(source, grid))}
    layouts = [
        known_layouts.get(index) or lay_out_sheet(source, grid)
        for index, grid in shown.items()
        if index not in ticked
    ]
    submissions = find_submissions(source, layouts)
    if ticked:
        members = {grid.name: grid.member for grid in shown.values()}
        submissions, tick_findings = apply_nothing_sheets(
            source, list(ticked.values()), submissions, members
        )
        findings += tick_findings
    if not submissions:
        rule_id = "sheet.no_header" if layouts else "file.no_data_sheet"
        return replace(reject_file(source, UnusableFileError(rule_id)), findings=findings)
    findings += _describe_sheets_without_table(source, layouts)
    submissions, left_out = leave_out_repeated(submissions)
    return tell_of_left_out_tables(reconcile_file(submissions, [*findings, *left_out], source.regions))


def _describe_sheets_without_table(
    source: Source, layouts: Sequence[SheetLayout]
) -> Iterator[dict[str, Any]]:
    """Yield a notice for each sheet without a header, and an error where it goes on with another."""
    headers = [(layout.sheet.grid.name, table.header) for layout in layouts for table in layout.tables]
    for layout in layouts:
        if layout.tables or layout.refused is not None:
            continue
        continued = [
            (rows, name)
            for name, header in headers
            if (rows := list_continued_rows(source.index, header, layout.sheet.texts))
        ]
        if continued:
            rows, name = max(continued, key=lambda entry: len(entry[0]))
            yield layout.sheet.make_finding("sheet.looks_continued", rows=format_rows(rows), detail=name)
        else:
            yield layout.sheet.make_finding("sheet.not_a_ledger")


def hints_outside(path: str, regions: RegionTable, hint: IdentityHint | None) -> list[IdentityHint]:
    """Return what is known of a file's unit and month without opening it."""
    return [*([hint] if hint else []), *hints_from_path(path, regions)]


def _is_empty(grid: Grid) -> bool:
    return grid.refused is None and grid.is_empty()


def lay_out_sheet(source: Source, grid: Grid) -> SheetLayout:
    """Find the tables of a sheet by looking at each of its rows."""
    if grid.refused is not None:
        return SheetLayout(SheetRows(source.path, grid, []), [], grid.refused)
    sheet = SheetRows(source.path, grid, grid_texts(grid))
    tables = find_tables(sheet.texts, grid.hidden_rows, source.index, SheetContext(source, sheet))
    if grid.is_csv:
        for table in tables:
            table.split = join_split_amounts(
                sheet.texts,
                [*table.rows, *table.totals],
                table.header.texts,
                table.header.matches,
                source.index,
                file=source.path,
            )
    return SheetLayout(sheet, tables)


def find_submissions(source: Source, layouts: Sequence[SheetLayout]) -> list[Submission]:
    """Return what each table of a file submits, independently of the others."""
    tables = Counter(layout.sheet.grid.member for layout in layouts for _ in layout.tables)
    submissions = []
    for layout in layouts:
        if layout.refused is not None:
            hints = settle_hints(source.hints, source.regions)
            submissions.append(reject(source.path, layout.sheet.grid.name, hints, layout.refused))
        is_only = tables[layout.sheet.grid.member] == 1
        submissions += [
            _read_table(source, layout, table, is_only)
            for table in layout.tables
            if not table.holds_only_parts
        ]
    return submissions


def _read_table(source: Source, layout: SheetLayout, table: SheetTable, is_only: bool) -> Submission:
    """Read one table: what it is and whose, then its rows; without that it is rejected."""
    index, header, sheet = source.index, table.header, layout.sheet
    header_row = max(header.row + 1, table.above.stop)
    around = read_table_hints(source, sheet, table)
    named = gather_evidence(source, sheet, layout.tables, table, around)
    evidence = settle_hints(named, source.regions)
    ledger = None
    try:
        reject_side_by_side(index, header)
        ledger = choose_ledger(index, header, names_of_ledgers(index, sheet, layout.tables, table, is_only))
        identified = _identify(source, sheet, table, ledger, named, around, evidence)
    except UnusableFileError as unusable:
        is_of_other = unusable.rule_id in ("submission.period_conflict", "submission.tab_of_other_unit")
        return reject(
            source.path,
            sheet.grid.name,
            evidence,
            unusable,
            ledger=ledger,
            header_row=header_row,
            is_named_for_other=is_of_other,
            is_summary=is_summary(index, sheet.grid, layout.tables, table),
            row_numbers=format_rows(table.rows) if len(layout.tables) > 1 else "",
        )
    return _read_rows(layout, table, identified, header_row)


def _identify(
    source: Source,
    sheet: SheetRows,
    table: SheetTable,
    ledger: str,
    named: Sequence[IdentityHint],
    around: TableHints,
    evidence: list[IdentityHint],
) -> IdentifiedTable:
    """Settle unit, month and columns of a table. Raises UnusableFileError where they cannot be."""
    index = source.index
    if twice := table.header.matches[ledger].twice:
        raise UnusableFileError("sheet.duplicate_column", detail="、".join(twice))
    unit_code, period = agreed_unit(evidence, source.regions), agreed_period(evidence)
    require_unit_of_tab(around.tab, unit_code, period, source.regions)
    require_unit_of_month(unit_code, period, source.regions)
    columns = table.header.matches[ledger].columns
    reject_unclear_groups(index, table.header, ledger)
    money_unit = find_money_unit(evidence, columns, index.money[ledger], sheet, table)
    constants = find_constants(index, ledger, unit_code, columns)
    return IdentifiedTable(
        source,
        sheet,
        named,
        around,
        ledger,
        unit_code,
        period,
        columns,
        money_unit,
        constants,
        agreed_delivery(evidence),
    )


def _read_rows(
    layout: SheetLayout,
    table: SheetTable,
    identified: IdentifiedTable,
    header_row: int,
) -> Submission:
    """Take the rows of a table, with what is noticed about it."""
    sheet, columns, form = identified.sheet, identified.columns, identified.form
    hollow = set_aside(sheet, table, columns, form)
    table = hollow.table
    doubtful = find_doubtful_rows(sheet, table, columns, form)
    return Submission(
        identified.source.path,
        sheet.grid.name,
        identified.ledger,
        identified.unit_code,
        identified.period,
        columns,
        identified.money_unit,
        identified.delivery,
        fill_constants(layout.extract(sheet, table, columns, form), identified.constants),
        find_table_findings(identified, table, hollow.findings, doubtful.findings),
        control_frame(sheet, table, columns, form) if table.totals else None,
        frozenset(doubtful.unread | table.split.unread(columns)),
        header_row=header_row,
        is_named_for_other=is_named_for_other_month(identified.around, identified.period),
        nothing=nothing_said(sheet, table),
    )

"""From a file's bytes to submissions: one ledger of one unit for one month, as text in named columns with its row numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from schemas.forms import OWN_SHEETS
from schemas.ledgers.finding import finding
from schemas.regions import RegionTable
from transforms.read.containers.detect import Grid, OpenedFile, UnusableFileError, open_file
from transforms.read.layout.header import HeaderColumn, HeaderIndex, LedgerForm
from transforms.read.layout.identity import (
    IdentityHint,
    agreed_money_unit,
    agreed_period,
    agreed_unit,
    hints_from_cells,
    hints_from_foot,
    hints_from_path,
    with_last_resort,
)
from transforms.read.layout.ledger_match import choose_ledger, reject_side_by_side
from transforms.read.layout.rows import (
    SheetRows,
    cell_notices,
    control_frame,
    data_rows,
    grid_texts,
    zero_report_notices,
)
from transforms.read.layout.submission import FileRead, RowSpan, Submission, reconcile_file, reject
from transforms.read.layout.tables import Said, SheetTable, find_tables

#: the rows of a table, which has these columns, as a ledger has them
Cut = Callable[[SheetRows, SheetTable, dict[str, HeaderColumn], LedgerForm], RowSpan]


def cut_long_cells(
    sheet: SheetRows, table: SheetTable, columns: dict[str, HeaderColumn], form: LedgerForm
) -> RowSpan:
    """The rows out of the sheet's own cells."""
    return RowSpan.whole(data_rows(sheet, table, columns, form))


@dataclass(frozen=True)
class Source:
    """A file on its way: what is known of it before any sheet is read."""

    path: str
    outside: list[IdentityHint]
    regions: RegionTable
    index: HeaderIndex


@dataclass(frozen=True)
class SheetLayout:
    """A sheet with its tables and where their rows come from, or why it could not be read."""

    sheet: SheetRows
    tables: list[SheetTable]
    refused: UnusableFileError | None = None
    cut: Cut = cut_long_cells


NO_PAGES: Mapping[int, SheetLayout] = MappingProxyType({})


def read_file(
    path: str, data: bytes, regions: RegionTable, index: HeaderIndex, given: IdentityHint | None = None
) -> FileRead:
    """Read one file; `path` is where it lies below the inbox. Bad input ends as findings, never as an exception.

    `given` is what the sender said beside the file; it must agree with the file's own words.
    """
    source = Source(path, outside(path, regions, given), regions, index)
    try:
        return read_opened(source, open_file(data))
    except UnusableFileError as unusable:
        return reject_file(source, unusable)


def reject_file(source: Source, unusable: UnusableFileError) -> FileRead:
    """A file of which nothing can be read."""
    return FileRead([reject(source.path, "", source.outside, unusable)], [])


def read_opened(
    source: Source, opened: OpenedFile, pages_known: Mapping[int, SheetLayout] = NO_PAGES
) -> FileRead:
    """Read the sheets of a file; `pages_known` holds, by the place of its grid, what is known of a sheet already."""
    path = source.path
    findings = [
        finding(rule_id, file=path, sheet=sheet, **places) for rule_id, sheet, places in opened.notices
    ]
    grids = {index: grid for index, grid in enumerate(opened.grids) if grid.name not in OWN_SHEETS}
    findings += [
        finding("sheet.hidden" if not grid.is_visible else "sheet.empty", file=path, sheet=grid.name)
        for grid in grids.values()
        if not grid.is_visible or _is_empty(grid)
    ]
    shown = {index: grid for index, grid in grids.items() if grid.is_visible and not _is_empty(grid)}
    pages = [pages_known.get(index) or sheet_layout(source, grid) for index, grid in shown.items()]
    submissions = find_submissions(source, pages)
    if not submissions:
        rule_id = "sheet.no_header" if pages else "file.no_data_sheet"
        return replace(reject_file(source, UnusableFileError(rule_id)), findings=findings)
    findings += [
        page.sheet.tell("sheet.not_a_ledger") for page in pages if not page.tables and page.refused is None
    ]
    return FileRead(reconcile_file(submissions), findings)


def outside(path: str, regions: RegionTable, given: IdentityHint | None) -> list[IdentityHint]:
    """What is known of a file's unit and month without opening it."""
    return [*([given] if given else []), *hints_from_path(path, regions)]


def _is_empty(grid: Grid) -> bool:
    return grid.refused is None and grid.is_empty()


def sheet_layout(source: Source, grid: Grid) -> SheetLayout:
    """A sheet, each of its rows looked at."""
    if grid.refused is not None:
        return SheetLayout(SheetRows(source.path, grid, []), [], grid.refused)
    sheet = SheetRows(source.path, grid, grid_texts(grid))
    return SheetLayout(
        sheet, find_tables(sheet.texts, grid.hidden_rows, source.index, context_reader(source, sheet))
    )


def context_reader(source: Source, sheet: SheetRows) -> Said:
    """What rows of a sheet say of unit, month and ledger."""

    def said(rows: range) -> frozenset[str]:
        evidence = _above(source, sheet.grid, rows)
        ledgers = (source.index.named_in(text) for row in rows for text in sheet.texts[row])
        return frozenset(
            filter(
                None,
                (
                    *(word for hint in evidence for word in (hint.unit, hint.stranger, hint.period)),
                    *ledgers,
                ),
            )
        )

    return said


def find_submissions(source: Source, pages: Sequence[SheetLayout]) -> list[Submission]:
    """What the tables of a file submit, each by itself."""
    is_only = sum(len(layout.tables) for layout in pages) == 1
    submissions = []
    for page in pages:
        if page.refused is not None:
            submissions.append(reject(source.path, page.sheet.grid.name, source.outside, page.refused))
        submissions += [_read_table(source, page, table, is_only) for table in page.tables]
    return submissions


def _read_table(source: Source, page: SheetLayout, table: SheetTable, is_only: bool) -> Submission:
    index, header, sheet = source.index, table.header, page.sheet
    header_row = header.row + 1
    evidence = _evidence(source, page, table)
    ledger = None
    try:
        reject_side_by_side(index, header)
        ledger = choose_ledger(index, header, _names(source, page, table, is_only))
        if twice := header.matches[ledger].twice:
            raise UnusableFileError("sheet.duplicate_column", detail="、".join(twice))
        unit_code, period = agreed_unit(evidence, source.regions), agreed_period(evidence)
    except UnusableFileError as unusable:
        return reject(
            source.path, sheet.grid.name, evidence, unusable, ledger=ledger, header_row=header_row
        )
    columns, form = header.matches[ledger].columns, index.ledgers[ledger]
    return Submission(
        source.path,
        sheet.grid.name,
        ledger,
        unit_code,
        period,
        columns,
        agreed_money_unit(evidence),
        page.cut(sheet, table, columns, form),
        (*cell_notices(sheet, table, columns), *zero_report_notices(sheet, table)),
        control_frame(sheet, table, columns, form) if table.totals else None,
        header_row=header_row,
    )


def _above(source: Source, grid: Grid, rows: range) -> list[IdentityHint]:
    return hints_from_cells([grid.rows[row] for row in rows], source.regions, is_typed=not grid.is_csv)


def _evidence(source: Source, page: SheetLayout, table: SheetTable) -> list[IdentityHint]:
    """What the file's place and the cells above the table's header say; where both are silent, the sheet's head and foot."""
    grid = page.sheet.grid
    evidence = source.outside + _above(source, grid, table.above)
    first, last = page.tables[0], page.tables[-1]
    if table is not first:
        evidence = with_last_resort(evidence, _above(source, grid, first.above))
    for foot in (table.foot, last.foot):
        rows = [grid.rows[row] for row in foot]
        evidence = with_last_resort(
            evidence, hints_from_foot(rows, source.regions, is_typed=not grid.is_csv)
        )
    return evidence


def _names(source: Source, page: SheetLayout, table: SheetTable, is_only: bool) -> dict[str, str]:
    """Where a ledger is named: on the sheet's tab, above the header, or, for a file's only table, in the file's name.

    The tab of a sheet with several tables is the name of one of them only.
    """
    index, ledger_names = source.index, {}
    by_tab = index.named_in(page.sheet.grid.name)
    titles = [
        name for row in table.above for text in page.sheet.texts[row] if (name := index.named_in(text))
    ]
    is_alone = len(page.tables) == 1
    if by_tab and (is_alone or (not titles and _fits(index, table, by_tab))):
        ledger_names["工作表名"] = by_tab
    if titles:
        ledger_names["表头上方"] = titles[0]
    if is_only and (by_file := index.named_in(source.path.rsplit("/", 1)[-1].rsplit(".", 1)[0])):
        ledger_names["文件名"] = by_file
    return ledger_names


def _fits(index: HeaderIndex, table: SheetTable, ledger: str) -> bool:
    match = table.header.matches.get(ledger)
    return match is not None and not index.missing(ledger, match)

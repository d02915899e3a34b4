"""From a file's bytes to submissions: one ledger of one unit for one month, as text in named columns with its row numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from schemas.forms import OWN_SHEETS
from schemas.ledgers.finding import finding
from schemas.regions import RegionTable
from transforms.read.containers.detect import Grid, Opened, UnusableFile, open_file
from transforms.read.layout.header import Column, HeaderIndex, LedgerForm
from transforms.read.layout.identity import (
    Evidence,
    agreed_money_unit,
    agreed_period,
    agreed_unit,
    from_cells,
    from_foot,
    from_path,
    with_last_resort,
)
from transforms.read.layout.ledger_match import choose_ledger, refuse_side_by_side
from transforms.read.layout.rows import Sheet, control_frame, data_rows, grid_texts, told_of_cells, told_of_no_rows
from transforms.read.layout.submission import FileRead, Span, Submission, rejected, settled
from transforms.read.layout.tables import Said, Table, find_tables

#: the rows of a table, which has these columns, as a ledger has them
Cut = Callable[[Sheet, Table, dict[str, Column], LedgerForm], Span]


def cut_cells(sheet: Sheet, table: Table, columns: dict[str, Column], form: LedgerForm) -> Span:
    """The rows out of the sheet's own cells."""
    return Span.whole(data_rows(sheet, table, columns, form))


@dataclass(frozen=True)
class Source:
    """A file on its way: what is known of it before any sheet is read."""

    path: str
    outside: list[Evidence]
    regions: RegionTable
    index: HeaderIndex


@dataclass(frozen=True)
class Page:
    """A sheet with its tables and where their rows come from, or why it could not be read."""

    sheet: Sheet
    tables: list[Table]
    refused: UnusableFile | None = None
    cut: Cut = cut_cells


NO_PAGES: Mapping[int, Page] = MappingProxyType({})


def read_file(path: str, data: bytes, regions: RegionTable, index: HeaderIndex, given: Evidence | None = None) -> FileRead:
    """Read one file; `path` is where it lies below the inbox. Bad input ends as findings, never as an exception.

    `given` is what the sender said beside the file; it must agree with the file's own words.
    """
    source = Source(path, outside(path, regions, given), regions, index)
    try:
        return read_opened(source, open_file(data))
    except UnusableFile as unusable:
        return refused(source, unusable)


def refused(source: Source, unusable: UnusableFile) -> FileRead:
    """A file of which nothing can be read."""
    return FileRead([rejected(source.path, "", source.outside, unusable)], [])


def read_opened(source: Source, opened: Opened, pages_known: Mapping[int, Page] = NO_PAGES) -> FileRead:
    """Read the sheets of a file; `pages_known` holds, by the place of its grid, what is known of a sheet already."""
    path = source.path
    findings = [finding(rule_id, file=path, sheet=sheet, **places) for rule_id, sheet, places in opened.told]
    grids = {at: grid for at, grid in enumerate(opened.grids) if grid.name not in OWN_SHEETS}
    findings += [
        finding("sheet.hidden" if not grid.is_visible else "sheet.empty", file=path, sheet=grid.name)
        for grid in grids.values()
        if not grid.is_visible or _is_empty(grid)
    ]
    shown = {at: grid for at, grid in grids.items() if grid.is_visible and not _is_empty(grid)}
    pages = [pages_known.get(at) or page_of(source, grid) for at, grid in shown.items()]
    submissions = submissions_of(source, pages)
    if not submissions:
        rule_id = "sheet.no_header" if pages else "file.no_data_sheet"
        return replace(refused(source, UnusableFile(rule_id)), findings=findings)
    findings += [one.sheet.tell("sheet.not_a_ledger") for one in pages if not one.tables and one.refused is None]
    return FileRead(settled(submissions), findings)


def outside(path: str, regions: RegionTable, given: Evidence | None) -> list[Evidence]:
    """What is known of a file's unit and month without opening it."""
    return [*([given] if given else []), *from_path(path, regions)]


def _is_empty(grid: Grid) -> bool:
    return grid.refused is None and grid.is_empty()


def page_of(source: Source, grid: Grid) -> Page:
    """A sheet, each of its rows looked at."""
    if grid.refused is not None:
        return Page(Sheet(source.path, grid, []), [], grid.refused)
    sheet = Sheet(source.path, grid, grid_texts(grid))
    return Page(sheet, find_tables(sheet.texts, grid.hidden_rows, source.index, said_in(source, sheet)))


def said_in(source: Source, sheet: Sheet) -> Said:
    """What rows of a sheet say of unit, month and ledger."""

    def said(rows: range) -> frozenset[str]:
        evidence = _above(source, sheet.grid, rows)
        ledgers = (source.index.named_in(text) for row in rows for text in sheet.texts[row])
        return frozenset(filter(None, (*(word for one in evidence for word in (one.unit, one.stranger, one.period)), *ledgers)))

    return said


def submissions_of(source: Source, pages: Sequence[Page]) -> list[Submission]:
    """What the tables of a file submit, each by itself."""
    is_only = sum(len(one.tables) for one in pages) == 1
    found = []
    for page in pages:
        if page.refused is not None:
            found.append(rejected(source.path, page.sheet.grid.name, source.outside, page.refused))
        found += [_read_table(source, page, table, is_only) for table in page.tables]
    return found


def _read_table(source: Source, page: Page, table: Table, is_only: bool) -> Submission:
    index, header, sheet = source.index, table.header, page.sheet
    place = {"header_row": header.row + 1}
    evidence = _evidence(source, page, table)
    ledger = None
    try:
        refuse_side_by_side(index, header)
        ledger = choose_ledger(index, header, _names(source, page, table, is_only))
        if twice := header.matches[ledger].twice:
            raise UnusableFile("sheet.duplicate_column", detail="、".join(twice))
        unit_code, period = agreed_unit(evidence, source.regions), agreed_period(evidence)
    except UnusableFile as unusable:
        return rejected(source.path, sheet.grid.name, evidence, unusable, ledger=ledger, **place)
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
        (*told_of_cells(sheet, table, columns), *told_of_no_rows(sheet, table)),
        control_frame(sheet, table, columns, form) if table.totals else None,
        **place,
    )


def _above(source: Source, grid: Grid, rows: range) -> list[Evidence]:
    return from_cells([grid.rows[row] for row in rows], source.regions, is_typed=not grid.is_csv)


def _evidence(source: Source, page: Page, table: Table) -> list[Evidence]:
    """What the file's place and the cells above the table's header say; where both are silent, the sheet's head and foot."""
    grid = page.sheet.grid
    evidence = source.outside + _above(source, grid, table.above)
    first, last = page.tables[0], page.tables[-1]
    if table is not first:
        evidence = with_last_resort(evidence, _above(source, grid, first.above))
    for foot in (table.foot, last.foot):
        rows = [grid.rows[row] for row in foot]
        evidence = with_last_resort(evidence, from_foot(rows, source.regions, is_typed=not grid.is_csv))
    return evidence


def _names(source: Source, page: Page, table: Table, is_only: bool) -> dict[str, str]:
    """Where a ledger is named: on the sheet's tab, above the header, or, for a file's only table, in the file's name.

    The tab of a sheet with several tables is the name of one of them only.
    """
    index, found = source.index, {}
    by_tab = index.named_in(page.sheet.grid.name)
    titles = [name for row in table.above for text in page.sheet.texts[row] if (name := index.named_in(text))]
    is_alone = len(page.tables) == 1
    if by_tab and (is_alone or (not titles and _fits(index, table, by_tab))):
        found["工作表名"] = by_tab
    if titles:
        found["表头上方"] = titles[0]
    if is_only and (by_file := index.named_in(source.path.rsplit("/", 1)[-1].rsplit(".", 1)[0])):
        found["文件名"] = by_file
    return found


def _fits(index: HeaderIndex, table: Table, ledger: str) -> bool:
    match = table.header.matches.get(ledger)
    return match is not None and not index.missing(ledger, match)

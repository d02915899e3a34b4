"""The yearly statistics: read from the warehouse, and laid out as the published forms in a workbook."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import xlsxwriter

from flows.language import mark
from flows.workspace import Workspace
from schemas.periods import Period
from schemas.statistics import ColumnHeading, Statistics
from transforms.foreign_text import fit_workbook
from transforms.report.statistics import (
    TOTAL,
    FilledTable,
    ReportCounts,
    StatisticsCell,
    StatisticsRow,
    fill_tables,
)
from transforms.text_width import lines_of
from warehouse.figures.statistics import StatisticsReader
from warehouse.ops.loads import submissions_of_months
from warehouse.schema.as_of import AsOf

#: the last rows above the numbers, from 0: title, body and year, two rows of headings
TITLE_ROW, ABOUT_ROW, HEAD_ROW, FIRST_ROW = 0, 1, 2, 4
NAME_WIDTH, AMOUNT_WIDTH, PAGE_WIDTH, LEAST_WIDTH, LINE_HEIGHT = 18, 14, 140, 8.5, 15
A4 = 9
FONT = {"font_name": "宋体", "font_size": 10, "text_wrap": True, "valign": "vcenter"}
BOXED = {**FONT, "border": 1, "align": "center"}
FORMATS: dict[str, dict[str, Any]] = {
    "title": {**FONT, "font_size": 16, "bold": True, "align": "center"},
    "left": FONT, "center": {**FONT, "align": "center"}, "right": {**FONT, "align": "right"},
    "note": {**FONT, "valign": "top"}, "head": {**BOXED, "bold": True}, "text": BOXED,
    "count": {**BOXED, "num_format": "0"}, "count*": {**BOXED, "num_format": '0"*"'},
    "元": {**BOXED, "num_format": "0.00"}, "元*": {**BOXED, "num_format": '0.00"*"'},
    "万元": {**BOXED, "num_format": "0.00####"}, "万元*": {**BOXED, "num_format": '0.00####"*"'},
}  # fmt: skip


@dataclass(frozen=True)
class YearlyStatistics:
    """The tables of one region for one year, as of a load."""

    year: int
    region_code: str
    region_name: str
    recorded_at: datetime | None
    tables: Sequence[FilledTable]


def yearly_statistics(
    workspace: Workspace,
    as_of: AsOf,
    statistics: Statistics,
    region_code: str,
    year: int,
    today: date,
) -> YearlyStatistics:
    """Fill the tables: of several units or cities a row for each and the total, of a unit its own."""
    period = Period(year, 1, 12)
    statistics_rows = _statistics_rows(workspace, region_code, period)
    units = {row.code: row.units for row in statistics_rows}
    counts = StatisticsReader(as_of, units, period).count_columns(statistics)
    submissions = submissions_of_months(as_of, period.months())
    reports = ReportCounts.of(submissions, period.months(), workspace.obligations, today)
    titles = {name: ledger.title for name, ledger in workspace.ledgers.items()}
    name = workspace.regions.name_of(region_code)
    recorded_at = workspace.recorded_at(as_of)
    notes = [f"数据截至 {recorded_at:%Y-%m-%d %H:%M}。"] if recorded_at else []
    notes += [f"{year}年尚未结束，数字还会变动。"] if today < period.end_on else []
    tables = fill_tables(
        statistics, counts, statistics_rows, reports, titles, region=name, year=year, last_notes=notes
    )
    return YearlyStatistics(year, region_code, name, recorded_at, tables)


def _statistics_rows(workspace: Workspace, region_code: str, period: Period) -> list[StatisticsRow]:
    regions = workspace.regions
    statistics_rows = [
        StatisticsRow(code, regions.name_of(code), tuple(units))
        for code, units in regions.parts_of(region_code, period).items()
    ]
    if region_code in regions.sums:
        statistics_rows.append(
            StatisticsRow(region_code, TOTAL, tuple(regions.units_below(region_code)), is_total=True)
        )
    return statistics_rows


def statistics_as_json(statistics: YearlyStatistics) -> dict[str, Any]:
    """Convert for programs: each row's cells by column title, amounts in the table's unit, with their
    state.
    """
    tables = [
        {
            "name": table.name, "title": table.title, "unit": table.unit,
            "columns": [_head_json(head) for head in table.heads],
            "rows": [_row_json(table.heads, row, cells) for row, cells in table.rows],
            "notes": list(table.notes),
        }
        for table in statistics.tables
    ]  # fmt: skip
    about = {name: getattr(statistics, name) for name in ("year", "region_code", "region_name")}
    return {**about, "as_of": statistics.recorded_at, "tables": tables}


def _head_json(head: ColumnHeading) -> dict[str, Any]:
    texts = {"title": head.title, "group": head.group or None, "no_source": head.no_source or None}
    return {**texts, "ledgers": sorted(head.ledgers)}


def _row_json(
    heads: Sequence[ColumnHeading], row: StatisticsRow, cells: Sequence[StatisticsCell]
) -> dict[str, Any]:
    values = {
        head.title: {"value": cell.value, "state": cell.state}
        for head, cell in zip(heads, cells, strict=True)
    }
    return {"region_code": row.code, "name": row.name, "is_total": row.is_total, "cells": values}


def build_statistics_workbook(statistics: YearlyStatistics) -> bytes:
    """Build the workbook, one sheet per table."""
    written = io.BytesIO()
    # Text is never a formula or a link, whatever it begins with.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(written, options) as book:
        if statistics.recorded_at:
            book.set_properties({"created": statistics.recorded_at.replace(tzinfo=None)})
        formats = {name: book.add_format(properties) for name, properties in FORMATS.items()}
        for table in statistics.tables:
            _Page(book.add_worksheet(table.sheet), formats, table).write(statistics)
    return written.getvalue()


class _Page:
    """One sheet: title, body, year and unit, headings in two rows, the rows, the notes."""

    def __init__(self, page: Any, formats: Mapping[str, Any], table: FilledTable) -> None:
        self.page, self.formats, self.table = page, formats, table
        self.last = len(table.heads)
        even = max(LEAST_WIDTH, (PAGE_WIDTH - NAME_WIDTH) / self.last)
        self.widths = [
            NAME_WIDTH,
            *(max(even, AMOUNT_WIDTH) if head.amount_unit else even for head in table.heads),
        ]

    def write(self, statistics: YearlyStatistics) -> None:
        page = self.page
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.center_horizontally()
        for column, width in enumerate(self.widths):
            page.set_column(column, column, width)
        page.set_row(TITLE_ROW, 2 * LINE_HEIGHT)
        self._span(TITLE_ROW, 0, TITLE_ROW, self.last, self.table.title, "title")
        third = (self.last + 1) // 3
        self._span(ABOUT_ROW, 0, ABOUT_ROW, third - 1, f"填报单位：{statistics.region_name}", "left")
        self._span(
            ABOUT_ROW, third, ABOUT_ROW, self.last - third, f"统计年度：{statistics.year}年", "center"
        )
        self._span(
            ABOUT_ROW, self.last - third + 1, ABOUT_ROW, self.last, f"单位：{self.table.unit}", "right"
        )
        self._heads()
        self._rows()
        self._notes()

    def _span(self, first_row: int, first: int, last_row: int, last: int, text: str, name: str) -> None:
        text = fit_workbook(text)
        if (first_row, first) == (last_row, last):
            self.page.write_string(first_row, first, text, self.formats[name])
        else:
            self.page.merge_range(first_row, first, last_row, last, text, self.formats[name])

    def _heads(self) -> None:
        """Write columns of one group under its heading; a column without a group spans both rows."""
        room = zip(self.table.heads, self.widths[1:], strict=True)
        lines = max(lines_of(head.title, width - 1.5) for head, width in room)
        self.page.set_row(HEAD_ROW, 1.5 * LINE_HEIGHT)
        self.page.set_row(HEAD_ROW + 1, (lines + 0.5) * LINE_HEIGHT)
        self._span(HEAD_ROW, 0, HEAD_ROW + 1, 0, "单位名称", "head")
        for group, columns in groupby(
            enumerate(self.table.heads, start=1), key=lambda column: column[1].group
        ):
            heads = list(columns)
            if group:
                self._span(HEAD_ROW, heads[0][0], HEAD_ROW, heads[-1][0], group, "head")
            for column, head in heads:
                self._span(HEAD_ROW + bool(group), column, HEAD_ROW + 1, column, head.title, "head")

    def _rows(self) -> None:
        for row, (statistics_row, cells) in enumerate(self.table.rows, start=FIRST_ROW):
            self.page.set_row(row, 1.5 * LINE_HEIGHT)
            self.page.write_string(
                row,
                0,
                fit_workbook(statistics_row.name),
                self.formats["head" if statistics_row.is_total else "text"],
            )
            for column, (head, cell) in enumerate(zip(self.table.heads, cells, strict=True), start=1):
                if cell.value is None:
                    self.page.write_string(row, column, cell.shown, self.formats["text"])
                else:
                    number = float(cell.value) if isinstance(cell.value, Decimal) else cell.value
                    self.page.write_number(
                        row, column, number, self.formats[(head.amount_unit or "count") + cell.mark]
                    )

    def _notes(self) -> None:
        first_row = FIRST_ROW + len(self.table.rows)
        for number, note in enumerate(["说明：", *self.table.notes]):
            text = f"{number}. {note}" if number else note
            self.page.set_row(first_row + number, lines_of(text, sum(self.widths)) * LINE_HEIGHT)
            self._span(first_row + number, 0, first_row + number, self.last, text, "note")


def format_terminal_rows(table: FilledTable) -> list[dict[str, str]]:
    """Transpose the table, a row per column of the form, because a terminal is narrower than a sheet."""
    return [
        {"column": head.title}
        | {row.code: cells[index].shown + cells[index].mark for row, cells in table.rows}
        for index, head in enumerate(table.heads)
    ]


LEGEND = mark(
    "{none} not collected by any ledger, or not owed; {unreported} no month that was due is reported; "
    "{later} owed, but not due yet; * not every month reported"
)

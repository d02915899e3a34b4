"""Write sheets to files: xlsx, xls, and CSV in two encodings, independent of the file's extension."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
import xlwt

from flows.sample_year.cells import Cell
from flows.sample_year.sheets import Sheet
from flows.sample_year.styles import Container

_CSV_ENCODINGS = {"csv-gbk": "gbk", "csv-bom": "utf-8-sig"}
_DATE_FORMAT = "yyyy-mm-dd"


def write_file(path: Path, sheets: Sequence[Sheet], container: Container, written_at: datetime) -> None:
    """Write one file; `written_at` goes into a workbook's properties instead of the current time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if container == "xlsx":
        _write_xlsx(path, sheets, written_at)
    elif container == "xls":
        _write_xls(path, sheets)
    else:
        path.write_bytes(_format_csv(sheets[0]).encode(_CSV_ENCODINGS[container]))


def _write_xlsx(path: Path, sheets: Sequence[Sheet], written_at: datetime) -> None:
    # Text is never a formula or a link, whatever it begins with.
    book = xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    book.set_properties({"created": written_at.replace(tzinfo=None)})
    as_date = book.add_format({"num_format": _DATE_FORMAT})
    as_title = book.add_format({"bold": True, "align": "center"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        if sheet.is_hidden:
            page.hide()
        for index, row in enumerate(sheet.rows):
            if index in sheet.merged and len(row) > 1:
                page.merge_range(index, 0, index, len(row) - 1, row[0], as_title)
                continue
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(index, column, cell, as_date)
                elif cell is not None and cell != "":
                    page.write(index, column, cell)
    book.close()


def _write_xls(path: Path, sheets: Sequence[Sheet]) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    as_date, as_title = (
        xlwt.easyxf(num_format_str=_DATE_FORMAT),
        xlwt.easyxf("font: bold on; align: horiz centre"),
    )
    for sheet in sheets:
        page = book.add_sheet(sheet.name)
        page.visibility = int(sheet.is_hidden)
        for index, row in enumerate(sheet.rows):
            if index in sheet.merged and len(row) > 1:
                page.write_merge(index, index, 0, len(row) - 1, row[0], as_title)
                continue
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write(index, column, cell, as_date)
                elif cell is not None and cell != "":
                    page.write(index, column, cell)
    book.save(str(path))


def _format_csv(sheet: Sheet) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([_format_cell(cell) for cell in row] for row in sheet.rows)
    return out.getvalue()


def _format_cell(cell: Cell) -> str:
    return "" if cell is None else str(cell)

"""Return a file as a workbook with its wrong cells coloured and commented, as anyone would write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from benchmarks.contenders.rules import COLUMNS, HEADERS

SHEET, COLOUR, AUTHOR = "台账", "F8B4AE", "核对"

#: what is wrong with a cell, by row of data and column, both from 0
Wrong = Mapping[tuple[int, int], str]


def write_by_xlsxwriter(path: Path, rows: Sequence[Sequence[str | None]], wrong: Wrong) -> None:
    """Write the rows cell by cell with xlsxwriter."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet(SHEET)
        coloured = workbook.add_format({"bg_color": f"#{COLOUR}"})
        sheet.write_row(0, 0, HEADERS.values(), workbook.add_format({"bold": True}))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                look = coloured if (row, column) in wrong else None
                if text is not None:
                    sheet.write_string(row + 1, column, text, look)
                elif look:
                    sheet.write_blank(row + 1, column, None, look)
        for (row, column), words in wrong.items():
            sheet.write_comment(row + 1, column, words)


def mark_by_openpyxl(source: Path, target: Path, wrong: Wrong) -> None:
    """Load a workbook with openpyxl, mark its cells and save it."""
    workbook = load_workbook(source)
    sheet, fill = workbook.worksheets[0], PatternFill("solid", fgColor=COLOUR)
    for (row, column), words in wrong.items():
        cell = sheet.cell(row + 2, column + 1)
        cell.fill, cell.comment = fill, Comment(words, AUTHOR)
    workbook.save(target)


def wrong_cells(
    rows: Sequence[int], columns: Sequence[str], checks: Sequence[str]
) -> dict[tuple[int, int], str]:
    """Collect failed checks by row and column."""
    return {
        (int(row), COLUMNS.index(column)): f"不符合规则：{check}"
        for row, column, check in zip(rows, columns, checks, strict=True)
    }

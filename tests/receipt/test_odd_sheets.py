"""Sheets that no program of an office writes: the receipt holds their cells, and Excel can open it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.worksheet.datavalidation import DataValidation

from tests.support.receipts import TITLE, bad_cells, make_receipt, open_receipt, save_workbook, subject_of
from transforms.read.containers.detect import open_file
from transforms.receipt.workbook.county_book import open_county_book
from transforms.receipt.workbook.in_place import mark_in_place

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
CELL = r'<c r="B3".*?</c>'
#: what is written in the place of what in the sheet's part
ODD_SHEETS: dict[str, tuple[str, str]] = {
    "a cell named in small letters": (r'r="B3"', 'r="b3"'),
    "a cell named absolutely": (r'r="B3"', 'r="$B$3"'),
    "a cell of another row": (r'r="B3"', 'r="B4"'),
    "a cell twice": (f"({CELL})", r"\1\1"),
    "cells from right to left": (f'({CELL})(<c r="C3".*?</c>)', r"\2\1"),
    "a row twice": (r'(<row r="3".*?</row>)', r"\1\1"),
    "rows from below": (r'(<row r="3".*?</row>)(<row r="4".*?</row>)', r"\2\1"),
    "row 0": (r'<row r="3"', '<row r="0"'),
    "a row beyond the last": (r'<row r="3"', '<row r="99999999999999999999"'),
    "a style that is not there": (r'<c r="B3"', '<c s="9999" r="B3"'),
    "a style below the first": (r'<c r="B3"', '<c s="-1" r="B3"'),
    "a shared text that is not there": (CELL, '<c r="B3" t="s"><v>99999</v></c>'),
    "a number that is none": (CELL, '<c r="B3"><v>NaN</v></c>'),
    "a choice in a row": (
        f"({CELL})",
        '<x:AlternateContent xmlns:x="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        r'<x:Choice Requires="x14">\1</x:Choice></x:AlternateContent>',
    ),
    "cells twice": (r"(<sheetData>.*</sheetData>)", r"\1\1"),
}


def workbook() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = TITLE
    for row in bad_cells():
        book.active.append(row)
    return book


def change(data: bytes, part: str, change_text: Callable[[str], str]) -> bytes:
    """Return a package with another text of a part; fails where nothing changes."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                content = change_text(content.decode()).encode()
                assert content != old.read(name)
            new.writestr(name, content)
    return changed.getvalue()


def is_patched(data: bytes) -> bool:
    book = open_county_book(data, set())
    return book is not None and mark_in_place(book, [], {}, ()) is not None


def test_an_ordinary_sheet_is_patched() -> None:
    assert is_patched(save_workbook(workbook()))


@pytest.mark.parametrize("odd", ODD_SHEETS.values(), ids=ODD_SHEETS)
def test_an_odd_sheet_is_redrawn(odd: tuple[str, str]) -> None:
    pattern, instead = odd
    data = change(save_workbook(workbook()), SHEET, lambda xml: re.sub(pattern, instead, xml, count=1))
    assert not is_patched(data)
    receipt = make_receipt(data, subject_of(data))
    assert len(open_receipt(receipt).sheetnames) == len(open_file(data).grids) + 1


def test_a_tab_has_the_colour_of_the_receipt_and_no_other() -> None:
    book = workbook()
    book.active.sheet_properties.tabColor = "FF00FF00"
    data = save_workbook(book)
    with zipfile.ZipFile(io.BytesIO(make_receipt(data, subject_of(data)))) as receipt:
        colours = re.findall(r"<tabColor[^>]*>", receipt.read("xl/worksheets/sheet2.xml").decode())
    assert colours == ['<tabColor rgb="FFC00000"/>']


def test_a_workbook_of_two_windows_has_one_in_the_receipt() -> None:
    data = change(
        save_workbook(workbook()), BOOK, lambda xml: re.sub(r"(<workbookView [^>]*/>)", r"\1\1", xml)
    )
    data = change(
        data,
        SHEET,
        lambda xml: re.sub(
            "(<sheetView .*?</sheetView>)", lambda view: view[1] + view[1].replace('Id="0"', 'Id="1"'), xml
        ),
    )
    assert is_patched(data)
    with zipfile.ZipFile(io.BytesIO(make_receipt(data, subject_of(data)))) as receipt:
        views = re.findall(r'workbookViewId="\d+"', receipt.read("xl/worksheets/sheet2.xml").decode())
    assert views == ['workbookViewId="0"']


@pytest.mark.parametrize(("withheld", "lists"), [((), 1), (("字典",), 0)])
def test_a_drop_down_refers_to_no_sheet_that_is_left_out(withheld: tuple[str, ...], lists: int) -> None:
    book = workbook()
    book.create_sheet("字典").append(["罚款"])
    book[TITLE].data_validations.append(DataValidation("list", formula1="字典!$A$1:$A$5", sqref="C2"))
    county_book = open_county_book(save_workbook(book), set())
    assert county_book is not None
    receipt = mark_in_place(county_book, [], {}, withheld)
    assert receipt is not None
    assert len(open_receipt(receipt)[TITLE].data_validations.dataValidation) == lists

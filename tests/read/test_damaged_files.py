"""Any bytes at all: a file is opened or rejected with a reason, and reading never raises."""

from __future__ import annotations

import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.counties import csv_bytes, rows_of, sheet_cells, workbook_bytes
from tests.support.grids import opens_or_explains
from tests.support.histories import EXAMPLES_TIMES
from tests.support.made_files import (
    SPREADSHEET,
    biff2_bytes,
    compound_file,
    rows_xml,
    xls_bytes,
    xlsx_bytes,
    xlsx_parts,
    zip_bytes,
)
from tests.support.validation import read
from transforms.read.containers.grid import unreadable_file
from transforms.read.containers.xls import BARE_MAGICS

TITLE = "立案台账"
CELLS = sheet_cells(
    "cases", rows_of("cases", {}, {"case_no": "某环立(星)〔2023〕2号", "closed_on": "2023-06-28"})
)
ONE_CELL = rows_xml('<c r="A1"><v>1</v></c>')


SHEET_2003 = SPREADSHEET.format(
    '<Worksheet ss:Name="甲"><Table><Row ss:Index="2"><Cell ss:MergeAcross="1"><Data ss:Type="String">案号</Data></Cell></Row>'
    "</Table></Worksheet>"
).encode()
PAGE = "<html><meta charset=gb2312><table><tr><td colspan=2 rowspan=3>案号<br>甲</td></tr></table>".encode(
    "gbk"
)
XLSX_PARTS = xlsx_parts(
    rows_xml('<c r="A1" t="s"><v>0</v></c><c r="B1" t="e"><v>#REF!</v></c>'), ONE_CELL, texts=["案号"]
)
MAGICS = (
    b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", *BARE_MAGICS, b"\xff\xfe", b"\xfe\xff",
    b"\xef\xbb\xbf", b"<html", b"<table><tr><td", b"\xff\xfe<\0?\0", b"MIME-Version: 1.0\nContent-Type: ", SHEET_2003[:150],
    compound_file("Workbook"), compound_file("Workbook")[:512],
)  # fmt: skip
REAL = (
    workbook_bytes({TITLE: CELLS}),
    xlsx_bytes(ONE_CELL, ONE_CELL, texts=["案号"]),
    zip_bytes(XLSX_PARTS, zipfile.ZIP_STORED),
    xls_bytes({TITLE: CELLS, "乙": [[1.0]]}),
    biff2_bytes(b"A", b"B"),
    csv_bytes(CELLS),
    csv_bytes(CELLS, "gb18030"),
    csv_bytes(CELLS, "utf-16"),
    SHEET_2003,
    PAGE,
)


@given(st.sampled_from(MAGICS), st.binary(max_size=300))
@settings(deadline=None, max_examples=100 * EXAMPLES_TIMES)
def test_any_bytes_after_any_magic(magic: bytes, other_bytes: bytes) -> None:
    assert opens_or_explains(magic + other_bytes)


CHANGES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8)


@given(st.sampled_from(REAL), CHANGES, st.floats(0, 1), st.booleans())
@settings(deadline=None, max_examples=100 * EXAMPLES_TIMES)
def test_any_bytes_flipped_or_cut(
    data: bytes, changes: list[tuple[int, int]], share: float, is_cut: bool
) -> None:
    damaged = bytearray(data)
    for position, byte in changes:
        damaged[position % len(damaged)] = byte
    assert opens_or_explains(bytes(damaged[: int(len(damaged) * share)] if is_cut else damaged))


@given(st.sampled_from(sorted(XLSX_PARTS)), CHANGES)
@settings(deadline=None, max_examples=100 * EXAMPLES_TIMES)
def test_any_part_of_an_xlsx_changed_within(part: str, changes: list[tuple[int, int]]) -> None:
    """Change bytes behind the checksums of the zip, which flipped bytes of the file never reach."""
    damaged = bytearray(str(XLSX_PARTS[part]).encode())
    for position, byte in changes:
        damaged[position % len(damaged)] = byte
    assert opens_or_explains(zip_bytes({**XLSX_PARTS, part: bytes(damaged)}))


def is_read_or_rejected(data: bytes) -> bool:
    """Check that each submission has either rows or a sentence that says why not, whatever the bytes."""
    file_read = read(data)
    assert file_read.submissions
    return all(
        submission.is_rejected == any(finding["severity"] == "fatal" for finding in submission.findings)
        for submission in file_read.submissions
    )


@given(st.text(alphabet='案号当事人,;\t"\r\n=- 无合计：0', max_size=120))
@settings(deadline=None)
def test_no_text_raises(text: str) -> None:
    assert is_read_or_rejected(("案号,当事人,行政相对人类别,立案日期,案由\n" + text).encode())


@given(st.sampled_from(REAL), CHANGES)
@settings(deadline=None, derandomize=True)
def test_no_damaged_file_raises(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for position, byte in changes:
        damaged[position % len(damaged)] = byte
    assert is_read_or_rejected(bytes(damaged))


def test_a_clerk_is_told_in_chinese_what_is_wrong_with_a_broken_workbook() -> None:
    for error, words in {
        "File is not a zip file": "文件不完整",
        "Bad CRC-32 for file 'xl/workbook.xml'": "文件中间有损坏",
        "Compressed file ended before the end-of-stream marker was reached": "文件不完整",
    }.items():
        assert words in unreadable_file(ValueError(error)).placeholders["detail"]
    assert unreadable_file(ValueError("something else")).placeholders["detail"] == "something else"

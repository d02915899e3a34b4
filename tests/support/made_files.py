"""Bytes of valid and malformed files: workbooks part by part, BIFF, compound files."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import xlwt

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

#: a workbook in the XML of Excel 2003, around its worksheets
SPREADSHEET = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{}</Workbook>'
)


def xls_bytes(sheets: dict[str, list[list[Any]]]) -> bytes:
    workbook = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, rows in sheets.items():
        sheet = workbook.add_sheet(name)
        for index, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(index, column, cell, *([day] if isinstance(cell, date) else []))
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def compound_file(stream: str) -> bytes:
    """Make a compound file of one empty stream: header, allocation table, directory."""
    end, table, free = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header += struct.pack("<108I", *[free] * 108)
    allocation = struct.pack("<128I", table, end, *[free] * 126)

    def entry(name: str, kind: int, child: int) -> bytes:
        text = name.encode("utf-16-le")
        return struct.pack(
            "<64sHBBIII36xIII", text, len(text) + 2 if name else 0, kind, 1, free, free, child, end, 0, 0
        )

    directory = entry("Root Entry", 5, 1) + entry(stream, 2, free) + entry("", 0, free) * 2
    return header + allocation + directory


def zip_bytes(parts: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def xlsx_parts(
    *sheets: str, root: str = "worksheet", workbook: str = "", texts: Sequence[str] = ()
) -> dict[str, bytes | str]:
    """Return the parts of an xlsx whose sheets (named 甲, 乙, …) contain this XML in their root element."""
    names = "甲乙丙丁"[: len(sheets)]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}'
        f'<Relationship Id="s" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
    } | {
        f"xl/worksheets/sheet{number}.xml": f'<{root} xmlns="{MAIN}">{sheet}</{root}>'
        for number, sheet in enumerate(sheets, 1)
    }


def xlsx_bytes(*sheets: str, extra: Mapping[str, bytes | str] = {}, **options: Any) -> bytes:
    """Make an xlsx of this XML, with these extra parts."""
    return zip_bytes({**xlsx_parts(*sheets, **options), **extra})


def rows_xml(*rows: str) -> str:
    """Return the `<sheetData>` of these rows, each the XML of its cells, numbered from 1."""
    return (
        "<sheetData>"
        + "".join(f'<row r="{index}">{row}</row>' for index, row in enumerate(rows, 1))
        + "</sheetData>"
    )


def biff2_bytes(*cells: bytes) -> bytes:
    """Make an Excel 2 sheet, without compound file and code page, whose first column contains these texts."""
    records = [(0x0009, struct.pack("<HH", 7, 0x10))]
    records += [(0x0004, struct.pack("<HH3xB", row, 0, len(cell)) + cell) for row, cell in enumerate(cells)]
    return b"".join(
        struct.pack("<HH", kind, len(content)) + content for kind, content in [*records, (0x000A, b"")]
    )
